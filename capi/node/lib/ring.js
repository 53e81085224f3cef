'use strict';
// What the writer and the readers of a ring have in common: reading by index, and what is to be known.
const koffi = require('koffi');
const {Code, IncompatibleError, InvalidArgumentError, NotYetError, OverwrittenError, check} = require('./errors.js');
const {lib, structs} = require('./functions.js');
const {out, results} = require('./handle.js');
const {Mapping} = require('./mapping.js');
const {fromIndex, refuse, toCount, toIndex, toNs} = require('./numbers.js');
const {LOSSLESS, toInfo} = require('./rings.js');
const {Window} = require('./window.js');

const CLOCKS = {monotonic: 0, realtime: 1};
let handleOf;

class Ring {
  #handle;
  #name;
  static {
    handleOf = (ring) => ring.#handle;
  }

  constructor(name, handle) {
    this.#name = name;
    this.#handle = handle;
  }

  get name() { return this.#name; }
  get closed() { return this.#handle.closed; }
  get type() { return this.#handle.type.name; }
  get channels() { return this.#handle.channels; }
  get sampleBytes() { return this.#handle.sampleBytes; }
  get capacity() { return this.#handle.capacity; }
  get lossless() { return (this.#handle.flags & LOSSLESS) !== 0; }
  get written() { return this.#handle.info().written; }
  get oldest() { return this.#handle.info().oldest; }
  get sampleRate() { return this.#handle.info().sample_rate; }
  get state() { return this.info().state; }

  info() {
    const info = this.#handle.info();
    info.overruns += this.#handle.overruns;
    info.lost += this.#handle.lost;
    return toInfo(info);
  }

  // --- Samples by their index ---

  check(start, end) {
    return lib.ringbuf_check(this.#handle.pointer, toIndex('start', start), toIndex('end', end)) === 0;
  }

  view(start, end) {
    const handle = this.#handle;
    check(lib.ringbuf_view(handle.pointer, toIndex('start', start), toIndex('end', end), out[0]));
    [start, end] = [Number(start), Number(end)];
    return new Window(handle, handle.at(results[0], end - start), start, end, true);
  }

  read(start, end, into) {
    const handle = this.#handle;
    toIndex('start', start);
    toIndex('end', end);
    check(lib.ringbuf_check(handle.pointer, start, end)); // before memory is allocated
    const count = Number(end) - Number(start);
    const samples = into ?? handle.allocate(count);
    if (!ArrayBuffer.isView(samples) || samples.byteLength < count * handle.sampleBytes || Mapping.holds(samples)) {
      throw new InvalidArgumentError(
        `into is not what was expected: a typed array of at least ${count * handle.sampleBytes} bytes outside the ring`);
    }
    if (count > 0) check(lib.ringbuf_read(handle.pointer, start, end, samples));
    return samples;
  }

  latest(count) {
    toCount('count', count);
    for (;;) {
      const {written: end, first_index: first} = this.#handle.info();
      if (end - first < count) throw new NotYetError(`${count} samples were asked for, ${end - first} are written`);
      try {
        return this.view(end - count, end);
      } catch (error) {
        // The writer may have gone all the way round between the two lines.
        if (!(error instanceof OverwrittenError) || count > this.capacity || this.written === end) throw error;
      }
    }
  }

  gaps() {
    const found = [];
    check(lib.ringbuf_gaps(this.#handle.pointer, (start, end) => {
      found.push({start, end});
      return 0;
    }, null));
    return found;
  }

  // --- Times ---

  timeAt(index) {
    check(lib.ringbuf_time_at(this.#handle.pointer, toIndex('index', index), out[0], out[1]));
    const [monotonicNs, realtimeNs] = results;
    return {monotonicNs, realtimeNs, date: new Date(Number(realtimeNs / 1000000n))};
  }

  indexAt(time, clock = 'realtime') {
    if (!(clock in CLOCKS)) refuse('clock', clock, Object.keys(CLOCKS).join(' or '));
    if (time instanceof Date && clock !== 'realtime') refuse('time', time, 'nanoseconds, as a BigInt');
    const ns = time instanceof Date ? BigInt(time.getTime()) * 1000000n : toNs('time', time);
    check(lib.ringbuf_index_at(this.#handle.pointer, CLOCKS[clock], ns, out[0]));
    return fromIndex(results[0]);
  }

  // --- Metadata and readers ---

  metadataBytes() {
    for (let room = 4096; ;) {
      const bytes = Buffer.alloc(room);
      const code = lib.ringbuf_metadata(this.#handle.pointer, bytes, room, out[0]);
      const size = Number(results[0]);
      if (code !== Code.INVALID_ARGUMENT || size <= room) {
        check(code);
        return bytes.subarray(0, size);
      }
      room = size;
    }
  }

  get metadata() {
    const bytes = this.metadataBytes();
    if (bytes.length === 0) return {};
    try {
      return JSON.parse(bytes.toString());
    } catch (error) {
      throw new IncompatibleError(`the metadata are not JSON: ${error.message}; metadataBytes() has them`);
    }
  }

  readers() {
    const found = [];
    check(lib.ringbuf_readers(this.#handle.pointer, (pointer) => {
      const reader = koffi.decode(pointer, structs.reader_info.type);
      found.push({
        processId: reader.process_id,
        position: reader.position,
        lag: reader.lag,
        lost: reader.lost,
        overruns: reader.overruns,
        holdsBack: reader.holds_back !== 0,
      });
      return 0;
    }, null));
    return found;
  }

  // --- Messages ---

  message(start) {
    const handle = this.#handle;
    const memory = structs.message.allocate();
    check(lib.ringbuf_message(handle.pointer, toIndex('start', start), memory));
    const message = structs.message.decode(memory);
    const data = Buffer.alloc(message.size);
    if (data.length) check(lib.ringbuf_read(handle.pointer, start, Number(start) + message.size, data));
    return toMessage(message, data);
  }

  close() { this.#handle.close(); }
  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() { this.close(); }
}

function toMessage(message, data) {
  const {start, kind, tag, monotonic_ns: monotonicNs} = message;
  return {data, start, kind, tag, monotonicNs: BigInt(monotonicNs)};
}

module.exports = {Ring, handleOf, toMessage};
