"""ringbuf.h, preprocessed and otherwise as it is, through cffi's parser; and what comes of it fits the library.

cffi knows the types of <stddef.h> and <stdint.h> itself, and cannot read those files: the #include lines are left out.
"""

import re
import subprocess
import sys
from pathlib import Path

try:
    import cffi
except ImportError:
    print("SKIPPED: no cffi")
    sys.exit(77)

text = (Path(__file__).parent / "../../../capi/ringbuf.h").read_text()
text = re.sub("^#include .*$", "", text, flags=re.MULTILINE)
header = subprocess.run(["cc", "-E", "-P", "-"], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
ffi = cffi.FFI()
ffi.cdef(header)
lib = ffi.dlopen("libringbuf.so.1")

functions = re.findall(r"[ *](ringbuf_[a-z_]+)\(", header)
assert len(functions) > 30
for name in functions:
    assert getattr(lib, name)
assert (lib.RINGBUF_INTERRUPTED, lib.RINGBUF_BYTES, lib.RINGBUF_AS_WRITER) == (27, 255, 16)

# Every field of the options comes back in the info; its last fields are where the library has them.
options, info, ring = ffi.new("ringbuf_options_t *"), ffi.new("ringbuf_info_t *"), ffi.new("ringbuf_t **")
assert lib.ringbuf_options_init(options, ffi.sizeof("ringbuf_options_t")) == lib.RINGBUF_OK
assert options.mode == 0o600
options.data_type, options.channels, options.capacity, options.window = lib.RINGBUF_INT16, 3, 50, 7
options.flags, options.max_readers, options.sample_rate = lib.RINGBUF_LOSSLESS, 5, 0.25
assert lib.ringbuf_create(ring, ffi.NULL, options) == lib.RINGBUF_OK, ffi.string(lib.ringbuf_last_error())
assert lib.ringbuf_put(ring[0], ffi.new("int16_t[6]", [1, 2, 3, 4, 5, 6]), 2) == lib.RINGBUF_OK
info.struct_size = ffi.sizeof("ringbuf_info_t")
assert lib.ringbuf_info(ring[0], info) == lib.RINGBUF_OK
assert (info.data_type, info.channels, info.sample_bytes, info.capacity) == (1, 3, 6, 50)
assert (info.window, info.flags, info.max_readers, info.sample_rate) == (7, 1, 5, 0.25)
size = ffi.new("size_t *")
assert lib.ringbuf_size(options, size) == lib.RINGBUF_OK
assert (info.written, info.anchor_index, info.generation, info.total_bytes) == (2, 1, 1, size[0])
assert lib.ringbuf_close(ring[0]) == lib.RINGBUF_OK
print(f"{len(functions)} functions, {ffi.sizeof('ringbuf_options_t')} and {ffi.sizeof('ringbuf_info_t')} bytes")
