/// <reference lib="esnext.disposable" />

/** The data types, with the arrays that hold their elements. */
export interface DataTypes {
  float32: Float32Array;
  float64: Float64Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  /** The bits of each number. */
  float16: Uint16Array;
  /** Two elements a channel: the real part, then the imaginary part. */
  complex64: Float32Array;
  /** Two elements a channel: the real part, then the imaginary part. */
  complex128: Float64Array;
  /** Opaque items: `itemSize` elements a channel. */
  bytes: Uint8Array;
}

/** The name of a data type. */
export type DataType = keyof DataTypes;

/** Samples that `put` takes: an array of the ring's type; numbers, or rows of numbers, which are converted if each keeps its
 * value (floats are rounded); or the bytes of whole samples. */
export type Puttable<T extends DataType> =
  | DataTypes[T]
  | readonly (number | bigint)[]
  | readonly (readonly (number | bigint)[])[]
  | ArrayBuffer
  | DataView
  | Uint8Array;

/** Everything about a ring, and about the object that was asked. Times are in nanoseconds. */
export interface Info {
  /** Type of one element. */
  type: DataType;
  /** Elements in one sample. */
  channels: number;
  /** Bytes in one element. */
  itemSize: number;
  /** Bytes in one sample. */
  sampleBytes: number;
  /** Samples that the ring holds. */
  capacity: number;
  /** Samples in the pocket: the longest window that is contiguous wherever it lies. */
  window: number;
  /** Index of the next sample. */
  written: number;
  /** Index of the oldest sample that can still be read. */
  oldest: number;
  /** Whether registered readers hold the writer back. */
  lossless: boolean;
  /** Whether the name outlives the writer. */
  keep: boolean;
  /** Whether it is a ring of messages: its samples are bytes. */
  messages: boolean;
  /** What has become of the writer. */
  state: 'live' | 'closed' | 'superseded' | 'dead';
  /** Reader slots in use. */
  readers: number;
  /** Reader slots in total. */
  maxReaders: number;
  /** In Hz; 0 is unknown. */
  sampleRate: number;
  /** Index of the sample that comes next for this reader; a writer's is `written`. */
  position: number;
  /** Times that this reader was overrun. */
  overruns: number;
  /** Samples that it missed by that. */
  lost: number;
  /** The last sample of a recent put, and when that was; null before the first one. */
  anchor: {index: number; monotonicNs: bigint; realtimeNs: bigint} | null;
  /** Writers that the ring has had. */
  generation: number;
  /** Bytes of shared memory. */
  totalBytes: number;
  /** Process id of a live writer; 0: none, or unknown here (another namespace). */
  writerPid: number;
  /** Index of the first sample. */
  firstIndex: number;
  /** When the ring was made, since 1970-01-01 UTC. */
  createdRealtimeNs: bigint;
  /** 32 random hexadecimal digits: no other ring has them, on no machine. */
  ringId: string;
}

/** A registered reader of a ring. */
export interface ReaderInfo {
  /** 0: unknown here (another namespace). */
  processId: number;
  /** Index of the next sample that it reads. */
  position: number;
  /** Samples between its position and the newest one. */
  lag: number;
  /** Samples that it missed in overruns. */
  lost: number;
  /** Times that it was overrun. */
  overruns: number;
  /** Whether the writer waits for it (lossless). */
  holdsBack: boolean;
}

/** A message of a ring of messages: a copy, known to be whole. */
export interface Message {
  /** What was sent; a Buffer. */
  data: Uint8Array;
  /** Index of its first byte. */
  start: number;
  /** As given to `send`. */
  kind: number;
  /** As given to `send`: a Number up to 2^53 - 1, a BigInt beyond. */
  tag: number | bigint;
  /** When it was sent, on the clock of `process.hrtime.bigint()`. */
  monotonicNs: bigint;
}

/** When a sample was put, or taken. */
export interface Time {
  /** On the machine's monotonic clock, which `process.hrtime.bigint()` tells. */
  monotonicNs: bigint;
  /** Since 1970-01-01 UTC. */
  realtimeNs: bigint;
  /** The same, to the millisecond below. */
  date: Date;
}

/** Samples of a ring: in the ring itself (`inPlace`), or a copy. Iterating over it gives an array for each sample.
 *
 * In the ring itself the writer of an overwriting ring may write over it at any time. A result that was calculated from it is
 * right if `check` returns true afterwards. */
