'use strict';
// Finding libringbuf and loading it.
const fs = require('fs');
const path = require('path');
const koffi = require('koffi');

const NEEDED = [1, 0]; // the C interface: this version, or a later one with the same first number
const ENVIRONMENT = 'RINGBUF_LIBRARY';
const FILES = {
  linux: ['libringbuf.so.1', 'libringbuf.so'],
  darwin: ['libringbuf.1.dylib', 'libringbuf.dylib'],
  win32: ['ringbuf.dll'],
};

/** libringbuf could not be loaded; the message says what was tried, and what each attempt gave. */
class LibraryNotFoundError extends Error {
  get name() { return 'LibraryNotFoundError'; }
}

// Whether this Node.js is built for musl, which cannot load a library that is built for glibc.
function onMusl() {
  if (process.platform !== 'linux') return false;
  process.report.excludeNetwork = true; // from 22 on; it takes long where names are looked up
  const report = process.report.getReport();
  return !(typeof report === 'string' ? JSON.parse(report) : report).header.glibcVersionRuntime;
}

// Where the library may be: what to load, and why; or, without a file, why not.
function* candidates({env, platform, arch, musl, directory}) {
  if (env[ENVIRONMENT]) {
    yield {file: env[ENVIRONMENT], why: `the environment variable ${ENVIRONMENT}`};
    return; // no other file will do
  }
  for (const name of FILES[platform]) {
    const file = path.join(directory, `${platform}-${arch}`, name);
    if (!fs.existsSync(file)) continue;
    if (!musl()) yield {file, why: 'in the package'};
    else yield {why: `${file}: it is built for glibc, and this Node.js for musl; build ringbuf on this system`};
  }
  for (const file of FILES[platform]) yield {file, why: "the system's loader"};
}

function versionOf(library) {
  const version = library.func('const char *ringbuf_version(void)')();
  const [major, minor] = version.split('.').map(Number);
  if (major !== NEEDED[0] || minor < NEEDED[1]) {
    throw new Error(`it is version ${version}, needed is ${NEEDED.join('.')} or a later ${NEEDED[0]}.x`);
  }
  return version;
}

function load(system, open = koffi.load) {
  const {platform, arch} = system;
  if (!FILES[platform]) {
    throw new LibraryNotFoundError(`ringbuf for Node.js works on Linux, Windows and macOS, this is ${platform} on ${arch}`);
  }
  const tried = [];
  for (const {file, why} of candidates(system)) {
    if (!file) {
      tried.push(`  ${why}`);
      continue;
    }
    try {
      const library = open(file);
      return {library, libraryPath: file, libraryVersion: versionOf(library)};
    } catch (error) {
      tried.push(`  ${file} (${why}): ${error.message}`);
    }
  }
  throw new LibraryNotFoundError(
    `ringbuf needs the library libringbuf, which could not be loaded. Tried, in this order:\n${tried.join('\n')}\n` +
    `Install it where the system's loader looks, or set ${ENVIRONMENT} to the path of the file.`);
}

const loaded = load({
  env: process.env,
  platform: process.platform,
  arch: process.arch,
  musl: onMusl,
  directory: path.join(__dirname, '..', 'prebuilt'),
});

module.exports = {...loaded, LibraryNotFoundError, candidates, load};
