"""The package says the same as the C header."""

import ctypes
import re
from pathlib import Path

import pytest

import ringbuf
from ringbuf import _library, _structs, _types

HEADER = Path(__file__).resolve().parents[2] / "ringbuf.h"
pytestmark = pytest.mark.skipif(not HEADER.exists(), reason="installed without the sources")

C_TYPES = {
    "int": ctypes.c_int,
    "uint8_t": ctypes.c_uint8,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "int64_t": ctypes.c_int64,
    "size_t": ctypes.c_size_t,
    "intptr_t": ctypes.c_ssize_t,
    "double": ctypes.c_double,
    "const char *": ctypes.c_char_p,
    "void *": ctypes.c_void_p,
    "const void *": ctypes.c_void_p,
    "ringbuf_t *": ctypes.c_void_p,
    "const ringbuf_t *": ctypes.c_void_p,
    "ringbuf_t **": ctypes.POINTER(ctypes.c_void_p),
    "ringbuf_t *const *": ctypes.POINTER(ctypes.c_void_p),
    "void **": ctypes.POINTER(ctypes.c_void_p),
    "const void **": ctypes.POINTER(ctypes.c_void_p),
    "size_t *": ctypes.POINTER(ctypes.c_size_t),
    "intptr_t *": ctypes.POINTER(ctypes.c_ssize_t),
    "uint32_t *": ctypes.POINTER(ctypes.c_uint32),
    "uint64_t *": ctypes.POINTER(ctypes.c_uint64),
    "const int64_t *": ctypes.POINTER(ctypes.c_int64),
    "int64_t *": ctypes.POINTER(ctypes.c_int64),
    "ringbuf_options_t *": ctypes.POINTER(_structs.OptionsStruct),
    "const ringbuf_options_t *": ctypes.POINTER(_structs.OptionsStruct),
    "ringbuf_info_t *": ctypes.POINTER(_structs.InfoStruct),
    "ringbuf_message_t *": ctypes.POINTER(_structs.MessageStruct),
}


@pytest.fixture(scope="module")
def header():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    return re.sub(r"^#.*", "", text, flags=re.MULTILINE)


def enumerators(header, enum):
    body = re.search(rf"enum {enum} {{(.*?)}}", header, re.DOTALL).group(1)
    return {name: int(value) for name, value in re.findall(r"RINGBUF_(\w+) = (\d+)", body)}


def test_codes(header):
    assert enumerators(header, "ringbuf_code") == {code.name: code.value for code in ringbuf.Code}


def test_states(header):
    states = {f"STATE_{state.name}": state.value for state in ringbuf.State}
    assert enumerators(header, "ringbuf_state") == states


@pytest.mark.parametrize("enum", ["ringbuf_ring_flag", "ringbuf_open_flag"])
def test_flags(header, enum):
    flags = enumerators(header, enum)
    assert flags == {name: getattr(_structs, name) for name in flags}


def test_data_types(header):
    types = {name.lower(): code for name, code in enumerators(header, "ringbuf_data_type").items()}
    assert types.pop("bytes") == _structs.BYTES
    assert types == _types.CODES
    for code, name in _types.NAMES.items():
        assert _library.lib.ringbuf_type_name(code).decode() == name
        assert _library.lib.ringbuf_type_size(code) == dict((c, s) for c, _, s, _ in _types._TABLE)[code]


@pytest.mark.parametrize("struct, mirror", [("options", _structs.OptionsStruct), ("info", _structs.InfoStruct), ("reader_info", _structs.ReaderInfoStruct), ("message", _structs.MessageStruct)])
def test_structs(header, struct, mirror):
    body = re.search(rf"typedef struct ringbuf_{struct} {{(.*?)}}", header, re.DOTALL).group(1)
    fields = []
    for kind, names, length in re.findall(r"(\w+) ([\w, ]+)(?:\[(\d+)\])?;", body):
        fields += [(name.strip(), C_TYPES[kind] * int(length) if length else C_TYPES[kind]) for name in names.split(",")]
    assert fields == mirror._fields_


def test_functions(header):
    found = {}
    for declaration in re.findall(r"RINGBUF_API ([^;]*);", header):
        declaration = " ".join(declaration.split())
        result, name, arguments = re.match(r"(.*?)(ringbuf_\w+)\((.*)\)$", declaration).groups()
        if "int64_t start" in arguments and "(*visit)" in arguments:
            types = [ctypes.c_void_p, _library.VisitGap, ctypes.c_void_p]
        elif "ringbuf_reader_info_t" in arguments:
            types = [ctypes.c_void_p, _library.VisitReader, ctypes.c_void_p]
        elif "(*visit)" in arguments:
            types = [_library.Visit, ctypes.c_void_p]
        elif arguments == "void":
            types = []
        else:
            types = [C_TYPES[re.sub(r"\w+$", "", argument.strip()).strip()] for argument in arguments.split(",")]
        found[name] = (C_TYPES[result.strip()], types)
    assert found == _library._PROTOTYPES


def test_version():
    header = HEADER.read_text()
    numbers = [re.search(rf"RINGBUF_VERSION_{part} (\d+)", header).group(1) for part in ("MAJOR", "MINOR", "PATCH")]
    assert ringbuf.__version__ == ".".join(numbers)


def test_the_header_in_memory(name):
    with ringbuf.Writer(name, capacity=100, channels=3, dtype="int16", window=7) as writer:
        writer.put(bytes(6 * 42))
        header = ringbuf.BufferHeader.from_buffer_copy(writer._memory._buffer)
        info = writer.info()
        assert header.bufSizeBytes == 600 == info.capacity * info.sample_bytes
        assert header.pocketSizeBytes == 42
        assert (header.dataType, header.nChannels) == (1, 3)
        assert header.nSamplesWritten == 42 == info.written
        assert header.intent == 42
