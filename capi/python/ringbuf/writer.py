"""The writer of a ring."""

from __future__ import annotations

import ctypes
import json
from ctypes import byref, c_void_p
from typing import TYPE_CHECKING, Any, Dict, NoReturn, Optional, Tuple

from ._arguments import count_of, descriptor, in_64_bits, unsigned
from ._conversion import Converting, address_in, is_raw
from ._edits import Edits
from ._handle import Handle
from ._info import ask, encode
from ._library import QUICK_BYTES, for_bytes, held, lib
from ._memory import is_opaque, writable_memory_of
from ._numpy import np
from ._options import as_json, prepared
from ._packing import refuse
from ._reservation import Reservation
from ._structs import AS_WRITER, KEEP, Code
from .errors import BufferError, IncompatibleError, check, fail
from .reader import Reader

if TYPE_CHECKING:
    import numpy.typing as npt

_nd: Any = np.ndarray if np else None


class Writer(Converting):
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
        Reader slots; 16, at most 1024.
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
        options = dict(
            channels=channels,
            dtype=dtype,
            item_size=item_size,
            window=window,
            lossless=lossless,
            max_readers=max_readers,
            mode=mode,
            metadata=metadata,
            metadata_bytes=metadata_bytes,
            sample_rate=sample_rate,
        )
        made = prepared(capacity, options, KEEP if keep else 0, frozenset({"mode"}))
        handle = Handle(lib.ringbuf_create, None if name is None else encode(name), made.options)
        self._open(handle, name, None, made.metadata, is_new=True)

    @classmethod
    def _of(
        cls, handle: Handle, name: Optional[str], raw: Any = None, metadata: Optional[bytes] = None, is_new: bool = False
    ) -> "Writer":
        writer = cls.__new__(cls)
        writer._open(handle, name, raw, metadata, is_new)
        return writer

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
        flags = KEEP if options.pop("keep", False) else 0
        made = prepared(capacity, options, flags, frozenset({"mode"}))
        _check_description(name, made.described)
        handle = Handle(lib.ringbuf_create_or_resume, encode(name), made.options)
        is_new = ask(handle).generation == 1
        return cls._of(handle, name, None, made.metadata if is_new else None, is_new)

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
        made = prepared(capacity, options)
        keep, address, size = writable_memory_of(raw)
        handle = Handle(lib.ringbuf_create_raw, address, size, made.options, keep=keep)
        return cls._of(handle, None, raw, made.metadata, is_new=True)

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
        check(held.ringbuf_size(prepared(capacity, options).options, size))
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
        return cls._of(handle, name, raw)

    def _open(
        self, handle: Handle, name: Optional[str], raw: Any, metadata: Optional[bytes], is_new: bool
    ) -> None:
        """Takes the handle over; if that fails, a ring that is new is removed again."""
        try:
            if metadata is not None:
                check(held.ringbuf_set_metadata(handle.pointer, metadata, len(metadata)))
            super().__init__(handle, name, raw)
            self._edits: Optional[Edits] = None
            self._reservation: Optional[Reservation] = None
            self._elements = self._converter()
        except BaseException:
            if is_new and name is not None:
                lib.ringbuf_unlink(encode(name))  # close() does not, with `keep`
            handle.close()
            raise

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
                        at = address_in(data)
                    except (TypeError, ValueError):
                        pass  # read-only, not contiguous, or a type that has no buffer format
                    else:
                        code = held.ringbuf_put(self._handle.pointer, byref(at), count)
                        if code:
                            self._put_again(code, byref(at), count, timeout)
                        return
        self._put_prepared(self._prepared(data), timeout)

    def _put_beside_views(self, data: Any, timeout: Optional[float], assigning: bool = False) -> None:
        """The same where there are, or were, writable views."""
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
        elif not is_raw(item) or (np and self._dtype.kind == "S" and len(item) != self._sample_bytes):
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
        offset = start % self._capacity
        editor.block = offset, offset + count
        self._reservation = Reservation(self, editor.rows[offset : offset + count], start)
        return self._reservation

    def _commit(self, count: int) -> None:
        with self._editor().appending():
            check(held.ringbuf_commit(self._handle.pointer, count))
        self._drop_reservation()

    def _drop_reservation(self) -> None:
        """Takes the right to write in place back: the room has been committed, or will be reused."""
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
        """Waits until a put of `count` samples fits, as `wait` does.

        Parameters
        ----------
        count, timeout
            Samples; seconds as of `wait`.

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
        """Waits until at least `count` live readers are registered, as `wait` does.

        Useful before the first put to a lossless ring, which overwrites while it has no reader.

        Parameters
        ----------
        count, timeout
            Readers; seconds as of `wait`.

        Returns
        -------
        bool
            False if the time has passed.

        Raises
        ------
        InvalidArgumentError
            If `count` is more than the ring has reader slots.
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
        data = as_json(metadata)
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
        check(held.ringbuf_put(self._handle.pointer, None, 0))  # refused in a forked child, and after close
        self.view(start, end)  # raises unless all of it is there and contiguous
        offset = start % self._capacity
        return self._editor().view(offset, offset + end - start)

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


def _check_description(name: str, described: Any) -> None:
    """Refuses a ring whose items the library takes for the same, but whose metadata call them another type."""
    try:
        with Reader(name, observer=True, lazy=True) as there:
            known = there._metadata().get("dtype")
    except BufferError:
        return  # nothing to go on with, or the library says what is wrong
    if described is not None and known != json.loads(json.dumps(described)):
        raise IncompatibleError(Code.INCOMPATIBLE, f"dtype is {described!r}, the ring's is {known!r}")


__all__ = ["Reservation", "Writer"]
