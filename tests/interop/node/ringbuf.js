'use strict';
// What the test needs of ringbuf, with koffi: a Writer and a Reader whose methods throw a RingbufError.
const koffi = require('koffi');

const library = koffi.load('libringbuf.so.1');
koffi.opaque('ringbuf_t');
const Options = koffi.struct('ringbuf_options_t', {
  struct_size: 'uint32_t',
  data_type: 'uint32_t',
  channels: 'uint32_t',
  item_size: 'uint32_t',
  capacity: 'uint64_t',
  window: 'uint64_t',
  flags: 'uint32_t',
  max_readers: 'uint32_t',
  mode: 'uint32_t',
  metadata_bytes: 'uint32_t',
  sample_rate: 'double',
  first_index: 'int64_t',
});

const errorName = library.func('const char *ringbuf_error_name(int code)');
const lastError = library.func('const char *ringbuf_last_error(void)');

class RingbufError extends Error {
  constructor(code) {
    super(lastError());
    this.name = errorName(code);
    this.code = code;
  }
}

// A function whose codes become exceptions.
function checked(prototype) {
  const call = library.func(prototype);
  return (...args) => {
    const code = call(...args);
    if (code !== 0) throw new RingbufError(code);
  };
}

const optionsInit = checked('int ringbuf_options_init(_Inout_ ringbuf_options_t *options, size_t struct_size)');
const create = checked(
  'int ringbuf_create(_Out_ ringbuf_t **ring, const char *name, const ringbuf_options_t *options)');
const open = checked('int ringbuf_open(_Out_ ringbuf_t **ring, const char *name, uint32_t flags)');
const close = checked('int ringbuf_close(ringbuf_t *ring)');
const put = checked('int ringbuf_put(ringbuf_t *ring, const void *samples, uint64_t count)');
const push = checked('int ringbuf_push(ringbuf_t *ring, const void *item)');
const reserve = checked('int ringbuf_reserve(ringbuf_t *ring, uint64_t count, _Out_ void **samples)');
const commit = checked('int ringbuf_commit(ringbuf_t *ring, uint64_t count)');
const waitSpace = checked('int ringbuf_wait_space(ringbuf_t *ring, uint64_t count, int64_t timeout_ns)');
const next = checked('int ringbuf_next(ringbuf_t *ring, uint64_t window, uint64_t step, int64_t timeout_ns, ' +
  '_Out_ void **samples, _Out_ int64_t *start)');
const check = checked('int ringbuf_check(ringbuf_t *ring, int64_t start, int64_t end)');
const pop = checked('int ringbuf_pop(ringbuf_t *ring, _Out_ void *item)');
const tell = checked('int ringbuf_tell(ringbuf_t *ring, _Out_ int64_t *position)');
const wait = checked('int ringbuf_wait(ringbuf_t *ring, int64_t end, int64_t timeout_ns)');

const LOSSLESS = 1;
const EMPTY = 13;
const types = {float32: 0, float64: 2, int64: 8, bytes: 255};

class Writer {
  constructor(name, {type, lossless = false, sampleBytes, ...rest}) {
    const options = {struct_size: koffi.sizeof(Options)};
    optionsInit(options, koffi.sizeof(Options));
    Object.assign(options, rest, {data_type: types[type], flags: lossless ? LOSSLESS : 0});
    const ring = [null];
    create(ring, name, options);
    this.ring = ring[0];
    this.sampleBytes = sampleBytes;
  }
  waitSpace(count) { waitSpace(this.ring, count, -1); }
  put(samples) { put(this.ring, samples, samples.length / this.sampleBytes); }
  push(item) { push(this.ring, item); }
  reserve(count) { // where to write, in the ring
    const at = [null];
    reserve(this.ring, count, at);
    return Buffer.from(koffi.view(at[0], count * this.sampleBytes));
  }
  commit(count) { commit(this.ring, count); }
  close() { close(this.ring); }
}

class Reader {
  constructor(name, sampleBytes) {
    const ring = [null];
    open(ring, name, 0);
    this.ring = ring[0];
    this.sampleBytes = sampleBytes;
  }
  next(window, step) { // an ArrayBuffer, in the ring; check() after use
    const at = [null], start = [0];
    next(this.ring, window, step, -1, at, start);
    [this.start, this.end] = [start[0], start[0] + window];
    return koffi.view(at[0], window * this.sampleBytes);
  }
  check() { check(this.ring, this.start, this.end); }
  pop() { // waits for an item
    const item = Buffer.alloc(this.sampleBytes);
    for (;;) {
      try {
        pop(this.ring, item);
        return item;
      } catch (error) {
        if (error.code !== EMPTY) throw error;
      }
      const position = [0];
      tell(this.ring, position);
      wait(this.ring, position[0] + 1, -1);
    }
  }
  close() { close(this.ring); }
}

module.exports = {Reader, RingbufError, Writer};
