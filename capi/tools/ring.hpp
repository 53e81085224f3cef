// A handle of ringbuf.h that closes itself and throws Failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "failure.hpp"
#include "ringbuf.h"

namespace tool {

using Info = ringbuf_info_t;
using ReaderInfo = ringbuf_reader_info_t;
struct Gap {
  std::int64_t start;
  std::int64_t end;
};

class Ring {
 public:
  // `NAME: ...; did you mean "..."?` with exit code 3 if no ring has the name.
  static Ring open(const std::string &name, std::uint32_t flags);
  static std::optional<Ring> open_if_there(const std::string &name, std::uint32_t flags);  // nothing: there is none
  static Ring open_wait(const std::string &name, std::uint32_t flags, std::int64_t timeout_ns);
  static Ring create(const std::string &name, const ringbuf_options_t &options);
  static Ring resume(const std::string &name);
  // The stream is over: goes on with the live ring of the same name, the same one or one of its shape, from its oldest sample on.
  // False: there is none yet. `otherwise`: what to do about a ring of another shape.
  bool reconnect(const char *otherwise);
  // Another handle of the same ring, also if the name is gone or belongs to a newer one.
  Ring again(std::uint32_t flags) const;

  Ring(Ring &&other) noexcept : ring_(std::exchange(other.ring_, nullptr)), name_(std::move(other.name_)) {}
  Ring &operator=(Ring &&other) noexcept {
    std::swap(ring_, other.ring_);
    std::swap(name_, other.name_);
    return *this;
  }
  Ring(const Ring &) = delete;
  Ring &operator=(const Ring &) = delete;
  ~Ring() { close(); }

  ringbuf_t *get() const noexcept { return ring_; }
  const std::string &name() const noexcept { return name_; }
  void close() noexcept;

  Info info() const;
  std::vector<ReaderInfo> readers() const;
  std::vector<Gap> gaps() const;
  std::string metadata() const;

  // Throws Failure unless the code is RINGBUF_OK. Call it before any other function of ringbuf.h.
  void check(int code) const {
    if (code != RINGBUF_OK) fail(code);
  }
  [[noreturn]] void fail(int code) const;

 private:
  Ring(ringbuf_t *ring, std::string name);

  ringbuf_t *ring_ = nullptr;
  std::string name_;
};

struct Listed {
  std::string name;
  Info info;
};
// All rings of this machine, by name.
std::vector<Listed> list_rings();

ringbuf_options_t default_options();
// Options for a ring of the same shape.
ringbuf_options_t options_like(const Info &info);

const char *state_name(std::uint32_t state) noexcept;
// "float32 x 2", "bytes[12]", "messages"
std::string shape_text(const Info &info);
std::string type_name(const Info &info);

}  // namespace tool
