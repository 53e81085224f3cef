'use strict';
// Who holds what: closing, collecting, and arrays that outlive their ring.
const assert = require('assert');
const fs = require('fs');
const {test} = require('node:test');
const {Worker} = require('worker_threads');
const ringbuf = require('ringbuf');
const {Mapping} = require('../../capi/node/lib/mapping.js');
const {collectUntil, newName, pair, turn} = require('./support.js');

const {Reader, Writer} = ringbuf;
const mappings = (name) => fs.readFileSync('/proc/self/maps', 'utf8').split('\n').filter((line) => line.includes(name)).length;

test('after close every method says so, and a second close does nothing', (t) => {
  const {name, writer, reader} = pair(t);
  writer.put([1, 2, 3]);
  const room = writer.reserve(2);
  const window = reader.view(0, 2);
  for (const ring of [reader, writer]) {
    ring.close();
    ring.close();
    assert(ring.closed);
    assert.deepStrictEqual([ring.name, ring.capacity, ring.channels, ring.type], [name, 1000, 1, 'float32']);
  }
  const calls = {
    reader: ['check', 'view', 'read', 'latest', 'gaps', 'timeAt', 'metadataBytes', 'readers', 'message', 'info', 'next', 'pop',
      'popMany', 'seek', 'receive'],
    writer: ['put', 'push', 'reserve', 'skip', 'stamp', 'send', 'setMetadataBytes', 'view', 'info'],
  };
  const args = {check: [0, 1], view: [0, 1], read: [0, 1], latest: [1], timeAt: [0], message: [0], next: [1], popMany: [1],
    seek: [0], put: [[1]], push: [1], reserve: [1], skip: [1], stamp: [0, 1n], send: ['x'], setMetadataBytes: ['x']};
  for (const [who, names] of Object.entries(calls)) {
    for (const method of names) {
      assert.throws(() => ({reader, writer})[who][method](...(args[method] ?? [])),
        {name: 'NotInitializedError', code: 1, message: 'it has been closed'}, `${who}.${method}`);
    }
  }
  for (const property of ['written', 'oldest', 'state', 'metadata', 'position', 'usage', 'lost', 'overruns', 'sampleRate']) {
    assert.throws(() => reader[property], ringbuf.NotInitializedError, property);
  }
  assert.throws(() => writer.space, ringbuf.NotInitializedError);
  assert.throws(() => room.commit(), ringbuf.NotInitializedError);
  room.samples[0] = 5; // nowhere
  assert.deepStrictEqual([...window.samples], [1, 2]);
  assert(!window.check());
  assert.throws(() => window.copy(), ringbuf.OverwrittenError);
});

test('a window outlives its ring, and its memory goes with it', async (t) => {
  const {name, writer, reader} = pair(t, {capacity: 100000});
  writer.put(Float32Array.from({length: 100000}, (_, i) => i));
  let window = reader.view(0, 100000);
  reader.close();
  writer.close();
  for (let i = 0; i < 5; ++i) {
    globalThis.gc();
    await turn();
  }
  assert(mappings(name) > 0);
  assert(window.samples.every((value, i) => value === i));
  const part = window.samples.subarray(99999);
  window = undefined;
  for (let i = 0; i < 5; ++i) {
    globalThis.gc();
    await turn();
  }
  assert.strictEqual(part[0], 99999);
});

test('mappings of rings that nobody refers to are removed', async () => {
  const name = newName();
  const use = () => {
    const writer = new Writer(name, {capacity: 100, window: 10});
    const reader = new Reader(name);
    writer.put([1, 2, 3]);
    const {samples} = reader.view(0, 3);
    reader.close();
    writer.close();
    return samples[0];
  };
  assert.strictEqual(use(), 1);
  await collectUntil(() => mappings(name) === 0);
});

