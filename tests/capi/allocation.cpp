// Nothing allocates once a ring is open. This program's own malloc counts: the dynamic linker gives it to the shared
// library as well, and operator new ends in it.
#include <atomic>
#include <cstddef>

#include "support.hpp"

namespace {
std::atomic<bool> counting{false};
std::atomic<int> allocations{0};

[[maybe_unused]] void count_one() {
  if (counting.load(std::memory_order_relaxed)) {
    allocations.fetch_add(1, std::memory_order_relaxed);
  }
}
}  // namespace

#if defined(__GLIBC__) && !defined(RINGBUF_TEST_SANITIZED)
#define RINGBUF_TEST_COUNTS 1

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) {
  count_one();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  count_one();
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  count_one();
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  count_one();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count_one();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  count_one();
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
void free(void* memory) {
  if (memory != nullptr) {
    count_one();  // what is freed has been allocated: both are the heap's business
  }
  __libc_free(memory);
}
}
#endif

namespace {

using namespace capi;

// How often the heap was used by `body`.
template <class Body>
int heap_use(Body body) {
  allocations.store(0);
  counting.store(true);
  body();
  counting.store(false);
  return allocations.load();
}

class CapiAllocation : public testing::Test {
 protected:
  void SetUp() override {
#ifndef RINGBUF_TEST_COUNTS
    GTEST_SKIP() << "the heap cannot be counted here";
#endif
  }
};

// Codes are gathered while the heap is counted and compared afterwards, since a failing assertion allocates.
struct Codes {
  int got[64] = {};
  int expected[64] = {};
  int count = 0;
  void operator()(int code, int wanted) {
    got[count] = code;
    expected[count++] = wanted;
  }
  void compare() const {
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(got[i], expected[i]) << "call " << i;
    }
  }
};

TEST_F(CapiAllocation, TheCounterCounts) {
  void* volatile kept = nullptr;  // so that no compiler leaves the pair of calls out
  EXPECT_EQ(heap_use([&] { kept = std::malloc(100); }), 1);
  EXPECT_EQ(heap_use([&] { std::free(kept); }), 1);
  EXPECT_EQ(heap_use([&] { kept = ::operator new(8); }), 1);
  EXPECT_EQ(heap_use([&] { ::operator delete(kept); }), 1);
  Handle ring;
  const ringbuf_options_t o = options(4);
  EXPECT_GE(heap_use([&] { ringbuf_create(ring.out(), nullptr, &o); }), 1) << "the library's are not counted";
}

TEST_F(CapiAllocation, Writing) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_LOSSLESS)}) {
    Pair ring(options(64, 8, flags));
    ringbuf_t* const writer = ring.writer;
    const std::int32_t data[16] = {};
    Codes codes;
    EXPECT_EQ(heap_use([&] {
                void* place = nullptr;
                std::uint64_t count = 0;
                codes(ringbuf_put(writer, data, 16), 0);
                codes(ringbuf_put(writer, data, 0), 0);
                codes(ringbuf_push(writer, data), 0);
                codes(ringbuf_reserve(writer, 8, &place), 0);
                codes(ringbuf_commit(writer, 8), 0);
                codes(ringbuf_reserve(writer, 3, &place), 0);
                codes(ringbuf_commit(writer, 0), 0);
                codes(ringbuf_space(writer, &count), 0);
                codes(ringbuf_wait_space(writer, 1, kMillisecond), 0);
                codes(ringbuf_set_metadata(writer, "metadata", 8), 0);
                codes(ringbuf_check(writer, 0, 4), 0);
              }),
              0);
    codes.compare();
  }
}

