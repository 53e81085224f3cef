'use strict';
// Samples by index and from a position, in one process, without an event loop.
const assert = require('assert');
const {test} = require('node:test');
const ringbuf = require('ringbuf');
const {newName, pair} = require('./support.js');

const {Reader, Writer} = ringbuf;
const count = (n, from = 0) => Float32Array.from({length: n}, (_, i) => from + i);

test('a window is memory of the ring', (t) => {
  const {writer, reader} = pair(t, {channels: 2, window: 100});
  writer.put(count(20));
  const window = reader.view(2, 5);
  assert.deepStrictEqual([window.start, window.end, window.length, window.channels], [2, 5, 3, 2]);
  assert(window.samples instanceof Float32Array);
  assert.deepStrictEqual([...window.samples], [4, 5, 6, 7, 8, 9]);
  assert.strictEqual(window.at(1, 1), 7);
  assert.strictEqual(window.at(2), 8);
  assert.deepStrictEqual([...window].map((sample) => [...sample]), [[4, 5], [6, 7], [8, 9]]);
  assert(window.inPlace && window.check());
  writer.put(new Float32Array(2 * 995)); // over it
  assert.strictEqual(window.at(0), 0, 'it is what the ring has by now');
  assert(!window.check());
  assert.throws(() => window.copy(), ringbuf.OverwrittenError);
});

test('a window that runs over the end of the data is contiguous up to the pocket, and copied beyond', (t) => {
  const {writer, reader} = pair(t, {capacity: 100, window: 10}, {afterOverrun: 'oldest'});
  writer.put(count(95));
  reader.seek(95);
  writer.put(count(30, 95));
  assert.deepStrictEqual([...reader.view(95, 110).samples], [...count(15, 95)]);
  assert.throws(() => reader.view(95, 111), ringbuf.NotContiguousError);
  assert.deepStrictEqual([...reader.read(95, 111)], [...count(16, 95)]);
  const window = reader.next(20);
  assert(!window.inPlace && window.check());
  assert.deepStrictEqual([window.start, ...window.samples], [95, ...count(20, 95)]);
});

test('samples of every type come back as they were', (t) => {
  const types = {
    float32: [1.5, -0], float64: [Math.PI, Infinity], int8: [-128, 127], int16: [-32768, 32767], int32: [-(2 ** 31), 1],
    int64: [-(2n ** 63n), 2n ** 63n - 1n], uint8: [0, 255], uint16: [0, 65535], uint32: [0, 2 ** 32 - 1],
    uint64: [0n, 2n ** 64n - 1n], float16: [0x3c00, 0x7c00], complex64: [1, 2, 3, 4], complex128: [1, 2, 3, 4],
  };
  for (const [type, values] of Object.entries(types)) {
    const {writer, reader} = pair(t, {type, channels: 2});
    assert.strictEqual(reader.type, type);
    writer.put(values);
    writer.put([values]);
    for (const sample of [reader.pop(), reader.popMany(5)]) assert.deepStrictEqual([...sample], values, type);
  }
  const {writer, reader} = pair(t, {type: 'bytes', itemSize: 3, channels: 2});
  writer.push(Buffer.from('abcdef'));
  assert.strictEqual(Buffer.from(reader.pop()).toString(), 'abcdef');
});

