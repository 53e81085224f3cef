const {setImmediate: others} = require('timers/promises');
const koffi = require('koffi');
const library = koffi.load('libringbuf.so.1');
const open = library.func('int ringbuf_open(_Out_ void **ring, const char *name, uint32_t flags)');
const next = library.func('int ringbuf_next(void *ring, uint64_t window, uint64_t step, int64_t timeout_ns, ' +
  '_Out_ void **samples, _Out_ int64_t *start)');
const check = library.func('int ringbuf_check(void *ring, int64_t start, int64_t end)');
const strerror = library.func('const char *ringbuf_strerror(int code)');
const TIMEOUT = 14;
const SLICE = 5e6; // 5 ms: nothing else runs in Node.js while a call waits

async function main(name) {
  const ring = [null], samples = [null], start = [0];
  let code = open(ring, name, 0);
  while (code === 0 || code === TIMEOUT) {
    code = next(ring[0], 480, 240, SLICE, samples, start);
    if (code === 0) {
      const [left, right] = new Float32Array(koffi.view(samples[0], 480 * 2 * 4)); // in the ring itself
      if (check(ring[0], start[0], start[0] + 480) === 0) console.log(`${start[0]}: ${left} ${right}`);
    }
    await others();
  }
  console.log(strerror(code));
}
main(process.argv[2]);