TEST_F(CapiAllocation, Reading) {
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_OBSERVER)}) {
    Pair ring(options(8, 4), flags);
    ringbuf_t* const reader = ring.reader;
    ASSERT_EQ(put(ring.writer, 6), RINGBUF_OK);
    Codes codes;
    EXPECT_EQ(heap_use([&] {
                const void* samples = nullptr;
                std::int32_t room[8];
                std::int64_t start = 0;
                std::uint64_t count = 0;
                std::size_t size = 0;
                ringbuf_info_t i;
                i.struct_size = sizeof i;
                codes(ringbuf_check(reader, 0, 6), 0);
                codes(ringbuf_view(reader, 0, 6, &samples), 0);
                codes(ringbuf_read(reader, 0, 6, room), 0);
                codes(ringbuf_wait(reader, 6, kForever), 0);
                codes(ringbuf_wait(reader, 7, 2 * kMillisecond), RINGBUF_TIMEOUT);
                codes(ringbuf_next(reader, 2, 1, kForever, &samples, &start), 0);
                codes(ringbuf_next_copy(reader, 2, 0, kForever, room, &start), 0);
                codes(ringbuf_pop(reader, room), 0);
                codes(ringbuf_pop_many(reader, room, 2, &count), 0);
                codes(ringbuf_usage(reader, &count), 0);
                codes(ringbuf_tell(reader, &start), 0);
                codes(ringbuf_seek(reader, 1), 0);
                codes(ringbuf_info(reader, &i), 0);
                codes(ringbuf_metadata(reader, room, sizeof room, &size), 0);
              }),
              0);
    codes.compare();
  }
}

TEST_F(CapiAllocation, OverrunsAndTheEnd) {
  Pair ring(options(4));
  ringbuf_t *const reader = ring.reader, *const writer = ring.writer;
  const std::int32_t data[8] = {};
  Codes codes;
  EXPECT_EQ(heap_use([&] {
              std::int32_t room[8];
              std::uint64_t count = 0;
              codes(ringbuf_put(writer, data, 7), 0);
              codes(ringbuf_pop(reader, room), RINGBUF_OVERWRITTEN);
              codes(ringbuf_pop_many(reader, room, 8, &count), 0);
              codes(ringbuf_pop(reader, room), RINGBUF_EMPTY);
            }),
            0);
  ring.writer.close();
  EXPECT_EQ(heap_use([&] {
              std::int32_t room[1];
              codes(ringbuf_pop(reader, room), RINGBUF_CLOSED);
              codes(ringbuf_wait(reader, 8, kForever), RINGBUF_CLOSED);
            }),
            0);
  codes.compare();
}

TEST_F(CapiAllocation, FailedCallsAndTheirTexts) {
  Pair ring(options(8, 2));
  ringbuf_t *const reader = ring.reader, *const writer = ring.writer;
  Codes codes;
  std::size_t letters = 0;
  EXPECT_EQ(heap_use([&] {
              const auto failed = [&](int code, int wanted) {
                codes(code, wanted);
                letters += std::strlen(ringbuf_last_error()) + std::strlen(ringbuf_strerror(code)) +
                           std::strlen(ringbuf_error_name(code));
              };
              const std::int32_t item = 0;
              std::int32_t room[8];
              void* place = nullptr;
              const void* samples = nullptr;
              std::int64_t start = 0;
              failed(ringbuf_put(reader, &item, 1), RINGBUF_WRITE_FORBIDDEN);
              failed(ringbuf_pop(writer, room), RINGBUF_READ_FORBIDDEN);
              failed(ringbuf_put(writer, nullptr, 1), RINGBUF_INVALID_ARGUMENT);
              failed(ringbuf_put(nullptr, &item, 1), RINGBUF_NOT_INITIALIZED);
              failed(ringbuf_reserve(writer, 9, &place), RINGBUF_INVALID_ARGUMENT);
              failed(ringbuf_commit(writer, 1), RINGBUF_INVALID_ARGUMENT);
              failed(ringbuf_check(reader, -1, 0), RINGBUF_BAD_INDEX);
              failed(ringbuf_read(reader, 0, 1, room), RINGBUF_NOT_YET);
              failed(ringbuf_view(reader, 0, 1, &samples), RINGBUF_NOT_YET);
              failed(ringbuf_next(reader, 9, 1, 0, &samples, &start), RINGBUF_INVALID_ARGUMENT);
              failed(ringbuf_next(reader, 1, 1, 0, &samples, &start), RINGBUF_TIMEOUT);
              failed(ringbuf_next_copy(reader, 9, 1, 0, room, &start), RINGBUF_INVALID_ARGUMENT);
              failed(ringbuf_pop(reader, room), RINGBUF_EMPTY);
              failed(ringbuf_seek(reader, 5), RINGBUF_NOT_YET);
              failed(ringbuf_wait(reader, 1, 0), RINGBUF_TIMEOUT);
            }),
            0);
  codes.compare();
  EXPECT_GT(letters, 100U);
}

}  // namespace
