#include "npy.hpp"

#include <cctype>

#include "../text_format.hpp"
#include "raw.hpp"
#include "repair.hpp"
#include "ringbuf.h"
#include "sample_file.hpp"

namespace tool::formats {
namespace {

// The header has this length from the start, so that the number of samples can be replaced by a write within one page.
constexpr std::size_t header_bytes = 192;

struct Type {
  std::uint32_t data_type;
  const char* numpy;
};
constexpr Type types[] = {
    {RINGBUF_FLOAT16, "<f2"},     {RINGBUF_FLOAT32, "<f4"}, {RINGBUF_FLOAT64, "<f8"}, {RINGBUF_INT8, "|i1"},
    {RINGBUF_INT16, "<i2"},       {RINGBUF_INT32, "<i4"},   {RINGBUF_INT64, "<i8"},   {RINGBUF_UINT8, "|u1"},
    {RINGBUF_UINT16, "<u2"},      {RINGBUF_UINT32, "<u4"},  {RINGBUF_UINT64, "<u8"},  {RINGBUF_COMPLEX64, "<c8"},
    {RINGBUF_COMPLEX128, "<c16"},
};

std::string header(const Stream& stream, std::uint64_t samples) {
  std::string type = tool::format("|V{}", stream.item_size);
  for (const Type& candidate : types) {
    if (candidate.data_type == stream.data_type) type = candidate.numpy;
  }
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header_bytes - 10);
  text += '\0';
  text +=
      tool::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}, {}), }}", type, samples, stream.channels);
  text.resize(header_bytes - 1, ' ');
  return text + '\n';
}

class NpyWriter final : public SampleFileWriter {
 public:
  NpyWriter(const Stream& stream, const std::string& path, bool replace)
      : SampleFileWriter(stream, path, path + ".json", "", replace) {
    header_bytes_ = header_bytes;
    const std::string text = header(stream, 0);
    file_.append(text.data(), text.size());
    begin();
  }

 protected:
  void flush() override { write_header(stored()); }
  std::uint64_t end() override {
    const std::uint64_t whole = SampleFileWriter::end();
    write_header(whole);
    return whole;
  }

 private:
  void write_header(std::uint64_t samples) {
    const std::string text = header(stream(), samples);
    file_.write_at(0, text.data(), text.size());
  }
};

// The value of a key in the header, which is the text of a Python dict.
std::string value_of(const std::string& text, const std::string& key) {
  std::size_t at = text.find("'" + key + "'");
  if (at == std::string::npos) return "";
  at = text.find(':', at);
  if (at == std::string::npos) return "";
  at = text.find_first_not_of(' ', at + 1);
  if (at == std::string::npos) return "";
  if (text[at] == '\'') return text.substr(at + 1, text.find('\'', at + 1) - at - 1);
  if (text[at] == '(') return text.substr(at + 1, text.find(')', at) - at - 1);
  return text.substr(at, text.find_first_of(",}", at) - at);
}

class NpyReader final : public SampleFileReader {
 public:
  std::uint64_t header_size() const { return header_bytes_; }

  explicit NpyReader(const std::string& path) : SampleFileReader(path) {
    unsigned char start[12] = {};
    if (file_.read_at(0, start, sizeof start) < 10 || std::string(start, start + 6) != "\x93NUMPY") {
      throw Error(tool::format("'{}' is no npy file", path));
    }
    const std::size_t at = start[6] == 1 ? 10 : 12;
    std::size_t length = start[8] + 256U * start[9];
    if (at == 12) length += 65536U * start[10] + 16777216U * start[11];
    if (length > file_.size()) throw Error(tool::format("'{}' ends in its header", path));
    header_bytes_ = at + length;
    std::string text(length, '\0');
    file_.read_exactly(at, text.data(), length);

    if (value_of(text, "fortran_order") != "False") {
      throw Error(
          tool::format("'{}' is in Fortran's order: numpy.save(numpy.ascontiguousarray(...)) makes another", path));
    }
    const bool described = file_exists(path + ".json");
    if (described) apply_sidecar(*this, path + ".json");
    take_type(value_of(text, "descr"), path);
    take_shape(value_of(text, "shape"), path);
    if (samples > samples_in_file()) {
      throw Error(tool::format("'{}' has {} samples, not the {} of its header", path, samples_in_file(), samples));
    }
    if (!described) finished = true;
  }

 private:
  void take_type(const std::string& name, const std::string& path) {
    for (const Type& type : types) {
      if (name == type.numpy) {
        stream.data_type = type.data_type;
        stream.item_size = static_cast<std::uint32_t>(ringbuf_type_size(type.data_type));
        return;
      }
    }
    if (name.size() > 2 && name.compare(0, 2, "|V") == 0 && std::isdigit(static_cast<unsigned char>(name[2])) != 0) {
      stream.data_type = RINGBUF_BYTES;
      stream.item_size = static_cast<std::uint32_t>(std::stoul(name.substr(2)));
      return;
    }
    throw Error(tool::format("'{}' has elements of type '{}', which no ring has", path, name));
  }

  void take_shape(const std::string& shape, const std::string& path) {
    unsigned long long rows = 0;
    unsigned columns = 1;
    int used = 0;
    const bool two = std::sscanf(shape.c_str(), "%llu, %u%n", &rows, &columns, &used) == 2;
    if (!(two && static_cast<std::size_t>(used) == shape.size()) &&
        !(std::sscanf(shape.c_str(), "%llu,%n", &rows, &used) == 1 && static_cast<std::size_t>(used) == shape.size())) {
      throw Error(tool::format("'{}' is an array of shape ({}); a recording has (samples, channels)", path, shape));
    }
    samples = rows;
    stream.channels = columns;
  }
};

Changes repair_npy(const std::string& path) {
  Changes changes;
  const NpyReader reader(path);
  if (reader.header_size() != header_bytes) {
    throw Error(tool::format("'{}' has a header of {} bytes, as none of ringbuf has", path, reader.header_size()));
  }
  File file = File::open_to_repair(path);
  const std::uint64_t samples = cut_to_samples(file, header_bytes, reader.stream.sample_bytes(), changes);
  if (samples != reader.samples) {
    const std::string text = header(reader.stream, samples);
    file.write_at(0, text.data(), text.size());
    changes.push_back(tool::format("{}: {} samples in the header, not {}", path, samples, reader.samples));
  }
  finish_sidecar(path + ".json", "", samples, changes);
  return changes;
}

}  // namespace

Format npy_format() {
  return {"npy",
          {".npy"},
          "an array for numpy.load(), with FILE.json",
          messages_refusal,
          [](const std::string& path, const Stream& stream, bool replace) -> std::unique_ptr<Writer> {
            return std::make_unique<NpyWriter>(stream, path, replace);
          },
          [](const std::string& path) -> std::unique_ptr<Reader> { return std::make_unique<NpyReader>(path); },
          repair_npy};
}

}  // namespace tool::formats
