// A ring in use: a writer and readers, which come and go.
#pragma once

#include <array>
#include <cstdlib>

#include "program.hpp"

namespace fuzz {

class Live {
 public:
  // A ring of these options in the caller's memory, or, if that is null, an anonymous one.
  Live(const ringbuf_options_t& options, void* raw, std::size_t bytes) : raw_(raw), bytes_(bytes), options_(options) {
    const int code = raw != nullptr ? ringbuf_create_raw(writer_.out(), raw, bytes, &options)
                                    : ringbuf_create(writer_.out(), nullptr, &options);
    if (code != RINGBUF_OK) std::abort();
    if (raw == nullptr && ringbuf_fd(writer_, &fd_) != RINGBUF_OK) std::abort();
  }

  // The descriptor of an anonymous ring, as long as its first writer is open.
  std::intptr_t fd() const { return fd_; }
  // Descriptors of our own outlive that writer.
  void set_fd(std::intptr_t fd) { fd_ = fd; }

  // One step of the program.
  void step(Input& input) {
    const std::uint8_t what = input.byte();
    Handle& reader = readers_[what / 16 % readers_.size()];
    switch (what % 16) {
      case 0:
        open(reader, input);
        break;
      case 1:
        reader.close();
        break;
      case 2:
        if (input.byte() % 4 == 0) writer_.close();
        break;
      case 3:
        if (writer_ != nullptr) break;
        if (raw_ != nullptr && input.flag()) {
          (void)ringbuf_create_raw(writer_.out(), raw_, bytes_, &options_);
        } else {
          open(writer_, RINGBUF_AS_WRITER);
        }
        break;
      case 4:
        open_typed(input);
        break;
      case 5:
      case 12:
        if (!typed_.is_open()) open_typed(input);
        if (typed_.is_open()) call_typed(typed_, input);
        break;
      case 6:
        if (writer_ != nullptr) call_any(writer_, input);
        break;
      case 7:
      case 8:
        if (reader != nullptr) call_any(reader, input);
        break;
      case 9:
      case 10:
      case 11:
        if (writer_ != nullptr) call_writer(writer_, input);
        break;
      default:
        if (reader == nullptr) open(reader, input);
        if (reader != nullptr) call_reader(reader, input);
        break;
    }
  }

 private:
  void open(Handle& handle, std::uint32_t flags) {
    handle.close();
    (void)(raw_ != nullptr ? ringbuf_open_raw(handle.out(), raw_, bytes_, flags)
                           : ringbuf_open_fd(handle.out(), fd_, flags));
  }
  void open(Handle& handle, Input& input) { open(handle, input.byte() & 15U); }

  void open_typed(Input& input) {
    ringbuf::OpenOptions o;
    o.observer = input.flag();
    o.from_newest = input.flag();
    typed_.close();
    (void)(raw_ != nullptr ? ringbuf::Reader::open_raw(typed_, raw_, bytes_, o)
                           : ringbuf::Reader::open_fd(typed_, fd_, o));
  }

  void* raw_;
  std::size_t bytes_;
  ringbuf_options_t options_;
  std::intptr_t fd_ = -1;
  Handle writer_;
  std::array<Handle, 3> readers_;
  ringbuf::Reader typed_;
};

}  // namespace fuzz
