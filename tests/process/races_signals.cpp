// Signals whose handlers do not restart system calls (EINTR), in every wait: it neither ends early nor hangs. Each signal
// is sent when the process sleeps.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

#include "races.hpp"

namespace {

using races::Handle;
using races::Process;

constexpr int interruptions = 200;

void on_signal(int) {}

bool catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;  // without SA_RESTART
  return ::sigaction(SIGUSR1, &action, nullptr) == 0;
}

struct Outcome {
  int code;
  std::int64_t elapsed_ns;
};

template <class Call>
Outcome timed(Call call) {
  const auto begin = std::chrono::steady_clock::now();
  const int code = call();
  return {code, std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count()};
}

// Opens a ring, waits as it is told to, with the timeout that it is told, and says how that ended.
RACES_ROLE(interrupted_reader) {
  Handle reader;
  if (!catch_signals() || ringbuf_open(reader.out(), arguments.at(0).c_str(), 0) != RINGBUF_OK) return 1;
  line.say('o');
  const auto timeout = line.hear<std::int64_t>();
  line.say(timed([&] {
    const void* samples = nullptr;
    std::int64_t start = -1;
    return arguments.at(1) == "wait" ? ringbuf_wait(reader, 1, timeout)
                                     : ringbuf_next(reader, 1, 1, timeout, &samples, &start);
  }));
  return 0;
}

// The same for the writer of a lossless ring, which it creates; filled as soon as it is told to wait.
RACES_ROLE(interrupted_writer) {
  const auto o = races::options(8, RINGBUF_LOSSLESS);
  Handle writer;
  if (!catch_signals() || ringbuf_create(writer.out(), arguments.at(0).c_str(), &o) != RINGBUF_OK) return 1;
  line.say('c');
  const auto timeout = line.hear<std::int64_t>();
  if (races::put(writer, 8) != RINGBUF_OK) return 2;
  line.say(timed([&] { return ringbuf_wait_space(writer, 1, timeout); }));
  return 0;
}

// Interrupts a process that is to sleep until it is told otherwise.
void interrupt(const Process& process) {
  for (int i = 0; i < interruptions; ++i) {
    test::await_sleep(process.pid());
    ASSERT_FALSE(process.has_spoken()) << "ended early by interruption " << i << ", code "
                                       << process.hear<Outcome>().code;
    process.signal(SIGUSR1);
  }
}

// Interrupts it until it says how it ended.
Outcome interrupt_to_the_end(const Process& process) {
  while (!process.has_spoken()) {
    test::await_sleep(process.pid());
    process.signal(SIGUSR1);
  }
  return process.hear<Outcome>();
}

class ReaderSignals : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto o = races::options(8);
    ASSERT_EQ(ringbuf_create(writer_.out(), name_.c(), &o), RINGBUF_OK);
    reader_ = Process("interrupted_reader", {name_.text(), GetParam()});
    reader_.hear<char>();
  }
  races::Name name_;
  Handle writer_;
  Process reader_;
};

TEST_P(ReaderSignals, WithoutLimit) {
  reader_.say(races::forever);
  interrupt(reader_);
  EXPECT_EQ(races::put(writer_, 1), RINGBUF_OK);
  EXPECT_EQ(interrupt_to_the_end(reader_).code, RINGBUF_OK);
}

TEST_P(ReaderSignals, TimesOut) {
  reader_.say(300 * races::millisecond);
  const Outcome outcome = interrupt_to_the_end(reader_);
  EXPECT_EQ(outcome.code, RINGBUF_TIMEOUT);
  EXPECT_GE(outcome.elapsed_ns, 300 * races::millisecond);
}

TEST_P(ReaderSignals, WriterCloses) {
  reader_.say(races::forever);
  interrupt(reader_);
  writer_.close();
  EXPECT_EQ(interrupt_to_the_end(reader_).code, RINGBUF_CLOSED);
}

INSTANTIATE_TEST_SUITE_P(Signals, ReaderSignals, testing::Values("wait", "next"),
                         [](const auto& parameter) { return std::string(parameter.param); });

class WriterSignals : public testing::Test {
 protected:
  void SetUp() override {
    writer_ = Process("interrupted_writer", {name_.text()});
    writer_.hear<char>();
    ASSERT_EQ(ringbuf_open(reader_.out(), name_.c(), 0), RINGBUF_OK);
  }
  races::Name name_;
  Process writer_;
  Handle reader_;
};

TEST_F(WriterSignals, WithoutLimit) {
  writer_.say(races::forever);
  interrupt(writer_);
  races::expect_pops(reader_, 0, 1);
  EXPECT_EQ(interrupt_to_the_end(writer_).code, RINGBUF_OK);
}

TEST_F(WriterSignals, TimesOut) {
  writer_.say(300 * races::millisecond);
  const Outcome outcome = interrupt_to_the_end(writer_);
  EXPECT_EQ(outcome.code, RINGBUF_TIMEOUT);
  EXPECT_GE(outcome.elapsed_ns, 300 * races::millisecond);
}

}  // namespace