test('samples that do not fit are refused, and nothing is stored', (t) => {
  const {writer} = pair(t, {type: 'int16', channels: 2});
  const refused = (samples, message) =>
    assert.throws(() => writer.put(samples), {name: 'IncompatibleError', code: 4, codeName: 'RINGBUF_INCOMPATIBLE', message});
  refused([1, 70000], 'element 1 is 70000, expected a value of int16');
  refused([1, 1.5], 'element 1 is 1.5, expected a value of int16');
  refused([NaN, 1], 'element 0 is NaN, expected a value of int16');
  refused(['1', 2], 'element 0 is 1, expected a value of int16');
  refused([1, 2, 3], 'the samples are an array of 3, expected a multiple of 2 elements');
  refused(new Float32Array(2),
    'the samples are Float32Array of 2, expected Int16Array, an array, or a Buffer of whole samples');
  refused(Buffer.alloc(5), 'the samples are Buffer of 5, expected a multiple of 2 elements');
  refused(null, 'the samples are null, expected Int16Array, an array, or a Buffer of whole samples');
  assert.throws(() => writer.push([1, 2, 3, 4]), {name: 'IncompatibleError', message: 'there are 2 samples, expected one'});
  assert.strictEqual(writer.written, 0);
  writer.put([]);
  writer.put(new Int16Array([1, 2]).buffer);
  writer.put(new DataView(new Int16Array([0, 0, 3, 4]).buffer, 4));
  writer.put(Buffer.from(new Int16Array([5, 6]).buffer));
  assert.deepStrictEqual([...writer.read(0, 3)], [1, 2, 3, 4, 5, 6]);
  const {writer: big} = pair(t, {type: 'int64'});
  big.put([1, 2n]);
  assert.throws(() => big.put([1.5]), ringbuf.IncompatibleError);
});

test('samples of a ring are put once more', (t) => {
  const {writer, reader} = pair(t, {capacity: 10, window: 5});
  writer.put(count(5));
  writer.put(reader.view(0, 5).samples);
  writer.put(writer.view(0, 5).samples); // each is overwritten by itself
  assert.deepStrictEqual([...reader.read(5, 15)], [...count(5), ...count(5)]);
});

test('read copies into memory outside the ring', (t) => {
  const {writer, reader} = pair(t);
  writer.put(count(10));
  const into = new Float32Array(10);
  assert.strictEqual(reader.read(2, 5, into), into);
  assert.deepStrictEqual([...into.subarray(0, 3)], [2, 3, 4]);
  assert.throws(() => reader.read(0, 10, new Float32Array(9)), ringbuf.InvalidArgumentError);
  assert.throws(() => reader.read(0, 5, reader.view(0, 10).samples), ringbuf.InvalidArgumentError);
  assert.throws(() => reader.read(0, 11), ringbuf.NotYetError);
  assert.throws(() => reader.read(5, 4), ringbuf.BadIndexError);
  assert.strictEqual(reader.read(4, 4).length, 0);
});

test('the newest samples', (t) => {
  const {writer, reader} = pair(t, {firstIndex: 100});
  writer.put(count(5));
  assert.deepStrictEqual([...reader.latest(2).samples], [3, 4]);
  assert.throws(() => reader.latest(6), {name: 'NotYetError', message: '6 samples were asked for, 5 are written'});
});

test('a reader that is overrun is told once, and goes on', (t) => {
  const {writer, reader} = pair(t, {capacity: 100}, {afterOverrun: 'oldest'});
  writer.put(count(150));
  assert.throws(() => reader.next(10), ringbuf.OverwrittenError);
  assert.deepStrictEqual([reader.position, reader.lost, reader.overruns], [50, 50, 1]);
  assert.strictEqual(reader.next(10).start, 50);
  assert.throws(() => reader.seek(0), ringbuf.OverwrittenError);
  reader.seek(150);
  assert.strictEqual(reader.usage, 0);
  assert.strictEqual(reader.next(10), null);
  assert.strictEqual(reader.pop(), null);
  assert.strictEqual(reader.popMany(5).length, 0);
});

test('a lossless ring is full, and nothing is stored', (t) => {
  const {writer, reader} = pair(t, {capacity: 100, lossless: true});
  writer.put(count(100));
  assert.strictEqual(writer.space, 0);
  assert.throws(() => writer.put([1]), {name: 'FullError', code: 12});
  assert.strictEqual(reader.popMany(1000).length, 100);
  writer.put([1]);
  assert.deepStrictEqual(reader.readers().map(({position, holdsBack}) => [position, holdsBack]), [[100, true]]);
  assert.strictEqual(reader.readers()[0].processId, process.pid);
});

