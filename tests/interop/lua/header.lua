-- ringbuf.h, preprocessed and otherwise as it is, through LuaJIT's parser; and what comes of it fits the library.
local ffi = require 'ffi'

local pipe = assert(io.popen('echo "#include <ringbuf.h>" | cc -E -P -'))
local header = pipe:read('*a')
assert(pipe:close())
ffi.cdef(header)
local C = ffi.load('libringbuf.so.1')

local functions = 0
for name in header:gmatch('[ *](ringbuf_[a-z_]+)%(') do
  assert(C[name] ~= nil, name)
  functions = functions + 1
end
assert(functions > 30, 'the header has no functions')
assert(C.RINGBUF_INTERRUPTED == 27 and C.RINGBUF_BYTES == 255 and C.RINGBUF_AS_WRITER == 16)

-- Every field of the options comes back in the info; its last fields are where the library has them.
local options, info, ring = ffi.new('ringbuf_options_t'), ffi.new('ringbuf_info_t'), ffi.new('ringbuf_t *[1]')
assert(C.ringbuf_options_init(options, ffi.sizeof(options)) == C.RINGBUF_OK)
assert(options.mode == 384, 'the default mode') -- 0600
options.data_type, options.channels, options.capacity, options.window = C.RINGBUF_INT16, 3, 50, 7
options.flags, options.max_readers, options.sample_rate = C.RINGBUF_LOSSLESS, 5, 0.25
assert(C.ringbuf_create(ring, nil, options) == C.RINGBUF_OK, ffi.string(C.ringbuf_last_error()))
assert(C.ringbuf_put(ring[0], ffi.new('int16_t[6]', 1, 2, 3, 4, 5, 6), 2) == C.RINGBUF_OK)
info.struct_size = ffi.sizeof(info)
assert(C.ringbuf_info(ring[0], info) == C.RINGBUF_OK)
assert(info.data_type == 1 and info.channels == 3 and info.sample_bytes == 6 and info.capacity == 50)
assert(info.window == 7 and info.flags == 1 and info.max_readers == 5 and info.sample_rate == 0.25)
local bytes = ffi.new('size_t[1]')
assert(C.ringbuf_size(options, bytes) == C.RINGBUF_OK)
assert(info.written == 2 and info.anchor_index == 1 and info.generation == 1 and info.total_bytes == bytes[0])
assert(C.ringbuf_close(ring[0]) == C.RINGBUF_OK)
print(functions .. ' functions, ' .. ffi.sizeof(options) .. ' and ' .. ffi.sizeof(info) .. ' bytes')
