"""The writer of a ring."""

from __future__ import annotations

import ctypes
import json
from ctypes import byref, c_char, c_void_p
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, NoReturn, Optional, Tuple, Type

from ._edits import Edits
from ._handle import Handle
from ._info import encode
from ._library import held, lib
from ._memory import is_opaque, writable_memory_of
from ._numpy import np
from ._ring import QUICK_BYTES, Ring, in_64_bits
from ._structs import AS_WRITER, KEEP, LOSSLESS, Code, OptionsStruct
from ._types import FORMATS, resolve
from .errors import IncompatibleError, InvalidArgumentError, check, fail

if TYPE_CHECKING:
    import numpy.typing as npt

_address_of = c_char.from_buffer  # of any writable contiguous buffer: the quickest way to where it lies
_nd: Any = np.ndarray if np else None


class Writer(Ring):
    """Makes a ring and writes to it.

    A ring has one writer at a time. While a writer lives nobody else can take its name; a ring whose writer is gone is
    replaced, and its readers are told (`StaleError`).

    Parameters
    ----------
    name : str or None
        1 to 200 of ``A-Z a-z 0-9 . _ -``, no dot at the beginning. None makes a ring without a name, which other
        processes open by its descriptor: ``Reader(fd=writer.memory_fd())``.
    capacity : int
        Samples that the ring holds.
    channels : int, optional
        Elements of one sample; 1.
    dtype : str or numpy.dtype, optional
        Type of one element; ``"float32"``, or ``"bytes"`` if `item_size` is given. Any NumPy type of a fixed size will
        do: what is not in `datatypes` is stored as opaque bytes with its description in the metadata.
    item_size : int, optional
        Bytes of one element, for ``dtype="bytes"``.
    window : int, optional
        Samples of pocket: the longest window that is contiguous wherever it lies; 1, at most the capacity.
    lossless : bool, optional
        Registered readers hold the writer back, so that they lose nothing.
    keep : bool, optional
        Closing leaves the name and the samples in place.
    max_readers : int, optional
        Places for registered readers; 16, at most 1024.
    mode : int, optional
        Permission bits; 0o600, whatever the umask.
    metadata : dict, optional
        See `Ring.metadata`.
    metadata_bytes : int, optional
        Room for metadata, in bytes of JSON; 4096.
    sample_rate : float, optional
        Hz.

    Raises
    ------
    InvalidArgumentError
        An argument is not acceptable.
    ExistsError
        A ring whose writer lives has the name, or a file that is no ring.
    NoSpaceError
        The shared memory file system is full.
    NoMemoryError, NotPermittedError, SystemCallError
        What the system said.

    Examples
    --------
    >>> import numpy as np
    >>> with Writer("levels", channels=2, capacity=48000, window=480) as writer:
    ...     writer.put(np.zeros((480, 2), np.float32))
    """

    def __init__(
        self,
        name: Optional[str],
        *,
        capacity: int,
        channels: int = 1,
        dtype: Any = None,
        item_size: int = 0,
        window: int = 1,
        lossless: bool = False,
        keep: bool = False,
        max_readers: int = 16,
        mode: int = 0o600,
        metadata: Optional[Dict[str, Any]] = None,
        metadata_bytes: int = 4096,
        sample_rate: float = 0.0,
    ) -> None:
        code, item_size, described = resolve(dtype, item_size)
        options = _options(
            data_type=code,
            channels=channels,
            item_size=item_size,
            capacity=capacity,
            window=window,
            flags=(LOSSLESS if lossless else 0) | (KEEP if keep else 0),
            max_readers=max_readers,
            mode=mode,
            metadata_bytes=metadata_bytes,
            sample_rate=sample_rate,
        )
        self._open(_created(name, options), name, None, described, metadata)

    @classmethod
    def create_raw(cls, raw: Any, *, capacity: int, **options: Any) -> "Writer":
        """Makes a ring in memory of the caller's and becomes its writer.

        Parameters
        ----------
        raw : object with the buffer protocol
            Writable memory, shared by all who are to use the ring, aligned to 8 bytes, of at least `raw_size` bytes.
        capacity : int
            As for `Writer`.
        **options
            `channels`, `dtype`, `item_size`, `window`, `lossless`, `max_readers`, `metadata`, `metadata_bytes`,
            `sample_rate`, as for `Writer`.

        Returns
        -------
        Writer
            Open.

        Raises
        ------
        InvalidArgumentError
            The memory is too small or not aligned, or an option not acceptable.
        ExistsError
            A ring whose writer lives is in it.
        """
        metadata = options.pop("metadata", None)
        prepared, described = _raw_options(capacity, options)
        keep, address, size = writable_memory_of(raw)
        handle = Handle(lib.ringbuf_create_raw, address, size, prepared, keep=keep)
        writer = cls.__new__(cls)
        writer._open(handle, None, raw, described, metadata)
        return writer

    @staticmethod
    def raw_size(*, capacity: int, **options: Any) -> int:
        """How many bytes of memory `create_raw` needs.

        Parameters
        ----------
        capacity : int
            As for `Writer`.
        **options
            As for `create_raw`.

        Returns
        -------
        int
            Bytes.

        Raises
        ------
        InvalidArgumentError
            An option is not acceptable.
        """
        options.pop("metadata", None)
        size = ctypes.c_size_t()
        check(held.ringbuf_size(_raw_options(capacity, options)[0], size))
        return size.value

    @classmethod
    def resume(cls, name: Optional[str] = None, *, fd: Optional[int] = None, raw: Any = None) -> "Writer":
        """Becomes the writer of a ring whose writer died or left, and goes on where it stopped.

        No sample that was complete is lost; readers go on with what they have open.

        Parameters
        ----------
        name : str, optional
            The ring's name.
        fd : int, optional
            Instead of a name: a descriptor of its memory; it stays the caller's.
        raw : object with the buffer protocol, optional
            Instead of a name: the memory that it lies in.

        Returns
        -------
        Writer
            Open.

        Raises
        ------
        BusyError
            Another writer lives.
        NotFoundError, NotInitializedError, CorruptError, VersionMismatchError
            There is no such ring.
        NotPermittedError
            This user may not write it.
        """
        if (name is not None) + (fd is not None) + (raw is not None) != 1:
            raise TypeError("resume takes one of name, fd and raw")
        if name is not None:
            handle = Handle(lib.ringbuf_resume, encode(name))
        elif fd is not None:
            handle = Handle(lib.ringbuf_open_fd, fd, AS_WRITER)
        else:
            keep, address, size = writable_memory_of(raw)
            handle = Handle(lib.ringbuf_open_raw, address, size, AS_WRITER, keep=keep)
        writer = cls.__new__(cls)
        writer._open(handle, name, raw, None, None)
        return writer

    def _open(
        self,
        handle: Handle,
        name: Optional[str],
        raw: Any,
        described: Any,
        metadata: Optional[Dict[str, Any]],
    ) -> None:
        if described is not None or metadata:
            first = dict(metadata or {})
            if described is not None:
                first["dtype"] = described
            _store_metadata(handle, first)
        super().__init__(handle, name, raw)
        self._edits: Optional[Edits] = None

    # --- Writing -------------------------------------------------------------------------------------------------

    def put(self, data: Any, timeout: Optional[float] = 0.0) -> None:
        """Appends samples.

        Of more than the capacity an overwriting ring keeps the last ones, and counts all.

        Parameters
        ----------
        data : array_like
            Of shape (n, channels); with one channel (n,) will do. Elements are converted to the ring's type as long as
            that loses no more than precision: integers that fit, floats to shorter floats, but no floats to integers.
            bytes and bytearray are taken as they are, for a ring of opaque items any other buffer as well. Without NumPy
            other buffers have to have the ring's type.
        timeout : float, optional
            Seconds to wait for room on a lossless ring; 0 does not wait, None waits without limit.

        Raises
        ------
        IncompatibleError
            Data of another shape or type.
        FullError
            Lossless, and there is no room; nothing is stored.
        ForkedError
            This object belongs to the parent process.
        """
        if self._edits is not None:
            self._edits.sync()
        if type(data) is _nd and data.dtype is self._dtype:
            shape = data.shape
            if (len(shape) == 2 and shape[1] == self._channels) or (len(shape) == 1 and self._channels == 1):
                count = shape[0]
                if 0 < count * self._sample_bytes <= QUICK_BYTES:
                    try:
                        at = _address_of(data)
                    except (TypeError, ValueError):
                        pass  # read-only, not contiguous, or a type that has no buffer format
                    else:
                        code = held.ringbuf_put(self._handle.pointer, byref(at), count)
                        if code:
                            self._put_again(code, byref(at), count, timeout)
                        return
        self._put_slowly(data, timeout, "same_kind")

    def _put_slowly(self, data: Any, timeout: Optional[float], casting: str) -> None:
        address, count, keep = self._prepared(data, casting)
        if count == 0:
            return
        if count * self._sample_bytes <= QUICK_BYTES:
            code = held.ringbuf_put(self._handle.pointer, address, count)
        else:
            code = lib.ringbuf_put(self._handle.pointer, address, count)
        if code:
            self._put_again(code, address, count, timeout)
        del keep  # until now

    def _put_again(self, code: int, address: Any, count: int, timeout: Optional[float]) -> None:
        if code != Code.FULL or timeout == 0 or count > self._capacity:
            fail(code)
        waited = self._handle.wait(lib.ringbuf_wait_space, timeout, count)
        if waited == Code.TIMEOUT:
            fail(lib.ringbuf_put(self._handle.pointer, address, count) or Code.FULL)
        check(waited)
        check(lib.ringbuf_put(self._handle.pointer, address, count))

    def _prepared(self, data: Any, casting: str) -> Tuple[Any, int, Any]:
        """Where the samples lie, how many they are, and what has to be kept meanwhile."""
        opaque = is_opaque(self._struct)
        plain = isinstance(data, (bytes, bytearray))
        if np and not plain and (isinstance(data, np.ndarray) or not opaque):
            return self._prepared_array(np.asarray(data), casting)
        view = memoryview(data)
        expected = FORMATS.get(self._struct.data_type)
        if not plain and not opaque and view.format != expected:
            raise self._incompatible(f"elements of format {view.format!r}, expected {expected!r}")
        if not view.contiguous or view.nbytes % self._sample_bytes:
            raise self._incompatible(f"{view.nbytes} bytes, expected a multiple of {self._sample_bytes} in one piece")
        count = view.nbytes // self._sample_bytes
        if view.readonly or count == 0:
            kept = view.tobytes()
            return kept, count, kept
        return byref(_address_of(view)), count, view

    def _prepared_array(self, array: Any, casting: str) -> Tuple[Any, int, Any]:
        if is_opaque(self._struct) and array.dtype == np.uint8 and self._dtype != np.uint8:
            if array.size % self._sample_bytes:
                raise self._incompatible(f"{array.size} bytes, expected a multiple of {self._sample_bytes}")
            array = np.ascontiguousarray(array).reshape(-1).view(self._dtype).reshape(-1, self._channels)
        elif array.dtype != self._dtype:
            self._check_casting(array, casting)
        if array.ndim == 1 and self._channels == 1:
            array = array.reshape(-1, 1)
        if array.ndim != 2 or array.shape[1] != self._channels:
            raise self._incompatible(f"shape {array.shape}, expected (n, {self._channels})")
        count = len(array)
        try:
            if 0 < count * self._sample_bytes <= QUICK_BYTES:
                rows, address = self._scratch
                rows[:count] = array
                return address, count, None
            array = np.ascontiguousarray(array, self._dtype)
        except (TypeError, ValueError) as error:
            raise self._incompatible(f"{array.dtype} elements: {error}") from None
        return array.__array_interface__["data"][0], count, array

    def _check_casting(self, array: Any, casting: str) -> None:
        to = self._dtype
        if casting == "unsafe":
            return
        if array.dtype.kind in "iu" and to.kind in "iu":
            limits = np.iinfo(to)
            if array.size and not (limits.min <= int(array.min()) and int(array.max()) <= limits.max):
                raise self._incompatible(f"{array.dtype} values outside {to}")
        elif not np.can_cast(array.dtype, to, casting):
            raise self._incompatible(f"{array.dtype} elements, expected {to}")

    @cached_property
    def _scratch(self) -> Tuple[Any, Any]:
        """Where small arrays are made what the ring takes, and where that lies."""
        rows = np.empty((QUICK_BYTES // self._sample_bytes, self._channels), self._dtype)
        return rows, byref(_address_of(rows.reshape(-1).view(np.uint8)))

    @staticmethod
    def _incompatible(detail: str) -> IncompatibleError:
        return IncompatibleError(Code.INCOMPATIBLE, f"data has {detail}")

    def push(self, item: Any) -> None:
        """Appends one sample.

        Parameters
        ----------
        item : bytes or array_like
            One sample: `sample_bytes` bytes, or an array of shape (channels,).

        Raises
        ------
        IncompatibleError
            Not one sample of the ring's type.
        FullError, ForkedError
            As of `put`.
        """
        if self._edits is not None:
            self._edits.sync()
        if not isinstance(item, bytes):
            if np and not isinstance(item, (bytearray, memoryview)):
                item = np.asarray(item)
                if item.dtype != self._dtype and not (is_opaque(self._struct) and item.dtype == np.uint8):
                    self._check_casting(item, "same_kind")
                    item = item.astype(self._dtype)
                item = item.tobytes()
            else:
                item = bytes(item)
        if len(item) != self._sample_bytes:
            raise self._incompatible(f"{len(item)} bytes, expected one sample of {self._sample_bytes}")
        code = held.ringbuf_push(self._handle.pointer, item)
        if code:
            fail(code)

    def reserve(self, count: int) -> "Reservation":
        """Room for samples to be written in place.

        Nothing of it can be read before it is committed. A put, or another reserve, drops it.

        Parameters
        ----------
        count : int
            Samples, 1 to the capacity.

        Returns
        -------
        Reservation
            ``with writer.reserve(480) as block: block[:] = ...`` commits all of it, or none if an exception leaves.

        Raises
        ------
        NotContiguousError
            The room runs over the end by more than the pocket.
        FullError, InvalidArgumentError, ForkedError
            As of `put`.

        Notes
        -----
        The array is in shared memory for good: do not write to it after it has been committed.
        """
        if self._edits is not None:
            self._edits.sync()
        at = c_void_p()
        check(held.ringbuf_reserve(self._handle.pointer, in_64_bits(count, 0), at))
        slot = self.written % self._capacity
        return Reservation(self, self._editor().rows[slot : slot + count])

    def _commit(self, count: int) -> None:
        check(held.ringbuf_commit(self._handle.pointer, in_64_bits(count, 0)))

    def space(self) -> int:
        """How many samples a put may have now.

        Returns
        -------
        int
            The capacity on an overwriting ring, what the slowest registered reader leaves on a lossless one.

        Raises
        ------
        ForkedError
            This object belongs to the parent process.
        """
        count = ctypes.c_uint64()
        check(held.ringbuf_space(self._handle.pointer, count))
        return count.value

    def wait_space(self, count: int, timeout: Optional[float] = None) -> bool:
        """Waits until a put of `count` samples fits. Other threads run meanwhile, and Ctrl-C gets through.

        Parameters
        ----------
        count : int
            Samples.
        timeout : float, optional
            Seconds; 0 does not wait, None waits without limit.

        Returns
        -------
        bool
            False if the time has passed.

        Raises
        ------
        InvalidArgumentError
            If `count` is more than the capacity.
        ForkedError
            This object belongs to the parent process.
        """
        code = self._handle.wait(lib.ringbuf_wait_space, timeout, in_64_bits(count, 0))
        if code == Code.TIMEOUT:
            return False
        check(code)
        return True

    # --- Metadata ------------------------------------------------------------------------------------------------

    @property
    def metadata(self) -> Dict[str, Any]:
        """The metadata of the ring: a copy (dict). Setting them replaces them all.

        Names, units, calibration: anything that JSON can express; what ringbuf's tools understand stands in
        docs/metadata.md, for example ``{"channels": [{"name": "left", "unit": "V"}], "kind": "audio"}``. Readers see
        the old ones or the new ones, never a mixture. `InvalidArgumentError` if their JSON takes more room than the ring
        has for it. The key ``"dtype"`` is taken for the description of a type that is not in `datatypes`.
        """
        return super().metadata

    @metadata.setter
    def metadata(self, metadata: Dict[str, Any]) -> None:
        metadata = dict(metadata)
        described = self._metadata().get("dtype")
        if described is not None and is_opaque(self._struct):
            metadata["dtype"] = described
        _store_metadata(self._handle, metadata)

    # --- Changing what has been written --------------------------------------------------------------------------

    def edit(self, start: int, end: int) -> "npt.NDArray[Any]":
        """A writable view of samples that have been written already.

        Nobody is told of changes made through it; who looks at those samples meanwhile sees old and new ones mixed.
        To write samples in place before they can be read, see `reserve`.

        Parameters
        ----------
        start, end : int
            Indices.

        Returns
        -------
        numpy.ndarray
            Of shape (end - start, channels).

        Raises
        ------
        OverwrittenError, NotYetError, BadIndexError, NotContiguousError
            As of `view`.
        ImportError
            Without NumPy there are none.

        Notes
        -----
        The leftmost samples of the data stand in the pocket a second time. What you change on one side is copied to the
        other one by `sync`, which happens by itself at the next put or edit, when the view (and all made of it) is gone,
        and at `close`.
        """
        if not np:
            raise ImportError("a writable view needs NumPy")
        self.view(start, end)  # there and contiguous, or an exception
        slot = start % self._capacity
        return self._editor().view(slot, slot + end - start)

    def sync(self) -> None:
        """Makes the data and the pocket equal again after changes through a view of `edit`."""
        if self._edits is not None:
            self._edits.sync()

    def _editor(self) -> Edits:
        if self._edits is None:
            self._edits = Edits(self._memory, self._capacity, self.window)
            self._handle.before_close = self._edits.end
        return self._edits

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a writer cannot be handed to another process: make it in the process that writes, "
            "or hand over its name and use Writer.resume there after closing it here"
        )


class Reservation:
    """Room in the ring, from `Writer.reserve`."""

    def __init__(self, writer: Writer, block: Any) -> None:
        self._writer = writer
        self._open = True
        self.block: "npt.NDArray[Any]" = block
        """Where to write: of shape (count, channels) (numpy.ndarray)."""

    def commit(self, count: int) -> None:
        """Appends the first samples of the block.

        Parameters
        ----------
        count : int
            How many; 0 gives it up.

        Raises
        ------
        InvalidArgumentError
            More than were reserved, or the reservation has been dropped.
        """
        if not self._open:
            raise InvalidArgumentError(Code.INVALID_ARGUMENT, "the reservation has been committed already")
        self._open = False
        self._writer._commit(count)

    def __enter__(self) -> "npt.NDArray[Any]":
        return self.block

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if self._open:
            self.commit(len(self.block) if kind is None else 0)


def _options(**fields: Any) -> OptionsStruct:
    options = OptionsStruct()
    check(held.ringbuf_options_init(options, ctypes.sizeof(options)))
    for name, value in fields.items():
        if name != "sample_rate":
            value = _unsigned(name, value, getattr(OptionsStruct, name).size)
        setattr(options, name, value)
    return options


def _unsigned(name: str, value: Any, size: int) -> int:
    """A number that fits into its field; ctypes would cut it off."""
    number = int(value)
    if number != value or not 0 <= number < 1 << 8 * size:
        raise InvalidArgumentError(
            Code.INVALID_ARGUMENT, f"{name} is {value}, expected a whole number of at least 0"
        )
    return number


def _raw_options(capacity: int, options: Dict[str, Any]) -> Tuple[OptionsStruct, Any]:
    options = dict(options)
    code, item_size, described = resolve(options.pop("dtype", None), options.pop("item_size", 0))
    flags = LOSSLESS if options.pop("lossless", False) else 0
    known = {"channels", "window", "max_readers", "metadata_bytes", "sample_rate"}
    if not known.issuperset(options):
        raise TypeError(f"unexpected options: {', '.join(sorted(set(options) - known))}")
    return (
        _options(data_type=code, item_size=item_size, capacity=capacity, flags=flags, **options),
        described,
    )


def _created(name: Optional[str], options: OptionsStruct) -> Handle:
    return Handle(lib.ringbuf_create, None if name is None else encode(name), options)


def _store_metadata(handle: Handle, metadata: Dict[str, Any]) -> None:
    data = json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode()
    check(held.ringbuf_set_metadata(handle.pointer, data, len(data)))


__all__ = ["Reservation", "Writer"]
