'use strict';
// Where the library is looked for.
const assert = require('assert');
const {spawnSync} = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const {test} = require('node:test');
const koffi = require('koffi');

const root = path.join(__dirname, '..', '..');
const {candidates, load, LibraryNotFoundError} = require(path.join(root, 'capi/node/lib/library.js'));

/** A directory with libraries of the package, which are no libraries. */
function prebuilt(t, ...names) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ringbuf-test-node-'));
  t.after(() => fs.rmSync(directory, {recursive: true}));
  for (const name of names) {
    fs.mkdirSync(path.join(directory, path.dirname(name)), {recursive: true});
    fs.writeFileSync(path.join(directory, name), '');
  }
  return directory;
}
// As on a system that has none; this process has loaded one, by that name.
function nowhere(file) {
  if (!path.isAbsolute(file)) throw new Error('no such file');
  return koffi.load(file);
}
const linux = {env: {}, platform: 'linux', arch: 'x64', musl: () => false};
const files = (system) => [...candidates(system)].map(({file}) => file);

test('the variable wins, and then no other file will do', (t) => {
  const directory = prebuilt(t, 'linux-x64/libringbuf.so.1');
  assert.deepStrictEqual(files({...linux, directory, env: {RINGBUF_LIBRARY: '/a/b.so'}}), ['/a/b.so']);
});

test('then the one in the package, of this system and processor, then the system', (t) => {
  const directory = prebuilt(t, 'linux-x64/libringbuf.so.1', 'darwin-arm64/libringbuf.1.dylib');
  const systems = ['libringbuf.so.1', 'libringbuf.so'];
  assert.deepStrictEqual(files({...linux, directory}), [`${directory}/linux-x64/libringbuf.so.1`, ...systems]);
  assert.deepStrictEqual(files({...linux, directory, arch: 'arm64'}), systems);
  assert.deepStrictEqual(files({...linux, directory, platform: 'darwin', arch: 'arm64'}),
    [`${directory}/darwin-arm64/libringbuf.1.dylib`, 'libringbuf.1.dylib', 'libringbuf.dylib']);
});

test('one for glibc is not loaded where Node.js is built for musl, which is said', (t) => {
  const directory = prebuilt(t, 'linux-x64/libringbuf.so.1');
  assert.deepStrictEqual(files({...linux, directory, musl: () => true}), [undefined, 'libringbuf.so.1', 'libringbuf.so']);
  assert.throws(() => load({...linux, directory, musl: () => true}, nowhere), {name: 'LibraryNotFoundError',
    message: /libringbuf\.so\.1: it is built for glibc, and this Node\.js for musl; build ringbuf on this system/});
});

test('what cannot be loaded says what was tried', (t) => {
  const directory = prebuilt(t, 'linux-x64/libringbuf.so.1');
  const tried = (system) => {
    try {
      load(system, nowhere);
    } catch (error) {
      assert(error instanceof LibraryNotFoundError);
      return error.message;
    }
    throw new Error('it was loaded');
  };
  const text = tried({...linux, directory});
  for (const part of [
    `  ${directory}/linux-x64/libringbuf.so.1 (in the package): `,
    "  libringbuf.so.1 (the system's loader): ",
    'or set RINGBUF_LIBRARY to the path of the file',
  ]) assert(text.includes(part), text);
  assert.match(tried({...linux, directory, env: {RINGBUF_LIBRARY: '/none.so'}}),
    /Tried, in this order:\n {2}\/none\.so \(the environment variable RINGBUF_LIBRARY\): .*\nInstall/);
  const libc = process.report.getReport().sharedObjects.find((file) => /libm\.so/.test(file));
  assert.match(tried({...linux, directory, env: {RINGBUF_LIBRARY: libc}}), /ringbuf_version/);
  assert.match(tried({...linux, directory, platform: 'freebsd'}), /works on Linux, Windows and macOS, this is freebsd on x64/);
});

test('the package in the source tree has no library of its own', () => {
  assert(!fs.existsSync(path.join(root, 'capi/node/prebuilt')));
  const done = spawnSync(process.execPath, ['-p', "require('ringbuf').libraryPath"], {encoding: 'utf8'});
  assert.strictEqual(done.stdout.trim(), process.env.RINGBUF_LIBRARY, done.stderr);
});
