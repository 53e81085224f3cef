'use strict';
// A second mapping of a ring's memory. The library's own goes with its handle; this one stays until no array refers to it any
// more, so that an array outlives its ring without harm.
const {constants} = require('buffer');
const koffi = require('koffi');
const {NoMemoryError} = require('./errors.js');

const libc = koffi.load(null);
const mmap = libc.func('intptr_t mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)');
const munmap = libc.func('int munmap(uintptr_t address, size_t bytes)');
const PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, FAILED = -1;

const gone = new FinalizationRegistry(({address, bytes}) => munmap(address, bytes));
// The mapping of each buffer lives as long as the buffer does.
const mappings = new WeakMap();

class Mapping {
  #address;
  #bytes;
  #whole = null; // a buffer of all of it, unless that is more than one can have

  constructor(fd, bytes, writable, most = constants.MAX_LENGTH) {
    const address = mmap(null, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    if (address === FAILED) throw new NoMemoryError(`${bytes} bytes of the ring cannot be mapped, errno ${koffi.errno()}`);
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
