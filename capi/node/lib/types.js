'use strict';
// The data types, and samples on their way into a ring.
const {IncompatibleError} = require('./errors.js');

// By their codes: name, array of elements, and how many elements a channel takes.
const types = [
  {code: 0, name: 'float32', Elements: Float32Array, each: 1},
  {code: 1, name: 'int16', Elements: Int16Array, each: 1},
  {code: 2, name: 'float64', Elements: Float64Array, each: 1},
  {code: 3, name: 'int8', Elements: Int8Array, each: 1},
  {code: 4, name: 'uint8', Elements: Uint8Array, each: 1},
  {code: 5, name: 'uint16', Elements: Uint16Array, each: 1},
  {code: 6, name: 'int32', Elements: Int32Array, each: 1},
  {code: 7, name: 'uint32', Elements: Uint32Array, each: 1},
  {code: 8, name: 'int64', Elements: BigInt64Array, each: 1},
  {code: 9, name: 'uint64', Elements: BigUint64Array, each: 1},
  {code: 10, name: 'float16', Elements: Uint16Array, each: 1}, // the bits: not every Node.js has such numbers
  {code: 11, name: 'complex64', Elements: Float32Array, each: 2},
  {code: 12, name: 'complex128', Elements: Float64Array, each: 2},
  {code: 255, name: 'bytes', Elements: Uint8Array, each: 0}, // item_size
];
const byCode = new Map(types.map((type) => [type.code, type]));
const byName = new Map(types.map((type) => [type.name, type]));

const described = (value) =>
  ArrayBuffer.isView(value) ? `${value.constructor.name} of ${value.length ?? value.byteLength}` :
    Array.isArray(value) ? `an array of ${value.length}` : value === null ? 'null' : typeof value;

// Elements from an array of numbers, or of rows of numbers: each keeps its value, floats are rounded.
function converted(values, {name, Elements}) {
  const flat = values.flat();
  const integers = Elements !== Float32Array && Elements !== Float64Array;
  const big = Elements === BigInt64Array || Elements === BigUint64Array;
  const elements = new Elements(flat.length);
  for (let i = 0; i < flat.length; ++i) {
    const value = flat[i];
    const sound = big ? typeof value === 'bigint' || Number.isSafeInteger(value) : typeof value === 'number';
    if (sound) elements[i] = big ? BigInt(value) : value;
    // eslint-disable-next-line eqeqeq
    if (!sound || (integers && elements[i] != value)) {
      throw new IncompatibleError(`element ${i} is ${String(value)}, expected a value of ${name}`);
    }
  }
  return elements;
}

/** The bytes of whole samples, for the library, and how many samples they are. */
function toSamples(value, layout) {
  const {type, sampleBytes, perSample} = layout;
  let data = value;
  if (Array.isArray(value)) data = converted(value, type);
  else if (value instanceof ArrayBuffer) data = new Uint8Array(value); // as they lie in memory
  else if (value instanceof DataView) data = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  else if (!Buffer.isBuffer(value) && !(value instanceof type.Elements)) {
    throw new IncompatibleError(
      `the samples are ${described(value)}, expected ${type.Elements.name}, an array, or a Buffer of whole samples`);
  }
  if (data.byteLength % sampleBytes !== 0) {
    throw new IncompatibleError(`the samples are ${described(value)}, expected a multiple of ${perSample} elements`);
  }
  return {data, count: data.byteLength / sampleBytes};
}

module.exports = {byCode, byName, toSamples, types};
