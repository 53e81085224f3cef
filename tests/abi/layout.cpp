// Where everything lies in shared memory, in numbers: layout version 1. Compiled only. A change here is another layout:
// it takes another layout_version, and rings of version 1 have to be read all the same.
#include "ringbuf/detail/layout.hpp"

#include "ringbuf/detail/record.hpp"

namespace ringbuf {

static_assert(layout_version == 1 && layout_magic == 0x31465542474e4952 && none_waiting == 0xffffffffffffffff);
static_assert(flag_lossless == 1 && flag_keep == 2 && flag_messages == 4 && max_reader_slots == 1024);
static_assert(static_cast<int>(State::none) == 0 && static_cast<int>(State::live) == 1 &&
              static_cast<int>(State::closed) == 2 && static_cast<int>(State::superseded) == 3);
static_assert(static_cast<int>(SlotState::free) == 0 && static_cast<int>(SlotState::active) == 1);

#define AT(type, field, offset, bytes) \
  static_assert(offsetof(type, field) == (offset) && sizeof(type::field) == (bytes), #type "." #field)

AT(Geometry, magic, 0, 8);
AT(Geometry, version, 8, 4);
AT(Geometry, header_bytes, 12, 4);
AT(Geometry, buf_size_bytes, 16, 8);
AT(Geometry, pocket_size_bytes, 24, 8);
AT(Geometry, data_type, 32, 4);
AT(Geometry, channels, 36, 4);
AT(Geometry, item_size, 40, 4);
AT(Geometry, flags, 44, 4);
AT(Geometry, capacity, 48, 8);
AT(Geometry, window, 56, 8);
AT(Geometry, sample_bytes, 64, 8);
AT(Geometry, total_bytes, 72, 8);
AT(Geometry, max_readers, 80, 4);
AT(Geometry, metadata_bytes, 84, 4);
AT(Geometry, page_bytes, 88, 4);
AT(Geometry, mode, 92, 4);
AT(Geometry, table_offset, 96, 8);
AT(Geometry, metadata_offset, 104, 8);
AT(Geometry, data_offset, 112, 8);
AT(Geometry, pocket_offset, 120, 8);
AT(Geometry, sample_rate, 128, 8);
AT(Geometry, domain, 136, 8);
AT(Geometry, first_index, 144, 8);
AT(Geometry, track_offset, 152, 8);
AT(Geometry, data_alignment, 160, 8);
AT(Geometry, ring_id, 168, 16);
AT(Geometry, created_realtime_ns, 184, 8);
AT(Geometry, must_understand, 192, 8);
AT(Geometry, writer_must_understand, 200, 8);
AT(Geometry, liveness, 208, 4);
AT(Geometry, clock, 212, 4);
AT(Geometry, reserved, 216, 8);
AT(Geometry, ignored, 224, 32);

AT(Header, magic, 0, 8);
AT(Header, writer, 256, 128);
AT(Header, anchor, 384, 64);
AT(Header, metadata, 448, 64);
AT(Header, gaps, 512, 1024);

AT(WriterLines, written, 0, 8);
AT(WriterLines, intent, 8, 8);
AT(WriterLines, gap_end, 16, 8);
AT(WriterLines, latest, 24, 8);
AT(WriterLines, latest_bytes, 32, 32);
AT(WriterLines, limit, 64, 8);
AT(WriterLines, space_at, 72, 8);
AT(WriterLines, generation, 80, 8);
AT(WriterLines, incarnation, 88, 8);
AT(WriterLines, owner, 96, 8);
AT(WriterLines, state, 104, 4);
AT(WriterLines, wake_sequence, 108, 4);
AT(WriterLines, asymmetric, 112, 4);

AT(Anchor, version, 0, 8);
AT(Anchor, copies, 8, 48);
AT(Anchor::Time, index, 0, 8);
AT(Anchor::Time, monotonic_ns, 8, 8);
AT(Anchor::Time, realtime_ns, 16, 8);

AT(TimeMark, sequence, 0, 8);
AT(TimeMark, index, 8, 8);
AT(TimeMark, monotonic_ns, 16, 8);
AT(TimeMark, realtime_ns, 24, 8);
AT(TimeMark, run_start, 32, 8);
AT(TimeMark, before_ns, 40, 8);
AT(TimeMark, before_realtime_ns, 48, 8);
static_assert(sizeof(TimeTrack) == 256 * 64);

static_assert(sizeof(MessageStarts) == 256 * 8);
static_assert(sizeof(RecordHeader) == 24);
AT(RecordHeader, size, 0, 4);
AT(RecordHeader, kind, 4, 4);
AT(RecordHeader, tag, 8, 8);
AT(RecordHeader, monotonic_ns, 16, 8);
AT(GapTable, count, 0, 8);
AT(GapTable, floor, 8, 8);
AT(GapTable, entries, 16, 63 * 16);
AT(GapTable::Entry, start, 0, 8);
AT(GapTable::Entry, end, 8, 8);

AT(MetadataControl, version, 0, 8);
AT(MetadataControl, sizes, 8, 16);

AT(ReaderTable, wake_at, 0, 8);
AT(ReaderTable, space_sequence, 8, 4);
static_assert(sizeof(ReaderTable) == 128);
AT(ReaderSlot, position, 0, 8);
AT(ReaderSlot, overruns, 8, 8);
AT(ReaderSlot, lost, 16, 8);
AT(ReaderSlot, owner, 24, 8);
AT(ReaderSlot, state, 32, 4);
AT(ReaderSlot, asymmetric, 36, 4);
static_assert(sizeof(ReaderSlot) == 128);

}  // namespace ringbuf
