// Anonymous rings and rings by descriptor: ringbuf_fd, ringbuf_open_fd, ringbuf_raw.
#include <sys/mman.h>

#include <thread>

#include "process.hpp"

namespace {

using namespace capi;

intptr_t fd_of(ringbuf_t* ring) {
  intptr_t fd = -1;
  EXPECT_EQ(ringbuf_fd(ring, &fd), RINGBUF_OK);
  return fd;
}

Handle open_fd(intptr_t fd, std::uint32_t flags = 0) {
  Handle ring;
  EXPECT_EQ(ringbuf_open_fd(ring.out(), fd, flags), RINGBUF_OK) << ringbuf_last_error();
  return ring;
}

// A file of no name with that content.
class Memory {
 public:
  explicit Memory(const std::string& content) : fd_(::memfd_create("capi-test", MFD_CLOEXEC)) {
    EXPECT_GE(fd_, 0);
    EXPECT_EQ(::write(fd_, content.data(), content.size()), static_cast<ssize_t>(content.size()));
  }
  ~Memory() { ::close(fd_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

TEST(CapiAnonymous, HasNoNameButADescriptor) {
  Handle writer = make(nullptr, options(8, 2));
  const intptr_t fd = fd_of(writer);
  ASSERT_GE(fd, 0);
  struct stat st {};
  ASSERT_EQ(::fstat(static_cast<int>(fd), &st), 0);
  EXPECT_EQ(static_cast<std::uint64_t>(st.st_size), info(writer).total_bytes);
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  Handle reader = open_fd(fd);
  expect_pops(reader, 0, 3);
  ASSERT_EQ(put(writer, 7), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(reader, 2, 10), RINGBUF_OK);
  expect_pops(reader, 3, 7);
}

TEST(CapiAnonymous, TheDescriptorStaysTheCallers) {
  Handle writer = make(nullptr, options(8));
  const intptr_t fd = fd_of(writer);
  for (int i = 0; i < 3; ++i) {
    open_fd(fd).close();
    EXPECT_GE(::fcntl(static_cast<int>(fd), F_GETFD), 0) << "it has been closed";
  }
  const int copy = ::fcntl(static_cast<int>(fd), F_DUPFD_CLOEXEC, 0);
  ASSERT_GE(copy, 0);
  Handle reader = open_fd(copy);
  EXPECT_EQ(::close(copy), 0);
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  expect_pops(reader, 0, 1);
}

TEST(CapiAnonymous, IsReadByAnotherProcess) {
  Handle writer = make(nullptr, options(8));
  const intptr_t fd = fd_of(writer);
  Child child([&](Line line) {
    ringbuf_t* ring = nullptr;
    const int opened = ringbuf_open_fd(&ring, fd, 0);
    line.say(opened);
    int sum = 0;
    for (int i = 0; i < 5; ++i) {
      std::int32_t item = 0;
      if (ringbuf_wait(ring, i + 1, kForever) != RINGBUF_OK || ringbuf_pop(ring, &item) != RINGBUF_OK || item != i) {
        return 100;
      }
      sum += item;
    }
    return sum;
  });
  ASSERT_EQ(child.hear<int>(), RINGBUF_OK);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  }
  EXPECT_EQ(child.wait(), 0 + 1 + 2 + 3 + 4);
}

TEST(CapiAnonymous, ALossyReaderAndALosslessOne) {
  Handle writer = make(nullptr, options(4, 1, RINGBUF_LOSSLESS));
  Handle observer = open_fd(fd_of(writer), RINGBUF_OBSERVER);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  Handle reader = open_fd(fd_of(writer), RINGBUF_FROM_NEWEST);
  EXPECT_EQ(info(writer).readers, 1U);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  EXPECT_EQ(put(writer, 1), RINGBUF_FULL);
  EXPECT_EQ(pop_code(observer), RINGBUF_OVERWRITTEN);
  expect_pops(reader, 8, 4);
}

TEST(CapiAnonymous, OutlivesItsWriterAndIsResumed) {
  Handle writer = make(nullptr, options(8, 1, RINGBUF_KEEP));
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  const int fd = ::fcntl(static_cast<int>(fd_of(writer)), F_DUPFD_CLOEXEC, 0);
  ASSERT_GE(fd, 0);
  ringbuf_t* second = untouched();
  EXPECT_EQ(ringbuf_open_fd(&second, fd, RINGBUF_AS_WRITER), RINGBUF_BUSY);
  EXPECT_EQ(second, untouched());
  writer.close();
  {
    Handle reader = open_fd(fd);
    expect_pops(reader, 0, 3);
    EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED);
  }
  Handle next = open_fd(fd, RINGBUF_AS_WRITER);
  EXPECT_EQ(info(next).written, 3);
  EXPECT_EQ(info(next).generation, 2U);
  ASSERT_EQ(put(next, 2), RINGBUF_OK);
  EXPECT_EQ(ringbuf_open_fd(&second, fd, RINGBUF_AS_WRITER), RINGBUF_BUSY);
  Handle reader = open_fd(fd);
  expect_pops(reader, 0, 5);
  ::close(fd);
}

TEST(CapiDescriptor, OfANamedRing) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  Handle by_writers = open_fd(fd_of(ring.writer));
  Handle by_readers = open_fd(fd_of(ring.reader));
  expect_pops(by_writers, 0, 2);
  expect_pops(by_readers, 0, 2);
  EXPECT_EQ(ring.writer.close(), RINGBUF_OK);
  EXPECT_EQ(pop_code(by_writers), RINGBUF_CLOSED);
}

TEST(CapiDescriptor, ThatCanOnlyBeReadWillDo) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  const int fd = ::open(path(ring.name).c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  Handle reader = open_fd(fd);
  ::close(fd);
  expect_pops(reader, 0, 2);
  std::thread writer([&] {
    await_sleep(::getpid());
    ASSERT_EQ(put(ring.writer, 1), RINGBUF_OK);
  });
  EXPECT_EQ(ringbuf_wait(reader, 3, kForever), RINGBUF_OK);
  writer.join();
  expect_pops(reader, 2, 1);
}

TEST(CapiDescriptor, DoesNotLeakIntoOtherPrograms) {
  Handle writer = make(nullptr, options(8));
  EXPECT_EQ(::fcntl(static_cast<int>(fd_of(writer)), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(CapiDescriptor, OfNoRing) {
  const Memory empty(""), letter(std::string(100000, 'x')), small("hello");
  ringbuf_t* ring = untouched();
  for (const std::uint32_t flags : {0U, static_cast<std::uint32_t>(RINGBUF_AS_WRITER)}) {
    EXPECT_EQ(ringbuf_open_fd(&ring, empty.fd(), flags), RINGBUF_NOT_INITIALIZED);
    EXPECT_EQ(ringbuf_open_fd(&ring, letter.fd(), flags), RINGBUF_CORRUPT);
    EXPECT_EQ(ringbuf_open_fd(&ring, small.fd(), flags), RINGBUF_CORRUPT);
  }
  EXPECT_EQ(ring, untouched());
}

TEST(CapiDescriptor, ThatIsNone) {
  ringbuf_t* ring = untouched();
  for (const intptr_t fd : {intptr_t{-1}, intptr_t{100000}, INTPTR_MIN, INTPTR_MAX}) {
    const int code = ringbuf_open_fd(&ring, fd, 0);
    EXPECT_TRUE(code == RINGBUF_INVALID_ARGUMENT || code == RINGBUF_SYSTEM) << fd << ": " << code;
  }
  EXPECT_EQ(ring, untouched());
}

TEST(CapiDescriptor, UnknownFlagsAreRefused) {
  Handle writer = make(nullptr, options(8));
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_open_fd(&ring, fd_of(writer), 64), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ring, untouched());
}

TEST(CapiRaw, TellsTheMapping) {
  Pair ring(options(8, 2));
  ASSERT_EQ(put(ring.writer, 3), RINGBUF_OK);
  for (ringbuf_t* each : {static_cast<ringbuf_t*>(ring.writer), static_cast<ringbuf_t*>(ring.reader)}) {
    void* raw = nullptr;
    std::size_t bytes = 0;
    ASSERT_EQ(ringbuf_raw(each, &raw, &bytes), RINGBUF_OK);
    ASSERT_NE(raw, nullptr);
    EXPECT_EQ(bytes, info(each).total_bytes);
    const std::string content(static_cast<const char*>(raw), bytes);
    EXPECT_EQ(content, read_file(path(ring.name))) << "it is not the whole ring";
  }
}

}  // namespace
