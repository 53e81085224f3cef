'use strict';
// Loops and waits in the event loop: nothing of the program stands still meanwhile, and each can be left.
const assert = require('assert');
const {spawn} = require('child_process');
const {once} = require('events');
const fs = require('fs');
const readline = require('readline');
const {test} = require('node:test');
const ringbuf = require('ringbuf');
const {newName, pair, peer, turn} = require('./support.js');
const {lib} = require('../../capi/node/lib/functions.js');

const {Reader, Writer} = ringbuf;
const descriptors = () => fs.readdirSync('/proc/self/fd').length;

/** Where the windows of a loop begin. */
async function starts(loop, most = Infinity) {
  const found = [];
  for await (const window of loop) {
    assert(window.check());
    found.push(window.start);
    if (found.length === most) break;
  }
  return found;
}

test('windows slide until the writer ends the stream, in another process', async (t) => {
  const other = peer(t);
  const name = newName();
  await other.do('create', name, {capacity: 1000, channels: 2, window: 100});
  const reader = new Reader(name);
  t.after(() => reader.close());
  const found = starts(reader.windows(4, {step: 2}));
  for (let i = 0; i < 5; ++i) await other.do('put', new Array(8).fill(i));
  await other.do('close');
  assert.deepStrictEqual(await found, [0, 2, 4, 6, 8, 10, 12, 14, 16]);
  assert.strictEqual(reader.position, 18);
});

test('all else runs while there is no window', async (t) => {
  const {writer, reader} = pair(t);
  const loop = reader.windows(10);
  const first = loop.next();
  for (let i = 0; i < 20; ++i) await turn(); // a wait that blocked would not come here
  await new Promise((resolve) => setTimeout(resolve, 5));
  writer.put(new Float32Array(10));
  assert.strictEqual((await first).value.start, 0);
});

test('all else runs between two windows that are there', async (t) => {
  const {writer, reader} = pair(t);
  writer.put(new Float32Array(1000));
  let turns = 0, windows = 0, least = Infinity, before;
  const count = () => {
    turns += 1;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  for await (const window of reader.windows(1)) {
    if (before !== undefined) least = Math.min(least, turns - before);
    before = turns;
    if ((windows += window.length) === 500) break;
  }
  clearImmediate(immediate);
  assert(least >= 1, `${least} turns of the event loop between two windows`);
});

test('a loop asks once, without waiting in the library, until its window is there', async (t) => {
  const {name, writer, reader} = pair(t);
  const other = new Reader(name);
  t.after(() => other.close());
  const timeouts = [];
  const next = lib.ringbuf_next;
  t.after(() => { lib.ringbuf_next = next; });
  lib.ringbuf_next = (ring, window, step, timeout, ...results) => {
    timeouts.push(timeout);
    return next(ring, window, step, timeout, ...results);
  };
  const first = reader.windows(10).next();
  for (let i = 1; i < 10; ++i) { // not enough for the loop, enough for another reader
    const come = other.wait(i);
    writer.put([i]);
    await come;
  }
  assert.deepStrictEqual(timeouts, [0]);
  writer.put([10]);
  await first;
  assert.deepStrictEqual(timeouts, [0, 0]);
});

test('break releases what the loop has, and a new loop goes on', async (t) => {
  const {writer, reader} = pair(t);
  await reader.wait(1, {timeout: 1}); // what is made once is made
  writer.put(new Float32Array(6));
  const before = descriptors();
  assert.deepStrictEqual(await starts(reader.windows(2), 2), [0, 2]);
  setImmediate(() => writer.put(new Float32Array(2)));
  assert.deepStrictEqual(await starts(reader.windows(2), 2), [4, 6], 'the second has been waited for');
  assert.strictEqual(descriptors(), before);
});

test('an error in the body leaves the loop, too', async (t) => {
  const {writer, reader} = pair(t);
  writer.put(new Float32Array(6));
  await assert.rejects(async () => {
    for await (const window of reader.windows(2)) throw new Error(`at ${window.start}`);
  }, {message: 'at 0'});
  assert.deepStrictEqual(await starts(reader.windows(2), 1), [2]);
});

test('an abort ends a loop that waits, one that does not, and one that has not begun', async (t) => {
  const {writer, reader} = pair(t);
  await reader.wait(1, {timeout: 1}); // what is made once is made
  const before = descriptors();
  const controller = new AbortController();
  const waiting = starts(reader.windows(10, {signal: controller.signal}));
  for (let i = 0; i < 10; ++i) await turn();
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, {message: 'enough'});
  await assert.rejects(starts(reader.windows(10, {signal: controller.signal})), {message: 'enough'});
  await assert.rejects(starts(reader.windows(10, {signal: AbortSignal.abort()})), {name: 'AbortError'});
  writer.put(new Float32Array(30));
  const busy = new AbortController();
  const seen = [];
  await assert.rejects(async () => {
    for await (const window of reader.windows(10, {signal: busy.signal})) {
      seen.push(window.start);
      busy.abort();
    }
  }, {name: 'AbortError'});
  assert.deepStrictEqual(seen, [0]);
  assert.strictEqual(descriptors(), before);
});

