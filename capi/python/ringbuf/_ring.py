"""What a writer and a reader have in common: reading by index."""

from __future__ import annotations

import ctypes
import json
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Type, TypeVar

from ._arguments import count_of, in_64_bits
from ._handle import Handle
from ._info import Info, ReaderInfo, ask, readers_of, to_info
from ._library import held, lib
from ._memory import NO_COUNTERS, Memory, address_of, shaped
from ._numpy import np
from ._structs import LOSSLESS, Code
from ._types import NAMES
from .errors import BufferError, NotYetError, check, fail

if TYPE_CHECKING:
    import numpy.typing as npt

#: The end of a window that was copied and found whole: it stays so, whatever the writer does.
WHOLE = -1

#: What is copied with the interpreter's lock held; more takes long enough to let others run.
QUICK_BYTES = 65536

Self = TypeVar("Self", bound="Ring")


def state_of(thing: Any, base: type) -> Tuple[Any, ...]:
    """What a subclass of ours has added to an object, as the third part of what __reduce__ returns; nothing if that is
    nothing."""
    get_state = getattr(type(thing), "__getstate__", None)
    if get_state is not None and get_state is not getattr(object, "__getstate__", None):
        return (thing.__getstate__(),)
    slots = {}
    for cls in type(thing).__mro__:
        if cls is base:
            break
        for slot in _names(cls.__dict__.get("__slots__", ())):
            if slot.startswith("__") and not slot.endswith("__"):
                slot = f"_{cls.__name__.lstrip('_')}{slot}"
            if slot not in ("__dict__", "__weakref__") and hasattr(thing, slot):
                slots[slot] = getattr(thing, slot)
    added = dict(vars(thing)) or None
    return ((added, slots),) if slots else (added,) if added else ()


def _names(slots: Any) -> Tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


class _Closed:
    """The samples of a ring that has been closed."""

    def __getitem__(self, rows: slice) -> Any:
        fail(Code.NOT_INITIALIZED, "it has been closed")


CLOSED = _Closed()


