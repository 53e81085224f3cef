"""A message, and finding one by its index."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

from ._handle import Handle
from ._library import for_bytes, held
from ._memory import address_of
from ._structs import MessageStruct
from .errors import check


class Message(NamedTuple):
    """A message of a ring of messages, from `Reader.receive` and `Ring.message`."""

    data: bytes
    """What was sent: a copy, known to be whole."""
    start: int
    """Index of its first byte."""
    kind: int
    """As given to `Writer.send`."""
    tag: int
    """As given to `Writer.send`; by convention the index of a sample in another ring."""
    monotonic_ns: int
    """When it was sent, in ns of the machine's monotonic clock (`time.monotonic_ns`)."""


def described(handle: Handle, start: int) -> MessageStruct:
    """The struct of ringbuf_message."""
    message = MessageStruct(struct_size=ctypes.sizeof(MessageStruct))
    check(held.ringbuf_message(handle.pointer, start, message))
    return message


def message_at(handle: Handle, start: int) -> Message:
    m = described(handle, start)
    data = bytearray(m.size)
    if m.size:
        check(for_bytes(m.size).ringbuf_read(handle.pointer, start, start + m.size, address_of(data)))
    return Message(bytes(data), start, m.kind, m.tag, m.monotonic_ns)
