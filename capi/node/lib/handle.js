'use strict';
// A ringbuf_t and what is known of its ring. It is closed once: by close(), or when nothing refers to it any more.
const {NotInitializedError, UnsupportedError, check} = require('./errors.js');
const {lib, structs} = require('./functions.js');
const {Mapping} = require('./mapping.js');
const {fromIndex} = require('./numbers.js');
const {byCode} = require('./types.js');

// Where the library stores its results; each is read at once.
const results = new BigInt64Array(3);
const out = [results.subarray(0, 1), results.subarray(1, 2), results.subarray(2, 3)];

const closer = new FinalizationRegistry((pointer) => lib.ringbuf_close(pointer));

class Handle {
  mapping = null;
  // What the reader has missed besides what the library has counted.
  overruns = 0;
  lost = 0;
  #info = structs.info.allocate();
  #pointer = null;
  #base = 0;
  #writable;

  /** Opens a ring by a function of the library, whose first argument says where to store the handle. */
  constructor(writable, open, ...args) {
    check(open(out[0], ...args));
    this.#writable = writable;
    this.#pointer = results[0];
    closer.register(this, this.#pointer, this);
    try {
      this.learn();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get closed() { return this.#pointer === null; }

  /** For calls of the library. */
  get pointer() {
    if (this.#pointer === null) throw new NotInitializedError('it has been closed');
    return this.#pointer;
  }

  /** What is known of the ring, after it is opened or reopened. */
  learn() {
    const info = this.info();
    fromIndex(info.written); // refuses what no Number can hold
    check(lib.ringbuf_raw(this.pointer, out[0], out[1]));
    const base = Number(results[0]), bytes = Number(results[1]);
    check(lib.ringbuf_fd(this.pointer, out[0]));
    const mapping = new Mapping(Number(results[0]), bytes, this.#writable);
    const {data_type: code, channels, item_size: itemSize, sample_bytes: sampleBytes, capacity, flags} = info;
    const type = byCode.get(code);
    if (!type) throw new UnsupportedError(`the data type ${code} of the ring is unknown to this version of the package`);
    const perSample = sampleBytes / type.Elements.BYTES_PER_ELEMENT;
    Object.assign(this, {mapping, type, channels, itemSize, sampleBytes, perSample, capacity, flags});
    this.#base = base;
  }

  info() {
    check(lib.ringbuf_info(this.pointer, this.#info));
    return structs.info.decode(this.#info);
  }

  /** The array of samples at an address that the library has given out. */
  at(address, count) {
    return this.mapping.array(this.type.Elements, Number(address) - this.#base, count * this.perSample);
  }

  /** Memory for samples, of the program's own. */
  allocate(count) { return new this.type.Elements(count * this.perSample); }

  close() {
    if (this.closed) return;
    closer.unregister(this);
    lib.ringbuf_close(this.#pointer);
    this.#pointer = null;
  }
}

module.exports = {Handle, out, results};
