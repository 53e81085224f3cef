// Samples as the ring has them, one after the other, behind a header of fixed length: what raw, SigMF and npy have in common.
#pragma once

#include <string>

#include "file.hpp"
#include "sidecar.hpp"

namespace tool::formats {

class SampleFileWriter : public SidecarWriter {
 public:
  SampleFileWriter(const Stream& stream, const std::string& path, const std::string& sidecar_path,
                   const std::string& sigmf_type, bool replace)
      : SidecarWriter(stream, sidecar_path, sigmf_type, replace), file_(File::create(path, replace)) {}

  std::uint64_t bytes() const override { return file_.size(); }

 protected:
  void store(const void* samples, std::uint64_t count) override {
    file_.append(samples, static_cast<std::size_t>(count) * stream().sample_bytes());
  }
  void flush() override {}
  std::uint64_t end() override {
    const std::uint64_t size = stream().sample_bytes();
    const std::uint64_t whole = (file_.size() - header_bytes_) / size;
    file_.truncate(header_bytes_ + whole * size);
    return whole;
  }
  std::string data_path() const override { return file_.path(); }

  File file_;
  std::uint64_t header_bytes_ = 0;
};

class SampleFileReader : public Reader {
 public:
  explicit SampleFileReader(const std::string& path) : file_(File::open(path)) {}

  std::vector<std::string> check() override {
    const std::uint64_t size = stream.sample_bytes();
    const std::uint64_t rest = (file_.size() - header_bytes_) % size;
    if (rest != 0) return {"its last " + std::to_string(rest) + " bytes are a part of a sample"};
    if (samples_in_file() != samples) {
      return {"it has " + std::to_string(samples_in_file()) + " samples, and its header says " +
              std::to_string(samples)};
    }
    return {};
  }

  void read(std::uint64_t first, std::uint64_t count, void* to) override {
    const std::size_t size = stream.sample_bytes();
    file_.read_exactly(header_bytes_ + first * size, to, static_cast<std::size_t>(count) * size);
  }

 protected:
  // Whole samples: a recorder that was killed may leave a part of one at the end.
  std::uint64_t samples_in_file() const {
    const std::uint64_t size = stream.sample_bytes();
    return size == 0 || file_.size() < header_bytes_ ? 0 : (file_.size() - header_bytes_) / size;
  }

  File file_;
  std::uint64_t header_bytes_ = 0;
};

}  // namespace tool::formats
