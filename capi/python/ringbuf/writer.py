"""The writer of a ring."""

from __future__ import annotations

import ctypes
import json
from contextlib import suppress
from ctypes import byref, c_char, c_void_p
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, NoReturn, Optional, Tuple, Type

from ._arguments import count_of, descriptor, in_64_bits, real, unsigned
from ._edits import Edits
from ._handle import Handle
from ._info import ask, encode
from ._library import QUICK_BYTES, for_bytes, held, lib
from ._memory import is_opaque, ring_of, writable_memory_of
from ._numpy import np
from ._packing import Packer, joined, refuse
from ._ring import Ring
from ._structs import AS_WRITER, KEEP, LOSSLESS, Code, OptionsStruct
from ._types import resolve
from ._values import as_array, fitted
from .errors import (
    BufferError,
    ForkedError,
    IncompatibleError,
    InvalidArgumentError,
    NotInitializedError,
    check,
    fail,
)
from .reader import Reader

if TYPE_CHECKING:
    import numpy.typing as npt

_address_of = c_char.from_buffer  # of any writable contiguous buffer: the quickest way to where it lies
_POCKET_BYTES = 65536  # the library's default
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
        Samples of pocket: the longest window that is contiguous wherever it lies; at most the capacity. By default, 0,
        about 64 KiB of them and at most an eighth of the ring; of opaque items one.
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
        window: int = 0,
        lossless: bool = False,
        keep: bool = False,
        max_readers: int = 16,
        mode: int = 0o600,
        metadata: Optional[Dict[str, Any]] = None,
        metadata_bytes: int = 4096,
        sample_rate: float = 0.0,
    ) -> None:
        item_size = unsigned("item_size", item_size, 4)
        code, item_size, described = resolve(dtype, item_size)
        first = _first_metadata(metadata, described, metadata_bytes)
        options = _options(
            data_type=code,
            channels=channels,
            item_size=item_size,
            capacity=capacity,
            window=_window(window, described, capacity, channels, item_size),
            flags=(LOSSLESS if lossless else 0) | (KEEP if keep else 0),
            max_readers=max_readers,
            mode=mode,
            metadata_bytes=metadata_bytes,
            sample_rate=sample_rate,
        )
        self._open(_created(name, options), name, None, first, made=True)

    @classmethod
    def create_or_resume(cls, name: str, *, capacity: int, **options: Any) -> "Writer":
        """Becomes the writer of the ring of a name, whether it is there or not: goes on as `resume` does, else makes it.

        Parameters
        ----------
        name : str
            As for `Writer`.
        capacity : int
            As for `Writer`.
        **options
            As for `Writer`. A ring that is there must have the `dtype`, `channels`, `item_size`, `capacity`, `window` and
            `lossless` asked for; the others are for a new one, `metadata`, too.

        Returns
        -------
        Writer
            Open. ``info().generation`` is more than 1 if the ring was there.

        Raises
        ------
        BusyError
            Another writer lives.
        IncompatibleError
            A ring of another shape has the name; nothing has changed.
        InvalidArgumentError, NoSpaceError, NoMemoryError, CorruptError, NotPermittedError, SystemCallError
            As of `Writer` and `resume`.
        """
        metadata = options.pop("metadata", None)
        flags = KEEP if options.pop("keep", False) else 0
        prepared, described = _raw_options(capacity, options, flags, frozenset({"mode"}))
        first = _first_metadata(metadata, described, prepared.metadata_bytes)
        _check_description(name, described)
        handle = Handle(lib.ringbuf_create_or_resume, encode(name), prepared)
        made = ask(handle).generation == 1
        writer = cls.__new__(cls)
        writer._open(handle, name, None, first if made else None, made=made)
        return writer

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
        first = _first_metadata(metadata, described, prepared.metadata_bytes)
        keep, address, size = writable_memory_of(raw)
        handle = Handle(lib.ringbuf_create_raw, address, size, prepared, keep=keep)
        writer = cls.__new__(cls)
        writer._open(handle, None, raw, first, made=True)
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
            handle = Handle(lib.ringbuf_open_fd, descriptor(fd), AS_WRITER)
        else:
            keep, address, size = writable_memory_of(raw)
            handle = Handle(lib.ringbuf_open_raw, address, size, AS_WRITER, keep=keep)
        writer = cls.__new__(cls)
        writer._open(handle, name, raw)
        return writer

    def _open(
        self, handle: Handle, name: Optional[str], raw: Any, metadata: Optional[bytes] = None, made: bool = False
    ) -> None:
        """Takes over what has been opened; if that fails, a ring that was made for it goes away again."""
        try:
            if metadata is not None:
                check(held.ringbuf_set_metadata(handle.pointer, metadata, len(metadata)))
            super().__init__(handle, name, raw)
            self._edits: Optional[Edits] = None
            self._reservation: Optional[Reservation] = None
            self._elements = self._converter()
        except BaseException:
            if made and name is not None:
                lib.ringbuf_unlink(encode(name))  # which closing leaves to a ring with `keep`
            handle.close()
            raise

    def _converter(self) -> Any:
        """What makes the ring's elements of the caller's values; None if the items are opaque."""
        if np:
            opaque = self._dtype.kind == "V" and self._dtype.names is None
            return None if opaque else self._dtype
        return None if is_opaque(self._struct) else Packer(self._struct.data_type, self._channels)

    # --- Writing -------------------------------------------------------------------------------------------------

    def put(self, data: Any, timeout: Optional[float] = 0.0) -> None:
        """Appends samples.

        Of more than the capacity an overwriting ring keeps the last ones, and counts all.

        Parameters
        ----------
        data : array_like
            Of shape (n, channels); with one channel (n,) will do. Nothing, in any form, is nothing. Elements of another
            type are converted if each keeps its value: integers that fit, integers to floats that are exactly they,
            floats to shorter floats, which are rounded but never infinite, dates to other units if they are the same
            moments, strings that fit, fields of the same names in the same order. Floats are never made integers.
            bytes and bytearray are whole samples as they lie in memory, for a ring of opaque items any other buffer is,
            too. Without NumPy a buffer of the ring's type may hold samples one behind the other, without a second dimension.
        timeout : float, optional
            Seconds to wait for room on a lossless ring; 0 does not wait, None waits without limit.

        Raises
        ------
        IncompatibleError
            Data of another shape or type, a value that the ring's type has not, or a masked one; nothing is stored.
        FullError
            Lossless, and there is no room; nothing is stored.
        ForkedError
            This object belongs to the parent process.
        """
        if self._edits is not None:
            self._put_beside_views(data, timeout)
            return
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
        self._put_prepared(self._prepared(data), timeout)

    def _put_beside_views(self, data: Any, timeout: Optional[float], assigning: bool = False) -> None:
        """The same for who has, or had, views that can be written through."""
        address, count, keep = self._prepared(data, assigning)
        if self._edits is None:
            self._put_prepared((address, count, keep), timeout)
        elif count:
            with self._edits.appending():
                self._put_prepared((address, count, keep), timeout)
            self._drop_reservation()

    def _put_prepared(self, prepared: Tuple[Any, int, Any], timeout: Optional[float]) -> None:
        address, count, keep = prepared
        if count == 0:
            return
        code = for_bytes(count * self._sample_bytes).ringbuf_put(self._handle.pointer, address, count)
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

    def _prepared(self, data: Any, assigning: bool = False) -> Tuple[Any, int, Any]:
        """Where the samples lie, how many they are, and what has to be kept meanwhile."""
        if _is_raw(data):
            return self._prepared_bytes(data)
        if self._elements is None:
            return self._prepared_items(data)
        if not np:
            return self._prepared_buffer(data)
        array = as_array(data, self._dtype)
        shape = array.shape
        if shape == (0,) or shape == (0, self._channels):
            return None, 0, None
        if len(shape) == 1 and self._channels == 1:
            array = array.reshape(-1, 1)
        elif len(shape) != 2 or shape[1] != self._channels:
            refuse(f"shape {shape}, expected (n, {self._channels})")
        if assigning and array.dtype.kind in "biufc" and self._dtype.kind in "biufc":
            converted = array.astype(self._dtype, copy=False)
        else:
            converted = fitted(array, self._dtype)
        return self._located(np.ascontiguousarray(converted))

    def _located(self, array: Any) -> Tuple[Any, int, Any]:
        """Of an array whose bytes are whole samples."""
        count = array.nbytes // self._sample_bytes
        own = ring_of(array) == self._incarnation
        if self._raw is not None and not self.closed:
            own = np.may_share_memory(array, self._samples)
        if own:
            array = array.copy()  # of samples which the put may overwrite
        try:
            return byref(_address_of(array)), count, array
        except (TypeError, ValueError):  # read-only, or a type that has no buffer format
            return array.__array_interface__["data"][0], count, array

    def _prepared_bytes(self, data: Any) -> Tuple[Any, int, Any]:
        size = memoryview(data).nbytes
        if size % self._sample_bytes:
            refuse(f"{size} bytes, expected a multiple of {self._sample_bytes}")
        if size == 0 or isinstance(data, bytes):
            return bytes(data), size // self._sample_bytes, data
        return byref(_address_of(data)), size // self._sample_bytes, data

    def _prepared_items(self, data: Any) -> Tuple[Any, int, Any]:
        """Opaque items are whatever bytes there are."""
        if np and isinstance(data, (np.ndarray, np.generic)):
            array = as_array(data, self._dtype)
            if array.dtype.hasobject:
                refuse("Python objects, expected bytes")
            if array.dtype.itemsize == self._dtype.itemsize > 1 and array.size:
                one = array.ndim == 1 and self._channels == 1
                if not one and (array.ndim != 2 or array.shape[1] != self._channels):
                    refuse(f"shape {array.shape}, expected (n, {self._channels})")
            if array.nbytes % self._sample_bytes:
                refuse(f"{array.nbytes} bytes, expected a multiple of {self._sample_bytes}")
            return self._located(np.ascontiguousarray(array))
        try:
            view = memoryview(data)
        except TypeError:
            if self._channels != 1 and len(data):
                refuse(f"a {type(data).__name__}, expected bytes")
            return self._prepared_bytes(joined(data, self._sample_bytes))
        return self._prepared_bytes(view.tobytes())

    def _prepared_buffer(self, data: Any) -> Tuple[Any, int, Any]:
        """Without NumPy."""
        packer = self._elements
        try:
            view = memoryview(data)
        except TypeError:
            pass
        else:
            if packer.same_layout(view) and view.c_contiguous and not view.readonly and view.nbytes:
                count, rest = divmod(view.nbytes, self._sample_bytes)
                if not rest and (view.ndim == 1 or tuple(view.shape or ())[1:] == (self._channels,)):
                    return byref(_address_of(view)), count, view
        packed, count = packer.samples(data)
        return packed, count, packed

    def push(self, item: Any) -> None:
        """Appends one sample.

        Parameters
        ----------
        item : bytes or array_like
            One sample: `sample_bytes` bytes, or an array of shape (channels,), with one channel a single value.
            Elements are converted as by `put`.

        Raises
        ------
        IncompatibleError
            Not one sample of the ring's type; see `put`.
        FullError, ForkedError
            As of `put`.
        """
        if type(item) is _nd and item.dtype is self._dtype and item.shape == (self._channels,):
            item = item.tobytes()
        elif not _is_raw(item) or (np and self._dtype.kind == "S" and len(item) != self._sample_bytes):
            item = self._sample_of(item)
        if len(item) != self._sample_bytes:
            refuse(f"{len(item)} bytes, expected one sample of {self._sample_bytes}")
        if self._edits is not None:
            with self._edits.appending():
                check(held.ringbuf_push(self._handle.pointer, bytes(item)))
            self._drop_reservation()
            return
        code = held.ringbuf_push(self._handle.pointer, bytes(item))
        if code:
            fail(code)

    def _sample_of(self, item: Any) -> bytes:
        """The bytes of one sample."""
        if self._elements is None:
            if np and isinstance(item, np.ndarray):
                item = as_array(item, self._dtype)
                if item.dtype.hasobject:
                    refuse("Python objects, expected bytes")
                return bytes(item.tobytes())
            try:
                return memoryview(item).tobytes()
            except TypeError:
                refuse(f"a {type(item).__name__}, expected {self._sample_bytes} bytes")
        if not np:
            return bytes(self._elements.sample(item))
        array = as_array(item, self._dtype)
        shape = array.shape
        if shape not in ((self._channels,), (1, self._channels)) and not (shape == () and self._channels == 1):
            refuse(f"shape {shape}, expected one sample of shape ({self._channels},)")
        return bytes(fitted(array, self._dtype).tobytes())

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
        When it has been committed or dropped, the block can no longer be written to; but arrays made of it can, and
        without NumPy so can the block. They are in shared memory for good: do not.
        """
        count = count_of("count", count)
        if self._edits is not None:
            self._edits.sync()
        check(held.ringbuf_reserve(self._handle.pointer, count, c_void_p()))
        self._drop_reservation()
        editor = self._editor()
        start = self.written
        slot = start % self._capacity
        editor.block = slot, slot + count
        self._reservation = Reservation(self, editor.rows[slot : slot + count], start)
        return self._reservation

    def _commit(self, count: int) -> None:
        with self._editor().appending():
            check(held.ringbuf_commit(self._handle.pointer, count))
        self._drop_reservation()

    def _drop_reservation(self) -> None:
        """What it gave room to is samples by now, or will be somebody else's."""
        if self._reservation is not None:
            if np:
                self._reservation.block.flags.writeable = False
            self._reservation = None
            self._editor().block = 0, 0

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
        return self._handle.wait_until(lib.ringbuf_wait_space, timeout, count_of("count", count))

    def wait_readers(self, count: int, timeout: Optional[float] = None) -> bool:
        """Waits until at least `count` readers are registered that live.

        Before the first put of a lossless ring, say, which overwrites as long as nobody is there. Other threads run
        meanwhile, and Ctrl-C gets through.

        Parameters
        ----------
        count : int
            Readers.
        timeout : float, optional
            Seconds; 0 does not wait, None waits without limit.

        Returns
        -------
        bool
            False if the time has passed.

        Raises
        ------
        InvalidArgumentError
            If `count` is more than the ring has places for.
        ForkedError
            This object belongs to the parent process.
        """
        return self._handle.wait_until(lib.ringbuf_wait_readers, timeout, unsigned("count", count, 4))

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
        data = _json(metadata)
        check(held.ringbuf_set_metadata(self._handle.pointer, data, len(data)))

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
        ForkedError
            This object belongs to the parent process.
        ImportError
            Without NumPy there are none.

        Notes
        -----
        The leftmost samples of the data stand in the pocket a second time. What you change on one side is copied to the
        other one by `sync`, which happens by itself before the next put, commit or edit, when the view (and all made of
        it) is gone, and at `close`. The view may be kept: it shows whatever samples stand there by then. It belongs to the
        process that asked for it; a forked child must not write through it.
        """
        if not np:
            raise ImportError("a writable view needs NumPy")
        start, end = in_64_bits("start", start), in_64_bits("end", end)
        check(held.ringbuf_put(self._handle.pointer, None, 0))  # nothing, but from a forked child, or after close
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

    def __init__(self, writer: Writer, block: Any, start: int) -> None:
        self._writer = writer
        self._start = start
        self._committed = False
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
            More than were reserved, which may be tried again; or the reservation has been committed already, or dropped
            by a later put or reserve. Nothing is appended.
        """
        count = count_of("count", count)
        if self._committed:
            raise InvalidArgumentError(Code.INVALID_ARGUMENT, "the reservation has been committed already")
        if not self._current():
            raise InvalidArgumentError(
                Code.INVALID_ARGUMENT, "the reservation has been dropped by a later put or reserve: reserve again"
            )
        if count > len(self.block):
            raise InvalidArgumentError(
                Code.INVALID_ARGUMENT, f"count is {count}, expected at most the {len(self.block)} reserved"
            )
        self._writer._commit(count)
        self._committed = True

    def _current(self) -> bool:
        """Whether nothing has been put or reserved since."""
        writer = self._writer
        return writer._reservation is self and (writer.closed or writer.written == self._start)

    def __enter__(self) -> "npt.NDArray[Any]":
        return self.block

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if kind is None:
            if not self._committed:
                self.commit(len(self.block))
        elif not self._committed and self._current():
            with suppress(NotInitializedError, ForkedError):  # closed, or the parent's: nothing to give up
                self.commit(0)


