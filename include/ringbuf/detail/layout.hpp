// What a ring looks like in shared memory. Fixed-width little-endian fields at fixed offsets, the same for 32- and 64-bit
// processes; everything a process trusts is validated when the ring is opened and copied out of shared memory then.
//
//   offset 0              geometry | writer | anchor | metadata control     one page, written by the writer alone
//   table_offset          waiting readers | reader table                    the only pages that readers map writable
//   metadata_offset       two copies of the metadata, one of them current
//   data_offset           data: `capacity` samples, page aligned
//   pocket_offset         pocket: `window` samples, equal to the leftmost ones of the data; ends at total_bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ringbuf/detail/atomic.hpp"
#include "ringbuf/options.hpp"
#include "ringbuf/status.hpp"

namespace ringbuf {

inline constexpr std::uint64_t layout_magic = 0x31465542474e4952;  // "RINGBUF1" in memory
inline constexpr std::uint32_t layout_version = 1;                 // who knows only another one refuses the ring
inline constexpr std::uint32_t max_reader_slots = 1024;            // in a reader table
inline constexpr std::uint32_t flag_lossless = 1;                  // in Geometry::flags
inline constexpr std::uint32_t flag_keep = 2;                      // likewise
// In Geometry::liveness: what tells who has the writer's side, or a slot in the reader table, and whether he lives.
inline constexpr std::uint32_t liveness_locks = 0;   // locks that the kernel releases, whatever the owners say
inline constexpr std::uint32_t liveness_tokens = 1;  // the owners, process tokens: in memory of the caller's
// In Header::magic while a ring is made in memory of the caller's: the owner of the writer's side makes it.
inline constexpr std::uint64_t making_magic = 0x30465542474e4952;  // "RINGBUF0" in memory

// Written once, before the ring can be found; the first four named fields are the header of the Python class.
struct Geometry {
  std::uint64_t magic;              // layout_magic
  std::uint32_t version;            // layout_version
  std::uint32_t header_bytes;       // sizeof(Header)
  std::uint64_t buf_size_bytes;     // of the data
  std::uint64_t pocket_size_bytes;  // of the pocket
  std::uint32_t data_type;          // enum DataType
  std::uint32_t channels;           // elements of one sample
  std::uint32_t item_size;          // bytes of one element
  std::uint32_t flags;              // flag_lossless, flag_keep
  std::uint64_t capacity;           // samples of data
  std::uint64_t window;             // samples of pocket
  std::uint64_t sample_bytes;       // channels * item_size
  std::uint64_t total_bytes;        // of the whole ring
  std::uint32_t max_readers;        // slots in the reader table
  std::uint32_t metadata_bytes;     // room in each of the two copies
  std::uint32_t page_bytes;         // what the sections are aligned to
  std::uint32_t mode;               // permission bits
  std::uint64_t table_offset;       // of ReaderTable
  std::uint64_t metadata_offset;    // of the first copy
  std::uint64_t data_offset;        // of sample offset 0
  std::uint64_t pocket_offset;      // the end of the data
  double sample_rate;               // Hz; 0 is unknown
  std::uint64_t domain;             // where the process tokens in this ring mean something (os.hpp, process_domain)
  std::uint8_t reserved[64];        // for later versions: zero
  std::uint32_t liveness;           // liveness_locks, liveness_tokens
  std::uint8_t more_reserved[44];   // for later versions: zero
};
static_assert(sizeof(Geometry) == 256 && offsetof(Geometry, buf_size_bytes) == 16 &&
              offsetof(Geometry, data_type) == 32 && offsetof(Geometry, capacity) == 48 &&
              offsetof(Geometry, max_readers) == 80 && offsetof(Geometry, table_offset) == 96 &&
              offsetof(Geometry, sample_rate) == 128 && offsetof(Geometry, domain) == 136 &&
              offsetof(Geometry, liveness) == 208);

// Of the writer's side: live, ended by its writer, replaced by a newer ring of its name, abandoned.
enum class State : std::uint32_t { none = 0, live = 1, closed = 2, superseded = 3, dead = 4 };  // dead is never stored

// The counters of the writer. Who writes what is said here; how, and in which order, in protocol.hpp. The first line is
// what every reader looks at, the second one what changes rarely, or concerns few.
struct WriterLines {
  Atomic64 written;        // samples complete (nSamplesWritten of the Python class)
  Atomic64 intent;         // samples complete or about to be written; never goes back; at most written + capacity
  std::uint8_t pad0[48];   // unused
  Atomic64 limit;          // how far the writer has allowed itself to go; at least the intent
  Atomic64 space_at;       // the reader position that a sleeping writer waits for; none_waiting, readers_waiting
  Atomic64 generation;     // how many writers the ring has had
  Atomic64 incarnation;    // drawn anew when memory is reused for another ring
  Atomic64 owner;          // process token of the writer; 0 if none. Decides where Geometry::liveness says so
  Atomic32 state;          // enum State
  Atomic32 wake_sequence;  // readers sleep on this word
  Atomic32 asymmetric;     // 1: the writer leaves the fence before it looks for sleepers to those who go to sleep
  std::uint8_t pad1[12];   // unused
};
static_assert(sizeof(WriterLines) == 128 && offsetof(WriterLines, limit) == 64);

// Two copies and a counter: copy `version & 1` is current, the other one is where the next is prepared.
struct Anchor {
  // When which sample was put.
  struct Time {
    Atomic64 index;         // the last sample of the put
    Atomic64 monotonic_ns;  // on the machine's monotonic clock
    Atomic64 realtime_ns;   // since 1970-01-01 UTC
  };
  Atomic64 version;     // 0: none yet
  Time copies[2];       // two copies
  std::uint8_t pad[8];  // unused
};
static_assert(sizeof(Anchor) == 64);

// As Anchor; the two copies themselves are at metadata_offset.
struct MetadataControl {
  Atomic64 version;      // 0: none yet
  Atomic64 sizes[2];     // bytes of each copy
  std::uint8_t pad[40];  // unused
};
static_assert(sizeof(MetadataControl) == 64);

// What a ring begins with.
struct Header {
  Atomic64 magic;                                                   // stored last: a ring is there from then on
  std::byte rest_of_geometry[sizeof(Geometry) - sizeof(Atomic64)];  // see Geometry
  WriterLines writer;                                               // at byte 256
  Anchor anchor;                                                    // at byte 384
  MetadataControl metadata;                                         // at byte 448
};
static_assert(sizeof(Header) == 512 && offsetof(Header, writer) == 256 && offsetof(Header, anchor) == 384 &&
              offsetof(Header, metadata) == 448);

// Copies the geometry out of shared memory; the magic goes with protocol.hpp.
inline void copy_geometry_out(Geometry &geometry, const Header &header, std::uint64_t magic) noexcept {
  geometry.magic = magic;
  std::memcpy(reinterpret_cast<std::byte *>(&geometry) + sizeof magic, header.rest_of_geometry,
              sizeof header.rest_of_geometry);
}

// Copies the geometry into shared memory, without the magic.
inline void copy_geometry_in(Header &header, const Geometry &geometry) noexcept {
  std::memcpy(header.rest_of_geometry, reinterpret_cast<const std::byte *>(&geometry) + sizeof geometry.magic,
              sizeof header.rest_of_geometry);
}

// Whether a slot in the reader table is taken.
enum class SlotState : std::uint32_t { free = 0, active = 1 };

// A registered reader.
struct ReaderSlot {
  Atomic64 position;     // the index of the sample that comes next
  Atomic64 overruns;     // times it was too late
  Atomic64 lost;         // samples it missed by that
  Atomic64 owner;        // process token of the reader
  Atomic32 state;        // enum SlotState
  Atomic32 asymmetric;   // 1: the reader leaves the fence before it looks for a sleeping writer to that writer
  std::uint8_t pad[88];  // unused
};
static_assert(sizeof(ReaderSlot) == 128);

// What sleepers wait for; the slots, `max_readers` of them, follow directly.
struct ReaderTable {
  Atomic64 wake_at;         // readers sleep until this many samples are written; none_waiting if none does
  Atomic32 space_sequence;  // a writer sleeps on this word
  std::uint8_t pad[116];    // unused
};
static_assert(sizeof(ReaderTable) == 128);

inline constexpr std::uint64_t none_waiting = UINT64_MAX;         // nobody sleeps
inline constexpr std::uint64_t readers_waiting = UINT64_MAX - 1;  // in space_at: for a reader to come, or to go

// Fills in the sections of a ring with these options. On failure the text of last_error() says which option it was.
Status make_geometry(const Options &options, std::uint32_t page_bytes, Geometry &geometry) noexcept;

// Whether a header read from memory of `bytes` bytes describes a sound ring: each field must be what make_geometry would
// have written.
Status validate_geometry(const Geometry &geometry, std::uint64_t bytes) noexcept;

// Whether samples of a ring of the geometry `wanted` fit into the one that is there: incompatible, with the field that
// differs in the text, if not.
Status same_shape(const Geometry &there, const Geometry &wanted) noexcept;

// Bytes from the first copy of the metadata to the second.
constexpr std::uint64_t metadata_copy_stride(const Geometry &geometry) noexcept {
  return (std::uint64_t{geometry.metadata_bytes} + 63) / 64 * 64;
}

}  // namespace ringbuf