test('a ring that is longer than a buffer can be has a buffer for each array', async () => {
  const name = newName();
  const writer = new Writer(name, {capacity: 1000});
  writer.put(Float32Array.from({length: 1000}, (_, i) => i));
  const {totalBytes} = writer.info();
  const file = `/dev/shm/${name}`;
  const before = mappings(name);
  let arrays = (() => {
    const fd = fs.openSync(file, 'r');
    const mapping = new Mapping(fd, totalBytes, false, totalBytes - 1);
    fs.closeSync(fd);
    const whole = new Uint8Array(fs.readFileSync(file));
    const both = [0, 4096].map((from) => mapping.array(Uint8Array, from, totalBytes - 4096));
    for (const array of both) assert.strictEqual(array.byteOffset, 0);
    assert(Mapping.holds(both[1]) && !Mapping.holds(whole));
    assert(both[1].every((byte, i) => byte === whole[i + 4096]));
    return both;
  })();
  assert.strictEqual(mappings(name), before + 1);
  arrays = arrays.slice(1);
  for (let i = 0; i < 5; ++i) {
    globalThis.gc();
    await turn();
  }
  assert.strictEqual(mappings(name), before + 1, 'one of them is still there');
  assert.strictEqual(arrays[0].length, totalBytes - 4096);
  arrays = undefined;
  await collectUntil(() => mappings(name) === before);
  writer.close();
});

test('what nobody refers to any more is closed, also after a wait', async (t) => {
  const {name, writer} = pair(t, {lossless: true});
  await (async () => {
    const reader = new Reader(name);
    await reader.wait(1, {timeout: 1});
    const left = new Reader(name).windows(1);
    writer.put([1]);
    await left.next(); // and never again
  })();
  assert.strictEqual(writer.info().readers, 3);
  const before = fs.readdirSync('/proc/self/fd').length;
  await collectUntil(() => writer.info().readers === 1);
  await collectUntil(() => fs.readdirSync('/proc/self/fd').length < before - 2);
});

test('a writer that nobody refers to ends the stream', async () => {
  const name = newName();
  const reader = (() => {
    new Writer(name, {capacity: 10}).put([1]);
    return new Reader(name);
  })();
  await collectUntil(() => reader.state === 'closed');
  assert.strictEqual(reader.pop()[0], 1);
  assert.throws(() => reader.pop(), ringbuf.ClosedError);
  reader.close();
});

test('a ring that cannot be opened leaves nothing', () => {
  const name = newName();
  const before = fs.readdirSync('/proc/self/fd').length;
  assert.throws(() => new Writer(name, {capacity: 10, firstIndex: 2n ** 60n}), ringbuf.UnsupportedError);
  assert.throws(() => new Reader(name), ringbuf.NotFoundError);
  assert.strictEqual(fs.readdirSync('/proc/self/fd').length, before);
});

test('using closes', (t) => {
  const {reader} = pair(t);
  reader[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
  assert(reader.closed);
});

test('a worker thread opens rings of its own', async (t) => {
  const {name, writer} = pair(t, {lossless: true});
  writer.put([1, 2, 3]);
  const worker = new Worker(`const {Reader} = require('ringbuf');
    const {parentPort, workerData} = require('worker_threads');
    (async () => {
      const reader = new Reader(workerData);
      for await (const window of reader.windows(3)) parentPort.postMessage([window.samples[2], window.samples]);
      reader.close();
    })();`, {eval: true, workerData: name});
  const [last, samples] = await new Promise((resolve) => worker.once('message', resolve));
  assert.deepStrictEqual([last, ...samples], [3, 1, 2, 3]);
  const end = new Promise((resolve) => worker.once('exit', resolve));
  writer.close();
  assert.strictEqual(await end, 0);
});

test('an array cannot be detached from its ring', (t) => {
  const {writer, reader} = pair(t);
  writer.put([1, 2, 3]);
  const {samples} = reader.view(0, 3);
  try {
    structuredClone(samples, {transfer: [samples.buffer]});
  } catch (error) {
    assert.strictEqual(error.name, 'DataCloneError'); // or it was copied, without a word
  }
  assert.deepStrictEqual([...samples], [1, 2, 3]);
});