export class Window<T extends DataType = DataType> implements Iterable<DataTypes[T]> {
  private constructor();
  /** The elements, sample by sample. Read only: writing to a window of a reader ends the process (SIGSEGV). It stays valid
   * memory, also after the ring is closed. */
  readonly samples: DataTypes[T];
  /** Index of the first sample. */
  readonly start: number;
  /** Index after the last sample. */
  readonly end: number;
  /** Elements in one sample. */
  readonly channels: number;
  /** Whether `samples` is memory of the ring. If not, it is a copy that needs no `check`. */
  readonly inPlace: boolean;
  /** Number of samples. */
  readonly length: number;
  /** Whether every sample is still as it was written. Call it after the last use. False also after `close` and `reopen`. */
  check(): boolean;
  /** One element of one sample. */
  at(sample: number, element?: number): DataTypes[T][number];
  /** One sample. */
  sample(i: number): DataTypes[T];
  /** A window with memory of its own.
   * @throws OverwrittenError It has been overwritten meanwhile, or the ring has been closed. */
  copy(): Window<T>;
  [Symbol.iterator](): Iterator<DataTypes[T]>;
}

/** What a `Writer` and a `Reader` can do. No method blocks.
 *
 * Indices are Numbers. A ring whose indices are beyond 2^53 - 1 is refused (UnsupportedError). */
declare abstract class Ring<T extends DataType> {
  /** The ring's name. */
  readonly name: string;
  /** Whether `close` has been called. */
  readonly closed: boolean;
  /** Type of one element. */
  readonly type: DataType;
  /** Elements in one sample. */
  readonly channels: number;
  /** Bytes in one sample. */
  readonly sampleBytes: number;
  /** Samples that the ring holds. */
  readonly capacity: number;
  /** Whether registered readers hold the writer back. */
  readonly lossless: boolean;
  /** Index of the next sample that will be written. */
  readonly written: number;
  /** Index of the oldest sample that can still be read. */
  readonly oldest: number;
  /** In Hz; 0 is unknown. */
  readonly sampleRate: number;
  /** What has become of the writer. */
  readonly state: Info['state'];
  /** The metadata, as in docs/metadata.md; a copy.
   * @throws IncompatibleError They are not JSON; `metadataBytes` has them. */
  get metadata(): any;
  /** The metadata as they are; a Buffer. */
  metadataBytes(): Uint8Array;
  /** Everything about the ring and this object. */
  info(): Info;
  /** The registered readers. */
  readers(): ReaderInfo[];

  /** Whether the samples from `start` to before `end` can be read now. */
  check(start: number, end: number): boolean;
  /** The samples from `start` to before `end`, in the ring itself.
   * @throws OverwrittenError, NotYetError, GapError, BadIndexError They cannot be read.
   * @throws NotContiguousError They run over the end of the data by more than the pocket; `read` copies them. */
  view(start: number, end: number): Window<T>;
  /** A copy of the samples from `start` to before `end`, known to be whole.
   * @param into Memory for it; by default a new array.
   * @throws OverwrittenError, NotYetError, GapError, BadIndexError They cannot be read. */
  read(start: number, end: number): DataTypes[T];
  read<Memory extends ArrayBufferView>(start: number, end: number, into: Memory): Memory;
  /** The newest samples, in the ring itself.
   * @throws NotYetError There are not so many.
   * @throws NotContiguousError See `view`. */
  latest(count: number): Window<T>;
  /** The indices that the writer has skipped, among those that the ring holds. */
  gaps(): {start: number; end: number}[];
  /** When a sample was put, or taken, if the writer stamps them. */
  timeAt(index: number): Time;
  /** Index of the first sample at a time or after it.
   * @param time Nanoseconds, or a Date.
   * @throws NotYetError All samples are earlier.
   * @throws OverwrittenError The oldest sample that is left is later. */
  indexAt(time: Date, clock?: 'realtime'): number;
  indexAt(time: bigint, clock?: 'realtime' | 'monotonic'): number;
  /** The message whose first byte has this index, of a ring of messages. */
  message(start: number): Message;

  /** Closes it; a second time does nothing. Every other method then throws NotInitializedError; windows stay valid memory.
   * A writer's close ends the stream. What nobody refers to any more is closed, too, some time later. */
  close(): void;
  [Symbol.dispose](): void;
}

