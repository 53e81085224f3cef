'use strict';
// The functions and structs of ringbuf.h, as koffi is told of them. Pointers are `void *`: what they point to is memory of
// JavaScript, in which the library writes at once.
const koffi = require('koffi');
const {library} = require('./library.js');

const prototypes = [
  'int ringbuf_options_init(void *options, size_t struct_size)',
  'int ringbuf_create(void *ring, const char *name, const void *options)',
  'int ringbuf_open(void *ring, const char *name, uint32_t flags)',
  'int ringbuf_open_wait(void *ring, const char *name, uint32_t flags, int64_t timeout_ns)',
  'int ringbuf_reopen(void *ring, uint32_t flags, int64_t timeout_ns)',
  'int ringbuf_resume(void *ring, const char *name)',
  'int ringbuf_create_or_resume(void *ring, const char *name, const void *options)',
  'int ringbuf_close(void *ring)',
  'int ringbuf_unlink(const char *name)',
  'int ringbuf_put(void *ring, const void *samples, uint64_t count)',
  'int ringbuf_push(void *ring, const void *item)',
  'int ringbuf_reserve(void *ring, uint64_t count, void *samples)',
  'int ringbuf_commit(void *ring, uint64_t count)',
  'int ringbuf_space(void *ring, void *count)',
  'int ringbuf_wait_space(void *ring, uint64_t count, int64_t timeout_ns)',
  'int ringbuf_wait_readers(void *ring, uint32_t count, int64_t timeout_ns)',
  'int ringbuf_set_metadata(void *ring, const void *bytes, size_t size)',
  'int ringbuf_check(void *ring, int64_t start, int64_t end)',
  'int ringbuf_view(void *ring, int64_t start, int64_t end, void *samples)',
  'int ringbuf_read(void *ring, int64_t start, int64_t end, void *samples)',
  'int ringbuf_wait(void *ring, int64_t end, int64_t timeout_ns)',
  'int ringbuf_metadata(void *ring, void *bytes, size_t room, void *size)',
  'int ringbuf_info(void *ring, void *info)',
  'int ringbuf_next(void *ring, uint64_t window, uint64_t step, int64_t timeout_ns, void *samples, void *start)',
  'int ringbuf_next_copy(void *ring, uint64_t window, uint64_t step, int64_t timeout_ns, void *samples, void *start)',
  'int ringbuf_pop(void *ring, void *item)',
  'int ringbuf_pop_many(void *ring, void *items, uint64_t max, void *count)',
  'int ringbuf_usage(void *ring, void *count)',
  'int ringbuf_tell(void *ring, void *position)',
  'int ringbuf_seek(void *ring, int64_t position)',
  'int ringbuf_send_event(void *ring, uint32_t kind, int64_t tag, const void *bytes, size_t size)',
  'int ringbuf_receive(void *ring, int64_t timeout_ns, void *bytes, void *size, void *start)',
  'int ringbuf_message(void *ring, int64_t start, void *message)',
  'int ringbuf_time_at(void *ring, int64_t index, void *monotonic_ns, void *realtime_ns)',
  'int ringbuf_index_at(void *ring, uint32_t clock, int64_t time_ns, void *index)',
  'int ringbuf_stamp(void *ring, int64_t index, int64_t monotonic_ns, int64_t realtime_ns)',
  'int ringbuf_skip(void *ring, uint64_t count)',
  'int ringbuf_poll_fd(void *ring, void *fd)',
  'int ringbuf_poll_arm(void *ring, int64_t end)',
  'int ringbuf_raw(const void *ring, void *raw, void *bytes)',
  'int ringbuf_fd(const void *ring, void *fd)',
  'const char *ringbuf_strerror(int code)',
  'const char *ringbuf_last_error(void)',
];
const lib = {};
for (const prototype of prototypes) lib[/ringbuf_\w+/.exec(prototype)[0]] = library.func(prototype);

// Those that call back.
const visits = {
  ringbuf_list: 'int (const char *name, void *info, void *user)',
  ringbuf_readers: 'int (void *reader, void *user)',
  ringbuf_gaps: 'int (int64_t start, int64_t end, void *user)',
};
for (const [name, prototype] of Object.entries(visits)) {
  const visit = koffi.pointer(koffi.proto(prototype));
  lib[name] = library.func(name, 'int', name === 'ringbuf_list' ? [visit, 'void *'] : ['void *', visit, 'void *']);
}

/** A struct of the header: objects to memory, and back. Its first field is its size. */
class Struct {
  constructor(fields) {
    this.fields = fields;
    this.type = koffi.struct(fields);
    this.size = koffi.sizeof(this.type);
  }
  allocate() {
    const memory = Buffer.alloc(this.size);
    memory.writeUInt32LE(this.size);
    return memory;
  }
  decode(memory) { return koffi.decode(memory, this.type); }
  encode(memory, object) { koffi.encode(memory, this.type, object); }
}

const structs = {
  options: new Struct({
    struct_size: 'uint32_t',
    data_type: 'uint32_t',
    channels: 'uint32_t',
    item_size: 'uint32_t',
    capacity: 'uint64_t',
    window: 'uint64_t',
    flags: 'uint32_t',
    max_readers: 'uint32_t',
    mode: 'uint32_t',
    metadata_bytes: 'uint32_t',
    sample_rate: 'double',
    first_index: 'int64_t',
  }),
  info: new Struct({
    struct_size: 'uint32_t',
    data_type: 'uint32_t',
    channels: 'uint32_t',
    item_size: 'uint32_t',
    sample_bytes: 'uint64_t',
    capacity: 'uint64_t',
    window: 'uint64_t',
    buf_size_bytes: 'uint64_t',
    pocket_size_bytes: 'uint64_t',
    written: 'int64_t',
    oldest: 'int64_t',
    write_ptr: 'int64_t',
    flags: 'uint32_t',
    state: 'uint32_t',
    readers: 'uint32_t',
    max_readers: 'uint32_t',
    sample_rate: 'double',
    position: 'int64_t',
    overruns: 'uint64_t',
    lost: 'uint64_t',
    anchor_index: 'int64_t',
    anchor_monotonic_ns: 'int64_t',
    anchor_realtime_ns: 'int64_t',
    generation: 'uint64_t',
    total_bytes: 'uint64_t',
    writer_pid: 'uint32_t',
    reserved: 'uint32_t',
    data_offset: 'uint64_t',
    first_index: 'int64_t',
    created_realtime_ns: 'int64_t',
    ring_id: koffi.array('uint8_t', 16),
  }),
  reader_info: new Struct({
    struct_size: 'uint32_t',
    process_id: 'uint32_t',
    position: 'int64_t',
    lag: 'uint64_t',
    lost: 'uint64_t',
    overruns: 'uint64_t',
    holds_back: 'uint32_t',
    reserved: 'uint32_t',
  }),
  message: new Struct({
    struct_size: 'uint32_t',
    kind: 'uint32_t',
    size: 'uint64_t',
    start: 'int64_t',
    tag: 'int64_t',
    monotonic_ns: 'int64_t',
  }),
};

module.exports = {lib, prototypes, structs, visits};
