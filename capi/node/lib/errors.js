'use strict';
// The errors: a class for each code of ringbuf.h.
const {lib} = require('./functions.js');

/** What the library could not do. Its subclasses are the codes. */
class RingbufError extends Error {
  constructor(message) {
    super(message);
    Error.captureStackTrace?.(this, new.target);
  }
  get name() { return this.constructor.name; }
  get code() { return this.constructor.code; }
  get codeName() { return this.constructor.codeName; }
}

class NotInitializedError extends RingbufError {}
class OverwrittenError extends RingbufError {}
class NotYetError extends RingbufError {}
class IncompatibleError extends RingbufError {}
class BadIndexError extends RingbufError {}
class InvalidArgumentError extends RingbufError {}
class ExistsError extends RingbufError {}
class NotFoundError extends RingbufError {}
class WriteForbiddenError extends RingbufError {}
class ReadForbiddenError extends RingbufError {}
class BusyError extends RingbufError {}
class FullError extends RingbufError {}
class EmptyError extends RingbufError {}
class TimeoutError extends RingbufError {}
class ClosedError extends RingbufError {}
class StaleError extends RingbufError {}
class NotContiguousError extends RingbufError {}
class CorruptError extends RingbufError {}
class VersionMismatchError extends RingbufError {}
class NoSpaceError extends RingbufError {}
class NoMemoryError extends RingbufError {}
class PermissionError extends RingbufError {}
class TooManyReadersError extends RingbufError {}
class UnsupportedError extends RingbufError {}
class ForkedError extends RingbufError {}
class SystemError extends RingbufError {}
class InterruptedError extends RingbufError {}
class GapError extends RingbufError {}

// In the order of their codes, from 1 on.
const classes = [
  NotInitializedError, OverwrittenError, NotYetError, IncompatibleError, BadIndexError, InvalidArgumentError, ExistsError,
  NotFoundError, WriteForbiddenError, ReadForbiddenError, BusyError, FullError, EmptyError, TimeoutError, ClosedError,
  StaleError, NotContiguousError, CorruptError, VersionMismatchError, NoSpaceError, NoMemoryError, PermissionError,
  TooManyReadersError, UnsupportedError, ForkedError, SystemError, InterruptedError, GapError,
];
const Code = {OK: 0};
classes.forEach((Class, i) => {
  const words = Class.name.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
  Class.code = Code[words] = i + 1;
  Class.codeName = `RINGBUF_${words}`;
});

// A later library may have more codes.
function unknown(code) {
  return class RingbufError_ extends RingbufError {
    get name() { return 'RingbufError'; }
    get code() { return code; }
    get codeName() { return `${code}`; }
  };
}

/** The error of a code, about the call that has just failed. */
function failure(code) {
  const Class = classes[code - 1] ?? unknown(code);
  return new Class(lib.ringbuf_last_error() || lib.ringbuf_strerror(code));
}

/** Throws the error of a code that is not 0. */
function check(code) {
  if (code !== 0) throw failure(code);
}

module.exports = {Code, RingbufError, check, failure};
for (const Class of classes) module.exports[Class.name] = Class;
