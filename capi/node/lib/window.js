'use strict';
const {OverwrittenError} = require('./errors.js');
const {lib} = require('./functions.js');

/** Samples of a ring: in the ring itself, or a copy. */
class Window {
  #handle;
  #mapping;
  #perSample;

  constructor(handle, samples, start, end, inPlace) {
    this.#handle = handle;
    this.#mapping = handle.mapping;
    this.#perSample = handle.perSample;
    this.channels = handle.channels;
    this.samples = samples;
    this.start = start;
    this.end = end;
    this.inPlace = inPlace;
  }

  get length() { return this.end - this.start; }

  check() {
    if (!this.inPlace) return true;
    const handle = this.#handle;
    if (handle.closed || handle.mapping !== this.#mapping) return false; // nobody knows
    return lib.ringbuf_check(handle.pointer, this.start, this.end) === 0;
  }

  at(sample, element = 0) { return this.samples[sample * this.#perSample + element]; }

  sample(i) { return this.samples.subarray(i * this.#perSample, (i + 1) * this.#perSample); }

  copy() {
    const copy = new Window(this.#handle, this.samples.slice(), this.start, this.end, false);
    if (!this.check()) {
      throw new OverwrittenError(`the samples from ${this.start} to before ${this.end} may be other ones by now`);
    }
    return copy;
  }

  * [Symbol.iterator]() {
    for (let i = 0; i < this.length; ++i) yield this.sample(i);
  }
}

module.exports = {Window};
