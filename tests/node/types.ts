// What index.d.ts allows, and what it refuses; types.test.js has tsc look at it, nobody runs it.
import {OverwrittenError, Reader, RingbufError, Window, Writer, rings, type Message} from 'ringbuf';

async function writes(): Promise<void> {
  using writer = new Writer('levels', {type: 'int16', capacity: 1000, metadata: {kind: 'audio'}});
  writer.put(new Int16Array(5));
  writer.put([1, 2]);
  writer.put([[1], [2]]);
  writer.put(new ArrayBuffer(2));
  writer.push(3);
  writer.metadata = {kind: 'eeg'};
  const room: Int16Array = writer.reserve(5).samples;
  if (await writer.waitSpace(room.length, {timeout: 5})) writer.skip(writer.space);
  // @ts-expect-error: of another type
  writer.put(new Float32Array(5));
  // @ts-expect-error: no such type
  new Writer('levels', {capacity: 1000, type: 'int17'});
  // @ts-expect-error: a ring has a capacity
  new Writer('levels', {channels: 2});

  const floats: Float32Array = new Writer('floats', {capacity: 10}).latest(1).samples;
  Writer.createOrResume('floats', {capacity: 10, type: 'int64'}).push(5n + BigInt(floats.length));
  Writer.resume<'float64'>('floats').put(new Float64Array(1));
}

async function reads(signal: AbortSignal): Promise<void> {
  const reader = new Reader<'float32'>('levels', {start: 'newest', afterOverrun: 'lap'});
  for await (const window of reader.windows(480, {step: 240, signal, skipOverruns: true})) {
    const first: number = window.at(0, 1);
    const [left, right]: Float32Array = window.samples;
    for (const sample of window) console.log(first, left, right, sample.length);
    if (window.check()) console.log(window.copy().start);
    // @ts-expect-error: it is not to be replaced
    window.samples = new Float32Array(5);
  }
  for await (const block of reader.blocks(100)) console.log(block.subarray(1));
  const next: Window<'float32'> | null = reader.next(5, {timeout: 3});
  // @ts-expect-error: there may be none
  next.check();
  // @ts-expect-error: no such option
  reader.windows(5, {stpe: 1});
  // @ts-expect-error: an index is a Number
  reader.view(0n, 5n);
  // @ts-expect-error: only the library makes them
  new Window();

  const unknown = new Reader('levels').view(0, 1).at(0);
  // @ts-expect-error: of a type that is not known it may be a BigInt
  const element: number = unknown;
  const opened: Reader<'int8'> = await Reader.openWait<'int8'>('levels', {timeout: 5, observer: true});
  const into: Uint8Array = opened.read(0, 5, new Uint8Array(5));
  const {monotonicNs, date} = opened.timeAt(opened.indexAt(new Date()));
  opened.indexAt(monotonicNs, 'monotonic');
  // @ts-expect-error: a Date is of the other clock
  opened.indexAt(date, 'monotonic');
  const message: Message | null = opened.receive();
  console.log(element, into, message?.tag, rings()[0]?.name);
  try {
    await opened.reopen({anyShape: true});
  } catch (error) {
    if (error instanceof OverwrittenError) console.log(OverwrittenError.code, error.codeName);
    else if (error instanceof RingbufError) console.log(error.code, error.message);
  }
}
writes().then(() => reads(new AbortController().signal));
