"""When samples were put, and which samples were put when."""

from __future__ import annotations

import datetime
import enum
from ctypes import c_int64
from typing import Any, NamedTuple, Union

from ._arguments import in_64_bits
from ._handle import Handle
from ._library import held
from ._structs import Code
from .errors import InvalidArgumentError, check

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND = datetime.timedelta(microseconds=1)


class Clock(enum.IntEnum):
    """The clocks by which samples have times."""

    MONOTONIC = 0
    """The machine's, which never steps: `time.monotonic_ns`."""
    REALTIME = 1
    """Nanoseconds since 1970-01-01 UTC: `time.time_ns`."""


class Time(NamedTuple):
    """When a sample was put or taken, from `Ring.time_at`."""

    monotonic_ns: int
    """On the machine's monotonic clock: `time.monotonic_ns`."""
    realtime_ns: int
    """Since 1970-01-01 UTC: `time.time_ns`."""

    @property
    def datetime(self) -> datetime.datetime:
        """The same in UTC, to the microsecond below."""
        return _EPOCH + self.realtime_ns // 1000 * _MICROSECOND


def time_of(handle: Handle, index: int) -> Time:
    monotonic, realtime = c_int64(), c_int64()
    check(held.ringbuf_time_at(handle.pointer, in_64_bits("index", index), monotonic, realtime))
    return Time(monotonic.value, realtime.value)


def first_at(handle: Handle, clock: int, time_ns: int, *also: Code) -> int:
    """The first sample at or after a time, and what ringbuf_index_at gives with the codes `also`."""
    index = c_int64()
    code = held.ringbuf_index_at(handle.pointer, int(clock), in_64_bits("time_ns", time_ns), index)
    if code not in also:
        check(code)
    return index.value


def realtime_ns_of(name: str, value: Union[datetime.datetime, int]) -> int:
    """Nanoseconds since 1970-01-01 UTC. A datetime without a time zone is in local time, as everywhere in Python."""
    if isinstance(value, datetime.datetime):
        return (value.astimezone(datetime.timezone.utc) - _EPOCH) // _MICROSECOND * 1000
    if isinstance(value, (float, datetime.date, str)):
        raise InvalidArgumentError(
            Code.INVALID_ARGUMENT, f"{name} is {value!r}, expected a datetime, or nanoseconds since 1970-01-01 UTC"
        )
    return in_64_bits(name, value)
