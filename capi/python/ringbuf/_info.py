"""Everything about a ring, and the rings of this machine."""

from __future__ import annotations

import ctypes
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ._handle import Handle
from ._library import Visit, VisitGap, VisitReader, held, lib
from ._structs import BYTES, KEEP, LOSSLESS, MESSAGES, InfoStruct, State
from ._types import NAMES
from .errors import check


class Info(NamedTuple):
    """Everything about a ring, and about the object that was asked."""

    type_name: str
    """Type of one element: a name of `datatypes`, or ``"bytes"``."""
    channels: int
    """Elements of one sample."""
    item_size: int
    """Bytes of one element."""
    sample_bytes: int
    """Bytes of one sample."""
    capacity: int
    """Samples that the ring holds."""
    window: int
    """Samples of pocket: the longest window that is contiguous wherever it lies."""
    written: int
    """Index of the next sample; also the samples ever written if `first_index` is 0."""
    oldest: int
    """Index of the oldest sample that can still be read."""
    write_ptr: int
    """`written` modulo the capacity."""
    lossless: bool
    """Whether readers hold the writer back."""
    keep: bool
    """Whether the name outlives the writer."""
    messages: bool
    """Whether it holds messages: the samples are bytes, and `window` is 24 more than the longest message."""
    state: State
    """What has become of the writer."""
    readers: int
    """Readers registered."""
    max_readers: int
    """Reader slots."""
    sample_rate: float
    """Hz; 0 is unknown."""
    position: int
    """The index of the sample that comes next for this reader; a writer's is `written`."""
    overruns: int
    """Times this reader was too late."""
    lost: int
    """Samples it missed by that."""
    anchor: Optional[Tuple[int, int, int]]
    """The last sample of a recent put, and when that was: monotonic ns, and ns since 1970-01-01 UTC; None before."""
    generation: int
    """How many writers the ring has had."""
    total_bytes: int
    """Bytes of shared memory."""
    writer_pid: int
    """Process id of a writer that lives; 0: there is none, or it is not known here (another namespace)."""
    data_offset: int
    """Bytes from the beginning of the ring's memory to its data section."""
    first_index: int
    """Index of the first sample."""
    created_realtime_ns: int
    """When the ring was made, in ns since 1970-01-01 UTC."""
    ring_id: bytes
    """16 random bytes: no other ring has them, on no machine."""


class ReaderInfo(NamedTuple):
    """A registered reader of a ring, from `Ring.readers`."""

    process_id: int
    """Of the reader; 0: it is not known here (another namespace)."""
    position: int
    """The index of the sample that comes next for it."""
    lag: int
    """Samples between its position and the newest one."""
    lost: int
    """Samples that it missed."""
    overruns: int
    """Times that it was too late."""
    holds_back: bool
    """Whether the writer waits for it (lossless)."""


def ask(handle: Handle) -> InfoStruct:
    """The struct of ringbuf_info."""
    info = InfoStruct(struct_size=ctypes.sizeof(InfoStruct))
    check(held.ringbuf_info(handle.pointer, info))
    return info


def to_info(i: InfoStruct, position: int, overruns: int, lost: int) -> Info:
    anchor = None
    if i.anchor_index >= 0:
        anchor = (i.anchor_index, i.anchor_monotonic_ns, i.anchor_realtime_ns)
    derived: Dict[str, Any] = dict(
        type_name="bytes" if i.data_type == BYTES else NAMES[i.data_type],
        lossless=bool(i.flags & LOSSLESS),
        keep=bool(i.flags & KEEP),
        messages=bool(i.flags & MESSAGES),
        state=State(i.state),
        position=position,
        overruns=overruns,
        lost=lost,
        anchor=anchor,
        ring_id=bytes(i.ring_id),
    )
    given = {name: getattr(i, name) for name in Info._fields if name not in derived}
    return Info(**given, **derived)


def readers_of(handle: Handle) -> List[ReaderInfo]:
    found: List[ReaderInfo] = []

    def visit(reader: Any, _: Any) -> int:
        r = reader.contents
        found.append(ReaderInfo(r.process_id, r.position, r.lag, r.lost, r.overruns, bool(r.holds_back)))
        return 0

    check(lib.ringbuf_readers(handle.pointer, VisitReader(visit), None))
    return found


def gaps_of(handle: Handle) -> List[Tuple[int, int]]:
    found: List[Tuple[int, int]] = []

    def visit(start: int, end: int, _: Any) -> int:
        found.append((start, end))
        return 0

    check(lib.ringbuf_gaps(handle.pointer, VisitGap(visit), None))
    return found


def rings() -> List[Tuple[str, Info]]:
    """The rings of this machine that may be read, those whose writer is dead included.

    Returns
    -------
    list of (str, Info)
        Name and description of each.

    Raises
    ------
    SystemCallError
        If not all could be looked at.
    """
    found: List[Tuple[str, Info]] = []

    def visit(name: bytes, info: Any, _: Any) -> int:
        i = info.contents
        found.append((name.decode(), to_info(i, i.written, 0, 0)))
        return 0

    check(lib.ringbuf_list(Visit(visit), None))
    return found


def unlink(name: str) -> None:
    """Removes the name of a ring; a process that has it open keeps it.

    Parameters
    ----------
    name : str
        As given to `Writer`.

    Raises
    ------
    InvalidArgumentError, NotFoundError, BusyError, NotPermittedError, SystemCallError
        See the exceptions.
    """
    check(lib.ringbuf_unlink(encode(name)))


def encode(name: str) -> bytes:
    """A name for the library, which refuses all but a few ASCII characters."""
    return name.encode("utf-8", "surrogateescape").replace(b"\0", b"/")  # a NUL would end it early
