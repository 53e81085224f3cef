'use strict';
// A second mapping of a ring's memory. The library's own goes with its handle; this one stays until no array refers to it any
// more, so that an array outlives its ring without harm.
const {constants} = require('buffer');
const koffi = require('koffi');
const {NoMemoryError} = require('./errors.js');

// Each system's calls: `map` returns the address.
function posix() {
  const libc = koffi.load(null);
  const mmap = libc.func('intptr_t mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)');
  const munmap = libc.func('int munmap(uintptr_t address, size_t bytes)');
  const PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, FAILED = -1;
  return {
    map(fd, bytes, writable) {
      const address = mmap(null, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
      if (address === FAILED) throw new NoMemoryError(`${bytes} bytes of the ring cannot be mapped, errno ${koffi.errno()}`);
      return address;
    },
    unmap: munmap,
  };
}

// A view keeps the section, whether handles of it are left or not.
function windows() {
  const kernel32 = koffi.load('kernel32.dll');
  const mapView = kernel32.func(
    'uintptr_t MapViewOfFile(intptr_t section, uint32_t access, uint32_t high, uint32_t low, size_t bytes)');
  const unmapView = kernel32.func('int UnmapViewOfFile(uintptr_t address)');
  const lastError = kernel32.func('uint32_t GetLastError()');
  const WRITE = 2, READ = 4;
  return {
    map(section, bytes, writable) {
      const address = mapView(section, writable ? READ | WRITE : READ, 0, 0, bytes);
      if (!address) throw new NoMemoryError(`${bytes} bytes of the ring cannot be mapped, error ${lastError()} of Windows`);
      return address;
    },
    unmap: (address) => unmapView(address),
  };
}

const {map, unmap} = process.platform === 'win32' ? windows() : posix();

const gone = new FinalizationRegistry(({address, bytes}) => unmap(address, bytes));
// The mapping of each buffer lives as long as the buffer does.
const mappings = new WeakMap();

class Mapping {
  #address;
  #bytes;
  #whole = null; // a buffer of all of it, unless that is more than one can have

  constructor(fd, bytes, writable, most = constants.MAX_LENGTH) {
    const address = map(fd, bytes, writable);
    this.#address = address;
    this.#bytes = bytes;
    gone.register(this, {address, bytes});
    if (bytes <= most) this.#whole = this.#view(0, bytes);
  }

  #view(offset, bytes) {
    const buffer = koffi.view(this.#address + offset, bytes);
    mappings.set(buffer, this);
    return buffer;
  }

  /** The elements that begin at an offset in the ring's memory, in place. */
  array(Elements, offset, length) {
    if (this.#whole) return new Elements(this.#whole, offset, length);
    return new Elements(this.#view(offset, length * Elements.BYTES_PER_ELEMENT));
  }

  /** Whether an array lies in the memory of a ring. */
  static holds(array) { return mappings.has(array.buffer); }
}

module.exports = {Mapping};
