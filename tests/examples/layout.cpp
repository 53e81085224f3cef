// The sections of a ring, as README.md shows them.
#include <cstdio>
#include <ringbuf/ringbuf.hpp>

static_assert(offsetof(ringbuf::Geometry, buf_size_bytes) == 16 && offsetof(ringbuf::Geometry, data_type) == 32 &&
              offsetof(ringbuf::Geometry, channels) == 36 && offsetof(ringbuf::WriterLines, intent) == 8);

int main() try {
  const ringbuf::Writer writer(nullptr, {.channels = 2, .capacity = 48000, .window = 480});
  ringbuf::Info info{};
  if (writer.info(info) != ringbuf::Status::ok) return 1;
  const ringbuf::Geometry &g = info.geometry;
  if (g.page_bytes != 4096) return 77;  // the figure is that of a system with pages of 4096 bytes

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
  line(g.table_offset, sizeof(ringbuf::ReaderTable), "waiters: what sleeping readers wait for");
  line(g.table_offset + sizeof(ringbuf::ReaderTable), g.max_readers * sizeof(ringbuf::ReaderPlace),
       "reader table: position, overruns, lost, state of each reader");
  line(g.metadata_offset, 2 * ringbuf::metadata_copy_stride(g), "metadata, two copies");
  line(g.data_offset, g.buf_size_bytes, "data: 48000 samples of 8 bytes");
  line(g.pocket_offset, g.pocket_size_bytes, "pocket: a second copy of the first 480 samples of the data");
  line(g.total_bytes, 0, "the end, rounded up to a page");
  return 0;
} catch (const ringbuf::Error &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
