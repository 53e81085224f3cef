'use strict';
// The names stand here one by one, so that `import {Reader} from 'ringbuf'` finds them without running this file.
const {
  RingbufError, NotInitializedError, OverwrittenError, NotYetError, IncompatibleError, BadIndexError,
  InvalidArgumentError, ExistsError, NotFoundError, WriteForbiddenError, ReadForbiddenError, BusyError, FullError,
  EmptyError, TimeoutError, ClosedError, StaleError, NotContiguousError, CorruptError, VersionMismatchError,
  NoSpaceError, NoMemoryError, PermissionError, TooManyReadersError, UnsupportedError, ForkedError, SystemError,
  InterruptedError, GapError,
} = require('./lib/errors.js');
const {libraryPath, libraryVersion, LibraryNotFoundError} = require('./lib/library.js');
const {Reader} = require('./lib/reader.js');
const {rings, unlink} = require('./lib/rings.js');
const {Window} = require('./lib/window.js');
const {Writer} = require('./lib/writer.js');
const {version} = require('./package.json');

module.exports = {
  Reader,
  Window,
  Writer,
  rings,
  unlink,
  libraryPath,
  libraryVersion,
  version,
  LibraryNotFoundError,
  RingbufError,
  NotInitializedError,
  OverwrittenError,
  NotYetError,
  IncompatibleError,
  BadIndexError,
  InvalidArgumentError,
  ExistsError,
  NotFoundError,
  WriteForbiddenError,
  ReadForbiddenError,
  BusyError,
  FullError,
  EmptyError,
  TimeoutError,
  ClosedError,
  StaleError,
  NotContiguousError,
  CorruptError,
  VersionMismatchError,
  NoSpaceError,
  NoMemoryError,
  PermissionError,
  TooManyReadersError,
  UnsupportedError,
  ForkedError,
  SystemError,
  InterruptedError,
  GapError,
};
