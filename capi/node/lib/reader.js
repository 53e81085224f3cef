'use strict';
const {setTimeout: sleep} = require('timers/promises');
const {Arrival, turn} = require('./arrival.js');
const {ClosedError, Code, OverwrittenError, TimeoutError, check} = require('./errors.js');
const {lib} = require('./functions.js');
const {Handle, out, results} = require('./handle.js');
const {fromIndex, refuse, toCount, toIndex, toTimeout} = require('./numbers.js');
const {Ring, handleOf} = require('./ring.js');
const {toName} = require('./rings.js');
const {Window} = require('./window.js');

const STARTS = {oldest: 0, newest: 1};
const RESYNCS = {middle: 0, newest: 4, lap: 8, oldest: 12};
const OBSERVER = 2, LAZY = 32, ANY_SHAPE = 64;
const OPTIONS = ['start', 'afterOverrun', 'observer', 'lazy'];
const PAUSE_MS = 20; // between two looks for a ring that is not there yet
const FEW_BYTES = 4096;

function toFlags(options) {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) refuse('an option', name, OPTIONS.join(', '));
  }
  const {start = 'oldest', afterOverrun = 'middle', observer = false, lazy = false} = options;
  if (!Object.hasOwn(STARTS, start)) refuse('start', start, Object.keys(STARTS).join(' or '));
  if (!Object.hasOwn(RESYNCS, afterOverrun)) refuse('afterOverrun', afterOverrun, Object.keys(RESYNCS).join(', '));
  return STARTS[start] | RESYNCS[afterOverrun] | (observer ? OBSERVER : 0) | (lazy ? LAZY : 0);
}

// Calls again and again, while the event loop runs, until the call has another answer than that the time has passed.
async function patiently(call, timeout, signal) {
  toTimeout(timeout);
  const deadline = performance.now() + timeout;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return call();
    } catch (error) {
      const left = deadline - performance.now();
      if (!(error instanceof TimeoutError) || left <= 0) throw error;
      await sleep(Math.min(left, PAUSE_MS));
    }
  }
}

class Reader extends Ring {
  #arrival;

  constructor(name, options = {}, open = lib.ringbuf_open, ...args) {
    name = toName(name);
    const handle = new Handle(false, open, name, toFlags(options), ...args);
    super(name, handle);
    this.#arrival = new Arrival(() => handle.pointer);
  }

  static async openWait(name, {timeout = Infinity, signal, ...options} = {}) {
    return patiently(() => new this(name, options, lib.ringbuf_open_wait, 0), timeout, signal);
  }

  async reopen({timeout = Infinity, signal, anyShape = false, ...options} = {}) {
    const flags = toFlags(options) | (anyShape ? ANY_SHAPE : 0);
    const handle = handleOf(this);
    await patiently(() => check(lib.ringbuf_reopen(handle.pointer, flags, 0)), timeout, signal);
    handle.learn();
    this.#arrival.wake();
  }

  close() {
    super.close();
    this.#arrival.close();
  }

  // --- Windows ---

  next(count, {step = count, timeout = 0} = {}) {
    const handle = handleOf(this);
    toCount('count', count);
    toCount('step', step);
    const code = lib.ringbuf_next(handle.pointer, count, step, toTimeout(timeout), out[0], out[1]);
    if (code === Code.TIMEOUT) return null;
    if (code === Code.NOT_CONTIGUOUS) return this.#nextCopy(count, step);
    check(code);
    const start = fromIndex(results[1]);
    return new Window(handle, handle.at(results[0], count), start, start + count, true);
  }

