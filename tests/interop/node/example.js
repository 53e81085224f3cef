const net = require('net');
const koffi = require('koffi');
const library = koffi.load('libringbuf.so.1');
const open = library.func('int ringbuf_open(_Out_ void **ring, const char *name, uint32_t flags)');
const pollFd = library.func('int ringbuf_poll_fd(void *ring, _Out_ intptr_t *fd)');
const pollArm = library.func('int ringbuf_poll_arm(void *ring, int64_t end)');
const next = library.func('int ringbuf_next(void *ring, uint64_t window, uint64_t step, int64_t timeout_ns, ' +
  '_Out_ void **samples, _Out_ int64_t *start)');
const check = library.func('int ringbuf_check(void *ring, int64_t start, int64_t end)');
const tell = library.func('int ringbuf_tell(void *ring, _Out_ int64_t *position)');
const close = library.func('int ringbuf_close(void *ring)');
const strerror = library.func('const char *ringbuf_strerror(int code)');
const dup = koffi.load(null).func('int dup(int fd)');
const TIMEOUT = 14;

function main(name) {
  const ring = [null], fd = [0], samples = [null], start = [0], position = [0];
  let code = open(ring, name, 0) || pollFd(ring[0], fd);
  if (code !== 0) return console.log(strerror(code));
  const socket = new net.Socket({fd: dup(fd[0]), readable: true, writable: false}); // closes its copy of the descriptor
  socket.on('data', read); // a byte for each time that it was armed
  read();

  function read() {
    code = next(ring[0], 480, 240, 0, samples, start); // does not wait
    if (code === 0) {
      const [left, right] = new Float32Array(koffi.view(samples[0], 480 * 2 * 4)); // in the ring itself
      if (check(ring[0], start[0], start[0] + 480) === 0) console.log(`${start[0]}: ${left} ${right}`);
    }
    if (code === 0 || code === TIMEOUT) code = tell(ring[0], position) || pollArm(ring[0], position[0] + 480);
    if (code === 0) return;
    console.log(strerror(code));
    socket.destroy();
    close(ring[0]);
  }
}
main(process.argv[2]);
