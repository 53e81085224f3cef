'use strict';
// interop.js write|read NAME: see tests/interop/README.md.
const fs = require('fs');
const {Reader, RingbufError, Writer} = require('ringbuf');

const CAPACITY = 97, WINDOW = 16, STEP = 8, PUT = 10, SAMPLES = 1000, CHANNELS = 2, ITEM_BYTES = 13;
const windowed = {
  int64: {
    seed: 8, bytes: 8,
    special: [0x8000000000000000n, 0x7fffffffffffffffn, 0xffffffffffffffffn, 0x0020000000000001n, 0n, 1n,
      0x00000000ffffffffn, 0xffffffff00000000n],
  },
  float32: {
    seed: 0, bytes: 4,
    special: [0x80000000, 0x7fc00001, 0x7f812345, 0xffc54321, 0x7f800000, 0xff800000, 1, 0x7f7fffff],
  },
  float64: {
    seed: 2, bytes: 8,
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

async function endOf(action) { // the error that it throws
  try {
    await action();
  } catch (error) {
    if (error instanceof RingbufError) return error;
    throw error;
  }
  return {codeName: 'RINGBUF_OK', message: ''};
}

async function sayError(action) {
  const {codeName, message} = await endOf(action);
  say(`error ${codeName}: ${message}`);
}

async function write(name) {
  const shape = {channels: CHANNELS, capacity: CAPACITY, window: WINDOW};
  const overwritten = new Writer(`${name}.overwritten`, {...shape, type: 'int64'});
  const writers = Object.keys(windowed).map((of) => [of, new Writer(`${name}.${of}`, {...shape, type: of, lossless: true})]);
  const items = new Writer(`${name}.items`,
    {type: 'bytes', itemSize: ITEM_BYTES, capacity: CAPACITY, window: WINDOW, lossless: true});
  const data = samples(windowed.int64);
  overwritten.put(data.subarray(0, WINDOW * CHANNELS * 8));
  await sayError(() => new Writer(`${name}.int64`, {...shape, type: 'int64'}));
  say('ready');
  expectGo();
  overwritten.put(data.subarray(WINDOW * CHANNELS * 8, (WINDOW + 200) * CHANNELS * 8));
  say('overwritten');

  for (const [of, writer] of writers) {
    const data = samples(windowed[of]);
    const bytes = PUT * CHANNELS * windowed[of].bytes;
    for (let at = 0; at < data.length; at += bytes) {
      const block = data.subarray(at, at + bytes);
      await writer.waitSpace(PUT);
      if (of === 'float64') {
        const room = writer.reserve(PUT);
        const {buffer, byteOffset, byteLength} = room.samples;
        block.copy(Buffer.from(buffer, byteOffset, byteLength)); // as bytes: the NaNs stay as they are
        room.commit();
      } else {
        writer.put(block);
      }
    }
    writer.close();
  }
  overwritten.close();
  const all = words(255, SAMPLES * ITEM_BYTES);
  for (let at = 0; at < all.length; at += ITEM_BYTES) {
    await items.waitSpace(1);
    items.push(all.subarray(at, at + ITEM_BYTES));
  }
  say('done');
  hear();
}

async function readWindows(name, reader) {
  const {bytes} = windowed[name];
  const expected = samples(windowed[name]);
  const adler32 = new Adler32();
  let windows = 0, sum = 0n, nan = 0, minusZero = 0;
  for await (const window of reader.windows(WINDOW, {step: STEP})) {
    const {buffer, byteOffset, byteLength} = window.samples;
    const seen = Buffer.from(buffer, byteOffset, byteLength);
    adler32.add(seen);
    for (const element of window.samples) {
      if (name === 'int64') sum = BigInt.asIntN(64, sum + element);
      else if (Number.isNaN(element)) ++nan;
      else if (Object.is(element, -0)) ++minusZero;
    }
    const at = window.start * CHANNELS * bytes;
    const same = seen.equals(expected.subarray(at, at + seen.length));
    if (!window.check() || !same) throw new Error(`${name}: the window at ${window.start} is wrong`);
    ++windows;
  }
  const end = await endOf(() => reader.next(WINDOW));
  const figure = name === 'int64' ? `sum=${sum}` : `nan=${nan} minus_zero=${minusZero}`;
  say(`${name} windows=${windows} adler32=${adler32} ${figure} end=${end.codeName}`);
}

async function readItems(reader) {
  const expected = words(255, SAMPLES * ITEM_BYTES);
  const adler32 = new Adler32();
  let popped = 0;
  const end = await endOf(async () => {
    for await (const item of reader.blocks(1)) {
      if (!expected.subarray(popped * ITEM_BYTES, (popped + 1) * ITEM_BYTES).equals(item)) {
        throw new Error(`item ${popped} is wrong`);
      }
      adler32.add(item);
      ++popped;
    }
  });
  say(`items popped=${popped} adler32=${adler32} end=${end.codeName}`);
}

async function read(name) {
  await sayError(() => new Reader(`${name}.nobody`));
  await sayError(() => new Reader('no/name'));
  const readers = Object.keys(windowed).map((of) => [of, new Reader(`${name}.${of}`)]);
  const items = new Reader(`${name}.items`);
  const overwritten = new Reader(`${name}.overwritten`);
  const window = overwritten.next(WINDOW);
  say('ready');
  expectGo();
  say(`overwritten check=${(await endOf(() => window.copy())).codeName}`);
  for (const [of, reader] of readers) await readWindows(of, reader);
  await readItems(items);
}

({write, read})[process.argv[2]](process.argv[3]);