  // The window is there: it runs over the end of the data by more than the pocket.
  #nextCopy(count, step) {
    const handle = handleOf(this);
    const samples = handle.allocate(count);
    check(lib.ringbuf_next_copy(handle.pointer, count, step, 0, samples, out[0]));
    const start = fromIndex(results[0]);
    return new Window(handle, samples, start, start + count, false);
  }

  windows(count, {step = count, signal, skipOverruns = false} = {}) {
    toCount('count', count);
    toCount('step', step);
    return this.#each(() => this.next(count, {step}), count, signal, skipOverruns);
  }

  // --- Samples that are consumed ---

  pop() {
    const handle = handleOf(this);
    const sample = handle.allocate(1);
    const code = lib.ringbuf_pop(handle.pointer, sample);
    if (code === Code.EMPTY) return null;
    check(code);
    return sample;
  }

  popMany(most) {
    const handle = handleOf(this);
    let count = Math.min(toCount('most', most), handle.capacity);
    if (count * handle.sampleBytes > FEW_BYTES) count = Math.min(count, Math.max(1, this.usage));
    const samples = handle.allocate(count);
    if (count === 0) return samples;
    const code = lib.ringbuf_pop_many(handle.pointer, samples, count, out[0]);
    if (code === Code.EMPTY) return handle.allocate(0);
    check(code);
    const got = Number(results[0]);
    return got === count ? samples : samples.slice(0, got * handle.perSample);
  }

  blocks(most, {signal, skipOverruns = false} = {}) {
    if (toCount('most', most) === 0) refuse('most', most, 'at least 1');
    return this.#each(() => {
      const samples = this.popMany(most);
      return samples.length ? samples : null;
    }, 1, signal, skipOverruns);
  }

  get usage() {
    check(lib.ringbuf_usage(handleOf(this).pointer, out[0]));
    return Number(results[0]);
  }

  // --- The position ---

  get position() {
    check(lib.ringbuf_tell(handleOf(this).pointer, out[0]));
    return fromIndex(results[0]);
  }

  seek(position) { check(lib.ringbuf_seek(handleOf(this).pointer, toIndex('position', position))); }

  get lost() { return this.info().lost; }
  get overruns() { return this.info().overruns; }

  // --- Messages ---

  receive({timeout = 0} = {}) {
    const handle = handleOf(this);
    const code = lib.ringbuf_receive(handle.pointer, toTimeout(timeout), out[0], out[1], out[2]);
    if (code === Code.TIMEOUT) return null;
    check(code);
    const start = fromIndex(results[2]);
    try {
      return this.message(start); // a copy, checked
    } catch (error) {
      if (!(error instanceof OverwrittenError)) throw error;
      const lost = this.position - start;
      handle.overruns += 1;
      handle.lost += lost;
      throw new OverwrittenError(`the message at ${start} was overwritten while it was copied, ${lost} bytes are lost`);
    }
  }

  messages({signal, skipOverruns = false} = {}) {
    return this.#each(() => this.receive(), 1, signal, skipOverruns);
  }

  // --- Waiting ---

  async wait(end, {timeout = Infinity, signal} = {}) {
    toIndex('end', end);
    toTimeout(timeout);
    const deadline = performance.now() + timeout;
    this.#arrival.enter();
    try {
      for (;;) {
        signal?.throwIfAborted();
        const code = lib.ringbuf_wait(handleOf(this).pointer, end, 0);
        if (code !== Code.TIMEOUT) {
          check(code);
          return true;
        }
        const left = deadline - performance.now();
        if (left <= 0) return false;
        await this.#arrival.wait(end, signal, left);
      }
    } finally {
      this.#arrival.leave();
    }
  }

  // What `take` gives, until the writer ends the stream; waits in between until `least` more samples are written.
  async * #each(take, least, signal, skipOverruns) {
    this.#arrival.enter();
    try {
      for (;;) {
        signal?.throwIfAborted();
        let item;
        try {
          item = take();
        } catch (error) {
          if (error instanceof ClosedError) return;
          if (!(skipOverruns && error instanceof OverwrittenError)) throw error;
          await turn();
          continue;
        }
        if (item === null) {
          await this.#arrival.wait(this.position + least, signal);
        } else {
          yield item;
          await turn(); // also where the writer is always ahead
        }
      }
    } finally {
      this.#arrival.leave();
    }
  }
}

module.exports = {ANY_SHAPE, LAZY, OBSERVER, RESYNCS, Reader, STARTS};
