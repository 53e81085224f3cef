'use strict';
// Messages of any length.
const assert = require('assert');
const {test} = require('node:test');
const ringbuf = require('ringbuf');
const {newName, pair, peer, turn} = require('./support.js');

test('messages come whole, with what they were sent with', (t) => {
  const {writer, reader} = pair(t, {capacity: 4096, messages: true});
  assert.strictEqual(reader.receive(), null);
  writer.send('electrode 7 is lose', {kind: 3, tag: 48000});
  writer.send(Buffer.alloc(0));
  writer.send(new Float32Array([1.5]), {tag: 2n ** 60n});
  const first = reader.receive();
  assert.deepStrictEqual([first.data.toString(), first.kind, first.tag, first.start], ['electrode 7 is lose', 3, 48000, 24]);
  assert(first.monotonicNs <= process.hrtime.bigint());
  assert.deepStrictEqual(reader.message(24), first);
  assert.strictEqual(reader.receive().data.length, 0);
  const last = reader.receive();
  assert.deepStrictEqual([last.data.readFloatLE(), last.tag], [1.5, 2n ** 60n]);
  assert.throws(() => reader.message(25), ringbuf.BadIndexError);
  assert.throws(() => writer.send('x'.repeat(5000)), ringbuf.InvalidArgumentError);
  assert.throws(() => writer.send(5), {message: 'the message is 5, expected a string, a Buffer or another typed array'});
  assert.throws(() => writer.send('x', {kind: 2 ** 31}), ringbuf.InvalidArgumentError);
  assert.throws(() => writer.put([1]), ringbuf.UnsupportedError);
  assert(reader.info().messages);
  assert.throws(() => pair(t).writer.send('x'), ringbuf.UnsupportedError);
});

test('messages of another process, until the stream ends', async (t) => {
  const other = peer(t);
  const name = newName();
  await other.do('create', name, {capacity: 4096, messages: true});
  const reader = new ringbuf.Reader(name);
  t.after(() => reader.close());
  const found = [];
  const loop = (async () => {
    for await (const {data, kind} of reader.messages()) found.push([data.toString(), kind]);
  })();
  await other.do('send', 'one', {kind: 1});
  while (found.length < 1) await turn();
  await other.do('send', 'two', {});
  await other.do('close');
  await loop;
  assert.deepStrictEqual(found, [['one', 1], ['two', 0]]);
});

test('a reader that is overrun goes on at the beginning of a message', async (t) => {
  const {writer, reader} = pair(t, {capacity: 1024, messages: true});
  for (let i = 0; i < 100; ++i) writer.send(`message ${i}`);
  assert.throws(() => reader.receive(), ringbuf.OverwrittenError);
  writer.close();
  let last;
  for await (const {data} of reader.messages({skipOverruns: true})) {
    last = data.toString();
    assert.match(last, /^message \d+$/);
  }
  assert.strictEqual(last, 'message 99');
  assert(reader.lost > 0);
});

test('a lossless ring of messages waits for its reader', async (t) => {
  const {writer, reader} = pair(t, {capacity: 256, window: 40, messages: true, lossless: true});
  const sending = (async () => {
    for (let i = 0; i < 50; ++i) {
      await writer.waitSpace(10);
      writer.send(`${i}`);
    }
    writer.close();
  })();
  let next = 0;
  for await (const {data} of reader.messages()) assert.strictEqual(data.toString(), `${next++}`);
  await sending;
  assert.strictEqual(next, 50);
});
