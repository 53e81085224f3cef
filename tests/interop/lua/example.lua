local ffi = require 'ffi'
ffi.cdef(io.popen('echo "#include <ringbuf.h>" | cc -E -P -'):read('*a')) -- the header as it is
local lib = ffi.load('libringbuf.so.1')

local ring, samples, start = ffi.new('ringbuf_t *[1]'), ffi.new('const void *[1]'), ffi.new('int64_t[1]')
local code = lib.ringbuf_open(ring, arg[1], lib.RINGBUF_FROM_OLDEST)
while code == 0 do
  code = lib.ringbuf_next(ring[0], 480, 240, -1, samples, start)
  if code ~= 0 then break end
  local window = ffi.cast('const float *', samples[0]) -- in the ring itself
  local left, right = window[0], window[1]
  local whole = lib.ringbuf_check(ring[0], start[0], start[0] + 480) == 0
  if whole then print(('%d: %g %g'):format(tonumber(start[0]), left, right)) end
end
print(ffi.string(lib.ringbuf_strerror(code)))
