'use strict';
// Waiting for samples in the event loop: for the descriptor of a reader, which is a socket.
const net = require('net');
const koffi = require('koffi');
const {SystemError, check} = require('./errors.js');
const {lib} = require('./functions.js');
const {out, results} = require('./handle.js');

// Windows has no descriptor to wait for: there a reader looks every so many milliseconds.
const PAUSE_MS = process.platform === 'win32' ? 2 : 0;
const fcntl = PAUSE_MS ? null : koffi.load(null).func('int fcntl(int fd, int command, ...)');
const F_DUPFD_CLOEXEC = process.platform === 'linux' ? 1030 : 67;

/** Lets all that is due in the event loop have its turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

// A socket closes its descriptor when it is destroyed, and the library closes its own: so the socket has a copy. Its
// listeners know nothing of the reader, which can so be collected; then the library closes the other end, and the socket ends.
function openSocket(pointer, wake) {
  check(lib.ringbuf_poll_fd(pointer, out[0]));
  const fd = fcntl(Number(results[0]), F_DUPFD_CLOEXEC, 'int', 0);
  if (fd < 0) throw new SystemError(`the descriptor cannot be duplicated, errno ${koffi.errno()}`);
  const socket = new net.Socket({fd, readable: true, writable: false});
  for (const event of ['data', 'close', 'error']) socket.on(event, wake);
  return socket;
}

class Arrival {
  #pointer; // a function: the reader may be closed meanwhile
  #users = 0;
  #socket = null;
  #waiting = new Set();
  #wake;

  constructor(pointer) {
    this.#pointer = pointer;
    const waiting = this.#waiting;
    this.#wake = () => {
      for (const {resolve} of waiting) resolve();
      waiting.clear();
    };
  }

  /** From here on the descriptor is there, until leave() has been called as often. */
  enter() { this.#users += 1; }

  leave() {
    this.#users -= 1;
    if (this.#users === 0) this.close();
  }

  /** Ends when the samples before `end` have come, or never will; or by `signal`; or without a reason. */
  async wait(end, signal, timeout = Infinity) {
    const pointer = this.#pointer();
    if (PAUSE_MS) timeout = Math.min(timeout, PAUSE_MS);
    else this.#socket ??= openSocket(pointer, this.#wake);
    let timer;
    const waiter = {end};
    const come = new Promise((resolve) => { waiter.resolve = resolve; });
    this.#waiting.add(waiter);
    try {
      // Armed for the first that any of them waits for: who is woken too early comes again.
      if (this.#socket) {
        check(lib.ringbuf_poll_arm(pointer, Math.min(...[...this.#waiting].map((other) => other.end))));
        this.#socket.ref();
      }
      signal?.addEventListener('abort', waiter.resolve);
      if (timeout < Infinity) timer = setTimeout(waiter.resolve, timeout);
      await come;
    } finally {
      this.#waiting.delete(waiter);
      if (this.#waiting.size === 0) this.#socket?.unref();
      signal?.removeEventListener('abort', waiter.resolve);
      clearTimeout(timer);
    }
  }

  /** Wakes all that wait; they look, and wait again. */
  wake() { this.#wake(); }

  close() {
    this.#socket?.removeListener('close', this.#wake).destroy(); // its end is no news for those that wait for a later one
    this.#socket = null;
    this.#wake();
  }
}

module.exports = {Arrival, turn};
