-- What the test needs of ringbuf, with LuaJIT's ffi: writers and readers whose methods raise errors {name=, message=}.
local ffi = require 'ffi'

-- The header as it is, once the C compiler has seen to its #include lines.
local header = assert(io.popen('echo "#include <ringbuf.h>" | cc -E -P -'))
ffi.cdef(header:read('*a'))
assert(header:close())
local C = ffi.load('libringbuf.so.1')

local ringbuf = {}

local Error = {}
Error.__index = Error
function Error:__tostring() return self.name .. ': ' .. self.message end

local function name_of(code) return ffi.string(C.ringbuf_error_name(code)) end

local function check(code)
  if code == C.RINGBUF_OK then return end
  error(setmetatable({name = name_of(code), message = ffi.string(C.ringbuf_last_error())}, Error))
end

local function new(class, ring, element)
  return setmetatable({ring = ring, pointer = ffi.typeof('$ *', ffi.typeof(element))}, class)
end

local Writer = {}
Writer.__index = Writer

-- options: fields of ringbuf_options_t; element: the C type of one element.
function ringbuf.create(name, element, options)
  local filled = ffi.new('ringbuf_options_t')
  check(C.ringbuf_options_init(filled, ffi.sizeof(filled)))
  for field, value in pairs(options) do filled[field] = value end
  local ring = ffi.new('ringbuf_t *[1]')
  check(C.ringbuf_create(ring, name, filled))
  return new(Writer, ring[0], element)
end

function Writer:wait_space(count) check(C.ringbuf_wait_space(self.ring, count, -1)) end
function Writer:put(samples, count) check(C.ringbuf_put(self.ring, samples, count)) end
function Writer:push(item) check(C.ringbuf_push(self.ring, item)) end
function Writer:commit(count) check(C.ringbuf_commit(self.ring, count)) end
function Writer:close() check(C.ringbuf_close(self.ring)) end
function Writer:reserve(count) -- where to write, in the ring
  local at = ffi.new('void *[1]')
  check(C.ringbuf_reserve(self.ring, count, at))
  return ffi.cast(self.pointer, at[0])
end

local Reader = {}
Reader.__index = Reader

function ringbuf.open(name, element)
  local ring = ffi.new('ringbuf_t *[1]')
  check(C.ringbuf_open(ring, name, C.RINGBUF_FROM_OLDEST))
  return new(Reader, ring[0], element)
end

function Reader:next(window, step) -- a pointer into the ring, and the index; check() after use
  local at, start = ffi.new('const void *[1]'), ffi.new('int64_t[1]')
  check(C.ringbuf_next(self.ring, window, step, -1, at, start))
  return ffi.cast(self.pointer, at[0]), tonumber(start[0])
end

function Reader:check(start, count) check(C.ringbuf_check(self.ring, start, start + count)) end

function Reader:pop(item) -- waits for one
  local position = ffi.new('int64_t[1]')
  while true do
    local code = C.ringbuf_pop(self.ring, item)
    if code ~= C.RINGBUF_EMPTY then return check(code) end
    check(C.ringbuf_tell(self.ring, position))
    check(C.ringbuf_wait(self.ring, position[0] + 1, -1))
  end
end

function Reader:close() check(C.ringbuf_close(self.ring)) end

-- The error of this library that f raises, or nil; others go on.
function ringbuf.catch(f, ...)
  local good, err = pcall(f, ...)
  if good then return nil end
  if getmetatable(err) ~= Error then error(err, 0) end
  return err
end

ringbuf.C = C
return ringbuf
