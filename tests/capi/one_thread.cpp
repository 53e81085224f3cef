// A debug build says so where two threads use one handle. Its C functions are compiled into this program
// (RINGBUF_CHECK_THREADS), whatever build this is.
#include <gtest/gtest.h>
#include <ringbuf.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "ringbuf/detail/layout.hpp"

namespace {

ringbuf_t *make(ringbuf_t **reader) {
  ringbuf_options_t options{};
  options.struct_size = sizeof options;
  options.data_type = RINGBUF_INT64;
  options.capacity = 16;
  ringbuf_t *writer = nullptr;
  intptr_t fd = -1;
  if (ringbuf_create(&writer, nullptr, &options) != RINGBUF_OK || ringbuf_fd(writer, &fd) != RINGBUF_OK ||
      ringbuf_open_fd(reader, fd, RINGBUF_FROM_OLDEST) != RINGBUF_OK) {
    ADD_FAILURE() << ringbuf_last_error();
  }
  return writer;
}

// The children of death tests run the program anew, which must not be one of another machine.
#define NEEDS_TO_RUN_ITSELF() \
  if (std::getenv("RINGBUF_TEST_EMULATOR") != nullptr) GTEST_SKIP() << "an emulated program cannot run itself"

class CapiOneThread : public testing::Test {
 protected:
  void SetUp() override {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    writer_ = make(&reader_);
  }
  void TearDown() override {
    ringbuf_close(reader_);
    ringbuf_close(writer_);
  }
  // Returns when another thread sleeps in ringbuf_wait on the reader's handle.
  void wait_in_another_thread() const {
    std::thread([this] { ringbuf_wait(reader_, 1, -1); }).detach();
    void *raw = nullptr;
    std::size_t bytes = 0;
    if (ringbuf_raw(writer_, &raw, &bytes) != RINGBUF_OK) std::exit(1);
    std::uint64_t offset = 0;
    std::memcpy(&offset, static_cast<std::byte *>(raw) + offsetof(ringbuf::Geometry, table_offset), sizeof offset);
    const auto &table = *reinterpret_cast<ringbuf::ReaderTable *>(static_cast<std::byte *>(raw) + offset);
    while (table.wake_at.load() == ringbuf::none_waiting) std::this_thread::yield();
  }

  ringbuf_t *writer_ = nullptr;
  ringbuf_t *reader_ = nullptr;
};

TEST_F(CapiOneThread, BothCallsAreNamed) {
  NEEDS_TO_RUN_ITSELF();
  EXPECT_EXIT(wait_in_another_thread(); ringbuf_check(reader_, 0, 1), testing::KilledBySignal(SIGABRT),
                                        "ringbuf_check was called while another thread was in ringbuf_wait");
}

TEST_F(CapiOneThread, ClosingIsACall) {
  NEEDS_TO_RUN_ITSELF();
  EXPECT_EXIT(wait_in_another_thread(); ringbuf_close(reader_), testing::KilledBySignal(SIGABRT),
                                        "ringbuf_close was called while another thread was in ringbuf_wait");
}

TEST_F(CapiOneThread, OfAWriter) {
  NEEDS_TO_RUN_ITSELF();
  const auto put = [this] {
    const std::int64_t sample = 7;
    for (;;) ringbuf_put(writer_, &sample, 1);
  };
  EXPECT_EXIT(std::thread(put).detach(); put(), testing::KilledBySignal(SIGABRT),
                                         "ringbuf_put was called while another thread was in ringbuf_put");
}

TEST_F(CapiOneThread, ByTurnsIsFine) {
  const std::int64_t sample = 7;
  for (int i = 0; i < 10; ++i) {
    std::thread([&] { EXPECT_EQ(ringbuf_put(writer_, &sample, 1), RINGBUF_OK); }).join();
    EXPECT_EQ(ringbuf_push(writer_, &sample), RINGBUF_OK);
  }
}

// In the child there is no other thread, whatever the handle's last news from it were.
TEST_F(CapiOneThread, AForkedChildIsNotInTheParentsCall) {
  std::thread waiting([&] { EXPECT_EQ(ringbuf_wait(reader_, 1, -1), RINGBUF_OK); });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      int64_t position = 0;
      const int code = ringbuf_tell(reader_, &position);
      ringbuf_close(reader_);
      ::_exit(code == RINGBUF_FORKED ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  const std::int64_t sample = 7;
  EXPECT_EQ(ringbuf_put(writer_, &sample, 1), RINGBUF_OK);
  waiting.join();
}

}  // namespace