test('close ends a wait', async (t) => {
  const before = descriptors();
  const {writer, reader} = pair(t);
  const waiting = [reader.windows(10).next(), reader.wait(5), reader.blocks(5).next()];
  await turn();
  reader.close();
  for (const each of waiting) await assert.rejects(each, {name: 'NotInitializedError', code: 1, message: 'it has been closed'});
  await assert.rejects(reader.windows(10).next(), ringbuf.NotInitializedError);
  writer.close();
  assert.strictEqual(descriptors(), before);
});

test('several wait for one reader', async (t) => {
  const {writer, reader} = pair(t);
  const done = [];
  const waits = [30, 10, 20].map((end) => reader.wait(end).then((came) => done.push([end, came])));
  const late = reader.wait(40, {timeout: 1});
  assert.strictEqual(await late, false);
  for (const end of [10, 20, 30]) {
    writer.put(new Float32Array(10));
    while (done.length < end / 10) await turn();
    assert.deepStrictEqual(done.at(-1), [end, true]);
  }
  await Promise.all(waits);
  writer.close();
  await assert.rejects(reader.wait(31), ringbuf.ClosedError);
});

test('an overrun leaves the loop, unless it is to be skipped', async (t) => {
  const {writer, reader} = pair(t, {capacity: 100}, {afterOverrun: 'oldest'});
  writer.put(new Float32Array(250));
  await assert.rejects(starts(reader.windows(50)), ringbuf.OverwrittenError);
  assert.deepStrictEqual(await starts(reader.windows(50), 2), [150, 200]);
  writer.put(new Float32Array(250));
  assert.deepStrictEqual(await starts(reader.windows(50, {skipOverruns: true}), 2), [400, 450]);
  assert.deepStrictEqual([reader.lost, reader.overruns], [300, 2]);
});

test('blocks take what is there', async (t) => {
  const {writer, reader} = pair(t, {channels: 2, lossless: true});
  writer.put(Float32Array.from({length: 20}, (_, i) => i));
  const lengths = [];
  for await (const block of reader.blocks(4)) {
    lengths.push(block.length / 2);
    if (lengths.length !== 3) continue;
    setImmediate(() => {
      writer.put(new Float32Array(4));
      writer.close();
    });
  }
  assert.deepStrictEqual(lengths, [4, 4, 2, 2]);
});

