'use strict';
// The rings of this machine, and what is to be known of one.
const koffi = require('koffi');
const {check} = require('./errors.js');
const {lib, structs} = require('./functions.js');
const {refuse} = require('./numbers.js');
const {byCode} = require('./types.js');

const LOSSLESS = 1, KEEP = 2, MESSAGES = 4;
const STATES = [undefined, 'live', 'closed', 'superseded', 'dead'];

/** The struct of ringbuf_info as JavaScript would have it. */
function toInfo(info) {
  return {
    type: byCode.get(info.data_type)?.name,
    channels: info.channels,
    itemSize: info.item_size,
    sampleBytes: info.sample_bytes,
    capacity: info.capacity,
    window: info.window,
    written: info.written,
    oldest: info.oldest,
    lossless: (info.flags & LOSSLESS) !== 0,
    keep: (info.flags & KEEP) !== 0,
    messages: (info.flags & MESSAGES) !== 0,
    state: STATES[info.state],
    readers: info.readers,
    maxReaders: info.max_readers,
    sampleRate: info.sample_rate,
    position: info.position,
    overruns: info.overruns,
    lost: info.lost,
    anchor: info.anchor_index < 0 ? null : {
      index: info.anchor_index,
      monotonicNs: BigInt(info.anchor_monotonic_ns),
      realtimeNs: BigInt(info.anchor_realtime_ns),
    },
    generation: info.generation,
    totalBytes: info.total_bytes,
    writerPid: info.writer_pid,
    firstIndex: info.first_index,
    createdRealtimeNs: BigInt(info.created_realtime_ns),
    ringId: Buffer.from(info.ring_id).toString('hex'),
  };
}

/** A name for the library, which refuses all but a few characters. */
function toName(name) {
  if (typeof name !== 'string') return refuse('name', name, 'a string');
  return name.replaceAll('\0', '/'); // it would end the name early
}

function rings() {
  const found = [];
  check(lib.ringbuf_list((name, info) => {
    found.push({name, ...toInfo(koffi.decode(info, structs.info.type))});
    return 0;
  }, null));
  return found;
}

function unlink(name) { check(lib.ringbuf_unlink(toName(name))); }

module.exports = {KEEP, LOSSLESS, MESSAGES, STATES, rings, toInfo, toName, unlink};
