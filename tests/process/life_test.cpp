// One writer at a time, whoever tries; leaving, forking and sleeping.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "../support/child.hpp"
#include "../support/support.hpp"

using namespace ringbuf;
using process::Child;

namespace {

// --- Who may write

ROLE(second_writer) {
  const char *name = arguments.text("name").c_str();
  Writer writer;
  process::say(text_of(Writer::resume(writer, name)));
  process::say(text_of(Writer::create(writer, name, test::checked_options(8))));
  process::hear();
  process::say(text_of(Writer::resume(writer, name)));
  return 0;
}

TEST(Life, ASecondWriterIsRefusedWhileTheFirstLives) {
  const test::Name name("second");
  Writer writer;
  Options options = test::checked_options(8);
  options.keep = true;
  ASSERT_EQ(Writer::create(writer, name.c(), options), Status::ok) << last_error();
  Child second("second_writer", {{"name", name.text()}});
  EXPECT_EQ(second.line(), "RINGBUF_BUSY");
  EXPECT_EQ(second.line(), "RINGBUF_EXISTS");
  Writer same_process;
  EXPECT_EQ(Writer::resume(same_process, name.c()), Status::busy);
  EXPECT_EQ(Writer::create(same_process, name.c(), options), Status::exists);
  const Reader reader(name.c());  // without one the memory may go with the writer
  writer.close();
  second.tell("go on");
  EXPECT_EQ(second.line(), "RINGBUF_OK");
}

ROLE(creator) {
  Writer writer;
  for (;;) {
    const std::string name = process::hear();
    const Status status = Writer::create(writer, name.c_str(), test::checked_options(8));
    process::say(text_of(status));
    const std::string then = process::hear();
    if (then == "die") test::die();
    if (then == "leave") return 0;
    writer.close();
  }
}

TEST(Life, OfManyWhoCreateAtOnceExactlyOneWins) {
  constexpr int rounds = 60;
  std::vector<Child> creators;
  for (int i = 0; i < 6; ++i) creators.emplace_back("creator", std::map<std::string, std::string>{});
  for (int round = 0; round < rounds; ++round) {
    const test::Name name("race");
    Reader witness;
    if (round % 2 == 1) {
      // There is a dead ring of that name, to be replaced by one of them.
      Child victim("creator", {});
      victim.tell(name.text());
      ASSERT_EQ(victim.line(), "RINGBUF_OK");
      ASSERT_EQ(Reader::open(witness, name.c()), Status::ok) << last_error();  // without one it may go with its writer
      victim.tell("die");
      ASSERT_EQ(victim.wait(), test::killed);
      ASSERT_TRUE(name.is_there());
    }
    for (const Child &creator : creators) creator.tell(name.text());
    std::map<std::string, int> answers;
    for (const Child &creator : creators) ++answers[creator.line()];
    ASSERT_EQ(answers["RINGBUF_OK"], 1) << "round " << round;
    ASSERT_EQ(answers["RINGBUF_EXISTS"], static_cast<int>(creators.size()) - 1) << "round " << round;
    Reader reader;
    ASSERT_EQ(Reader::open(reader, name.c()), Status::ok) << last_error();
    Info info{};
    ASSERT_EQ(reader.info(info), Status::ok);
    ASSERT_EQ(info.state, State::live);
    for (const Child &creator : creators) creator.tell("close");
    ASSERT_EQ(reader.wait(1, test::forever), Status::closed) << "round " << round;
  }
}

// --- Leaving

// Where a leak checker finds what is left open on purpose.
void *volatile never_closed = nullptr;

ROLE(careless_writer) {
  auto *writer = new Writer;
  never_closed = writer;
  if (Writer::create(*writer, arguments.text("name").c_str(), test::checked_options(8)) != Status::ok) return 1;
  const auto samples = test::checked_samples(0, 3);
  if (writer->put(samples.data(), 3) != Status::ok) return 2;
  process::say("ready");
  process::hear();
  return 0;
}

TEST(Life, LeavingWithoutClosingCloses) {
  const test::Name name("careless");
  Child writer("careless_writer", {{"name", name.text()}});
  ASSERT_EQ(writer.line(), "ready");
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name.c()), Status::ok) << last_error();
  writer.tell("leave");
  EXPECT_EQ(writer.wait(), 0);
  EXPECT_FALSE(name.is_there());
  test::Checked samples[3];
  std::uint64_t count = 0;
  EXPECT_EQ(reader.pop_many(samples, 3, count), Status::ok) << "what is there is drained first";
  EXPECT_EQ(count, 3u);
  EXPECT_EQ(reader.pop(samples), Status::closed);
}

ROLE(careless_reader) {
  auto *reader = new Reader;
  never_closed = reader;
  if (Reader::open(*reader, arguments.text("name").c_str()) != Status::ok) return 1;
  process::say("ready");
  process::hear();
  return 0;
}

