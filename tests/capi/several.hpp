// Many small rings in the caller's memory, which take no descriptors, each with a writer and a reader.
#ifndef RINGBUF_TESTS_CAPI_SEVERAL_HPP
#define RINGBUF_TESTS_CAPI_SEVERAL_HPP

#include <memory>
#include <vector>

#include "raw.hpp"

namespace capi {

class Several {
 public:
  explicit Several(std::size_t count, std::uint32_t flags = 0) : ends(count, 1) {
    ringbuf_options_t o = options(4);
    o.max_readers = 1;
    o.metadata_bytes = 1;
    memory_ = std::make_unique<Memory>(count * stride(o));
    for (std::size_t i = 0; i < count; ++i) {
      void* at = memory_->at(i * stride(o));
      EXPECT_EQ(ringbuf_create_raw(writers.emplace_back().out(), at, stride(o), &o), RINGBUF_OK)
          << ringbuf_last_error();
      EXPECT_EQ(ringbuf_open_raw(readers.emplace_back().out(), at, stride(o), flags), RINGBUF_OK)
          << ringbuf_last_error();
      rings.push_back(readers.back());
    }
  }

  int wait(std::int64_t timeout_ns, std::size_t& which) const {
    return ringbuf_wait_any(rings.data(), ends.data(), rings.size(), timeout_ns, &which);
  }

 private:
  static std::size_t stride(const ringbuf_options_t& o) { return (size_of(o) + 63) / 64 * 64; }
  std::unique_ptr<Memory> memory_;

 public:
  std::vector<Handle> writers, readers;
  std::vector<ringbuf_t*> rings;   // the readers
  std::vector<std::int64_t> ends;  // what to wait for: the next sample of each
};

}  // namespace capi

#endif
