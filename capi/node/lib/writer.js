'use strict';
const {setTimeout: sleep} = require('timers/promises');
const {Code, IncompatibleError, check} = require('./errors.js');
const {lib, structs} = require('./functions.js');
const {Handle, out, results} = require('./handle.js');
const {Mapping} = require('./mapping.js');
const {refuse, toCount, toIndex, toNs, toTimeout} = require('./numbers.js');
const {Ring, handleOf} = require('./ring.js');
const {KEEP, LOSSLESS, MESSAGES, toName} = require('./rings.js');
const {byName, toSamples} = require('./types.js');

const NOTHING = Buffer.alloc(8); // an address, where an array without elements may have none
const PAUSE_MS = 2; // a writer has no descriptor to wait for
const OPTIONS = ['type', 'channels', 'itemSize', 'capacity', 'window', 'lossless', 'keep', 'messages', 'maxReaders', 'mode',
  'metadata', 'metadataBytes', 'sampleRate', 'firstIndex'];

const toBytes = (data) =>
  typeof data === 'string' ? Buffer.from(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data;
const json = (metadata) => Buffer.from(JSON.stringify(metadata));

// The memory of a ringbuf_options_t.
function toOptions(given) {
  if (given === null || typeof given !== 'object') refuse('options', given, 'an object');
  for (const name of Object.keys(given)) {
    if (!OPTIONS.includes(name)) refuse('an option', name, OPTIONS.join(', '));
  }
  const memory = structs.options.allocate();
  check(lib.ringbuf_options_init(memory, structs.options.size));
  const options = structs.options.decode(memory);
  const {type, lossless = false, keep = false, messages = false, sampleRate = 0, firstIndex = 0} = given;
  if (type !== undefined) {
    if (!byName.has(type)) refuse('type', type, [...byName.keys()].join(', '));
    options.data_type = byName.get(type).code;
  } else if (messages) {
    options.data_type = byName.get('bytes').code;
  }
  const fields = {channels: 'channels', itemSize: 'item_size', capacity: 'capacity', window: 'window',
    maxReaders: 'max_readers', mode: 'mode', metadataBytes: 'metadata_bytes'};
  for (const [name, field] of Object.entries(fields)) {
    if (given[name] === undefined) continue;
    const small = !['capacity', 'window'].includes(name);
    options[field] = toCount(name, given[name], small ? 2 ** 32 - 1 : undefined);
  }
  if (typeof sampleRate !== 'number') refuse('sampleRate', sampleRate, 'a number');
  options.sample_rate = sampleRate;
  options.first_index = toIndex('firstIndex', firstIndex);
  options.flags = (lossless ? LOSSLESS : 0) | (keep ? KEEP : 0) | (messages ? MESSAGES : 0);
  structs.options.encode(memory, options);
  return memory;
}

/** Room in the ring for samples that are written in place. */
class Reservation {
  #commit;
  constructor(samples, commit) {
    this.samples = samples;
    this.#commit = commit;
  }
  commit(count) { this.#commit(count); }
  cancel() { this.#commit(0); }
}

class Writer extends Ring {
  constructor(name, options, open = lib.ringbuf_create) {
    name = toName(name);
    const handle = options === RESUME ? new Handle(true, lib.ringbuf_resume, name) :
      new Handle(true, open, name, toOptions(options));
    super(name, handle);
    const {metadata} = options;
    if (metadata === undefined || handle.info().generation > 1) return; // a ring that is resumed has its own
    try {
      this.metadata = metadata;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  static resume(name) { return new this(name, RESUME); }
  static createOrResume(name, options) { return new this(name, options, lib.ringbuf_create_or_resume); }

  // --- Samples ---

  put(samples) {
    const handle = handleOf(this);
    let {data, count} = toSamples(samples, handle);
    if (Mapping.holds(data)) data = data.slice(); // the library knows its own mapping of the ring alone
    check(lib.ringbuf_put(handle.pointer, count ? data : NOTHING, count));
  }

  push(sample) {
    const handle = handleOf(this);
    const {data, count} = toSamples(typeof sample === 'number' || typeof sample === 'bigint' ? [sample] : sample, handle);
    if (count !== 1) throw new IncompatibleError(`there are ${count} samples, expected one`);
    check(lib.ringbuf_push(handle.pointer, Mapping.holds(data) ? data.slice() : data));
  }

  reserve(count) {
    const handle = handleOf(this);
    check(lib.ringbuf_reserve(handle.pointer, toCount('count', count), out[0]));
    return new Reservation(handle.at(results[0], count),
      (committed = count) => check(lib.ringbuf_commit(handle.pointer, toCount('count', committed))));
  }

  skip(count) { check(lib.ringbuf_skip(handleOf(this).pointer, toCount('count', count))); }

  stamp(index, monotonicNs, realtimeNs = 0n) {
    check(lib.ringbuf_stamp(handleOf(this).pointer, toIndex('index', index), toNs('monotonicNs', monotonicNs),
      toNs('realtimeNs', realtimeNs)));
  }

  // --- Room and readers ---

  get space() {
    check(lib.ringbuf_space(handleOf(this).pointer, out[0]));
    return Number(results[0]);
  }

  waitSpace(count, options) {
    toCount('count', count);
    return this.#until(() => lib.ringbuf_wait_space(handleOf(this).pointer, count, 0), options);
  }

  waitReaders(count, options) {
    toCount('count', count, 2 ** 32 - 1);
    return this.#until(() => lib.ringbuf_wait_readers(handleOf(this).pointer, count, 0), options);
  }

  async #until(call, {timeout = Infinity, signal} = {}) {
    toTimeout(timeout);
    const deadline = performance.now() + timeout;
    for (;;) {
      signal?.throwIfAborted();
      const code = call();
      if (code !== Code.TIMEOUT) {
        check(code);
        return true;
      }
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await sleep(Math.min(left, PAUSE_MS));
    }
  }

  // --- Messages ---

  send(data, {kind = 0, tag = 0} = {}) {
    let bytes = toBytes(data);
    if (!ArrayBuffer.isView(bytes)) refuse('the message', data, 'a string, a Buffer or another typed array');
    if (Mapping.holds(bytes)) bytes = bytes.slice();
    check(lib.ringbuf_send_event(handleOf(this).pointer, toCount('kind', kind, 2 ** 32 - 1), toIndex('tag', tag),
      bytes.byteLength ? bytes : NOTHING, bytes.byteLength));
  }

  // --- Metadata ---

  get metadata() { return super.metadata; }
  set metadata(metadata) { this.setMetadataBytes(json(metadata)); }

  setMetadataBytes(data) {
    const bytes = toBytes(data);
    if (!ArrayBuffer.isView(bytes)) refuse('the metadata', data, 'a string or a typed array');
    check(lib.ringbuf_set_metadata(handleOf(this).pointer, bytes.byteLength ? bytes : NOTHING, bytes.byteLength));
  }
}

const RESUME = {}; // in the place of options

module.exports = {Reservation, Writer};
