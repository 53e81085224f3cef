"""A ring that is open: its description, its metadata, its end."""

from __future__ import annotations

import ctypes
import datetime
import json
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, TypeVar, Union

from ._arguments import count_of, in_64_bits
from ._handle import Handle
from ._info import Info, ReaderInfo, ask, gaps_of, readers_of, to_info
from ._library import QUICK_BYTES, for_bytes, held, lib
from ._mapping import fd_of
from ._memory import Memory, address_of, shaped
from ._message import Message, message_at
from ._numpy import np
from ._protocol import CLOSED, NO_COUNTERS, Windows, available, intact
from ._structs import LOSSLESS, MESSAGES, Code
from ._times import Clock, Time, first_at, realtime_ns_of, time_of
from ._types import NAMES
from .errors import BufferError, InvalidArgumentError, NotYetError, check

if TYPE_CHECKING:
    import numpy.typing as npt

Self = TypeVar("Self", bound="Ring")


class Ring(Windows):
    """A ring that is open: what `Writer` and `Reader` share.

    An object belongs to one thread at a time. Samples are rows of `channels` elements; the first ever written has index
    0, and indices only grow. Ranges are half open. Windows are arrays of shape (samples, channels); without NumPy they
    are memoryviews of that shape, of opaque items flat ones of bytes.
    """

    # Slots, so that __dict__ holds nothing but the additions of a subclass.
    __slots__ = ("_name", "_raw", "_struct", "_memory", "_dtype", "_incarnation", "_channels", "_sample_bytes")

    def __init__(self, handle: Handle, name: Optional[str], raw: Any = None, lazy: bool = False) -> None:
        self._handle = handle
        self._name = name
        self._raw = raw
        self._start = 0
        self._end = 0
        try:
            self._describe(handle, raw, lazy)
        except BaseException:
            handle.close()
            raise

    def _describe(self, handle: Handle, raw: Any, lazy: bool) -> None:
        """Sets all that is constant while the ring is open."""
        self._struct = info = ask(handle)
        self._memory: Any = Memory(handle, info, self._metadata().get("dtype"), raw, lazy)
        self._dtype = self._memory.dtype
        self._incarnation: int = self._memory.incarnation
        self._capacity = info.capacity
        self._channels: int = info.channels
        self._sample_bytes: int = info.sample_bytes
        self._limit = info.capacity + info.window
        self._counters = self._memory.counters
        self._samples = self._memory.samples

    # --- What it is ----------------------------------------------------------------------------------------------

    @property
    def name(self) -> Optional[str]:
        """The name given; None for a ring without one (str or None)."""
        return self._name

    @property
    def capacity(self) -> int:
        """Samples that the ring holds (int)."""
        return self._capacity

    @property
    def window(self) -> int:
        """Samples of pocket: the longest window that is contiguous wherever it lies (int)."""
        return int(self._struct.window)

    @property
    def channels(self) -> int:
        """Elements of one sample (int)."""
        return self._channels

    @property
    def dtype(self) -> Any:
        """Type of one element (numpy.dtype; without NumPy its name, str)."""
        return self._dtype if np else NAMES.get(self._struct.data_type, "bytes")

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample (int)."""
        return self._sample_bytes

    @property
    def sample_rate(self) -> float:
        """Samples per second, Hz; 0 is unknown (float)."""
        return float(self._struct.sample_rate)

    @property
    def first_index(self) -> int:
        """Index of the first sample (int)."""
        return int(self._struct.first_index)

    @property
    def lossless(self) -> bool:
        """Whether registered readers hold the writer back (bool)."""
        return bool(self._struct.flags & LOSSLESS)

    @property
    def holds_messages(self) -> bool:
        """Whether it is a ring of messages, not of samples (bool)."""
        return bool(self._struct.flags & MESSAGES)

    @property
    def closed(self) -> bool:
        """Whether `close` has been called (bool)."""
        return self._handle.pointer is None

    @property
    def written(self) -> int:
        """Samples ever written: the index of the next one (int)."""
        written: int = self._counters[0]
        return written if written >= 0 else ask(self._handle).written

    def info(self) -> Info:
        """Everything about the ring, and about this object.

        Returns
        -------
        Info
            As of now.

        Raises
        ------
        NotInitializedError
            If it is closed.
        """
        i = ask(self._handle)
        return to_info(i, i.position, i.overruns, i.lost)

    def gaps(self) -> List[Tuple[int, int]]:
        """The gaps among the samples that the ring holds: indices that the writer has skipped (`Writer.skip`).

        Returns
        -------
        list of (int, int)
            The first index of each gap, and the index after its last one; from the oldest gap to the newest.

        Raises
        ------
        NotInitializedError
            If it is closed.
        StaleError
            The caller's memory has another ring.
        """
        return gaps_of(self._handle)

    def time_at(self, index: int) -> Time:
        """When a sample was put, or taken, if the writer stamps its samples (`Writer.stamp`).

        The ring keeps 256 times over all samples that it holds, and the pauses between them. Between two such times the time
        grows evenly, but never across a pause.

        Parameters
        ----------
        index : int
            Of the sample; it may lie in a gap.

        Returns
        -------
        Time
            On both clocks, in ns; its `datetime` is in UTC.

        Raises
        ------
        NotYetError
            The sample is not written yet, or no time is known.
        OverwrittenError, BadIndexError
            There is no such sample any more, or never was.
        """
        return time_of(self._handle, index)

    def index_at(self, time_ns: int, clock: Clock = Clock.MONOTONIC) -> int:
        """The first sample that was put, or taken, at a time or after it.

        Parameters
        ----------
        time_ns : int
            In ns, as from `time.monotonic_ns`, or from `time.time_ns` with `Clock.REALTIME`.
        clock : Clock
            Of that time.

        Returns
        -------
        int
            Its index; that of the next sample, if all are earlier.

        Raises
        ------
        OverwrittenError
            The oldest sample that is left is later, and others have been overwritten.
        """
        return first_at(self._handle, clock, time_ns, Code.NOT_YET)

    def between(
        self, begin: Union[datetime.datetime, int], end: Union[datetime.datetime, int]
    ) -> Tuple[int, "npt.NDArray[Any]"]:
        """A copy of the samples that were put, or taken, from one time until before another.

        Parameters
        ----------
        begin, end : datetime or int
            The times. A datetime without a time zone is in local time. A number is in ns since 1970-01-01 UTC.

        Returns
        -------
        (int, numpy.ndarray)
            The index of the first sample, and the samples, of shape (samples, channels): none if there were none. Samples
            that are not written yet are not waited for.

        Raises
        ------
        OverwrittenError
            Some of them have been overwritten: the oldest sample that is left is later than `begin`.
        GapError
            The writer has skipped some of them.
        InvalidArgumentError
            `end` is before `begin`, or one of them is no time.
        """
        begin_ns, end_ns = realtime_ns_of("begin", begin), realtime_ns_of("end", end)
        if end_ns < begin_ns:
            raise InvalidArgumentError(Code.INVALID_ARGUMENT, f"end is {end!r}, expected a time not before begin, {begin!r}")
        first = self.index_at(begin_ns, Clock.REALTIME)
        last = first_at(self._handle, Clock.REALTIME, end_ns, Code.NOT_YET, Code.OVERWRITTEN)
        return first, self.read(first, max(first, last))

    def readers(self) -> List[ReaderInfo]:
        """The readers that are registered and live; observers are not among them.

        Returns
        -------
        list of ReaderInfo
            As of now: who reads, how far it has come, and whether the writer waits for it.

        Raises
        ------
        NotInitializedError
            If it is closed.
        StaleError
            The caller's memory has another ring.
        """
        return readers_of(self._handle)

    def _metadata(self) -> Dict[str, Any]:
        """The metadata, or nothing if they are not a JSON object."""
        try:
            return self.metadata
        except ValueError:
            return {}

    @property
    def metadata_bytes(self) -> bytes:
        """The metadata as they are stored (bytes)."""
        size = ctypes.c_size_t()
        room = 4096
        while True:
            data = ctypes.create_string_buffer(room)
            code = held.ringbuf_metadata(self._handle.pointer, data, room, size)
            if code != Code.INVALID_ARGUMENT or size.value <= room:
                break
            room = size.value
        check(code)
        return data.raw[: size.value]

    @property
    def metadata(self) -> Dict[str, Any]:
        """The metadata, which the writer has set: a copy (dict).

        Empty if there are none. `ValueError` if they are not a JSON object; see `metadata_bytes`.
        """
        data = self.metadata_bytes
        if not data:
            return {}
        metadata = json.loads(data)
        if not isinstance(metadata, dict):
            raise ValueError(f"the metadata are a JSON {type(metadata).__name__}, expected an object")
        return metadata

    def memory_fd(self) -> int:
        """A descriptor of the ring's memory, for another process to open with ``Reader(fd=...)``.

        It says nothing of what has been written: `select` and event loops cannot wait for it. `Reader.poll_fd` is for them.

        Returns
        -------
        int
            The descriptor; it is closed with this object.

        Raises
        ------
        UnsupportedError
            If the ring lies in memory of the caller's.
        """
        return fd_of(self._handle)

    # --- Reading by index ----------------------------------------------------------------------------------------

    def latest(self, count: int) -> "npt.NDArray[Any]":
        """The `count` samples written last, without a copy.

        Parameters
        ----------
        count : int
            Samples.

        Returns
        -------
        numpy.ndarray
            As of `view`; `validate` after use.

        Raises
        ------
        NotYetError
            If there are not so many yet.
        OverwrittenError
            If `count` is more than the capacity.
        NotContiguousError
            As of `view`.
        """
        count = count_of("count", count)
        while True:
            end = self.written
            if 0 <= end < count:
                raise NotYetError(Code.NOT_YET, f"{count} samples asked for, {end} written")
            try:
                return self.view(end - count, end)
            except BufferError:
                # The writer may have gone all the way round between the two lines.
                if count > self._capacity or self.written == end:
                    raise

    def read(self, start: int, end: int) -> "npt.NDArray[Any]":
        """A copy of the samples ``[start, end)``, known to be whole.

        Parameters
        ----------
        start, end : int
            Indices; any range of up to the capacity.

        Returns
        -------
        numpy.ndarray
            Writable, of shape (end - start, channels).

        Raises
        ------
        OverwrittenError, NotYetError, BadIndexError
            If (some of) the samples cannot be read.
        """
        start, end = in_64_bits("start", start), in_64_bits("end", end)
        size = (end - start) * self._sample_bytes
        counters = self._counters
        if np and 0 < size <= QUICK_BYTES and available(counters, start, end, self._capacity):
            offset = start % self._capacity
            stop = offset + end - start
            if stop <= self._limit:
                data = self._samples[offset:stop].copy()
                if intact(counters, start, self._capacity):
                    return data
        return self._read_slowly(start, end)

    def _read_slowly(self, start: int, end: int) -> Any:
        check(held.ringbuf_check(self._handle.pointer, start, end))
        size = (end - start) * self._sample_bytes
        data = bytearray(size)
        if size:
            check(for_bytes(size).ringbuf_read(self._handle.pointer, start, end, address_of(data)))
        return shaped(data, self._struct, self._dtype)

    def message(self, start: int) -> Message:
        """The message whose first byte has the index `start`, copied, of a ring of messages.

        Parameters
        ----------
        start : int
            Index, as `Message.start` has it.

        Returns
        -------
        Message
            Its bytes, and what is known of it.

        Raises
        ------
        BadIndexError
            No message starts there.
        OverwrittenError
            It has been overwritten, or the ones before it, from which its place could be found.
        NotYetError, GapError, CorruptError
            There is no such message.
        UnsupportedError
            The ring holds samples.
        """
        return message_at(self._handle, in_64_bits("start", start))

    def wait(self, end: int, timeout: Optional[float] = None) -> bool:
        """Waits until the samples before `end` are written. Other threads run meanwhile, and Ctrl-C gets through.

        Parameters
        ----------
        end : int
            Index.
        timeout : float, optional
            Seconds; 0 does not wait, None waits without limit.

        Returns
        -------
        bool
            False if the time has passed.

        Raises
        ------
        ClosedError
            The writer has ended the stream: they never will be.
        StaleError
            The writer died, or the name belongs to a newer ring.
        BadIndexError
            If `end` is negative.
        """
        end = in_64_bits("end", end)
        if 0 <= end <= self._counters[0]:
            return True
        return self._handle.wait_until(lib.ringbuf_wait, timeout, end)

    def interrupt(self) -> None:
        """Ends a wait: the call that waits on this object in another thread, or else the next one that would.

        It raises `WaitInterruptedError` and has changed nothing. What is there comes first, and a timeout of 0 takes no
        notice. A signal handler may call this, too.

        Raises
        ------
        NotInitializedError
            If it is closed.
        """
        check(held.ringbuf_interrupt(self._handle.pointer))

    # --- Closing -------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Closes it; a second time does nothing. Windows handed out stay valid memory.

        Any thread may close it, and any signal handler; a call that waits meanwhile ends with `NotInitializedError`.

        A writer's close ends the stream: readers get what is there, then `ClosedError`. It removes the name, unless the
        ring was made with `keep`. Done by itself when the object is gone, and when the process exits.
        """
        self._counters = NO_COUNTERS
        self._handle.close()
        self._memory = None  # what is left of the mapping is the windows'
        self._samples = CLOSED

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        what = "closed" if self.closed else f"{self.capacity} samples of {self.channels} {self.dtype}"
        return f"<{type(self).__module__}.{type(self).__name__} {self._name or 'without a name'}: {what}>"
