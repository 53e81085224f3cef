"""Receiving messages: one by one, in a loop, and in an event loop."""

from __future__ import annotations

import ctypes
from typing import AsyncIterator, Iterator, Optional, Tuple

from ._library import held, lib
from ._message import Message, described
from ._polling import Polling
from ._structs import Code
from .errors import ClosedError, OverwrittenError, check


class Receiving(Polling):
    """A reader of messages."""

    __slots__ = ()

    def receive(self, timeout: Optional[float] = None) -> Message:
        """The next message, copied, of a ring of messages. Waits for it; Ctrl-C gets through.

        Parameters
        ----------
        timeout : float, optional
            Seconds; 0 does not wait, None waits without limit.

        Returns
        -------
        Message
            Its bytes, and what is known of it.

        Raises
        ------
        BufferTimeoutError
            The time has passed.
        OverwrittenError
            The reader was overrun; the next call goes on at the beginning of a message.
        ClosedError
            The writer has ended the stream, and all messages have been received.
        StaleError
            The writer died, or the name belongs to a newer ring.
        CorruptError
            What is there can be no message. The position stays; ``seek(written)`` goes on after the damage.
        UnsupportedError
            The ring holds samples.
        """
        address, size, start = self._receive(timeout)
        data = ctypes.string_at(address or 0, size)
        try:
            # The header lies before the data: if it is still whole, so is the copy.
            m = described(self._handle, start)
        except OverwrittenError:
            lost = self.position - start
            self._overruns += 1
            self._lost += lost
            raise OverwrittenError(
                Code.OVERWRITTEN, f"the message at {start} was overwritten while it was copied, {lost} bytes are lost"
            ) from None
        return Message(data, start, m.kind, m.tag, m.monotonic_ns)

    def receive_view(self, timeout: Optional[float] = None) -> memoryview:
        """The next message where it lies, without a copy. `start` is the index of its first byte, for `message`.

        On an overwriting ring `validate` after use. On a lossless ring it stays as it is until the following call of
        `receive`, `receive_view` or `seek`.

        Parameters
        ----------
        timeout : float, optional
            Seconds; 0 does not wait, None waits without limit.

        Returns
        -------
        memoryview
            Its bytes, read-only. The memory stays valid for ever.

        Raises
        ------
        BufferTimeoutError, OverwrittenError, ClosedError, StaleError, CorruptError, UnsupportedError
            As of `receive`.
        """
        _, size, start = self._receive(timeout)
        self._start, self._end = start, start + size
        view: memoryview = self._memory.bytes_at(start % self._capacity, size)
        return view

    def _receive(self, timeout: Optional[float]) -> Tuple[Optional[int], int, int]:
        """Address, size and index of the next message."""
        self._take_back()
        if self._untold is not None:
            untold, self._untold = self._untold, None
            raise untold
        at, size, start = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_int64()
        handle = self._handle
        code = held.ringbuf_receive(handle.pointer, 0, at, size, start)
        if code == Code.TIMEOUT and timeout != 0:
            code = handle.wait_for(lambda ns: lib.ringbuf_receive(handle.pointer, ns, at, size, start), timeout)
        self._position = None
        if code == Code.FORKED:
            self._open_again()
            return self._receive(timeout)
        check(code)
        return at.value, size.value, start.value

    def messages(self, timeout: Optional[float] = None, skip_overruns: bool = False) -> Iterator[Message]:
        """Messages, until the writer ends the stream.

        Parameters
        ----------
        timeout : float, optional
            As of `receive`.
        skip_overruns : bool, optional
            Go on after an overrun; `lost` counts the bytes that were missed. By default `OverwrittenError` leaves the loop; a
            new one goes on.

        Yields
        ------
        Message
            As of `receive`.

        Raises
        ------
        BufferTimeoutError, OverwrittenError, StaleError, CorruptError, UnsupportedError
            As of `receive`.
        """
        while True:
            try:
                message = self.receive(timeout)
            except ClosedError:
                return
            except OverwrittenError:
                if not skip_overruns:
                    raise
            else:
                yield message

    def messages_async(self, skip_overruns: bool = False) -> AsyncIterator[Message]:
        """Messages, until the writer ends the stream; other tasks run while there is none.

        A task that is cancelled while it waits leaves nothing behind. One task at a time iterates over a reader.

        Parameters
        ----------
        skip_overruns : bool, optional
            As of `messages`.

        Yields
        ------
        Message
            As of `receive`.

        Raises
        ------
        OverwrittenError, StaleError, CorruptError, UnsupportedError
            As of `receive`.
        NotInitializedError
            This object was closed meanwhile.

        Examples
        --------
        >>> async for message in reader.messages_async():
        ...     print(message.tag, message.data)
        """
        return self._each(lambda: self.receive(0), lambda: 1, skip_overruns)
