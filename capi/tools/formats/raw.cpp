#include "raw.hpp"

#include "repair.hpp"
#include "ringbuf.h"
#include "sample_file.hpp"

namespace tool::formats {
namespace {

class RawWriter final : public SampleFileWriter {
 public:
  RawWriter(const Stream& stream, const std::string& path, bool replace)
      : SampleFileWriter(stream, path, path + ".json", "", replace) {
    begin();
  }
};

class RawReader final : public SampleFileReader {
 public:
  explicit RawReader(const std::string& path) : SampleFileReader(path) {
    if (!file_exists(path + ".json")) {
      throw Error("'" + path + "' has no '" + path +
                  ".json' beside it, which says of what type the samples are; 'ringbuf put' takes such bytes");
    }
    apply_sidecar(*this, path + ".json");
    if (stream.item_size == 0) throw Error("'" + path + ".json' does not say of what type the samples are");
    samples = samples_in_file();
  }
};

Changes repair_raw(const std::string& path) {
  Changes changes;
  const std::size_t size = RawReader(path).stream.sample_bytes();
  File file = File::open_to_repair(path);
  finish_sidecar(path + ".json", "", cut_to_samples(file, 0, size, changes), changes);
  return changes;
}

}  // namespace

std::string messages_refusal(const Stream& stream) {
  if ((stream.flags & RINGBUF_MESSAGES) == 0) return "";
  return "the ring holds messages, not samples: use --format mcap; 'ringbuf cat' shows them";
}

Format raw_format() {
  return {"raw",
          {".raw", ".bin"},
          "the bytes of the samples, with FILE.json",
          messages_refusal,
          [](const std::string& path, const Stream& stream, bool replace) -> std::unique_ptr<Writer> {
            return std::make_unique<RawWriter>(stream, path, replace);
          },
          [](const std::string& path) -> std::unique_ptr<Reader> { return std::make_unique<RawReader>(path); },
          repair_raw};
}

}  // namespace tool::formats