test('the death of the writer ends a loop, and the reader goes on with the next ring', async (t) => {
  const other = peer(t);
  const name = newName();
  await other.do('create', name, {capacity: 100});
  const reader = await Reader.openWait(name);
  t.after(() => reader.close());
  await other.do('put', [1, 2, 3]);
  const seen = [];
  const loop = assert.rejects(async () => {
    for await (const window of reader.windows(2, {step: 1})) seen.push(...window.samples);
  }, ringbuf.StaleError);
  while (reader.position < 2) await turn();
  await other.kill();
  await loop;
  assert.deepStrictEqual(seen, [1, 2, 2, 3]);
  const window = reader.view(0, 3);
  assert.strictEqual(reader.state, 'dead');

  await assert.rejects(reader.reopen({timeout: 1}), ringbuf.TimeoutError);
  await assert.rejects(reader.reopen({signal: AbortSignal.timeout(1)}), {name: 'TimeoutError'});
  const reopened = reader.reopen();
  const next = new Writer(name, {capacity: 200});
  t.after(() => next.close());
  await assert.rejects(reopened, ringbuf.IncompatibleError);
  await reader.reopen({anyShape: true});
  next.put([7, 8, 9]);
  assert.deepStrictEqual([reader.capacity, ...reader.next(3).samples], [200, 7, 8, 9]);
  assert.deepStrictEqual([...window.samples], [1, 2, 3], 'a window of the ring before is still its');
  assert(!window.check());
});

test('a reader may start before its writer', async (t) => {
  const name = newName();
  await assert.rejects(Reader.openWait(name, {timeout: 0}), {name: 'TimeoutError', code: 14});
  const opening = Reader.openWait(name, {observer: true});
  await turn();
  const writer = new Writer(name, {capacity: 10, lossless: true});
  t.after(() => writer.close());
  const reader = await opening;
  t.after(() => reader.close());
  assert.strictEqual(writer.info().readers, 0);
});

test('a lossless writer waits for room and for readers', async (t) => {
  const {name, writer, reader} = pair(t, {capacity: 100, lossless: true});
  writer.put(new Float32Array(100));
  assert.strictEqual(await writer.waitSpace(10, {timeout: 1}), false);
  await assert.rejects(writer.waitSpace(10, {signal: AbortSignal.timeout(1)}), {name: 'TimeoutError'});
  await assert.rejects(writer.waitSpace(101), ringbuf.InvalidArgumentError);
  const room = writer.waitSpace(10);
  await turn();
  reader.popMany(10);
  assert.strictEqual(await room, true);
  const two = writer.waitReaders(2);
  await turn();
  const second = new Reader(name);
  t.after(() => second.close());
  assert.strictEqual(await two, true);
});

test('everything is passed on between a lossless writer and its reader', async (t) => {
  const {writer, reader} = pair(t, {type: 'int32', capacity: 64, lossless: true});
  const all = 5000;
  const writing = (async () => {
    for (let at = 0; at < all;) {
      const some = Math.min(1 + at % 50, all - at);
      await writer.waitSpace(some);
      writer.put(Int32Array.from({length: some}, (_, i) => at + i));
      at += some;
    }
    writer.close();
  })();
  let next = 0;
  for await (const block of reader.blocks(40)) for (const value of block) assert.strictEqual(value, next++);
  await writing;
  assert.deepStrictEqual([next, reader.lost], [all, 0]);
});

test('an open ring keeps no program running, a loop that waits does', async (t) => {
  const {name, writer} = pair(t);
  const run = (code) => {
    const child = spawn(process.execPath, ['-e', `const {Reader} = require('ringbuf');
      const reader = new Reader(${JSON.stringify(name)}); (async () => {${code}})();`], {stdio: ['ignore', 'pipe', 'inherit']});
    t.after(() => child.kill('SIGKILL'));
    return child;
  };
  const [status] = await once(run('reader.wait(5, {timeout: 1})'), 'exit');
  assert.strictEqual(status, 0);
  const left = run("const first = reader.windows(1).next(); console.log('waits'); await first; await new Promise(() => {})");
  await once(left.stdout, 'data');
  writer.put([1]);
  assert.strictEqual((await once(left, 'exit'))[0], 0, 'nothing waits for samples while the body does');
  const waiting = run("const second = reader.wait(2); console.log('waits'); await second; console.log('came')");
  const lines = readline.createInterface({input: waiting.stdout})[Symbol.asyncIterator]();
  assert.strictEqual((await lines.next()).value, 'waits');
  await once(run(''), 'exit'); // meanwhile one that does not wait would have ended, too
  writer.put([1]);
  assert.strictEqual((await lines.next()).value, 'came');
});
