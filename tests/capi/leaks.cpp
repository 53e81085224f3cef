// What is opened is closed again: descriptors and mappings of the process, after handles were closed and after calls
// that were refused half way.
#include <sys/mman.h>

#include "process.hpp"

namespace {

using namespace capi;

// Mappings of shared memory: what is private may be the allocator's.
int mappings() {
  std::istringstream maps(read_file("/proc/self/maps"));
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    const auto space = line.find(' ');
    if (space != std::string::npos && line.size() > space + 4 && line[space + 4] == 's') {
      ++count;
    }
  }
  return count;
}

// Calls `body` many times; what the process holds must be the same before and after.
template <class Body>
void expect_nothing_left(const char* what, Body body) {
  body();  // what is made once and for all
  const int descriptors_before = descriptors(), mappings_before = mappings();
  for (int i = 0; i < 20; ++i) {
    body();
  }
  EXPECT_EQ(descriptors(), descriptors_before) << what;
  EXPECT_EQ(mappings(), mappings_before) << what;
}

TEST(CapiLeaks, TheCountsCount) {
  const int descriptors_before = descriptors(), mappings_before = mappings();
  Handle ring = make(nullptr, options(4));
  EXPECT_GT(descriptors(), descriptors_before);
  EXPECT_GT(mappings(), mappings_before);
}

TEST(CapiLeaks, NoneOfHandles) {
  Name name;
  expect_nothing_left("writer", [&] { make(name.c(), options(4)); });
  expect_nothing_left("anonymous", [&] { make(nullptr, options(4)); });
  expect_nothing_left("kept and resumed", [&] {
    make(name.c(), options(4, 1, RINGBUF_KEEP)).close();
    resume(name).close();
  });
  Handle writer = make(name.c(), options(4, 1, RINGBUF_LOSSLESS));
  ASSERT_NE(writer, nullptr);
  intptr_t fd = -1;
  ASSERT_EQ(ringbuf_fd(writer, &fd), RINGBUF_OK);
  expect_nothing_left("reader", [&] { capi::open(name); });
  expect_nothing_left("observer", [&] { capi::open(name, RINGBUF_OBSERVER); });
  expect_nothing_left("reader by descriptor", [&] {
    Handle reader;
    EXPECT_EQ(ringbuf_open_fd(reader.out(), fd, 0), RINGBUF_OK);
  });
  expect_nothing_left("list", [&] { EXPECT_TRUE(is_listed(name.text())); });
  EXPECT_EQ(info(writer).readers, 0U);
}

TEST(CapiLeaks, NoneOfRefusedCalls) {
  Name live("live"), letter("letter"), empty("empty"), kept("kept"), absent("absent");
  ringbuf_options_t o = options(4, 1, RINGBUF_LOSSLESS);
  o.max_readers = 1;
  Handle writer = make(live.c(), o);
  Handle reader = capi::open(live);
  write_file(path(letter), std::string(100000, 'x'));
  write_file(path(empty), "");
  make(kept.c(), options(4, 1, RINGBUF_KEEP)).close();
  const int version = ::open(path(kept).c_str(), O_RDWR | O_CLOEXEC);
  const std::uint32_t other = 0xFFFFU;
  EXPECT_EQ(::pwrite(version, &other, 4, 8), 4);
  ::close(version);
  intptr_t fd = -1;
  ASSERT_EQ(ringbuf_fd(writer, &fd), RINGBUF_OK);
  ringbuf_t* ring = untouched();
  expect_nothing_left("exists", [&] { EXPECT_EQ(ringbuf_create(&ring, live.c(), &o), RINGBUF_EXISTS); });
  expect_nothing_left("a letter", [&] { EXPECT_EQ(ringbuf_create(&ring, letter.c(), &o), RINGBUF_EXISTS); });
  expect_nothing_left("busy", [&] { EXPECT_EQ(ringbuf_resume(&ring, live.c()), RINGBUF_BUSY); });
  expect_nothing_left("busy by descriptor",
                      [&] { EXPECT_EQ(ringbuf_open_fd(&ring, fd, RINGBUF_AS_WRITER), RINGBUF_BUSY); });
  expect_nothing_left("too many", [&] { EXPECT_EQ(ringbuf_open(&ring, live.c(), 0), RINGBUF_TOO_MANY_READERS); });
  expect_nothing_left("corrupt", [&] { EXPECT_EQ(ringbuf_open(&ring, letter.c(), 0), RINGBUF_CORRUPT); });
  expect_nothing_left("empty", [&] { EXPECT_EQ(ringbuf_open(&ring, empty.c(), 0), RINGBUF_NOT_INITIALIZED); });
  expect_nothing_left("version", [&] { EXPECT_EQ(ringbuf_open(&ring, kept.c(), 0), RINGBUF_VERSION_MISMATCH); });
  expect_nothing_left("resume of that", [&] { EXPECT_EQ(ringbuf_resume(&ring, kept.c()), RINGBUF_VERSION_MISMATCH); });
  expect_nothing_left("absent", [&] { EXPECT_EQ(ringbuf_open(&ring, absent.c(), 0), RINGBUF_NOT_FOUND); });
  EXPECT_EQ(ring, untouched());
}

}  // namespace
