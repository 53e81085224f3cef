// What the tests of the C interface share: names that no other test has, handles that close themselves, options, and
// samples whose values tell their index. Forked children and other users are in process.hpp.
#ifndef RINGBUF_TESTS_CAPI_SUPPORT_HPP
#define RINGBUF_TESTS_CAPI_SUPPORT_HPP

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../support/names.hpp"
#include "../support/process.hpp"
#include "ringbuf.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RINGBUF_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RINGBUF_TEST_SANITIZED 1
#endif
#endif

// For what is told by the start times of processes, which an emulator may make up.
#define NEEDS_START_TIMES()                                               \
  if (!test::start_times_agree()) {                                       \
    GTEST_SKIP() << "nobody here can tell whether another process lives"; \
  }

namespace capi {

inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kForever = -1;
using test::Name;

// --- files -------------------------------------------------------------------------------------------------------------

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void write_file(const std::string& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  ASSERT_TRUE(out.flush().good()) << path;
}

// --- handles ---------------------------------------------------------------------------------------------------------

// What an out-parameter holds that a refused call must leave alone. Never dereferenced.
inline ringbuf_t* untouched() {
  static char mark = 0;
  return reinterpret_cast<ringbuf_t*>(&mark);
}

class Handle {
 public:
  Handle() = default;
  Handle(Handle&& other) noexcept : ring_(std::exchange(other.ring_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(ring_, other.ring_);
    return *this;
  }
  ~Handle() { close(); }

  operator ringbuf_t*() const { return ring_; }
  ringbuf_t** out() {
    close();
    return &ring_;
  }
  int close() { return ringbuf_close(std::exchange(ring_, nullptr)); }
  // Forgets the ring without closing it: its memory stays with the library until the process ends.
  ringbuf_t* release() { return std::exchange(ring_, nullptr); }

 private:
  ringbuf_t* ring_ = nullptr;
};

// --- options ---------------------------------------------------------------------------------------------------------

inline ringbuf_options_t options(std::uint64_t capacity, std::uint64_t window = 1, std::uint32_t flags = 0,
                                 std::uint32_t data_type = RINGBUF_INT32, std::uint32_t channels = 1) {
  ringbuf_options_t o;
  EXPECT_EQ(ringbuf_options_init(&o, sizeof o), RINGBUF_OK);
  o.capacity = capacity;
  o.window = window;
  o.flags = flags;
  o.data_type = data_type;
  o.channels = channels;
  return o;
}

inline Handle make(const char* name, const ringbuf_options_t& o) {
  Handle ring;
  EXPECT_EQ(ringbuf_create(ring.out(), name, &o), RINGBUF_OK) << ringbuf_last_error();
  return ring;
}

inline Handle open(const Name& name, std::uint32_t flags = 0) {
  Handle ring;
  EXPECT_EQ(ringbuf_open(ring.out(), name.c(), flags), RINGBUF_OK) << ringbuf_last_error();
  return ring;
}

inline Handle resume(const Name& name) {
  Handle ring;
  EXPECT_EQ(ringbuf_resume(ring.out(), name.c()), RINGBUF_OK) << ringbuf_last_error();
  return ring;
}

// A writer and one reader of a named ring of int32.
struct Pair {
  explicit Pair(const ringbuf_options_t& o, std::uint32_t reader_flags = 0)
      : writer(make(name.c(), o)), reader(capi::open(name, reader_flags)) {}
  Name name{"pair"};
  Handle writer;
  Handle reader;
};

// --- samples of int32, of one channel, whose value is their index ------------------------------------------------------

inline std::vector<std::int32_t> numbers(std::int64_t from, std::uint64_t count) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(count));
  std::iota(out.begin(), out.end(), static_cast<std::int32_t>(from));
  return out;
}

inline ringbuf_info_t info(ringbuf_t* ring) {
  ringbuf_info_t out{};
  out.struct_size = sizeof out;
  EXPECT_EQ(ringbuf_info(ring, &out), RINGBUF_OK) << ringbuf_last_error();
  return out;
}

inline std::int64_t written(ringbuf_t* ring) { return info(ring).written; }

// Puts `count` more samples, each the number of its index.
inline int put(ringbuf_t* writer, std::uint64_t count) {
  const auto data = numbers(written(writer), count);
  const std::int32_t nothing = 0;
  return ringbuf_put(writer, count == 0 ? &nothing : data.data(), count);
}

inline std::vector<std::int32_t> copy(const void* samples, std::uint64_t count) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(count));
  if (count != 0) {
    std::memcpy(out.data(), samples, out.size() * sizeof(std::int32_t));
  }
  return out;
}

inline std::uint64_t usage(ringbuf_t* reader) {
  std::uint64_t count = 12345;
  EXPECT_EQ(ringbuf_usage(reader, &count), RINGBUF_OK);
  return count;
}

inline std::uint64_t space(ringbuf_t* writer) {
  std::uint64_t count = 12345;
  EXPECT_EQ(ringbuf_space(writer, &count), RINGBUF_OK);
  return count;
}

inline std::int64_t tell(ringbuf_t* reader) {
  std::int64_t position = -12345;
  EXPECT_EQ(ringbuf_tell(reader, &position), RINGBUF_OK);
  return position;
}

// The next `count` samples must be first, first + 1, ...
inline void expect_pops(ringbuf_t* reader, std::int64_t first, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    std::int32_t item = -1;
    ASSERT_EQ(ringbuf_pop(reader, &item), RINGBUF_OK) << "pop " << i << ": " << ringbuf_last_error();
    ASSERT_EQ(item, first + static_cast<std::int64_t>(i));
  }
}

inline int pop_code(ringbuf_t* reader) {
  std::int32_t item = 0;
  return ringbuf_pop(reader, &item);
}

// --- who sleeps ------------------------------------------------------------------------------------------------------

// A field of the ring's memory (see docs/layout.md).
inline std::uint64_t field(ringbuf_t* ring, std::size_t offset) {
  void* raw = nullptr;
  std::size_t bytes = 0;
  EXPECT_EQ(ringbuf_raw(ring, &raw, &bytes), RINGBUF_OK);
  const auto* words = static_cast<const std::atomic<std::uint64_t>*>(raw);
  return words[offset / 8].load();
}

inline void await_announcement(ringbuf_t* ring, std::size_t offset) {
  while (field(ring, offset) == UINT64_MAX) {
    std::this_thread::yield();
  }
  test::await_sleep(test::process_id());
}

// Wait until the main thread sleeps: as a reader of the ring for samples, as its writer for space.
inline void await_waiter(ringbuf_t* ring) { await_announcement(ring, static_cast<std::size_t>(field(ring, 96))); }
inline void await_space_waiter(ringbuf_t* ring) { await_announcement(ring, 328); }

// --- the list of this machine's rings ----------------------------------------------------------------------------------

inline bool is_listed(const std::string& name) {
  struct Search {
    const std::string& name;
    bool found;
  } search{name, false};
  EXPECT_EQ(ringbuf_list(
                [](const char* each, const ringbuf_info_t*, void* user) {
                  auto* s = static_cast<Search*>(user);
                  s->found = s->found || s->name == each;
                  return 0;
                },
                &search),
            RINGBUF_OK);
  return search.found;
}

}  // namespace capi

#endif
