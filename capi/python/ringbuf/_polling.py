"""Waiting for several rings, and for a reader in an event loop."""

from __future__ import annotations

import asyncio
import ctypes
import os
import time
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Optional, Sequence, TypeVar

from ._arguments import in_64_bits
from ._handle import SLICE_S
from ._library import held, lib
from ._reopening import Reopening
from ._ring import Ring
from ._structs import Code
from .errors import BufferTimeoutError, ClosedError, OverwrittenError, UnsupportedError, check, fail

if TYPE_CHECKING:
    import numpy.typing as npt

Item = TypeVar("Item")

#: How often a reader looks where an event loop has nothing to wait for.
_PAUSE_S = 0.002
#: After so many items in a row the other tasks get their turn.
_TURN = 64


def _pointers(rings: Sequence[Ring]) -> Any:
    """The addresses for a call. They refer to the Pointers, which so live as long as the call; see _handle.py."""
    addresses: Any = (ctypes.c_void_p * len(rings))(*(ring._handle.pointer for ring in rings))
    addresses.keep = tuple(ring._handle.pointer for ring in rings)
    return addresses


def wait_any(rings: Sequence[Ring], ends: Sequence[int], timeout: Optional[float] = None) -> Optional[int]:
    """Waits until one of several rings has all samples before its end. Other threads run meanwhile, and Ctrl-C gets through.

    Parameters
    ----------
    rings : sequence of Ring
        Readers, and writers. While this waits, they belong to this thread.
    ends : sequence of int
        For each ring the index after the last sample, for example ``reader.position + 1``.
    timeout : float, optional
        Seconds; 0 does not wait, None waits without limit.

    Returns
    -------
    int or None
        The place in `rings` of the first ring that has its samples; None if the time has passed.

    Raises
    ------
    ClosedError, StaleError
        The samples of a ring will never be written. `which` of the exception is its place in `rings`.
    WaitInterruptedError
        `interrupt` was called for a ring, whose place is `which`.
    NotInitializedError
        A ring is closed.
    BadIndexError
        An end is below the first index of its ring.
    InvalidArgumentError
        There are no rings, more than 65536, or another number of ends.
    """
    rings = tuple(rings)
    indices = [in_64_bits("end", end) for end in ends]
    if len(indices) != len(rings):
        fail(Code.INVALID_ARGUMENT, f"there are {len(indices)} ends, expected one for each of {len(rings)} rings")
    array = (ctypes.c_int64 * len(rings))(*indices)
    which = ctypes.c_size_t()
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        left = SLICE_S if deadline is None else min(SLICE_S, deadline - time.monotonic())
        ns = max(0, int(left * 1e9))
        code = lib.ringbuf_wait_any(_pointers(rings), array, len(rings), ns, which)
        if code == Code.OK:
            return which.value
        if code == Code.INTERRUPTED and rings[which.value]._handle.pointer is None:
            code = Code.NOT_INITIALIZED
        if code != Code.TIMEOUT:
            break
        if deadline is not None and time.monotonic() >= deadline:
            return None
    try:
        check(code)
    except Exception as error:
        if code in (Code.CLOSED, Code.STALE, Code.INTERRUPTED):
            error.which = which.value  # type: ignore[attr-defined]
        raise
    return None


class Polling(Reopening):
    """A reader that an event loop can wait for."""

    __slots__ = ()

    def poll_fd(self) -> int:
        """A descriptor that is readable when what it was armed for has come, for `select`, `selectors` and event loops.

        Arm it with `poll_arm` before each wait: until then it is never readable. That is why a reader is no file object itself.

        It is made by the first call, and closed with this object. `memory_fd` is another one. A reader that was handed to
        another process, or that is used in a forked child, has a new one there.

        Returns
        -------
        int
            The descriptor. Wait for it, and do nothing else with it.

        Raises
        ------
        UnsupportedError
            This system has none (Windows).
        NoMemoryError, SystemCallError
            There are no descriptors or threads left.
        """
        self._take_back()
        fd = ctypes.c_ssize_t()
        code = lib.ringbuf_poll_fd(self._handle.pointer, fd)
        if code == Code.FORKED:
            self._open_again()
            code = lib.ringbuf_poll_fd(self._handle.pointer, fd)
        check(code)
        return fd.value

    def poll_arm(self, end: Optional[int] = None) -> None:
        """Makes the descriptor readable as soon as the samples before `end` are written, or never will be.

        It stays readable until it is armed again. It may be readable without a reason: ask with a timeout of 0.

        Parameters
        ----------
        end : int, optional
            Index; by default that of one sample after the position.

        Raises
        ------
        InvalidArgumentError
            `poll_fd` has not been called.
        BadIndexError
            `end` is below the first index.
        """
        end = self.position + 1 if end is None else in_64_bits("end", end)
        check(held.ringbuf_poll_arm(self._handle.pointer, end))

    async def _wait_in_loop(self, end: int) -> None:
        """Returns when the samples before `end` have come, or never will; or without a reason."""
        try:
            # A duplicate of our own: it stays in the event loop's hands until it is taken back, even if this object is closed
            # meanwhile, which makes it readable.
            fd = os.dup(self.poll_fd())
        except UnsupportedError:
            await asyncio.sleep(_PAUSE_S)
            return
        try:
            self.poll_arm(end)
            loop = asyncio.get_running_loop()
            ready = loop.create_future()
            loop.add_reader(fd, _set, ready)
            try:
                await ready
            finally:
                loop.remove_reader(fd)
        finally:
            os.close(fd)

    async def _each(
        self, take: Callable[[], Item], least: Callable[[], int], skip_overruns: bool
    ) -> AsyncIterator[Item]:
        """What `take` gives, until the writer ends the stream; waits in between until `least` more samples are written."""
        in_a_row = 0
        while True:
            try:
                item = take()
            except BufferTimeoutError:
                in_a_row = 0
                await self._wait_in_loop(self.position + least())
                continue
            except ClosedError:
                return
            except OverwrittenError:
                if not skip_overruns:
                    raise
                continue
            in_a_row += 1
            if in_a_row % _TURN == 0:
                await asyncio.sleep(0)
            yield item

    def windows_async(
        self, window: int, step: Optional[int] = None, skip_overruns: bool = False
    ) -> AsyncIterator["npt.NDArray[Any]"]:
        """Windows that slide over the samples, until the writer ends the stream; other tasks run while there is none.

        A task that is cancelled while it waits leaves nothing behind, and the position is that of the next window: a new
        loop goes on there. One task at a time iterates over a reader.

        Parameters
        ----------
        window, step, skip_overruns
            As of `windows`.

        Yields
        ------
        numpy.ndarray
            As of `next`.

        Raises
        ------
        OverwrittenError, StaleError, InvalidArgumentError
            As of `next`.
        NotInitializedError
            This object was closed meanwhile.

        Examples
        --------
        >>> async for window in reader.windows_async(480, step=240):
        ...     peak = abs(window).max(axis=0)
        """
        return self._each(
            lambda: self.next(window, step, 0),  # type: ignore[attr-defined]
            lambda: in_64_bits("window", window),
            skip_overruns,
        )


def _set(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
