"""The ways to become the writer of a ring: make it, take the caller's memory for it, or go on with it."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Optional, Type, TypeVar

from ._arguments import descriptor
from ._conversion import Converting
from ._edits import Edits
from ._handle import Handle
from ._info import ask, encode
from ._library import held, lib
from ._memory import writable_memory_of
from ._options import prepared
from ._reservation import Reservation
from ._structs import AS_WRITER, KEEP, Code
from .errors import BufferError, IncompatibleError, check
from .reader import Reader

Self = TypeVar("Self", bound="Making")


class Making(Converting):
    """A ring that this process writes."""

    @classmethod
    def _of(
        cls: Type[Self],
        handle: Handle,
        name: Optional[str],
        raw: Any = None,
        metadata: Optional[bytes] = None,
        is_new: bool = False,
    ) -> Self:
        writer = cls.__new__(cls)
        writer._open(handle, name, raw, metadata, is_new)
        return writer

    @classmethod
    def create_or_resume(cls: Type[Self], name: str, *, capacity: int, **options: Any) -> Self:
        """Becomes the writer of the ring of a name, whether it is there or not: goes on as `resume` does, else makes it.

        Parameters
        ----------
        name, capacity, **options
            As for `Writer`. A ring that is there must have the `dtype`, `channels`, `item_size`, `capacity`, `window`,
            `lossless` and `messages` asked for; the others are for a new one, `metadata`, too.

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
    def create_raw(cls: Type[Self], raw: Any, *, capacity: int, **options: Any) -> Self:
        """Makes a ring in memory of the caller's and becomes its writer.

        Parameters
        ----------
        raw : object with the buffer protocol
            Writable memory, shared by all who are to use the ring, aligned to 8 bytes, of at least `raw_size` bytes.
        capacity : int
            As for `Writer`.
        **options
            `channels`, `dtype`, `item_size`, `window`, `lossless`, `messages`, `max_readers`, `metadata`, `metadata_bytes`,
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
        capacity, **options
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
    def resume(cls: Type[Self], name: Optional[str] = None, *, fd: Optional[int] = None, raw: Any = None) -> Self:
        """Becomes the writer of a ring whose writer died or left, and goes on where it stopped.

        No sample that was complete is lost; readers go on with what they have open.

        Parameters
        ----------
        name, fd, raw
            One of them, as for `Reader`; `raw` must be writable.

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


def _check_description(name: str, described: Any) -> None:
    """Refuses a ring whose items the library takes for the same, but whose metadata call them another type."""
    try:
        with Reader(name, observer=True, lazy=True) as there:
            known = there._metadata().get("dtype")
    except BufferError:
        return  # nothing to go on with, or the library says what is wrong
    if described is not None and known != json.loads(json.dumps(described)):
        raise IncompatibleError(Code.INCOMPATIBLE, f"dtype is {described!r}, the ring's is {known!r}")
