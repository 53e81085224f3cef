"""The two-dimensional ring of samples that is read by index: the class RingBuffer."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Optional, Tuple, Type

from ._arguments import index
from ._numpy import np
from ._raw_array import raw_array
from ._ring import Ring
from ._state import state_of
from ._structs import Code, State
from .errors import (
    ClosedError,
    ForkedError,
    NotContiguousError,
    NotInitializedError,
    StaleError,
    WriteForbiddenError,
    failure,
)
from .reader import Reader
from .writer import Writer

if TYPE_CHECKING:
    import numpy.typing as npt

_log = logging.getLogger("ringbuf")


#: The attributes of an object that is initialized.
_OWN = ("_ring", "_writer", "_raw", "_view")


class _UnknownAttributeError(NotInitializedError, AttributeError):
    """For `hasattr` it is one like any other."""

    @property
    def name(self) -> str:
        return super().name

    @name.setter
    def name(self, name: str) -> None:
        """The interpreter sets the attribute's name, which is in the text."""

    def __reduce__(self) -> Tuple[Any, ...]:
        return NotInitializedError, (self.code, self.detail)


class RingBuffer:
    """Provides a two-dimensional circular buffer with homogeneous elements.

    The buffer can be used simultaneously by several processes: one of them initializes it, the others get its `raw`
    array and initialize their own objects from that. The object that puts data first becomes the writer, until it is closed or
    its process ends; `put_data` of any other raises `BufferError` 11 meanwhile. All may read. With `create`
    and `open` the buffer has a name instead, by which any process finds it.

    Notes
    -----
    **After changing the import from the original package:** `get_data` returns views of memory that the writer goes on
    writing to. A program written for the original looks with `check_availablility` before it reads, and never again; a
    writer that comes round meanwhile then leaves it with a chunk of old and new samples, and nothing says so. Call
    `check_availablility` once more after the last use of what `get_data` returned, and believe what came of it only if
    that gives 0; or copy the chunk, and then ask::

        data = buffer.get_data(start, end)
        result = data.mean(axis=0)
        if buffer.check_availablility(start, end) == 0:
            use(result)

    The pocket section always holds the same data as the leftmost such chunk of the data section. So a chunk that begins
    at the end of the data and goes on at its beginning is one piece of memory all the same, if no more of it than
    `pocketSize` lies beyond the end.

    Examples
    --------
    >>> import numpy as np
    >>> buffer = RingBuffer()
    >>> buffer.initialize(2, 1000, 100)
    >>> buffer.put_data(np.ones((500, 2)))
    >>> buffer.get_data(400, 500).shape
    (100, 2)
    """

    # Until it is initialized.
    _ring: Optional[Ring] = None
    _writer: Optional[Writer] = None
    _raw: Any = None

    def _view(self, start: int, end: int) -> Any:
        return self._initialized.view(start, end)

    def __init__(self) -> None:
        if not np:
            raise ImportError("RingBuffer needs NumPy; Writer and Reader do not")

    # --- Initializing --------------------------------------------------------------------------------------------

    def initialize(self, nChannels: int, nSamples: int, windowSize: int = 1, nptype: Any = "float32") -> None:
        """Initializes the buffer with a new raw array.

        Parameters
        ----------
        nChannels : int
            Dimensionality of a single sample. What is less than 1 is taken for 1, with a warning in the log; so it is
            with `nSamples` and `windowSize`.
        nSamples : int
            The buffer capacity in samples.
        windowSize : int, optional
            The size of the window to be used for reading the data. A pocket of this size will be created; at most
            `nSamples`.
        nptype : str or numpy.dtype, optional
            The type of the data to be stored.

        Raises
        ------
        BufferError
            6 if the sizes are not acceptable, 20 or 21 if there is no memory.
        """
        options = _options(nChannels, nSamples, windowSize, nptype)
        # It has no writer until the first put, here or in another process.
        with Writer(None, **options) as maker:
            ring = Reader(fd=maker.memory_fd(), observer=True)
        self._attach(ring, None, None)

    def initialize_from_raw(self, raw: Any) -> None:
        """Initializes the buffer with the compatible external raw array.

        All the metadata are read from the header of this array, and checked before they are believed.

        Parameters
        ----------
        raw : ctypes array of char, or any object with the buffer protocol
            The raw array of another RingBuffer, or memory in which there is a ring.

        Raises
        ------
        BufferError
            1 if there is no ring, 18 if it is not sound, 19 if it is of another version.
        """
        raw = getattr(raw, "get_obj", lambda: raw)()  # multiprocessing.Array wraps it together with a lock
        fd = getattr(raw, "_ringbuf_fd", None)
        if fd is not None:
            self._attach(Reader(fd=fd, observer=True), None, raw)
        else:
            self._attach(Reader(raw=raw), None, raw)

    @classmethod
    def create(
        cls, name: str, nChannels: int, nSamples: int, windowSize: int = 1, nptype: Any = "float32"
    ) -> "RingBuffer":
        """Makes a buffer with a name, and is its writer.

        Parameters
        ----------
        name : str
            As for `Writer`.
        nChannels, nSamples, windowSize, nptype
            As for `initialize`.

        Returns
        -------
        RingBuffer
            Initialized. Closing it removes the name.

        Raises
        ------
        BufferError
            7 if a buffer whose writer lives has the name; otherwise as `initialize`.
        """
        buffer = cls()
        writer = Writer(name, **_options(nChannels, nSamples, windowSize, nptype))
        try:
            buffer._attach(writer, writer, None)
        except BaseException:
            writer.close()
            raise
        return buffer

    @classmethod
    def open(cls, name: str, writer: bool = False) -> "RingBuffer":
        """Opens a buffer by name.

        Parameters
        ----------
        name : str
            As given to `create`.
        writer : bool, optional
            Become the writer of a buffer whose writer died.

        Returns
        -------
        RingBuffer
            Initialized.

        Raises
        ------
        BufferError
            8 if there is none, 11 if `writer` is asked for and another one lives.
        """
        buffer = cls()
        ring: Ring = Writer.resume(name) if writer else Reader(name, observer=True)
        buffer._attach(ring, ring if isinstance(ring, Writer) else None, None)
        return buffer

    def _attach(self, ring: Ring, writer: Optional[Writer], raw: Any) -> None:
        self.close()
        self._ring = ring
        self.__dict__["_view"] = ring.view  # in place of the method: a call less for each window
        self._writer = writer
        self._raw = raw

    def close(self) -> None:
        """Lets go of the buffer; a second time does nothing. Arrays handed out stay valid memory."""
        if self._writer is not None:
            self._writer.close()
        if self._ring is not None:
            self._ring.close()
        for name in _OWN:
            self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        if self._ring is None and not name.startswith("__"):
            raise _UnknownAttributeError(
                Code.NOT_INITIALIZED, f"there is no {name!r}; call initialize or initialize_from_raw first"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __enter__(self) -> "RingBuffer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- What it is ----------------------------------------------------------------------------------------------

    @property
    def _initialized(self) -> Ring:
        if self._ring is None:
            raise failure(Code.NOT_INITIALIZED, "call initialize or initialize_from_raw first")
        return self._ring

    @property
    def is_initialized(self) -> bool:
        """Whether the buffer is initialized (bool). Until then anything else raises `BufferError` 1."""
        return self._ring is not None

    @property
    def nChannels(self) -> int:
        """Dimensionality of a sample (int)."""
        return self._initialized.channels

    @property
    def bufSize(self) -> int:
        """The buffer capacity in samples (int)."""
        return self._initialized.capacity

    @property
    def pocketSize(self) -> int:
        """Size of the buffer pocket in samples (int)."""
        return self._initialized.window

    @property
    def nptype(self) -> str:
        """The type of the data in the buffer (str)."""
        dtype = self._initialized.dtype
        return str(dtype.name if dtype.names is None else dtype)

    @property
    def nSamplesWritten(self) -> int:
        """Samples written since the buffer was made (int); a whole put appears at once."""
        return self._initialized.written

    @property
    def writePtr(self) -> int:
        """Current write pointer position, `nSamplesWritten` modulo `bufSize` (int)."""
        return self.nSamplesWritten % self.bufSize

    @property
    def raw(self) -> Any:
        """The whole buffer as a ctypes array of char; what `initialize_from_raw` takes, in another process, too.

        Hand it to the process when that is started, as an argument.
        """
        ring = self._initialized
        if self._raw is None:
            self._raw = raw_array(ring.memory_fd(), ring._struct.total_bytes)
        return self._raw

    def __str__(self) -> str:
        """The content of data and pocket, a row for each channel."""
        samples = self._initialized._samples
        return f"{samples[: self.bufSize].T}\n{samples[self.bufSize :].T}"

    def __repr__(self) -> str:
        return f"<ringbuf.RingBuffer: {self._ring!r}>"

    # --- Data ----------------------------------------------------------------------------------------------------

    def check_availability(self, sampleStart: int, sampleEnd: int) -> int:
        """Checks whether the requested data samples are available.

        Call it once more after you have used what `get_data` returned: 0 says that all of that was whole.

        Parameters
        ----------
        sampleStart : int
            First sample index (included).
        sampleEnd : int
            Last sample index (excluded).

        Returns
        -------
        int
            0 if the data is available, 2 if (part of) the data is already overwritten, 3 if (part of) the data is not
            yet in the buffer, 5 if the indices are no range.

        Raises
        ------
        BufferError
            1 if the buffer is not initialized.
        """
        return (self._ring or self._initialized).check(sampleStart, sampleEnd)

    check_availablility = check_availability

    def get_data(self, sampleStart: int, sampleEnd: int, wprotect: bool = True) -> "npt.NDArray[Any]":
        """Gets the data from the buffer.

        If possible, that is a view of the chunk, without a copy: also across the end of the data, as far as the pocket
        goes. A chunk that is longer than that is copied.

        Parameters
        ----------
        sampleStart : int
            First sample index (included).
        sampleEnd : int
            Last sample index (excluded).
        wprotect : bool, optional
            Protect the returned array from writes. False is for the writer, and makes who asks for it the writer if
            there is none: the array is then a view through which the samples can be changed. See `Writer.edit` for what
            that means to those who read.

        Returns
        -------
        numpy.ndarray
            Data chunk of shape (sampleEnd - sampleStart, nChannels).

        Raises
        ------
        BufferError
            1, 2, 3 or 5 if the data is not available (see `check_availability`). With ``wprotect=False`` also 9 or 11
            if this is not the writer, and 17 if the chunk is not one piece of memory.
        """
        if not wprotect:
            return self._become_writer().edit(sampleStart, sampleEnd)
        try:
            return self._view(sampleStart, sampleEnd)
        except NotContiguousError:
            data = self._initialized.read(sampleStart, sampleEnd)
            data.flags.writeable = False
            return data

    def put_data(self, data: Any) -> None:
        """Pushes the data to the buffer.

        Of more than `bufSize` samples the last ones are kept, and all are counted.

        Parameters
        ----------
        data : numpy.ndarray
            Of shape (n, nChannels); with one channel (n,) will do. Numbers of another type are converted as by
            assignment to an array of type `nptype`, which cuts off what it has no room for; everything else as by
            `Writer.put`, which takes nothing but the value given.

        Raises
        ------
        BufferError
            1 if the buffer is not initialized, 4 if the data has another shape, or a type that cannot be converted,
            9 or 11 if this is not the writer: another one lives.
        """
        writer = self._writer
        if writer is None:
            writer = self._become_writer()
        try:
            if type(data) is np.ndarray and data.dtype is writer._dtype:
                writer.put(data)
            else:
                writer._put_beside_views(data, 0.0, assigning=True)
        except ForkedError:
            if writer.name is not None:
                raise
            # The parent's object does not tell whether the parent still writes: ask the ring.
            writer.close()
            self._writer = None
            self.put_data(data)

    def _become_writer(self) -> Writer:
        if self._writer is None:
            ring = self._initialized
            if ring.name is not None:
                raise WriteForbiddenError(
                    Code.WRITE_FORBIDDEN, "the buffer was opened by name to be read; see RingBuffer.open"
                )
            if ring._raw is not None:
                self._writer = Writer.resume(raw=ring._raw)
            else:
                self._writer = Writer.resume(fd=ring.memory_fd())
        return self._writer

    def sync(self) -> None:
        """Makes data and pocket equal after changes through an array of ``get_data(..., wprotect=False)``.

        That happens by itself at the next put, at the next call with ``wprotect=False``, when the array is gone, and at
        `close`.
        """
        if self._writer is not None:
            self._writer.sync()

    def wait(self, sampleEnd: int, timeout: Optional[float] = None) -> bool:
        """Waits until the samples before `sampleEnd` are written, as `Reader.wait` does.

        Parameters
        ----------
        sampleEnd, timeout
            An index, and seconds.

        Returns
        -------
        bool
            False if the time has passed.

        Raises
        ------
        BufferError
            1 if the buffer is not initialized, 5 if the index is negative, 15 if the writer is gone in good order, 16 if
            it died.
        """
        ring = self._initialized
        deadline = None if timeout is None else time.monotonic() + timeout
        had_writer = ring.name is not None
        while True:
            try:
                return ring.wait(sampleEnd, timeout)
            except ClosedError:
                if had_writer:
                    raise
            info = ring.info()
            had_writer = info.generation > 1 or info.state != State.CLOSED
            if had_writer:  # since the answer, maybe: asked once more
                continue
            # Without a writer there is nothing to sleep on.
            if deadline is not None:
                timeout = deadline - time.monotonic()
                if timeout <= 0:
                    return False
            time.sleep(0.005)

    def __reduce__(self) -> Tuple[Any, ...]:
        ring = self._ring
        state = _state_of(self)
        if ring is None:
            return (_rebuilt, (type(self), None, None, 0), *state)
        if ring.name is not None:
            return (_rebuilt, (type(self), ring.name, None, ring._incarnation), *state)
        return (_rebuilt, (type(self), None, self.raw, ring._incarnation), *state)


def _state_of(buffer: RingBuffer) -> Tuple[Any, ...]:
    """What a subclass has added."""
    state = state_of(buffer, RingBuffer)
    if state and isinstance(state[0], dict) and state[0].keys() & _OWN:
        added = {name: value for name, value in state[0].items() if name not in _OWN}
        return (added,) if added else ()
    return state


def _rebuilt(cls: Type[RingBuffer], name: Optional[str], raw: Any, incarnation: int) -> RingBuffer:
    buffer = cls.__new__(cls)
    if name is not None:
        buffer._attach(Reader(name, observer=True), None, None)
    elif raw is not None:
        buffer.initialize_from_raw(raw)
    if buffer._ring is not None and buffer._ring._incarnation != incarnation:
        buffer.close()
        raise StaleError(Code.STALE, f"the name {name!r} belongs to another ring by now" if name else "another ring")
    return buffer


def _options(channels: int, samples: int, window: int, nptype: Any) -> dict[str, Any]:
    wanted = {"nChannels": channels, "nSamples": samples, "windowSize": window}
    for name, value in wanted.items():
        wanted[name] = value = index(name, value)
        if value < 1:
            _log.warning("%s must be a positive integer, not %s: setting it to 1", name, value)
            wanted[name] = 1
    return {
        "channels": wanted["nChannels"],
        "capacity": wanted["nSamples"],
        "window": wanted["windowSize"],
        "dtype": nptype,
    }


__all__ = ["RingBuffer"]
