// A ring in memory of the test's own, which can be copied as the death of its writer leaves it.
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "../support/support.hpp"

namespace test {

struct RawRing {
  explicit RawRing(const ringbuf::Options &how) : options(how), memory(memory_for(options)) {
    EXPECT_EQ(ringbuf::Writer::create_raw(writer, memory.begin(), memory.bytes(), options), ringbuf::Status::ok)
        << ringbuf::last_error();
  }
  // The memory as the death of its writer leaves it, and the next writer.
  RawRing(const RawRing &dead) : options(dead.options), memory(memory_for(options)) {
    std::memcpy(memory.begin(), dead.memory.begin(), memory.bytes());
    ringbuf::protocol::set_owner(header().writer.owner, 0);
    EXPECT_EQ(ringbuf::Writer::resume_raw(writer, memory.begin(), memory.bytes()), ringbuf::Status::ok)
        << ringbuf::last_error();
  }

  ringbuf::Header &header() const { return *reinterpret_cast<ringbuf::Header *>(memory.begin()); }
  ringbuf::Reader open(bool observer, ringbuf::Resync resync = ringbuf::Resync::middle) const {
    ringbuf::Reader opened;
    ringbuf::OpenOptions how;
    how.observer = observer;
    how.resync = resync;
    EXPECT_EQ(ringbuf::Reader::open_raw(opened, memory.begin(), memory.bytes(), how), ringbuf::Status::ok)
        << ringbuf::last_error();
    return opened;
  }

  ringbuf::Options options;
  Memory memory;
  ringbuf::Writer writer;
};

}  // namespace test