test('samples are written in place', (t) => {
  const {writer, reader} = pair(t, {capacity: 100, window: 10});
  writer.put(count(95));
  const room = writer.reserve(10);
  room.samples.set(count(10, 95));
  assert.strictEqual(reader.written, 95);
  room.commit(8);
  assert.deepStrictEqual([...reader.read(95, 103)], [...count(8, 95)]);
  assert.throws(() => room.commit(1), ringbuf.InvalidArgumentError);
  writer.reserve(5).cancel();
  assert.strictEqual(reader.written, 103);
  assert.throws(() => writer.reserve(0), ringbuf.InvalidArgumentError);
});

test('gaps', (t) => {
  const {writer, reader} = pair(t);
  writer.put(count(5));
  writer.skip(10);
  writer.put(count(5, 15));
  assert.deepStrictEqual(reader.gaps(), [{start: 5, end: 15}]);
  assert.throws(() => reader.view(0, 10), ringbuf.GapError);
  assert(!reader.check(0, 10) && reader.check(15, 20) && !reader.check(15, 21));
});

test('times', (t) => {
  const {writer, reader} = pair(t, {sampleRate: 1000});
  const before = process.hrtime.bigint();
  writer.put(count(10));
  const {monotonicNs, realtimeNs, date} = reader.timeAt(9);
  assert(monotonicNs > before - 10n ** 9n && monotonicNs <= process.hrtime.bigint());
  assert.strictEqual(date.getTime(), Number(realtimeNs / 1000000n));
  assert.strictEqual(reader.sampleRate, 1000);

  const {writer: stamper, reader: other} = pair(t);
  stamper.put(count(11));
  stamper.stamp(0, 10n ** 9n, 10n ** 18n);
  stamper.stamp(10, 2n * 10n ** 9n, 10n ** 18n + 10n ** 9n);
  assert.strictEqual(other.timeAt(5).monotonicNs, 1500000000n);
  assert.strictEqual(other.indexAt(1500000000n, 'monotonic'), 5);
  assert.strictEqual(other.indexAt(10n ** 18n), 0);
  assert.strictEqual(other.indexAt(new Date(1e12 + 500)), 5);
  assert.throws(() => other.indexAt(10n ** 18n + 2n * 10n ** 9n), ringbuf.NotYetError);
  assert.throws(() => other.indexAt(5n, 'sundial'), {message: 'clock is "sundial", expected monotonic or realtime'});
});

test('metadata', (t) => {
  const {writer, reader} = pair(t, {metadata: {channels: [{name: 'left'}]}, metadataBytes: 10000});
  assert.strictEqual(reader.metadata.channels[0].name, 'left');
  writer.metadata = {long: 'x'.repeat(8000)};
  assert.strictEqual(reader.metadata.long.length, 8000);
  assert.throws(() => { writer.metadata = {long: 'x'.repeat(20000)}; }, ringbuf.InvalidArgumentError);
  writer.setMetadataBytes('{');
  assert.throws(() => reader.metadata, ringbuf.IncompatibleError);
  assert.strictEqual(reader.metadataBytes().toString(), '{');
  writer.setMetadataBytes('');
  assert.deepStrictEqual(reader.metadata, {});
  const name = newName();
  assert.throws(() => new Writer(name, {capacity: 10, metadata: {x: 'y'.repeat(5000)}}), ringbuf.InvalidArgumentError);
  assert.throws(() => new Reader(name), ringbuf.NotFoundError);
});

