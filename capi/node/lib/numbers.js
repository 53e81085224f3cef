'use strict';
// Numbers on their way to the library and back. Indices and counts are Numbers, which are exact up to 2^53 - 1; times in
// nanoseconds are BigInts.
const {InvalidArgumentError, UnsupportedError} = require('./errors.js');

const LARGEST = 2n ** 63n - 1n;

function refuse(name, value, expected) {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new InvalidArgumentError(`${name} is ${shown}, expected ${expected}`);
}

/** An index for the library: a Number, or a BigInt. */
function toIndex(name, value) {
  if (Number.isSafeInteger(value)) return value;
  if (typeof value === 'bigint' && value >= -LARGEST && value <= LARGEST) return value;
  return refuse(name, value, 'an integer, as a BigInt if it is beyond 2^53 - 1');
}

/** A number of samples, bytes or readers. */
function toCount(name, value, most = Number.MAX_SAFE_INTEGER) {
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  return refuse(name, value, `an integer from 0 to ${most}`);
}

/** A time in nanoseconds. */
function toNs(name, value) {
  if (typeof value === 'bigint' && value >= -LARGEST && value <= LARGEST) return value;
  if (Number.isSafeInteger(value)) return BigInt(value);
  return refuse(name, value, 'nanoseconds, as a BigInt');
}

/** Milliseconds that a call may wait, in nanoseconds. */
function toTimeout(value) {
  if (typeof value !== 'number' || !(value >= 0)) return refuse('timeout', value, 'milliseconds, 0 or more');
  const ns = Math.round(value * 1e6);
  return Number.isSafeInteger(ns) ? ns : -1; // 104 days are without limit
}

/** An index of the library, which is 64 bits wide. */
function fromIndex(value) {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new UnsupportedError(`the index ${value} is beyond 2^53 - 1, the largest that this package takes`);
}

module.exports = {fromIndex, refuse, toCount, toIndex, toNs, toTimeout};
