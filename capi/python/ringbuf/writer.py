"""The writer of a ring."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_void_p
from typing import TYPE_CHECKING, Any, Dict, NoReturn, Optional, Tuple

from ._arguments import count_of, in_64_bits, signed, unsigned
from ._conversion import address_in, is_raw
from ._edits import Edits
from ._handle import Handle
from ._info import encode
from ._library import QUICK_BYTES, for_bytes, held, lib
from ._making import Making
from ._memory import is_opaque
from ._numpy import np
from ._options import as_json, prepared
from ._packing import refuse
from ._reservation import Reservation
from ._structs import KEEP, Code
from .errors import check, fail

if TYPE_CHECKING:
    import numpy.typing as npt

_nd: Any = np.ndarray if np else None


class Writer(Making):
    """Makes a ring and writes to it.

    A ring has one writer at a time. While a writer lives no other can take its name; a ring whose writer is gone is
    replaced, and its readers are told (`StaleError`).

    Parameters
    ----------
    name : str or None
        1 to 200 of ``A-Z a-z 0-9 . _ -``, no dot at the beginning. None makes a ring without a name, which other
        processes open by its descriptor: ``Reader(fd=writer.memory_fd())``.
    capacity : int
        Samples that the ring holds; with `messages` bytes, a multiple of 8.
    channels : int, optional
        Elements of one sample; 1.
    dtype : str or numpy.dtype, optional
        Type of one element; ``"float32"``, or ``"bytes"`` if `item_size` is given. Any NumPy type of a fixed size will
        do: what is not in `datatypes` is stored as opaque bytes with its description in the metadata.
    item_size : int, optional
        Bytes of one element, for ``dtype="bytes"``.
    window : int, optional
        Samples of pocket: the longest window that is contiguous wherever it lies; at most the capacity. By default, 0,
        about 64 KiB of them and at most an eighth of the ring; of opaque items one. With `messages` the longest message in
        bytes, rounded up to a multiple of 8; by default an eighth of the ring, less 24.
    lossless : bool, optional
        Registered readers hold the writer back, so that they lose nothing.
    messages : bool, optional
        A ring of messages of any length, by `send` and `Reader.receive`: for events beside the samples of another ring.
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
    first_index : int, optional
        Index of the first sample, so that a copy of a ring, or a recording that is replayed, keeps its indices; 0.

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
        messages: bool = False,
        keep: bool = False,
        max_readers: int = 16,
        mode: int = 0o600,
        metadata: Optional[Dict[str, Any]] = None,
        metadata_bytes: int = 4096,
        sample_rate: float = 0.0,
        first_index: int = 0,
    ) -> None:
        options = dict(
            channels=channels,
            dtype=dtype,
            item_size=item_size,
            window=window,
            lossless=lossless,
            messages=messages,
            max_readers=max_readers,
            mode=mode,
            metadata=metadata,
            metadata_bytes=metadata_bytes,
            sample_rate=sample_rate,
            first_index=first_index,
        )
        made = prepared(capacity, options, KEEP if keep else 0, frozenset({"mode"}))
        handle = Handle(lib.ringbuf_create, None if name is None else encode(name), made.options)
        self._open(handle, name, None, made.metadata, is_new=True)

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
            too. Without NumPy a buffer of the ring's type may hold contiguous samples without a second dimension.
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

    def send(self, data: Any, kind: int = 0, tag: int = 0, timeout: Optional[float] = 0.0) -> None:
        """Sends a message, to a ring of messages, where this takes the place of `put`.

        Parameters
        ----------
        data : bytes-like
            The message; any buffer. Text has to be encoded.
        kind : int, optional
            Of the program's own: less than 2**31.
        tag : int, optional
            Of the program's own: by convention the index of the sample to which the message belongs, in the ring that the
            metadata name as ``"beside"``.
        timeout : float, optional
            Seconds to wait for room on a lossless ring; 0 does not wait, None waits without limit.

        Raises
        ------
        FullError
            Lossless, and there is no room; nothing is stored.
        InvalidArgumentError
            The message is longer than the longest, or the kind or the tag too large.
        UnsupportedError
            The ring holds samples.
        ForkedError
            This object belongs to the parent process.
        """
        data = data if type(data) is bytes else bytes(memoryview(data))
        kind, tag, size = unsigned("kind", kind, 4), signed("tag", tag), len(data)
        call = for_bytes(size).ringbuf_send_event
        code = call(self._handle.pointer, kind, tag, data, size)
        if code == Code.FULL and timeout != 0:
            waited = self._handle.wait(lib.ringbuf_wait_space, timeout, size)
            if waited != Code.TIMEOUT:
                check(waited)
            code = call(self._handle.pointer, kind, tag, data, size)
        check(code)

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
        without NumPy so can the block. They stay in shared memory: do not.
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

    def skip(self, count: int) -> None:
        """Leaves out the next indices: a gap, where a copy of another ring, or a recording, lacks samples.

        The samples before it stay readable, as long as if samples had been put. Of indices of the gap, `check` returns
        `Code.GAP`, and `view` and `read` raise `GapError`. Who consumes is told once, by `OverwrittenError`, and goes on
        after the gap. A ring holds the newest 62 gaps; before an older one nothing can be read. Drops a reservation.

        Parameters
        ----------
        count : int
            Indices; 0 is fine. In a ring of messages a multiple of 8.

        Raises
        ------
        FullError
            Lossless, and a reader still needs samples that would be more than the capacity before the next index, or
            older than 62 gaps; nothing has changed. `wait_space` waits for it.
        InvalidArgumentError
            There are no such indices.
        ForkedError
            This object belongs to the parent process.
        """
        if self._edits is not None:
            self._edits.sync()
        check(held.ringbuf_skip(self._handle.pointer, count_of("count", count)))
        if count:
            self._drop_reservation()

    def stamp(self, index: int, monotonic_ns: int, realtime_ns: int = 0) -> None:
        """Says when a sample was taken, by a clock that knows better than the time at which it was put.

        From the first stamp on, the times of this object's puts count no more. Between two stamps the time grows evenly. A
        pause is stamped twice: at the last sample before it and at the first one after it.

        Parameters
        ----------
        index : int
            Of a sample that is written, higher than that of the stamp before.
        monotonic_ns : int
            On the machine's monotonic clock (`time.monotonic_ns`), not before that of the stamp before.
        realtime_ns : int
            Since 1970-01-01 UTC; 0: as far from `monotonic_ns` as the two clocks are apart now.

        Raises
        ------
        BadIndexError
            There is no such sample yet, or it comes before the last stamp.
        InvalidArgumentError
            The time is before that of the last stamp.
        ForkedError
            This object belongs to the parent process.
        """
        if self._edits is not None:
            self._edits.sync()
        index = in_64_bits("index", index)
        monotonic_ns, realtime_ns = in_64_bits("monotonic_ns", monotonic_ns), in_64_bits("realtime_ns", realtime_ns)
        check(held.ringbuf_stamp(self._handle.pointer, index, monotonic_ns, realtime_ns))

    def space(self) -> int:
        """How many samples a put may have now; in a ring of messages how many bytes a message.

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
        """Waits until a put of `count` samples fits, or a message of `count` bytes, as `wait` does.

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
            If `count` is more than the capacity, or than the longest message.
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

        Readers are not told of changes made through it; a reader of those samples may see old and new ones mixed.
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


__all__ = ["Reservation", "Writer"]
