-- interop.lua write|read NAME: see tests/interop/README.md.
package.path = arg[0]:match('^(.*/)') .. '?.lua;' .. package.path
local ffi = require 'ffi'
local ringbuf = require 'ringbuf'
local C = ringbuf.C

local CAPACITY, WINDOW, STEP, PUT, SAMPLES, CHANNELS, ITEM_BYTES = 97, 16, 8, 10, 1000, 2, 13
local windowed = {
  {name = 'int64', type = C.RINGBUF_INT64, element = 'int64_t', bits = 'uint64_t',
   special = {0x8000000000000000ULL, 0x7fffffffffffffffULL, 0xffffffffffffffffULL, 0x0020000000000001ULL, 0, 1,
              0x00000000ffffffffULL, 0xffffffff00000000ULL}},
  {name = 'float32', type = C.RINGBUF_FLOAT32, element = 'float', bits = 'uint32_t',
   special = {0x80000000, 0x7fc00001, 0x7f812345, 0xffc54321, 0x7f800000, 0xff800000, 1, 0x7f7fffff}},
  {name = 'float64', type = C.RINGBUF_FLOAT64, element = 'double', bits = 'uint64_t',
   special = {0x8000000000000000ULL, 0x7ff8000000000001ULL, 0x7ff0000012345678ULL, 0xfff8765432100001ULL,
              0x7ff0000000000000ULL, 0xfff0000000000000ULL, 1, 0x7fefffffffffffffULL}},
}

local function words(seed, bytes)
  local data = ffi.new('uint32_t[?]', bytes / 4)
  for i = 0, bytes / 4 - 1 do
    seed = (1664525 * seed + 1013904223) % 2 ^ 32 -- below 2^53
    data[i] = seed
  end
  return ffi.cast('uint8_t *', data), data -- the second one keeps the memory
end

local function samples(kind)
  local bytes = ffi.sizeof(kind.bits)
  local data, kept = words(tonumber(kind.type), SAMPLES * CHANNELS * bytes)
  local elements = ffi.cast(ffi.typeof('$ *', ffi.typeof(kind.bits)), data)
  for i = 0, SAMPLES * CHANNELS - 1, 4 do elements[i] = kind.special[i / 4 % 8 + 1] end
  return data, kept
end

local Adler32 = {}
Adler32.__index = Adler32
function Adler32.new() return setmetatable({a = 1, b = 0}, Adler32) end
function Adler32:add(bytes, count)
  for i = 0, count - 1 do
    self.a = (self.a + bytes[i]) % 65521
    self.b = (self.b + self.a) % 65521
  end
end
function Adler32:__tostring() return ('%04x%04x'):format(self.b, self.a) end

local function same(left, right, count)
  for i = 0, count - 1 do
    if left[i] ~= right[i] then return false end
  end
  return true
end

local function say(...)
  print(...)
  io.stdout:flush()
end

local function expect_go() assert(io.read() == 'go', 'no go') end

local function say_error(f, ...)
  local err = ringbuf.catch(f, ...)
  say('error ' .. (err and tostring(err) or 'RINGBUF_OK:'))
end

local function create(name, kind, flags)
  return ringbuf.create(name, kind.element,
    {data_type = kind.type, channels = CHANNELS, capacity = CAPACITY, window = WINDOW, flags = flags})
end

local function put_all(writer, kind)
  local data, kept = samples(kind)
  local width = CHANNELS * ffi.sizeof(kind.element)
  for at = 0, SAMPLES - 1, PUT do
    writer:wait_space(PUT)
    if kind.name == 'float64' then
      ffi.copy(writer:reserve(PUT), data + at * width, PUT * width)
      writer:commit(PUT)
    else
      writer:put(data + at * width, PUT)
    end
  end
end