test('a ring is described, listed, resumed and removed', (t) => {
  const {name, writer, reader} = pair(t, {channels: 3, keep: true, mode: 0o640, firstIndex: 7, window: 10, maxReaders: 4});
  writer.put(count(6));
  const info = reader.info();
  assert.deepStrictEqual(
    [info.type, info.channels, info.capacity, info.window, info.written, info.position, info.state, info.writerPid,
      info.firstIndex, info.readers, info.maxReaders, info.keep, info.lossless, info.messages, info.generation],
    ['float32', 3, 1000, 10, 9, 7, 'live', process.pid, 7, 1, 4, true, false, false, 1]);
  assert.match(info.ringId, /^[0-9a-f]{32}$/);
  assert.strictEqual(info.anchor.index, 8);
  assert.deepStrictEqual(ringbuf.rings().filter((ring) => ring.name === name).map((ring) => ring.ringId), [info.ringId]);
  assert.throws(() => Writer.resume(name), ringbuf.BusyError);
  assert.throws(() => new Writer(name, {capacity: 5}), ringbuf.ExistsError);
  writer.close();
  assert.strictEqual(reader.state, 'closed');
  assert.throws(() => Writer.createOrResume(name, {capacity: 5}), ringbuf.IncompatibleError);
  const resumed = Writer.resume(name);
  assert.deepStrictEqual([resumed.written, resumed.info().generation], [9, 2]);
  resumed.close();
  ringbuf.unlink(name);
  assert.throws(() => ringbuf.unlink(name), ringbuf.NotFoundError);
  const created = Writer.createOrResume(name, {capacity: 5, metadata: {a: 1}});
  assert.deepStrictEqual(created.metadata, {a: 1});
  created.close();
});

test('arguments are refused in words', (t) => {
  const {reader, writer} = pair(t);
  const refused = (action, message) => assert.throws(action, {name: 'InvalidArgumentError', code: 6, message});
  refused(() => new Reader('no/name'), /name/);
  refused(() => new Reader('no\0name'), /name/);
  refused(() => new Reader(5), 'name is 5, expected a string');
  refused(() => new Reader('x', {begin: 'newest'}), /^an option is "begin", expected start, /);
  refused(() => new Reader('x', {start: 'toString'}), 'start is "toString", expected oldest or newest');
  refused(() => new Writer('x', {capcity: 5}), /^an option is "capcity", expected type, /);
  refused(() => new Writer('x'), 'options is undefined, expected an object');
  refused(() => new Writer('x', {}), /capacity/);
  refused(() => new Writer('x', {capacity: 5, type: 'int17'}), /^type is "int17", expected float32, /);
  refused(() => new Writer('x', {capacity: 5, channels: 1.5}), 'channels is 1.5, expected an integer from 0 to 4294967295');
  refused(() => new Writer('x', {capacity: 2 ** 53}), /^capacity is 9007199254740992, expected an integer from 0 to /);
  refused(() => reader.view(0.5, 1), 'start is 0.5, expected an integer, as a BigInt if it is beyond 2^53 - 1');
  refused(() => reader.view(0, 2n ** 64n), /^end is 18446744073709551616/);
  refused(() => reader.next(-1), /^count is -1/);
  refused(() => reader.next(0), /window/);
  refused(() => reader.next(1, {timeout: -1}), 'timeout is -1, expected milliseconds, 0 or more');
  refused(() => reader.next(1, {timeout: '5'}), 'timeout is "5", expected milliseconds, 0 or more');
  refused(() => writer.stamp(0, 'now'), 'monotonicNs is "now", expected nanoseconds, as a BigInt');
  refused(() => reader.blocks(0), 'most is 0, expected at least 1');
});

test('indices beyond 2^53 - 1 are refused', () => {
  const name = newName();
  const big = 2n ** 60n;
  assert.throws(() => new Writer(name, {capacity: 10, firstIndex: big}),
    {name: 'UnsupportedError', message: `the index ${big} is beyond 2^53 - 1, the largest that this package takes`});
  assert.throws(() => new Reader(name), ringbuf.NotFoundError, 'nothing is left of it');
  const edge = new Writer(name, {capacity: 10, firstIndex: Number.MAX_SAFE_INTEGER - 5});
  edge.put([1, 2, 3]);
  assert.deepStrictEqual([...edge.read(Number.MAX_SAFE_INTEGER - 4, edge.written)], [2, 3]);
  edge.close();
});

test('next blocks only as long as it may', (t) => {
  const {reader} = pair(t);
  const before = performance.now();
  assert.strictEqual(reader.next(1, {timeout: 20}), null);
  assert(performance.now() - before >= 19);
});