/** How long to wait, and what ends the wait. */
export interface WaitOptions {
  /** Milliseconds; by default without limit. */
  timeout?: number;
  /** Its abort rejects with its reason. */
  signal?: AbortSignal;
}

/** The options of a new ring; docs/concepts.md explains them. */
export interface WriterOptions<T extends DataType = DataType> {
  /** Samples that the ring holds; with `messages` bytes, a multiple of 8. */
  capacity: number;
  /** Elements in one sample; 1. */
  channels?: number;
  /** Type of one element; `float32`. */
  type?: T;
  /** Bytes in one element, for the type `bytes`; 1. */
  itemSize?: number;
  /** Samples in the pocket: the longest window that is always contiguous. With `messages` the longest message in bytes. */
  window?: number;
  /** Registered readers hold the writer back, and lose nothing. */
  lossless?: boolean;
  /** Closing leaves the name and the samples in place. */
  keep?: boolean;
  /** A ring of messages of any length. */
  messages?: boolean;
  /** Reader slots, at most 1024; 16. */
  maxReaders?: number;
  /** Permission bits; 0o600. */
  mode?: number;
  /** See `Ring.metadata`. */
  metadata?: object;
  /** Room for metadata, in bytes; 4096. */
  metadataBytes?: number;
  /** In Hz. */
  sampleRate?: number;
  /** Index of the first sample; 0. */
  firstIndex?: number;
}

/** Room in the ring for samples that are written in place. */
export interface Reservation<T extends DataType = DataType> {
  /** Where to write. Do not write there after `commit`, `cancel` or a put: it stays memory of the ring. */
  readonly samples: DataTypes[T];
  /** Appends the first `count` samples; all of them if it is left out. */
  commit(count?: number): void;
  /** Gives the room up. */
  cancel(): void;
}

/** Makes a ring and writes to it. */
export class Writer<T extends DataType = 'float32'> extends Ring<T> {
  /** Creates a ring. It takes the place of one whose writer is gone.
   * @throws InvalidArgumentError The name or an option is not acceptable.
   * @throws ExistsError The name belongs to a ring whose writer lives.
   * @throws NoSpaceError, NoMemoryError, PermissionError, SystemError What the system said. */
  constructor(name: string, options: WriterOptions<T>);
  /** The metadata; setting them replaces them all. Readers see the old or the new ones, never a mixture. */
  get metadata(): any;
  set metadata(metadata: object);
  setMetadataBytes(data: string | ArrayBuffer | ArrayBufferView): void;

  /** Continues a ring whose writer died or left it (`keep`).
   * @throws BusyError Another writer lives.
   * @throws NotFoundError No ring has that name. */
  static resume<T extends DataType = DataType>(name: string): Writer<T>;
  /** Continues a ring as `resume` does, or creates it.
   * @throws IncompatibleError The ring has another shape. */
  static createOrResume<T extends DataType = 'float32'>(name: string, options: WriterOptions<T>): Writer<T>;

  /** Appends samples. Of more than the capacity an overwriting ring keeps the last ones.
   * @throws FullError Lossless, and there is no room; nothing is stored. See `waitSpace`.
   * @throws IncompatibleError Samples of another type or shape; nothing is stored. */
  put(samples: Puttable<T>): void;
  /** Appends one sample.
   * @throws FullError, IncompatibleError As of `put`. */
  push(sample: Puttable<T> | number | bigint): void;
  /** Room for samples to be written in place. Nothing of it can be read before it is committed. A put drops it.
   * @throws FullError Lossless, and there is no room.
   * @throws NotContiguousError It runs over the end of the data by more than the pocket. */
  reserve(count: number): Reservation<T>;
  /** Leaves out the next indices: a gap. A ring holds the newest 62 gaps.
   * @throws FullError Lossless, and a reader still needs the samples before it. */
  skip(count: number): void;
  /** Says when a sample was taken, for a writer whose device has a better clock.
   * @param realtimeNs 0n: as far from `monotonicNs` as the two clocks are apart now. */
  stamp(index: number, monotonicNs: bigint, realtimeNs?: bigint): void;
  /** Samples that fit now; in a ring of messages the bytes of the longest message that does. */
  readonly space: number;
  /** Waits until that many samples fit, or a message of that many bytes; looks every 2 ms.
   * @returns false if the time has passed. */
  waitSpace(count: number, options?: WaitOptions): Promise<boolean>;
  /** Waits until so many readers are registered; looks every 2 ms. A lossless ring overwrites while it has none.
   * @returns false if the time has passed. */
  waitReaders(count: number, options?: WaitOptions): Promise<boolean>;
  /** Sends a message, in a ring of messages. A string is sent as UTF-8.
   * @throws FullError Lossless, and there is no room.
   * @throws UnsupportedError The ring holds samples. */
  send(data: string | ArrayBuffer | ArrayBufferView, options?: {kind?: number; tag?: number | bigint}): void;
}

