"""The structs of ringbuf.h, and its constants."""

from __future__ import annotations

import ctypes
import enum
from ctypes import c_double, c_int64, c_uint8, c_uint32, c_uint64


class Code(enum.IntEnum):
    """What the functions of the library return; 0 to 5 are those of the class RingBuffer."""

    OK = 0
    NOT_INITIALIZED = 1
    OVERWRITTEN = 2
    NOT_YET = 3
    INCOMPATIBLE = 4
    BAD_INDEX = 5
    INVALID_ARGUMENT = 6
    EXISTS = 7
    NOT_FOUND = 8
    WRITE_FORBIDDEN = 9
    READ_FORBIDDEN = 10
    BUSY = 11
    FULL = 12
    EMPTY = 13
    TIMEOUT = 14
    CLOSED = 15
    STALE = 16
    NOT_CONTIGUOUS = 17
    CORRUPT = 18
    VERSION_MISMATCH = 19
    NO_SPACE = 20
    NO_MEMORY = 21
    PERMISSION = 22
    TOO_MANY_READERS = 23
    UNSUPPORTED = 24
    FORKED = 25
    SYSTEM = 26
    INTERRUPTED = 27
    GAP = 28


class State(enum.IntEnum):
    """What has become of the writer of a ring."""

    LIVE = 1
    """A writer has it open."""
    CLOSED = 2
    """The writer has ended the stream."""
    SUPERSEDED = 3
    """A newer ring has taken its name."""
    DEAD = 4
    """The writer died; `Writer.resume` or a new `Writer` goes on."""


# The flags of a ring, and of opening one.
LOSSLESS = 1
KEEP = 2
MESSAGES = 4
FROM_OLDEST = 0
FROM_NEWEST = 1
OBSERVER = 2
RESYNC_MIDDLE = 0
RESYNC_NEWEST = 4
RESYNC_LAP = 8
RESYNC_OLDEST = 12
AS_WRITER = 16
LAZY = 32
ANY_SHAPE = 64

BYTES = 255  #: the data type of opaque items


class OptionsStruct(ctypes.Structure):
    """ringbuf_options_t"""

    _fields_ = [
        ("struct_size", c_uint32),
        ("data_type", c_uint32),
        ("channels", c_uint32),
        ("item_size", c_uint32),
        ("capacity", c_uint64),
        ("window", c_uint64),
        ("flags", c_uint32),
        ("max_readers", c_uint32),
        ("mode", c_uint32),
        ("metadata_bytes", c_uint32),
        ("sample_rate", c_double),
        ("first_index", c_int64),
    ]


class InfoStruct(ctypes.Structure):
    """ringbuf_info_t"""

    _fields_ = [
        ("struct_size", c_uint32),
        ("data_type", c_uint32),
        ("channels", c_uint32),
        ("item_size", c_uint32),
        ("sample_bytes", c_uint64),
        ("capacity", c_uint64),
        ("window", c_uint64),
        ("buf_size_bytes", c_uint64),
        ("pocket_size_bytes", c_uint64),
        ("written", c_int64),
        ("oldest", c_int64),
        ("write_ptr", c_int64),
        ("flags", c_uint32),
        ("state", c_uint32),
        ("readers", c_uint32),
        ("max_readers", c_uint32),
        ("sample_rate", c_double),
        ("position", c_int64),
        ("overruns", c_uint64),
        ("lost", c_uint64),
        ("anchor_index", c_int64),
        ("anchor_monotonic_ns", c_int64),
        ("anchor_realtime_ns", c_int64),
        ("generation", c_uint64),
        ("total_bytes", c_uint64),
        ("writer_pid", c_uint32),
        ("reserved", c_uint32),
        ("data_offset", c_uint64),
        ("first_index", c_int64),
        ("created_realtime_ns", c_int64),
        ("ring_id", c_uint8 * 16),
    ]


class ReaderInfoStruct(ctypes.Structure):
    """ringbuf_reader_info_t"""

    _fields_ = [
        ("struct_size", c_uint32),
        ("process_id", c_uint32),
        ("position", c_int64),
        ("lag", c_uint64),
        ("lost", c_uint64),
        ("overruns", c_uint64),
        ("holds_back", c_uint32),
        ("reserved", c_uint32),
    ]


class MessageStruct(ctypes.Structure):
    """ringbuf_message_t"""

    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", c_uint32),
        ("size", c_uint64),
        ("start", c_int64),
        ("tag", c_int64),
        ("monotonic_ns", c_int64),
    ]


class BufferHeader(ctypes.LittleEndianStructure):
    """The header of a ring in memory, as a ctypes structure: ``BufferHeader.from_buffer(buffer.raw)``.

    The fields are at fixed places, the same in 32- and 64-bit processes. Look at them; do not write there.

    Attributes
    ----------
    bufSizeBytes : int
        Size of the data section in bytes, without header and pocket.
    pocketSizeBytes : int
        Size of the pocket in bytes.
    dataType : int
        Code of the type of one element, as in `datatypes`; 255 is opaque bytes.
    nChannels : int
        Elements of one sample.
    nSamplesWritten : int
        Samples ever written.
    """

    _fields_ = [
        ("magic", c_uint64),
        ("version", c_uint32),
        ("headerBytes", c_uint32),
        ("bufSizeBytes", c_uint64),
        ("pocketSizeBytes", c_uint64),
        ("dataType", c_uint32),
        ("nChannels", c_uint32),
        ("_geometry", c_uint8 * (256 - 40)),
        ("nSamplesWritten", c_uint64),
        ("intent", c_uint64),
    ]
