'use strict';
// interop.js write|read NAME: see tests/interop/README.md.
const fs = require('fs');
const {Reader, RingbufError, Writer} = require('./ringbuf.js');

const CAPACITY = 97, WINDOW = 16, STEP = 8, PUT = 10, SAMPLES = 1000, CHANNELS = 2, ITEM_BYTES = 13;
const windowed = {
  int64: {
    seed: 8, bytes: 8, Elements: BigInt64Array,
    special: [0x8000000000000000n, 0x7fffffffffffffffn, 0xffffffffffffffffn, 0x0020000000000001n, 0n, 1n,
      0x00000000ffffffffn, 0xffffffff00000000n],
  },
  float32: {
    seed: 0, bytes: 4, Elements: Float32Array,
    special: [0x80000000, 0x7fc00001, 0x7f812345, 0xffc54321, 0x7f800000, 0xff800000, 1, 0x7f7fffff],
  },
  float64: {
    seed: 2, bytes: 8, Elements: Float64Array,
    special: [0x8000000000000000n, 0x7ff8000000000001n, 0x7ff0000012345678n, 0xfff8765432100001n,
      0x7ff0000000000000n, 0xfff0000000000000n, 1n, 0x7fefffffffffffffn],
  },
};

function words(seed, bytes) {
  const data = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 4) {
    seed = (Math.imul(1664525, seed) + 1013904223) >>> 0;
    data.writeUInt32LE(seed, at);
  }
  return data;
}

function samples({seed, bytes, special}) {
  const data = words(seed, SAMPLES * CHANNELS * bytes);
  for (let i = 0; i < SAMPLES * CHANNELS; i += 4) {
    const element = special[i / 4 % 8];
    if (bytes === 8) data.writeBigUInt64LE(element, i * bytes);
    else data.writeUInt32LE(element, i * bytes);
  }
  return data;
}

class Adler32 {
  a = 1;
  b = 0;
  add(bytes) {
    for (const byte of bytes) {
      this.a = (this.a + byte) % 65521;
      this.b = (this.b + this.a) % 65521;
    }
  }
  toString() { return (this.b * 65536 + this.a).toString(16).padStart(8, '0'); }
}

const say = (line) => fs.writeSync(1, `${line}\n`);

function hear() { // a line, without waking an event loop
  let line = '';
  for (const byte = Buffer.alloc(1); fs.readSync(0, byte) === 1 && byte[0] !== 10;) line += byte.toString();
  return line;
}

function expectGo() {
  if (hear() !== 'go') throw new Error('no go');
}

function nameOf(action) { // of the code that it throws
  try {
    action();
  } catch (error) {
    if (error instanceof RingbufError) return error;
    throw error;
  }
  return {name: 'RINGBUF_OK', message: ''};
}

function sayError(action) {
  const {name, message} = nameOf(action);
  say(`error ${name}: ${message}`);
}

function write(name) {
  const create = (of, type, bytes, lossless) => new Writer(`${name}.${of}`,
    {type, channels: CHANNELS, capacity: CAPACITY, window: WINDOW, lossless, sampleBytes: CHANNELS * bytes});
  const overwritten = create('overwritten', 'int64', 8, false);
  const writers = Object.entries(windowed).map(([of, {bytes}]) => [of, create(of, of, bytes, true)]);
  const items = new Writer(`${name}.items`,
    {type: 'bytes', item_size: ITEM_BYTES, capacity: CAPACITY, window: WINDOW, lossless: true, sampleBytes: ITEM_BYTES});
  const data = samples(windowed.int64);
  overwritten.put(data.subarray(0, WINDOW * CHANNELS * 8));
  sayError(() => create('int64', 'int64', 8, true));
  say('ready');
  expectGo();
  overwritten.put(data.subarray(WINDOW * CHANNELS * 8, (WINDOW + 200) * CHANNELS * 8));
  say('overwritten');

  for (const [of, writer] of writers) {
    const data = samples(windowed[of]);
    const bytes = PUT * CHANNELS * windowed[of].bytes;
    for (let at = 0; at < data.length; at += bytes) {
      const block = data.subarray(at, at + bytes);
      writer.waitSpace(PUT);
      if (of === 'float64') {
        block.copy(writer.reserve(PUT));
        writer.commit(PUT);
      } else {
        writer.put(block);
      }
    }
    writer.close();
  }
  overwritten.close();
  const all = words(255, SAMPLES * ITEM_BYTES);
  for (let at = 0; at < all.length; at += ITEM_BYTES) {
    items.waitSpace(1);
    items.push(all.subarray(at, at + ITEM_BYTES));
  }
  say('done');
  hear();
}

function readWindows(name, reader) {
  const {bytes, Elements} = windowed[name];
  const expected = samples(windowed[name]);
  const adler32 = new Adler32();
  let windows = 0, sum = 0n, nan = 0, minusZero = 0;
  const end = nameOf(() => {
    for (;; ++windows) {
      const window = reader.next(WINDOW, STEP);
      const seen = Buffer.from(window);
      adler32.add(seen);
      for (const element of new Elements(window)) {
        if (name === 'int64') sum = BigInt.asIntN(64, sum + element);
        else if (Number.isNaN(element)) ++nan;
        else if (Object.is(element, -0)) ++minusZero;
      }
      const at = reader.start * CHANNELS * bytes;
      const same = seen.equals(expected.subarray(at, at + seen.length));
      reader.check(); // from here on it is known that all this was whole
      if (!same) throw new Error(`${name}: the window at ${reader.start} is wrong`);
    }
  });
  const figure = name === 'int64' ? `sum=${sum}` : `nan=${nan} minus_zero=${minusZero}`;
  say(`${name} windows=${windows} adler32=${adler32} ${figure} end=${end.name}`);
}

function readItems(reader) {
  const expected = words(255, SAMPLES * ITEM_BYTES);
  const adler32 = new Adler32();
  let popped = 0;
  const end = nameOf(() => {
    for (;; ++popped) {
      const item = reader.pop();
      if (!item.equals(expected.subarray(popped * ITEM_BYTES, (popped + 1) * ITEM_BYTES))) {
        throw new Error(`item ${popped} is wrong`);
      }
      adler32.add(item);
    }
  });
  say(`items popped=${popped} adler32=${adler32} end=${end.name}`);
}

function read(name) {
  sayError(() => new Reader(`${name}.nobody`, 1));
  sayError(() => new Reader('no/name', 1));
  const readers = Object.entries(windowed).map(([of, {bytes}]) => [of, new Reader(`${name}.${of}`, CHANNELS * bytes)]);
  const items = new Reader(`${name}.items`, ITEM_BYTES);
  const overwritten = new Reader(`${name}.overwritten`, CHANNELS * 8);
  overwritten.next(WINDOW, WINDOW);
  say('ready');
  expectGo();
  say(`overwritten check=${nameOf(() => overwritten.check()).name}`);
  for (const [of, reader] of readers) readWindows(of, reader);
  readItems(items);
}

({write, read})[process.argv[2]](process.argv[3]);
