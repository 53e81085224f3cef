"""The circular buffer of integers that is consumed item by item: the class SharedCircularBuffer."""

from __future__ import annotations

import ctypes
import operator
from ctypes import byref
from typing import List, Optional, Set, Tuple, Type, Union

from ._arguments import index
from ._info import ask
from ._integers import decoder
from ._library import held
from ._memory import address_of
from ._protocol import whole_laps_on
from ._state import state_of
from ._structs import Code, State
from .errors import (
    BufferAlreadyCreated,
    BufferError,
    ExistsError,
    OverwrittenError,
    ReadOperationsForbidden,
    WriteOperationsForbidden,
    check,
    fail,
)
from .reader import Reader
from .writer import Writer

__all__ = ["SharedCircularBuffer"]

# Looked up once: these are the calls that are made for each item.
_push = held.ringbuf_push
_pop = held.ringbuf_pop
_index = operator.index
_from_bytes = int.from_bytes

_FEW_BYTES = 4096

#: Buffers that write: these references keep them until they are cleaned up.
_writing: "Set[SharedCircularBuffer]" = set()


class SharedCircularBuffer:
    """A circular buffer of unsigned integers, to send and receive data between processes.

    One object writes, any number of them read, each from a position of its own. The writer never waits: it overwrites the
    oldest items. A reader that has been overrun goes on whole laps later: of its unread items there remain the last 1 to
    `length`.

    Parameters
    ----------
    name : str
        The name of the memory block, used when linking instances together: 1 to 200 of ``A-Z a-z 0-9 . _ -``, no dot at
        the beginning.
    create : bool, optional
        Whether to create the block, and write, or to link to one that already exists, and read.
    item_size : int, optional
        The number of bytes of each item, at least 1. Who reads takes it from the buffer, whatever is given here.
    length : int, optional
        The number of items, at least 2. Who reads takes it from the buffer, whatever is given here.

    Attributes
    ----------
    name : str
        The name of the memory block that this instance is attached to.
    item_size : int
        The size of each item in bytes.
    length : int
        The length of the buffer.

    Raises
    ------
    ValueError
        If `length`, `item_size` or the name is not acceptable.
    BufferAlreadyCreated
        If a buffer whose writer lives has the name.
    FileNotFoundError
        If there is none to link to.

    Notes
    -----
    When the writer is restarted, or another one comes under the same name, readers go over to its buffer as soon as they
    have read what was left in the old one. So does a reader that arrives in another process after that. A subclass keeps
    its class and its attributes on the way.

    Examples
    --------
    >>> writer = SharedCircularBuffer("numbers", create=True, item_size=4, length=100)
    >>> reader = SharedCircularBuffer("numbers")
    >>> writer.push(50)
    >>> reader.popitem()
    50
    """

    # So what a subclass adds is found in __dict__, apart from this.
    __slots__ = (
        "name",
        "item_size",
        "length",
        "_ring",
        "_handle",
        "_writes",
        "_item",
        "_item_at",
        "_decode",
        "__dict__",
        "__weakref__",
    )

    def __init__(self, name: str, *, create: bool = False, item_size: int = 1, length: int = 2) -> None:
        length, item_size = index("length", length), index("item_size", item_size)
        if length < 2:
            raise ValueError(f"length is {length}, expected more than 1")
        if item_size < 1:
            raise ValueError(f"item_size is {item_size}, expected more than 0")
        self.name = name
        if create:
            try:
                self._attach_or_close(Writer(name, dtype="bytes", item_size=item_size, capacity=length))
            except ExistsError as error:
                raise BufferAlreadyCreated(str(error)) from None
            try:
                _writing.add(self)
            except BaseException:
                self.cleanup()
                raise
        else:
            self._attach(Reader(name, after_overrun="lap"))
            self._go_to(0)

    def _attach_or_close(self, ring: Union[Writer, Reader]) -> None:
        try:
            self._attach(ring)
        except BaseException:
            ring.close()
            raise

    def _attach(self, ring: Union[Writer, Reader]) -> None:
        self._ring = ring
        self._handle = ring._handle
        self._writes = isinstance(ring, Writer)
        self.item_size: int = ring.sample_bytes
        self.length: int = ring.capacity
        self._item = bytearray(self.item_size)
        # Where that lies, which stays so, since it keeps its size.
        self._item_at = address_of(self._item)
        self._decode = decoder(self.item_size)

    def __str__(self) -> str:
        if self._writes:
            return f"SharedCircularBuffer ({self.name})"
        return f"SharedCircularBuffer ({self.name}) ({self.usage / self.length * 100:.2f}% full)"

    @property
    def usage(self) -> int:
        """The number of elements currently in the buffer, 0 to `length` (int).

        For one that reads: those that it has not read yet.
        """
        written = self._ring.written
        unread = written if self._writes else written - ask(self._handle).position
        if self._writes or unread <= self.length:
            return max(0, min(unread, self.length))
        return (unread - 1) % self.length + 1  # whole laps are lost

    def push(self, item: int) -> None:
        """Pushes an item to the buffer.

        Parameters
        ----------
        item : int
            The item to put into the buffer.

        Raises
        ------
        WriteOperationsForbidden
            The buffer cannot be written to by this instance.
        OverflowError
            The item is negative, or takes more than `item_size` bytes.
        """
        if not self._writes:
            raise WriteOperationsForbidden(f"this instance reads {self.name}")
        code = _push(self._handle.pointer, _index(item).to_bytes(self.item_size, "big"))
        if code:
            if code == Code.FORKED:
                raise WriteOperationsForbidden(
                    f"{self.name} was created by the parent process: create it in the process that writes"
                )
            fail(code)

    def popitem(self) -> Optional[int]:
        """Pops an item from the buffer.

        Returns
        -------
        int or None
            Item removed from the buffer, or None if there is nothing to read.

        Raises
        ------
        ReadOperationsForbidden
            The buffer cannot be read from by this instance.
        """
        if self._writes:
            raise ReadOperationsForbidden(f"this instance writes {self.name}")
        while True:
            code = _pop(self._handle.pointer, self._item_at)
            if not code:
                return _from_bytes(self._item, "big")
            if not self._goes_on_after(code):
                return None

    def popmany(self, n: int) -> List[int]:
        """Pops up to a maximum of n items from the buffer.

        Parameters
        ----------
        n : int
            At most so many.

        Returns
        -------
        list of int
            Items removed from the buffer.

        Raises
        ------
        ReadOperationsForbidden
            The buffer cannot be read from by this instance.
        """
        if self._writes:
            raise ReadOperationsForbidden(f"this instance writes {self.name}")
        n = index("n", n)
        items: List[int] = []
        count = ctypes.c_uint64()
        while len(items) < n:
            most = min(n - len(items), self.length)
            if most * self.item_size > _FEW_BYTES:
                # Room for what is there; for one item if that is nothing, since it may come.
                most = min(most, max(1, self.usage))
            data = bytearray(most * self.item_size)
            code = held.ringbuf_pop_many(self._handle.pointer, address_of(data), most, byref(count))
            if code:
                if self._goes_on_after(code):
                    continue
                break
            if count.value < most:
                del data[count.value * self.item_size :]
            popped = self._decode(data)
            items += popped
        return items

    def cleanup(self) -> None:
        """Closes the connection to the memory block, and unlinks it if this instance was the writer.

        Called by itself before the program exits; a second time does nothing.
        """
        self._ring.close()
        _writing.discard(self)

    # --- Going on ------------------------------------------------------------------------------------------------

    def _goes_on_after(self, code: int) -> bool:
        """Whether to try once more what gave this code; False if there is nothing to read."""
        if code == Code.OVERWRITTEN:  # the position has moved on by whole laps
            return True
        if code == Code.FORKED:
            self._use_own_handle()
            return True
        if code in (Code.CLOSED, Code.STALE):
            return self._follow()
        if code != Code.EMPTY:
            fail(code)
        return False

    def _follow(self) -> bool:
        """Goes over to the buffer that has the name by now, if that is another one."""
        try:
            ring = Reader(self.name, after_overrun="lap")
        except BufferError:
            return False
        if ring._incarnation == self._ring._incarnation:
            ring.close()
            return False
        self._ring.close()
        self._attach(ring)
        self._go_to(0)
        return True

    def _go_to(self, position: int) -> None:
        """Moves there, or whole laps further on if that has been overwritten."""
        while True:
            code = held.ringbuf_seek(self._handle.pointer, position)
            info = ask(self._handle)
            if code == Code.OVERWRITTEN:
                position = whole_laps_on(position, info.oldest, self.length)
            elif code != Code.NOT_YET:
                check(code)
                return
            elif info.state != State.LIVE:  # the last put stopped half-way: what there is has been read
                return
            # Otherwise a put is under way that takes us with it.

    def _use_own_handle(self) -> None:
        """In a forked child: see `Reader`."""
        reader = self._ring
        assert isinstance(reader, Reader)
        reader._position = None
        reader._open_again()
        self._handle = reader._handle
        while True:
            try:
                reader._settle()
                return
            except OverwrittenError:
                pass

    def __enter__(self) -> "SharedCircularBuffer":
        return self

    def __exit__(self, *_: object) -> None:
        self.cleanup()

    def __reduce__(self) -> Tuple[object, ...]:
        if self._writes:
            self._ring.__reduce__()  # raises
        state = state_of(self, SharedCircularBuffer)
        return (_attached, (type(self), self.name, self._ring._incarnation, ask(self._handle).position), *state)


def _attached(cls: Type[SharedCircularBuffer], name: str, incarnation: int, position: int) -> SharedCircularBuffer:
    buffer = cls.__new__(cls)
    buffer.name = name
    buffer._attach(Reader(name, after_overrun="lap"))
    # A position means something in its own ring only.
    buffer._go_to(position if buffer._ring._incarnation == incarnation else 0)
    return buffer