/** How to open a ring for reading. */
export interface ReaderOptions {
  /** Where to start: at the oldest sample that is still there, or at what is written next. */
  start?: 'oldest' | 'newest';
  /** Where to continue after an overrun: in the middle of the samples that the ring holds; at what is written next; whole
   * laps further on; or at the oldest sample, which is overwritten next. */
  afterOverrun?: 'middle' | 'newest' | 'lap' | 'oldest';
  /** Take no reader slot: never hold the writer of a lossless ring back. */
  observer?: boolean;
  /** Map pages when they are first used: a large ring is opened at once. */
  lazy?: boolean;
}

/** What ends a loop, and what does not. */
export interface LoopOptions {
  /** Its abort ends the loop: it throws the reason. */
  signal?: AbortSignal;
  /** Go on after an overrun; `lost` counts. By default OverwrittenError leaves the loop, and a new one goes on. */
  skipOverruns?: boolean;
}

/** Reads a ring: by index, and from a position of its own. `T` is the ring's data type: `new Reader<'int16'>(name)`. */
export class Reader<T extends DataType = DataType> extends Ring<T> {
  /** Opens a ring.
   * @throws NotFoundError No ring has that name.
   * @throws TooManyReadersError Lossless, and every reader slot is taken.
   * @throws NotInitializedError, CorruptError, VersionMismatchError What is there is no ring of this kind.
   * @throws PermissionError, NoMemoryError, SystemError What the system said. */
  constructor(name: string, options?: ReaderOptions);
  /** Opens a ring as soon as its writer lives: a reader may start before its writer. Looks every 20 ms.
   * @throws TimeoutError The time has passed. */
  static openWait<T extends DataType = DataType>(name: string, options?: ReaderOptions & WaitOptions): Promise<Reader<T>>;
  /** Continues with the live ring of the same name, after StaleError or ClosedError. Looks every 20 ms.
   * @throws TimeoutError The time has passed.
   * @throws IncompatibleError The new ring has another shape, and `anyShape` is not set. */
  reopen(options?: ReaderOptions & WaitOptions & {anyShape?: boolean}): Promise<void>;

  /** Windows that slide over the samples, until the writer ends the stream. Everything else in the program runs while there is
   * no window, and between any two. `break` releases what the loop has; a new loop goes on where this one stopped.
   * @param count Samples in a window.
   * @param options.step Samples to move on by; `count` if it is left out.
   * @throws OverwrittenError The reader was overrun.
   * @throws StaleError The writer died.
   * @throws NotInitializedError The reader was closed meanwhile. */
  windows(count: number, options?: LoopOptions & {step?: number}): AsyncGenerator<Window<T>, void, undefined>;
  /** The next window, in the ring itself; or null if it is not there yet. A window longer than the pocket may be a copy.
   * On a lossless ring it stays as it is until the following call of `next`, `pop`, `popMany` or `seek`.
   * @param options.timeout Milliseconds to wait for it; this blocks the event loop. 0 if it is left out.
   * @throws OverwrittenError, ClosedError, StaleError There is no such window any more. */
  next(count: number, options?: {step?: number; timeout?: number}): Window<T> | null;

  /** The next sample, copied; or null if there is none now.
   * @throws OverwrittenError, ClosedError, StaleError There is none, and why. */
  pop(): DataTypes[T] | null;
  /** The next samples, copied: what is there, up to a number.
   * @throws OverwrittenError, ClosedError, StaleError There are none, and why. */
  popMany(most: number): DataTypes[T];
  /** What `popMany` gives, as it comes, until the writer ends the stream. */
  blocks(most: number, options?: LoopOptions): AsyncGenerator<DataTypes[T], void, undefined>;
  /** Samples between the position and the newest one, at most the capacity. */
  readonly usage: number;