def _options(**fields: Any) -> OptionsStruct:
    options = OptionsStruct()
    check(held.ringbuf_options_init(options, ctypes.sizeof(options)))
    for name, value in fields.items():
        if name == "sample_rate":
            value = real(name, value)
        else:
            value = unsigned(name, value, getattr(OptionsStruct, name).size)
        setattr(options, name, value)
    return options


def _window(window: Any, described: Any, capacity: Any, channels: Any, item_size: int) -> int:
    """The library's default, which it has for the types that it knows, for those that are described, too."""
    window = unsigned("window", window, 8)
    if window != 0 or described is None:
        return window
    sample_bytes = max(1, unsigned("channels", channels, 4)) * item_size
    return max(1, min(unsigned("capacity", capacity, 8) // 8, _POCKET_BYTES // sample_bytes))


def _is_raw(data: Any) -> bool:
    """Whether it is samples as they lie in memory; an element of a NumPy array of strings is a value."""
    return isinstance(data, (bytes, bytearray)) and not (np and isinstance(data, np.generic))


def _check_description(name: str, described: Any) -> None:
    """Refuses a ring whose items the library takes for the same, but whose metadata call them another type."""
    try:
        with Reader(name, observer=True, lazy=True) as there:
            known = there._metadata().get("dtype")
    except BufferError:
        return  # nothing to go on with, or the library says what is wrong
    if described is not None and known != json.loads(json.dumps(described)):
        raise IncompatibleError(Code.INCOMPATIBLE, f"dtype is {described!r}, the ring's is {known!r}")


def _raw_options(
    capacity: int, options: Dict[str, Any], flags: int = 0, more: FrozenSet[str] = frozenset()
) -> Tuple[OptionsStruct, Any]:
    options = dict(options)
    code, item_size, described = resolve(
        options.pop("dtype", None), unsigned("item_size", options.pop("item_size", 0), 4)
    )
    flags |= LOSSLESS if options.pop("lossless", False) else 0
    known = more | {"channels", "window", "max_readers", "metadata_bytes", "sample_rate"}
    if not known.issuperset(options):
        raise TypeError(f"unexpected options: {', '.join(sorted(set(options) - known))}")
    channels = options.get("channels", 1)
    options["window"] = _window(options.get("window", 0), described, capacity, channels, item_size)
    return (
        _options(data_type=code, item_size=item_size, capacity=capacity, flags=flags, **options),
        described,
    )


def _created(name: Optional[str], options: OptionsStruct) -> Handle:
    return Handle(lib.ringbuf_create, None if name is None else encode(name), options)


def _first_metadata(metadata: Optional[Dict[str, Any]], described: Any, room: int) -> Optional[bytes]:
    """What a new ring is to have, made before there is one: what cannot be stored leaves nothing."""
    first = dict(metadata or {})
    if described is not None:
        first["dtype"] = described
    if not first:
        return None
    data = _json(first)
    room = unsigned("metadata_bytes", room, 4) or 4096
    if len(data) > room:
        raise InvalidArgumentError(
            Code.INVALID_ARGUMENT, f"metadata take {len(data)} bytes of JSON, expected at most {room}: see metadata_bytes"
        )
    return data


def _json(metadata: Dict[str, Any]) -> bytes:
    return json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode()


__all__ = ["Reservation", "Writer"]
