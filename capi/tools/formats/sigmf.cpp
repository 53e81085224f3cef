#include "sigmf.hpp"

#include <nlohmann/json.hpp>

#include "../text_format.hpp"
#include "raw.hpp"
#include "repair.hpp"
#include "ringbuf.h"
#include "sample_file.hpp"

namespace tool::formats {
namespace {

struct Type {
  std::uint32_t data_type;
  const char* sigmf;
};
constexpr Type types[] = {
    {RINGBUF_FLOAT32, "rf32_le"},    {RINGBUF_FLOAT64, "rf64_le"}, {RINGBUF_INT8, "ri8"},
    {RINGBUF_UINT8, "ru8"},          {RINGBUF_INT16, "ri16_le"},   {RINGBUF_UINT16, "ru16_le"},
    {RINGBUF_INT32, "ri32_le"},      {RINGBUF_UINT32, "ru32_le"},  {RINGBUF_COMPLEX64, "cf32_le"},
    {RINGBUF_COMPLEX128, "cf64_le"},
};

std::string sigmf_type(std::uint32_t data_type) {
  for (const Type& type : types) {
    if (type.data_type == data_type) return type.sigmf;
  }
  return "";
}

std::string refusal(const Stream& stream) {
  if (std::string messages = messages_refusal(stream); !messages.empty()) return messages;
  if (sigmf_type(stream.data_type).empty()) {
    const char* name = ringbuf_type_name(stream.data_type);
    return tool::format("SigMF has no type {}: use --format raw, whose sidecar says the same",
                        name != nullptr ? name : "bytes");
  }
  if (stream.sample_rate != 0 && !(stream.sample_rate >= 1 && stream.sample_rate <= 1e12)) {
    return tool::format(
        "SigMF takes sample rates from 1 Hz to 1 THz, not {} Hz: use --format raw, whose sidecar says the same",
        stream.sample_rate);
  }
  return "";
}

// FILE of FILE.sigmf-data, FILE.sigmf-meta.
std::string stem(const std::string& path) {
  const std::size_t dot = path.rfind(".sigmf-");
  return dot == std::string::npos ? path : path.substr(0, dot);
}

class SigmfWriter final : public SampleFileWriter {
 public:
  SigmfWriter(const Stream& stream, const std::string& path, bool replace)
      : SampleFileWriter(stream, stem(path) + ".sigmf-data", stem(path) + ".sigmf-meta", sigmf_type(stream.data_type),
                         replace) {
    begin();
  }
};

class SigmfReader final : public SampleFileReader {
 public:
  explicit SigmfReader(const std::string& path) : SampleFileReader(stem(path) + ".sigmf-data") {
    const std::string meta = stem(path) + ".sigmf-meta";
    apply_sidecar(*this, meta);
    if (stream.item_size == 0) take_type(meta);
    samples = samples_in_file();
  }

 private:
  // A recording that is not of ringbuf has its type in SigMF's words alone.
  void take_type(const std::string& meta) {
    const auto json = nlohmann::json::parse(read_file(meta));
    const std::string name = json.at("global").value("core:datatype", "");
    for (const Type& type : types) {
      if (name == type.sigmf || name + "_le" == type.sigmf) {
        stream.data_type = type.data_type;
        stream.item_size = static_cast<std::uint32_t>(ringbuf_type_size(type.data_type));
        return;
      }
    }
    throw Error(tool::format("'{}' has samples of type {}, which no ring has", meta, name));
  }
};

Changes repair_sigmf(const std::string& path) {
  Changes changes;
  const Stream stream = SigmfReader(path).stream;
  File file = File::open_to_repair(stem(path) + ".sigmf-data");
  finish_sidecar(stem(path) + ".sigmf-meta", sigmf_type(stream.data_type),
                 cut_to_samples(file, 0, stream.sample_bytes(), changes), changes);
  return changes;
}

}  // namespace

Format sigmf_format() {
  return {"sigmf",
          {".sigmf-data", ".sigmf-meta"},
          "SigMF 1.2: FILE.sigmf-data and FILE.sigmf-meta",
          refusal,
          [](const std::string& path, const Stream& stream, bool replace) -> std::unique_ptr<Writer> {
            return std::make_unique<SigmfWriter>(stream, path, replace);
          },
          [](const std::string& path) -> std::unique_ptr<Reader> { return std::make_unique<SigmfReader>(path); },
          repair_sigmf};
}

}  // namespace tool::formats