  /** Index of the sample that comes next. */
  readonly position: number;
  /** Moves to a sample that can still be read, or to the next one that will be written.
   * @throws BadIndexError, OverwrittenError, NotYetError, GapError There is no such sample; the position stays. */
  seek(position: number): void;
  /** Samples missed in overruns. */
  readonly lost: number;
  /** Times that this reader was overrun. */
  readonly overruns: number;
  /** Waits until the samples before `end` are written; everything else in the program runs meanwhile.
   * @returns false if the time has passed.
   * @throws ClosedError, StaleError They never will be. */
  wait(end: number, options?: WaitOptions): Promise<boolean>;

  /** The next message, copied, of a ring of messages; or null if there is none now.
   * @param options.timeout Milliseconds to wait for it; this blocks the event loop. 0 if it is left out.
   * @throws OverwrittenError, ClosedError, StaleError There is none, and why.
   * @throws CorruptError What is there can be no message; `seek(written)` continues after it. */
  receive(options?: {timeout?: number}): Message | null;
  /** Messages, as they come, until the writer ends the stream. */
  messages(options?: LoopOptions): AsyncGenerator<Message, void, undefined>;
}

/** The rings of this machine that may be read, dead ones included. */
export function rings(): (Info & {name: string})[];
/** Removes the name of a ring; a process that has it open keeps it. */
export function unlink(name: string): void;
/** The file that the library was loaded from, or its name for the system's loader. */
export const libraryPath: string;
/** The version of the library. */
export const libraryVersion: string;
/** The version of this package. */
export const version: string;

/** libringbuf could not be loaded; the message says what was tried. */
export class LibraryNotFoundError extends Error {}

/** The base of all that the library reports. The message says which argument, what it was, and what was expected. */
export abstract class RingbufError extends Error {
  /** The code of ringbuf.h. */
  readonly code: number;
  /** The name of the code, for example `RINGBUF_OVERWRITTEN`. */
  readonly codeName: string;
  static readonly code: number;
  static readonly codeName: string;
}
/** 1: no ring there yet, or a NULL handle. */
export class NotInitializedError extends RingbufError {}
/** 2: (some of) the samples have already been overwritten. */
export class OverwrittenError extends RingbufError {}
/** 3: (some of) the samples have not been written yet. */
export class NotYetError extends RingbufError {}
/** 4: data of another shape or type. */
export class IncompatibleError extends RingbufError {}
/** 5: an index below the first one, or an end before its start. */
export class BadIndexError extends RingbufError {}
/** 6: an argument is not acceptable. */
export class InvalidArgumentError extends RingbufError {}
/** 7: the name is taken. */
export class ExistsError extends RingbufError {}
/** 8: no ring has that name. */
export class NotFoundError extends RingbufError {}
/** 9: a reader was asked to write. */
export class WriteForbiddenError extends RingbufError {}
/** 10: a writer was asked to consume. */
export class ReadForbiddenError extends RingbufError {}
/** 11: another writer lives. */
export class BusyError extends RingbufError {}
/** 12: lossless: no room until a reader moves on. */
export class FullError extends RingbufError {}
/** 13: nothing to read now. */
export class EmptyError extends RingbufError {}
/** 14: the time given has passed. */
export class TimeoutError extends RingbufError {}
/** 15: the writer has ended the stream. */
export class ClosedError extends RingbufError {}
/** 16: the writer died, or the name now belongs to a newer ring: open it again. */
export class StaleError extends RingbufError {}
/** 17: the window runs over the end by more than the pocket; ringbuf_read copies it. */
export class NotContiguousError extends RingbufError {}
/** 18: what is there is not a sound ring. */
export class CorruptError extends RingbufError {}
/** 19: a ring of another layout version. */
export class VersionMismatchError extends RingbufError {}
/** 20: the shared memory file system is full. */
export class NoSpaceError extends RingbufError {}
/** 21: this process is out of memory or address space. */
export class NoMemoryError extends RingbufError {}
/** 22: the system does not allow it. */
export class PermissionError extends RingbufError {}
/** 23: lossless: every slot in the reader table is taken. */
export class TooManyReadersError extends RingbufError {}
/** 24: not available for this ring or on this system. */
export class UnsupportedError extends RingbufError {}
/** 25: the handle belongs to the parent process. */
export class ForkedError extends RingbufError {}
/** 26: the system reported an error; ringbuf_last_error() has it. */
export class SystemError extends RingbufError {}
/** 27: ringbuf_interrupt has ended the wait. */
export class InterruptedError extends RingbufError {}
/** 28: the writer has skipped (some of) the samples. */
export class GapError extends RingbufError {}