local function write(name)
  local overwritten = create(name .. '.overwritten', windowed[1], 0)
  local writers = {}
  for i, kind in ipairs(windowed) do writers[i] = create(name .. '.' .. kind.name, kind, C.RINGBUF_LOSSLESS) end
  local items = ringbuf.create(name .. '.items', 'uint8_t', {data_type = C.RINGBUF_BYTES, item_size = ITEM_BYTES,
    capacity = CAPACITY, window = WINDOW, flags = C.RINGBUF_LOSSLESS})
  local data, kept = samples(windowed[1])
  overwritten:put(data, WINDOW)
  say_error(create, name .. '.int64', windowed[1], 0)
  say('ready')
  expect_go()
  overwritten:put(data + WINDOW * CHANNELS * 8, 200)
  say('overwritten')

  for i, kind in ipairs(windowed) do
    put_all(writers[i], kind)
    writers[i]:close()
  end
  overwritten:close()
  data, kept = words(tonumber(C.RINGBUF_BYTES), SAMPLES * ITEM_BYTES)
  for i = 0, SAMPLES - 1 do
    items:wait_space(1)
    items:push(data + i * ITEM_BYTES)
  end
  say('done')
  io.read()
end

local function read_windows(kind, reader)
  local expected, kept = samples(kind)
  local width = CHANNELS * ffi.sizeof(kind.element)
  local adler32 = Adler32.new()
  local windows, sum, nan, minus_zero = 0, 0LL, 0, 0
  local err = ringbuf.catch(function()
    while true do
      local elements, start = reader:next(WINDOW, STEP)
      local bytes = ffi.cast('const uint8_t *', elements)
      adler32:add(bytes, WINDOW * width)
      for i = 0, WINDOW * CHANNELS - 1 do
        local element = elements[i]
        if kind.name == 'int64' then sum = sum + element
        elseif element ~= element then nan = nan + 1
        elseif element == 0 and 1 / element < 0 then minus_zero = minus_zero + 1 end
      end
      local good = same(bytes, expected + start * width, WINDOW * width)
      reader:check(start, WINDOW) -- from here on it is known that all this was whole
      if not good then error(('%s: the window at %d is wrong'):format(kind.name, start)) end
      windows = windows + 1
    end
  end)
  local figure = ('nan=%d minus_zero=%d'):format(nan, minus_zero)
  if kind.name == 'int64' then figure = 'sum=' .. tostring(sum):gsub('LL$', '') end
  say(('%s windows=%d adler32=%s %s end=%s'):format(kind.name, windows, tostring(adler32), figure, err.name))
end

local function read_items(reader)
  local expected, kept = words(tonumber(C.RINGBUF_BYTES), SAMPLES * ITEM_BYTES)
  local item, adler32, popped = ffi.new('uint8_t[?]', ITEM_BYTES), Adler32.new(), 0
  local err = ringbuf.catch(function()
    while true do
      reader:pop(item)
      if not same(item, expected + popped * ITEM_BYTES, ITEM_BYTES) then error(('item %d is wrong'):format(popped)) end
      adler32:add(item, ITEM_BYTES)
      popped = popped + 1
    end
  end)
  say(('items popped=%d adler32=%s end=%s'):format(popped, tostring(adler32), err.name))
end

local function read(name)
  say_error(ringbuf.open, name .. '.nobody', 'uint8_t')
  say_error(ringbuf.open, 'no/name', 'uint8_t')
  local readers = {}
  for i, kind in ipairs(windowed) do readers[i] = ringbuf.open(name .. '.' .. kind.name, kind.element) end
  local items = ringbuf.open(name .. '.items', 'uint8_t')
  local overwritten = ringbuf.open(name .. '.overwritten', 'int64_t')
  local _, start = overwritten:next(WINDOW, WINDOW)
  say('ready')
  expect_go()
  local err = ringbuf.catch(overwritten.check, overwritten, start, WINDOW)
  say('overwritten check=' .. (err and err.name or 'RINGBUF_OK'))
  for i, kind in ipairs(windowed) do read_windows(kind, readers[i]) end
  read_items(items)
end

({write = write, read = read})[arg[1]](arg[2])
