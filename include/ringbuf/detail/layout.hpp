// The layout of a ring in shared memory. All fields are little endian, have a fixed width and lie at fixed offsets,
// the same for 32- and 64-bit processes. A process validates the geometry when it opens the ring and from then on
// uses only its own copy.
//
//   offset 0              geometry | writer | anchor | metadata control | gap table     one page; only the writer writes it
//   table_offset          waiting readers | reader table                    the only pages that readers map writable
//   metadata_offset       two copies of the metadata, one of them current
//   track_offset          time track; in a ring of messages the table of their starts
//   data_offset           data: `capacity` samples, page aligned
//   pocket_offset         pocket: a copy of the first `window` samples of the data; ends at total_bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ringbuf/detail/atomic.hpp"
#include "ringbuf/detail/index.hpp"
#include "ringbuf/options.hpp"
#include "ringbuf/status.hpp"

namespace ringbuf {

inline constexpr std::uint64_t layout_magic = 0x31465542474e4952;  // "RINGBUF1" in memory
inline constexpr std::uint32_t layout_version = 1;                 // a program of another version refuses the ring
inline constexpr std::uint32_t max_reader_slots = 1024;            // in a reader table
inline constexpr std::uint32_t flag_lossless = 1;                  // in Geometry::flags
inline constexpr std::uint32_t flag_keep = 2;                      // likewise
inline constexpr std::uint32_t flag_messages = 4;                  // likewise
inline constexpr std::uint32_t clock_monotonic = 0;                // in Geometry::clock
// In Geometry::liveness: how a process finds out whether the writer, or the reader of a slot, is alive.
inline constexpr std::uint32_t liveness_locks = 0;   // by locks that the kernel releases; the owner fields do not count
inline constexpr std::uint32_t liveness_tokens = 1;  // by the process tokens in the owner fields: memory of the caller
// In Header::magic while a ring is being made in memory of the caller; WriterLines::owner is the process that makes
// it.
inline constexpr std::uint64_t making_magic = 0x30465542474e4952;  // "RINGBUF0" in memory

// Written once, before the ring can be found; the first four named fields are the header of the Python class.
struct Geometry {
  std::uint64_t magic;                   // layout_magic
  std::uint32_t version;                 // layout_version
  std::uint32_t header_bytes;            // sizeof(Header)
  std::uint64_t buf_size_bytes;          // of the data
  std::uint64_t pocket_size_bytes;       // of the pocket
  std::uint32_t data_type;               // enum DataType
  std::uint32_t channels;                // elements of one sample
  std::uint32_t item_size;               // bytes of one element
  std::uint32_t flags;                   // flag_lossless, flag_keep, flag_messages
  std::uint64_t capacity;                // samples of data
  std::uint64_t window;                  // samples of pocket
  std::uint64_t sample_bytes;            // channels * item_size
  std::uint64_t total_bytes;             // of the whole ring
  std::uint32_t max_readers;             // slots in the reader table
  std::uint32_t metadata_bytes;          // room in each of the two copies
  std::uint32_t page_bytes;              // the alignment of the sections
  std::uint32_t mode;                    // permission bits
  std::uint64_t table_offset;            // of ReaderTable
  std::uint64_t metadata_offset;         // of the first copy
  std::uint64_t data_offset;             // of sample offset 0
  std::uint64_t pocket_offset;           // the end of the data
  double sample_rate;                    // Hz; 0 is unknown
  std::uint64_t domain;                  // the domain of the process tokens in this ring (os::process_domain)
  std::uint64_t first_index;             // of the first sample
  std::uint64_t track_offset;            // of the time track
  std::uint64_t data_alignment;          // of data_offset; at least page_bytes
  std::uint8_t ring_id[16];              // random: no other ring has it, on no machine
  std::int64_t created_realtime_ns;      // since 1970-01-01 UTC
  std::uint64_t must_understand;         // features, a bit each: a library that does not know a bit refuses the ring
  std::uint64_t writer_must_understand;  // likewise, but only if it would write the ring
  std::uint32_t liveness;                // liveness_locks, liveness_tokens
  std::uint32_t clock;                   // of all monotonic times in the ring: clock_monotonic
  std::uint8_t reserved[8];              // for later libraries: zero. One that does not know a value refuses the ring
  std::uint8_t ignored[32];  // for later libraries. One that does not know a value opens the ring all the same
};
static_assert(sizeof(Geometry) == 256 && offsetof(Geometry, buf_size_bytes) == 16 &&
              offsetof(Geometry, data_type) == 32 && offsetof(Geometry, capacity) == 48 &&
              offsetof(Geometry, max_readers) == 80 && offsetof(Geometry, table_offset) == 96 &&
              offsetof(Geometry, sample_rate) == 128 && offsetof(Geometry, domain) == 136 &&
              offsetof(Geometry, first_index) == 144 && offsetof(Geometry, ring_id) == 168 &&
              offsetof(Geometry, liveness) == 208 && offsetof(Geometry, ignored) == 224);

// The state of the writer. closed: the writer ended the stream. superseded: a newer ring has the name. dead is never
// stored: the writer left without closing.
enum class State : std::uint32_t { none = 0, live = 1, closed = 2, superseded = 3, dead = 4 };

// The writer's fields. protocol.hpp has every access to them. Every reader polls the first cache line. The second
// line changes rarely, or few processes use it.
struct WriterLines {
  Atomic64 written;          // samples complete (nSamplesWritten of the Python class)
  Atomic64 intent;           // the end of the samples that are written or about to be (I1)
  Atomic64 gap_end;          // no gap lies between it and `written`
  Atomic64 latest;           // the index after the sample in latest_bytes; 0: none
  Atomic64 latest_bytes[4];  // a second copy of that sample, for readers that copy it (I7)
  Atomic64 limit;            // the end of the writer's published credit; at least the intent
  Atomic64 space_at;         // the position that a sleeping writer waits for, none_waiting or readers_waiting
  Atomic64 generation;       // the number of writers so far
  Atomic64 incarnation;      // another number for each ring in the same memory
  Atomic64 owner;            // process token of the writer; 0 if none. Counts with liveness_tokens
  Atomic32 state;            // enum State
  Atomic32 wake_sequence;    // readers sleep on this word
  Atomic32 asymmetric;       // 1: sleepers impose the fence before the writer's check for sleepers
  std::uint8_t pad1[12];     // unused
};
static_assert(sizeof(WriterLines) == 128 && offsetof(WriterLines, limit) == 64);

// The longest sample that is also copied beside the counters.
inline constexpr std::uint64_t max_latest_bytes = sizeof WriterLines::latest_bytes;

// A sample of which the time is known, with a seqlock.
struct TimeMark {
  Atomic64 sequence;            // odd: the fields are being stored; 0: there is none yet
  Atomic64 index;               // of the sample
  Atomic64 monotonic_ns;        // when the sample was put, on the ring's clock
  Atomic64 realtime_ns;         // the same since 1970-01-01 UTC
  Atomic64 run_start;           // the first sample after a pause that ended before this sample; 0: there was none
  Atomic64 before_ns;           // when sample run_start - 1 was put
  Atomic64 before_realtime_ns;  // likewise
  Atomic64 stamped;             // 1: the program said so, not the writer's clock
};
static_assert(sizeof(TimeMark) == 64);

// The time track. Each sample that the ring holds has one mark in which its time may be: track_mark() in index.hpp.
struct TimeTrack {
  TimeMark marks[track_marks];  // mark k has the time of a sample i with track_mark(i) == k
};

// In a ring of messages: where records begin, one of the first for each cell of track_mark(). It takes the place of the time
// track. A value counts only if it lies in its cell and among the indices that the ring holds: older ones drop out.
struct MessageStarts {
  Atomic64 starts[track_marks];  // starts[k]: of a record that begins at i, with track_mark(i) == k
};
static_assert(sizeof(MessageStarts) == 2048 && sizeof(MessageStarts) <= sizeof(TimeTrack));

// The time anchor, a double-buffered seqlock: copy `version & 1` is current, the writer fills in the other one.
struct Anchor {
  // A sample, and the time when it was put.
  struct Time {
    Atomic64 index;         // the last sample of the put
    Atomic64 monotonic_ns;  // on the machine's monotonic clock
    Atomic64 realtime_ns;   // since 1970-01-01 UTC
  };
  Atomic64 version;     // 0: none yet
  Time copies[2];       // copy `version & 1` is current
  std::uint8_t pad[8];  // unused
};
static_assert(sizeof(Anchor) == 64);

// The metadata's double-buffered seqlock. The two copies are at metadata_offset.
struct MetadataControl {
  Atomic64 version;      // 0: none yet
  Atomic64 sizes[2];     // bytes of each copy
  std::uint8_t pad[40];  // unused
};
static_assert(sizeof(MetadataControl) == 64);

inline constexpr std::uint64_t gap_entries = 63;             // in a gap table
inline constexpr std::uint64_t gaps_kept = gap_entries - 1;  // the newest ones count; one entry is free for the next

// The ranges of indices that the writer has skipped. protocol.hpp has every access to them.
struct GapTable {
  // A gap.
  struct Entry {
    Atomic64 start;  // the first index that was skipped
    Atomic64 end;    // the index after the last one
  };
  Atomic64 count;              // the number of gaps so far
  Atomic64 floor;              // samples before this index cannot be read: a gap among them counts no more
  Entry entries[gap_entries];  // gap number k, from 0 on, is in entry k % gap_entries
};
static_assert(sizeof(GapTable) == 1024);

// The header, at the beginning of the ring.
struct Header {
  Atomic64 magic;                                                   // stored last: makes the memory a ring
  std::byte rest_of_geometry[sizeof(Geometry) - sizeof(Atomic64)];  // see Geometry
  WriterLines writer;                                               // at byte 256
  Anchor anchor;                                                    // at byte 384
  MetadataControl metadata;                                         // at byte 448
  GapTable gaps;                                                    // at byte 512
};
static_assert(sizeof(Header) == 1536 && offsetof(Header, writer) == 256 && offsetof(Header, anchor) == 384 &&
              offsetof(Header, metadata) == 448 && offsetof(Header, gaps) == 512);

// Copies the geometry out of shared memory. `magic` comes from protocol::load_magic.
inline void copy_geometry_out(Geometry &geometry, const Header &header, std::uint64_t magic) noexcept {
  geometry.magic = magic;
  std::memcpy(reinterpret_cast<std::byte *>(&geometry) + sizeof magic, header.rest_of_geometry,
              sizeof header.rest_of_geometry);
}

// Copies the geometry into shared memory. protocol::publish_magic stores the magic later.
inline void copy_geometry_in(Header &header, const Geometry &geometry) noexcept {
  std::memcpy(header.rest_of_geometry, reinterpret_cast<const std::byte *>(&geometry) + sizeof geometry.magic,
              sizeof header.rest_of_geometry);
}

// The state of a reader slot.
enum class SlotState : std::uint32_t { free = 0, active = 1 };

// A reader slot: the fields of a registered reader.
struct ReaderSlot {
  Atomic64 position;     // the index of the sample that comes next
  Atomic64 overruns;     // times it was overrun
  Atomic64 lost;         // samples that it missed
  Atomic64 owner;        // process token of the reader
  Atomic32 state;        // enum SlotState
  Atomic32 asymmetric;   // 1: a sleeping writer imposes the fence before this reader's check for it
  std::uint8_t pad[88];  // unused
};
static_assert(sizeof(ReaderSlot) == 128);

// The words of sleepers. The `max_readers` reader slots follow directly.
struct ReaderTable {
  Atomic64 wake_at;         // readers sleep until this many samples are written, or none_waiting
  Atomic32 space_sequence;  // the writer sleeps on this word
  std::uint8_t pad[116];    // unused
};
static_assert(sizeof(ReaderTable) == 128);

inline constexpr std::uint64_t none_waiting = UINT64_MAX;         // no sleeper
inline constexpr std::uint64_t readers_waiting = UINT64_MAX - 1;  // in space_at: a reader that comes or leaves

// Computes the sections of a ring with these options. On failure last_error() names the option.
// The data are aligned to pages, or to more.
Status make_geometry(const Options &options, std::uint32_t page_bytes, Geometry &geometry,
                     std::uint64_t data_alignment = 0) noexcept;

// Whether a geometry read from memory of `bytes` bytes describes a sound ring: each field must be as make_geometry
// would have written it.
Status validate_geometry(const Geometry &geometry, std::uint64_t bytes) noexcept;

// The same for a process that wants to write it.
Status validate_for_writer(const Geometry &geometry) noexcept;

// Whether two geometries are equal, byte by byte: the reserved bytes count, and a sample rate is equal to itself.
inline bool same_bytes(const Geometry &a, const Geometry &b) noexcept {
  return std::memcmp(reinterpret_cast<const std::byte *>(&a), reinterpret_cast<const std::byte *>(&b), sizeof a) == 0;
}

// Whether a ring of geometry `there` takes the samples of one of geometry `wanted`. incompatible: last_error() names
// the field that differs.
Status same_shape(const Geometry &there, const Geometry &wanted) noexcept;

// Bytes from the first copy of the metadata to the second.
constexpr std::uint64_t metadata_copy_stride(const Geometry &geometry) noexcept {
  return (std::uint64_t{geometry.metadata_bytes} + 63) / 64 * 64;
}

}  // namespace ringbuf