TEST(Life, AReaderThatLeavesWithoutClosingHoldsNobodyBack) {
  const test::Name name("careless");
  Writer writer;
  ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(4, 1, true)), Status::ok);
  Child reader("careless_reader", {{"name", name.text()}});
  ASSERT_EQ(reader.line(), "ready");
  const auto samples = test::checked_samples(0, 4);
  ASSERT_EQ(writer.put(samples.data(), 4), Status::ok);
  EXPECT_EQ(writer.push(samples.data()), Status::full);
  reader.tell("leave");
  EXPECT_EQ(reader.wait(), 0);
  Info info{};
  ASSERT_EQ(writer.info(info), Status::ok);
  EXPECT_EQ(info.readers, 0u);
  EXPECT_EQ(writer.push(samples.data()), Status::ok);
}

// --- Sleeping

ROLE(sleeper) {
  Reader reader;
  if (Reader::open(reader, arguments.text("name").c_str()) != Status::ok) return 1;
  process::say(text_of(reader.wait(static_cast<std::int64_t>(arguments.number("end")), test::forever)));
  return 0;
}

// Until somebody has announced that it sleeps until `end`.
void wait_for_sleeper(Writer &writer, std::uint64_t end) {
  void *begin = nullptr;
  std::size_t bytes = 0;
  Info info{};
  ASSERT_EQ(writer.raw(begin, bytes), Status::ok);
  ASSERT_EQ(writer.info(info), Status::ok);
  const auto *table =
      reinterpret_cast<const ReaderTable *>(static_cast<std::byte *>(begin) + info.geometry.table_offset);
  while (table->wake_at.load() != end) std::this_thread::yield();
}

TEST(Life, SleepersWakeUpForTheirSample) {
  const test::Name name("sleeper");
  Writer writer;
  ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(8)), Status::ok);
  for (std::uint64_t round = 1; round <= 20; ++round) {
    const std::uint64_t end = 3 * round;
    const auto samples = test::checked_samples(end - 3, 3);
    // Takes back what a sleeper has announced that then saw that its sample had come.
    ASSERT_EQ(writer.push(&samples[0]), Status::ok);
    Child one("sleeper", {{"name", name.text()}, {"end", std::to_string(end)}});
    Child two("sleeper", {{"name", name.text()}, {"end", std::to_string(end)}});
    wait_for_sleeper(writer, end);
    ASSERT_EQ(writer.push(&samples[1]), Status::ok);
    ASSERT_EQ(writer.push(&samples[2]), Status::ok);
    ASSERT_EQ(one.line(), "RINGBUF_OK");
    ASSERT_EQ(two.line(), "RINGBUF_OK");
  }
}

TEST(Life, ClosingWakesSleepers) {
  const test::Name name("sleeper");
  Writer writer;
  ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(8)), Status::ok);
  Child child("sleeper", {{"name", name.text()}, {"end", "5"}});
  wait_for_sleeper(writer, 5);
  writer.close();
  EXPECT_EQ(child.line(), "RINGBUF_CLOSED");
}

// Says: nanoseconds of waiting, of processor time, and how often it gave up the processor of its own accord.
ROLE(patient_reader) {
  Reader reader;
  if (Reader::open(reader, arguments.text("name").c_str()) != Status::ok) return 1;
  using Clock = std::chrono::steady_clock;
  (void)reader.wait(1, test::millisecond_ns);  // the first time costs an emulator its translation
  const test::Usage before = test::usage();
  const auto began = Clock::now();
  const Status status = reader.wait(1, 1'000 * test::millisecond_ns);
  const auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - began);
  const test::Usage after = test::usage();
  process::say(text_of(status));
  process::say(std::to_string(elapsed.count()));
  process::say(std::to_string(after.processor_ns - before.processor_ns));
  process::say(std::to_string(after.sleeps - before.sleeps));
  return 0;
}

#ifdef RINGBUF_TEST_PORTABLE
constexpr std::int64_t longest_pause_ns = test::millisecond_ns;  // it polls, at this pace
#else
constexpr std::int64_t longest_pause_ns = 10 * test::millisecond_ns;
#endif

TEST(Life, WaitingCostsNoProcessorTime) {
  const test::Name name("patient");
  Writer writer;
  ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(8)), Status::ok);
  Child child("patient_reader", {{"name", name.text()}});
  EXPECT_EQ(child.line(), "RINGBUF_TIMEOUT");
  const std::int64_t elapsed_ns = static_cast<std::int64_t>(child.number());
  const std::int64_t used_ns = static_cast<std::int64_t>(child.number());
  const std::int64_t sleeps = static_cast<std::int64_t>(child.number());
  EXPECT_GE(elapsed_ns, 1'000 * test::millisecond_ns);
  EXPECT_LE(used_ns, elapsed_ns / 10);
  if (test::usage().sleeps < 0) GTEST_SKIP() << "the system does not count how often a process sleeps";
  EXPECT_GE(sleeps, 1);
  EXPECT_LE(sleeps, 10 + elapsed_ns / longest_pause_ns) << "it polls";
}

}  // namespace
