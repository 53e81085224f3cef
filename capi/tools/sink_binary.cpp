// Samples as their bytes, and as a .npy file.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "output.hpp"
#include "sink.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

class RawSink : public Sink {
 public:
  explicit RawSink(const SinkSource &source) : sample_bytes_(source.shape.sample_bytes()) {}
  void samples(const Block &block) override {
    write_out(block.data, static_cast<std::size_t>(block.count) * sample_bytes_);
  }
  void end(bool) override {}

 private:
  std::size_t sample_bytes_;
};

std::string npy_type(const Shape &shape) {
  switch (shape.type) {
    case RINGBUF_FLOAT32:
      return "<f4";
    case RINGBUF_INT16:
      return "<i2";
    case RINGBUF_FLOAT64:
      return "<f8";
    case RINGBUF_INT8:
      return "|i1";
    case RINGBUF_UINT8:
      return "|u1";
    case RINGBUF_UINT16:
      return "<u2";
    case RINGBUF_INT32:
      return "<i4";
    case RINGBUF_UINT32:
      return "<u4";
    case RINGBUF_INT64:
      return "<i8";
    case RINGBUF_UINT64:
      return "<u8";
    case RINGBUF_FLOAT16:
      return "<f2";
    case RINGBUF_COMPLEX64:
      return "<c8";
    case RINGBUF_COMPLEX128:
      return "<c16";
    default:
      return tool::format("|V{}", shape.item_size);
  }
}

// The header comes first and says how many samples there are. In a file it is written once more at the end. A pipe gets
// everything at the end.
class NpySink : public Sink {
 public:
  explicit NpySink(const SinkSource &source) : shape_(source.shape) {
    struct stat status = {};
    is_file_ = ::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
    if (!is_file_) return;
    start_ = ::lseek(STDOUT_FILENO, 0, SEEK_CUR);
    const std::string text = header();
    write_out(text.data(), text.size());
  }
  void samples(const Block &block) override {
    const std::size_t bytes = static_cast<std::size_t>(block.count) * shape_.sample_bytes();
    count_ += block.count;
    if (is_file_) {
      write_out(block.data, bytes);
    } else {
      kept_.append(reinterpret_cast<const char *>(block.data), bytes);
    }
  }
  void end(bool) override {
    const std::string text = header();
    if (!is_file_) {
      write_out(text.data(), text.size());
      write_out(kept_.data(), kept_.size());
    } else if (::pwrite(STDOUT_FILENO, text.data(), text.size(), start_) != static_cast<::ssize_t>(text.size())) {
      throw Failure(exit_error, tool::format("the header of the file cannot be written: {}", std::strerror(errno)));
    }
  }

 private:
  // Version 1.0: magic, length, a Python dict, spaces up to a multiple of 64 bytes; of the same length for every count.
  std::string header() const {
    std::string shape = tool::format("({}, {})", count_, shape_.channels);
    if (shape_.type == RINGBUF_BYTES) shape = tool::format("({},)", count_);
    std::string dict =
        tool::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", npy_type(shape_), shape);
    constexpr std::size_t total = 128;
    dict.resize(total - 10 - 1, ' ');
    dict += '\n';
    std::string text = "\x93NUMPY\x01";
    text += '\0';
    text += static_cast<char>(dict.size());
    text += '\0';
    return text + dict;
  }

  Shape shape_;
  bool is_file_ = false;
  ::off_t start_ = 0;
  std::uint64_t count_ = 0;
  std::string kept_;
};

}  // namespace

std::unique_ptr<Sink> make_raw_sink(const SinkSource &source) { return std::make_unique<RawSink>(source); }
std::unique_ptr<Sink> make_npy_sink(const SinkSource &source) { return std::make_unique<NpySink>(source); }

}  // namespace tool
