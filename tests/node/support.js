'use strict';
// What the tests share.
const {spawn} = require('child_process');
const path = require('path');
const readline = require('readline');
const {Reader, Writer, unlink} = require('ringbuf');

let names = 0;
const newName = () => `ringbuf-test-node-${process.pid}-${names += 1}`;

function remove(name) {
  try {
    unlink(name);
  } catch { /* it is gone */ }
}

/** A writer and a reader of a new ring, which are gone after the test. */
function pair(t, options, readerOptions) {
  const name = newName();
  const writer = new Writer(name, {capacity: 1000, ...options});
  t.after(() => {
    writer.close();
    remove(name);
  });
  const reader = new Reader(name, readerOptions);
  t.after(() => reader.close());
  return {name, writer, reader};
}

/** Lets the event loop go round. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Collects garbage until a condition holds, with finalizers; ctest's time limit ends what never holds. */
async function collectUntil(condition) {
  while (!condition()) {
    globalThis.gc();
    await turn();
  }
}

/** A process of its own, which does what its lines say: see peer.js. */
function peer(t) {
  const child = spawn(process.execPath, [path.join(__dirname, 'peer.js')], {stdio: ['pipe', 'pipe', 'inherit']});
  const rings = [];
  t.after(() => {
    child.kill('SIGKILL');
    rings.forEach(remove); // a process that is killed leaves its ring
  });
  const lines = readline.createInterface({input: child.stdout})[Symbol.asyncIterator]();
  return {
    child,
    async do(...command) {
      if (command[0] === 'create') rings.push(command[1]);
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const {value, done} = await lines.next();
      if (done) throw new Error(`the peer has ended instead of ${command[0]}`);
      return JSON.parse(value);
    },
    async kill() {
      const end = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGKILL');
      await end;
    },
  };
}

module.exports = {collectUntil, newName, pair, peer, turn};