class Ring:
    """A ring that is open: what `Writer` and `Reader` share.

    An object belongs to one thread at a time. Samples are rows of `channels` elements; the first ever written has index
    0, and indices only grow. Ranges are half open. Windows are arrays of shape (samples, channels); without NumPy they
    are memoryviews of that shape, of opaque items flat ones of bytes.
    """

    # So what a subclass adds is found in __dict__, apart from this.
    __slots__ = (
        "_handle",
        "_name",
        "_raw",
        "_start",
        "_end",
        "_struct",
        "_memory",
        "_dtype",
        "_incarnation",
        "_capacity",
        "_channels",
        "_sample_bytes",
        "_limit",
        "_counters",
        "_samples",
    )

    def __init__(self, handle: Handle, name: Optional[str], raw: Any = None, lazy: bool = False) -> None:
        self._handle = handle
        self._name = name
        self._raw = raw
        # The window handed out last, for validate().
        self._start = 0
        self._end = 0
        try:
            self._look_at(handle, raw, lazy)
        except BaseException:
            handle.close()
            raise

    def _look_at(self, handle: Handle, raw: Any, lazy: bool) -> None:
        """What stays as it is as long as the ring is open."""
        self._struct = info = ask(handle)
        self._memory: Any = Memory(handle, info, self._metadata().get("dtype"), raw, lazy)
        self._dtype = self._memory.dtype
        self._incarnation: int = self._memory.incarnation()
        self._capacity: int = info.capacity
        self._channels: int = info.channels
        self._sample_bytes: int = info.sample_bytes
        self._limit: int = info.capacity + info.window
        self._counters: Any = self._memory.counters
        self._samples: Any = self._memory.samples

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
    def lossless(self) -> bool:
        """Whether registered readers hold the writer back (bool)."""
        return bool(self._struct.flags & LOSSLESS)

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

        It says nothing of what has been written: `select` and event loops cannot wait for it, `wait` can.

        Returns
        -------
        int
            The descriptor; it is closed with this object.

        Raises
        ------
        UnsupportedError
            If the ring lies in memory of the caller's.
        """
        fd = ctypes.c_ssize_t()
        check(held.ringbuf_fd(self._handle.pointer, fd))
        return fd.value

    # --- Reading by index ----------------------------------------------------------------------------------------

    def check(self, start: int, end: int) -> int:
        """Whether samples ``[start, end)`` can be read; after the use of a window, whether all of it was whole.

        Parameters
        ----------
        start, end : int
            Indices.

        Returns
        -------
        int
            0 yes, 2 (partly) overwritten, 3 (partly) not yet written, 5 bad index; see `Code`.
        """
        counters = self._counters
        if type(start) is int is type(end) and 0 <= start <= end <= counters[0] and counters[1] - start <= self._capacity:
            return 0
        return int(held.ringbuf_check(self._handle.pointer, in_64_bits("start", start), in_64_bits("end", end)))

    def validate(self, start: Optional[int] = None, end: Optional[int] = None) -> bool:
        """Whether a window is still what it was, so that all that was read from it was whole.

        On an overwriting ring the writer goes on while you look at a window: believe what you have computed from it only
        after this.

        Parameters
        ----------
        start, end : int, optional
            The window; by default the one that this object has handed out last.

        Returns
        -------
        bool
            True if it was whole.
        """
        first = self._start if start is None else start
        last = self._end if end is None else end
        counters = self._counters
        if type(first) is int is type(last) and 0 <= first <= last <= counters[0] and counters[1] - first <= self._capacity:
            return True
        if start is None and end is None and last == WHOLE:
            return not self.closed
        return self.check(first, last) == 0

    def view(self, start: int, end: int) -> "npt.NDArray[Any]":
        """The samples ``[start, end)`` where they lie, without a copy.

        Parameters
        ----------
        start, end : int
            Indices.

        Returns
        -------
        numpy.ndarray
            Read-only, of shape (end - start, channels). Its memory stays valid for ever, its content until the writer
            comes round: `validate` after use.

        Raises
        ------
        OverwrittenError, NotYetError, BadIndexError
            If (some of) the samples cannot be read.
        NotContiguousError
            If the window runs over the end of the data by more than the pocket (`window`): `read` copies it.
        """
        counters = self._counters
        if type(start) is int is type(end) and 0 <= start <= end <= counters[0] and counters[1] - start <= self._capacity:
            slot = start % self._capacity
            stop = slot + end - start
            if stop <= self._limit:
                self._start = start
                self._end = end
                return self._samples[slot:stop]
        return self._view_slowly(start, end)

    def _view_slowly(self, start: int, end: int) -> Any:
        """Finds out what is wrong; nothing where counters are not read directly, or by the time that it is asked."""
        start, end = in_64_bits("start", start), in_64_bits("end", end)
        check(held.ringbuf_view(self._handle.pointer, start, end, ctypes.c_void_p()))
        slot = start % self._capacity
        self._start = start
        self._end = end
        return self._samples[slot : slot + end - start]

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
        if 0 < size <= QUICK_BYTES and 0 <= start and end <= counters[0] and counters[1] - start <= self._capacity and np:
            slot = start % self._capacity
            stop = slot + end - start
            if stop <= self._limit:
                data = self._samples[slot:stop].copy()
                if counters[1] - start <= self._capacity:
                    return data
        return self._read_slowly(start, end)

    def _read_slowly(self, start: int, end: int) -> Any:
        check(held.ringbuf_check(self._handle.pointer, start, end))
        size = (end - start) * self._sample_bytes
        data = bytearray(size)
        if size:
            target = address_of(data)
            if size <= QUICK_BYTES:
                code = held.ringbuf_read(self._handle.pointer, start, end, target)
            else:
                code = lib.ringbuf_read(self._handle.pointer, start, end, target)
            if code:
                fail(code)
        return shaped(data, self._struct, self._dtype)

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
        code = self._handle.wait(lib.ringbuf_wait, timeout, end)
        if code == Code.TIMEOUT:
            return False
        check(code)
        return True

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

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        what = "closed" if self.closed else f"{self.capacity} samples of {self.channels} {self.dtype}"
        return f"<{type(self).__module__}.{type(self).__name__} {self._name or 'without a name'}: {what}>"
