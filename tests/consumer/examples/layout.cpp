// The sections of a ring, as docs/layout.md shows them; with an argument, what the figure calls by a name, and where it is.
#include <cstdio>
#include <ringbuf/ringbuf.hpp>

static_assert(offsetof(ringbuf::Geometry, buf_size_bytes) == 16 && offsetof(ringbuf::Geometry, data_type) == 32 &&
              offsetof(ringbuf::Geometry, channels) == 36 && offsetof(ringbuf::WriterLines, intent) == 8);

namespace {

void print_names(const ringbuf::Geometry &g) {
  const auto line = [](const char *name, std::uint64_t offset) {
    std::printf("%s %llu\n", name, static_cast<unsigned long long>(offset));
  };
  using namespace ringbuf;
  line("geometry", 0);
#define FIELD(name) line(#name, offsetof(Geometry, name))
  FIELD(magic), FIELD(version), FIELD(buf_size_bytes), FIELD(pocket_size_bytes), FIELD(data_type), FIELD(channels);
  FIELD(item_size), FIELD(capacity), FIELD(window);
#undef FIELD
#define FIELD(name) line(#name, offsetof(Header, writer) + offsetof(WriterLines, name))
  FIELD(written), FIELD(intent), FIELD(limit), FIELD(space_at), FIELD(generation), FIELD(state), FIELD(wake_sequence);
#undef FIELD
  line("anchor", offsetof(Header, anchor) + offsetof(Anchor, version));
  line("anchor_copy_0", offsetof(Header, anchor) + offsetof(Anchor, copies));
  line("anchor_copy_1", offsetof(Header, anchor) + offsetof(Anchor, copies) + sizeof(Anchor::Time));
  line("metadata_control", offsetof(Header, metadata) + offsetof(MetadataControl, version));
  line("metadata_sizes", offsetof(Header, metadata) + offsetof(MetadataControl, sizes));

  line("table", g.table_offset);
  line("wake_at", g.table_offset + offsetof(ReaderTable, wake_at));
  line("space_sequence", g.table_offset + offsetof(ReaderTable, space_sequence));
  const std::uint64_t places = g.table_offset + sizeof(ReaderTable);
  line("place_0", places + offsetof(ReaderSlot, position));
  line("place_0_overruns", places + offsetof(ReaderSlot, overruns));
  line("place_0_lost", places + offsetof(ReaderSlot, lost));
  line("place_0_state", places + offsetof(ReaderSlot, state));
  line("place_1", places + sizeof(ReaderSlot));
  line("place_15", places + (g.max_readers - 1) * sizeof(ReaderSlot));

  line("metadata_0", g.metadata_offset);
  line("metadata_1", g.metadata_offset + metadata_copy_stride(g));
  line("track", g.track_offset);
  line("data", g.data_offset);
  line("pocket", g.pocket_offset);
  line("pocket_end", g.pocket_offset + g.pocket_size_bytes);
  line("end", g.total_bytes);
}

}  // namespace

int main(int argc, char **) try {
  const ringbuf::Writer writer(nullptr, {.channels = 2, .capacity = 48000, .window = 480});
  ringbuf::Info info{};
  if (writer.info(info) != ringbuf::Status::ok) return 1;
  const ringbuf::Geometry &g = info.geometry;
  if (g.page_bytes != 4096) return 77;  // the figure is that of a system with pages of 4096 bytes

  if (argc > 1) return print_names(g), 0;

  const auto line = [](std::uint64_t offset, std::uint64_t bytes, const char *what) {
    std::printf("%7llu %7llu  %s\n", static_cast<unsigned long long>(offset), static_cast<unsigned long long>(bytes),
                what);
  };
  using ringbuf::Header;
  std::printf(" offset   bytes  section\n");
  line(0, sizeof(ringbuf::Geometry), "geometry: magic \"RINGBUF1\", version, sizes and offsets of all sections");
  line(offsetof(Header, writer), sizeof(ringbuf::WriterLines), "writer: written, intent, state, generation, wake word");
  line(offsetof(Header, anchor), sizeof(ringbuf::Anchor), "time anchor, two copies");
  line(offsetof(Header, metadata), sizeof(ringbuf::MetadataControl), "metadata control: which copy is current, sizes");
  line(offsetof(Header, gaps), sizeof(ringbuf::GapTable),
       "gap table: the ranges of indices that the writer has skipped");
  line(g.table_offset, sizeof(ringbuf::ReaderTable), "waiters: what sleeping readers wait for");
  line(g.table_offset + sizeof(ringbuf::ReaderTable), g.max_readers * sizeof(ringbuf::ReaderSlot),
       "reader table: position, overruns, lost, state of each reader");
  line(g.metadata_offset, 2 * ringbuf::metadata_copy_stride(g), "metadata, two copies");
  line(g.track_offset, sizeof(ringbuf::TimeTrack), "time track: when samples were put");
  line(g.data_offset, g.buf_size_bytes, "data: 48000 samples of 8 bytes");
  line(g.pocket_offset, g.pocket_size_bytes, "pocket: a second copy of the first 480 samples of the data");
  line(g.total_bytes, 0, "the end, rounded up to a page");
  return 0;
} catch (const ringbuf::Error &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
