// What happens to a ring and to those who use it when a process is killed.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "../support/child.hpp"
#include "streaming.hpp"

using namespace ringbuf;
using process::Child;
using process::Tally;

namespace {

constexpr std::uint64_t capacity = 2048;

int write_stream(Writer &writer, std::uint64_t until, std::uint64_t seed) {
  test::Random random(seed);
  while (writer.written() < until) {
    const std::uint64_t n = std::min(1 + random.below(200), until - writer.written());
    const auto samples = test::checked_samples(writer.written(), n);
    const Status status = writer.put(samples.data(), n);
    if (status == Status::full) {
      if (writer.wait_space(n, test::forever) != Status::ok) return 4;
    } else if (status != Status::ok) {
      return 5;
    }
  }
  return 0;
}

ROLE(endless_writer) {
  Writer writer;
  const Options options = test::checked_options(capacity, process::stream_window, arguments.number("lossless") != 0);
  if (Writer::create(writer, arguments.text("name").c_str(), options) != Status::ok) return 1;
  process::say("ready");
  process::hear();
  return write_stream(writer, UINT64_MAX, arguments.number("seed"));
}

ROLE(resuming_writer) {
  Writer writer;
  if (Writer::resume(writer, arguments.text("name").c_str()) != Status::ok) return 1;
  process::say(std::to_string(writer.written()));
  process::hear();
  const std::uint64_t more = writer.written() + arguments.number("more");
  if (write_stream(writer, more, arguments.number("seed")) != 0) return 2;
  process::say(std::to_string(writer.written()));
  return 0;
}

// Says when it has seen some samples, when the stream breaks off, and, told to go on, when it ends.
ROLE(lasting_reader) {
  Reader reader;
  if (Reader::open(reader, arguments.text("name").c_str()) != Status::ok) return 1;
  process::say("ready");
  process::StreamReader stream(reader);
  const std::string way = arguments.text("way");
  stream.run(way, arguments.number("first"));
  process::say(stream.tally().text());
  stream.run(way);
  process::say(stream.tally().text());
  process::hear();
  stream.run(way);
  Tally tally = stream.tally();
  tally.lost += stream.missed();
  process::say(tally.text());
  return 0;
}

void kill_and_resume(bool lossless) {
  const test::Name name("killed");
  test::Random random;
  const std::map<std::string, std::string> common = {{"name", name.text()},
                                                     {"lossless", lossless ? "1" : "0"},
                                                     {"seed", std::to_string(random.seed())},
                                                     {"first", "20000"},
                                                     {"more", "50000"}};
  Child writer("endless_writer", common);
  ASSERT_EQ(writer.line(), "ready");
  const std::vector<std::string> ways = {"index", "next", "pop", "pop"};
  std::vector<Child> readers;
  for (const std::string &way : ways) {
    auto arguments = common;
    arguments["way"] = way;
    readers.emplace_back("lasting_reader", arguments);
    ASSERT_EQ(readers.back().line(), "ready");
  }
  writer.tell("go");
  // Everybody is in the middle of the stream when the writer is killed.
  for (Child &reader : readers) EXPECT_EQ(Tally::parse(reader.line()).status, static_cast<int>(Status::ok));
  EXPECT_EQ(writer.kill(), test::killed);
  std::uint64_t seen = 0;
  for (Child &reader : readers) {
    const Tally tally = Tally::parse(reader.line());
    EXPECT_EQ(tally.status, static_cast<int>(Status::stale)) << "the writer died";
    seen = std::max(seen, static_cast<std::uint64_t>(tally.position));
  }
  EXPECT_TRUE(name.is_there()) << "a dead writer's ring can be resumed";

  Child resumed("resuming_writer", common);
  const std::uint64_t committed = resumed.number();
  EXPECT_GE(committed, seen) << "a committed sample has been lost";
  if (lossless) {
    EXPECT_LE(committed, seen + capacity);
  }
  for (Child &reader : readers) reader.tell("go on");
  resumed.tell("go");
  const std::uint64_t last = resumed.number();
  EXPECT_EQ(last, committed + 50'000);
  EXPECT_EQ(resumed.wait(), 0);
  for (std::size_t i = 0; i < readers.size(); ++i) {
    SCOPED_TRACE(ways[i]);
    const Tally tally = Tally::parse(readers[i].line());
    EXPECT_EQ(readers[i].wait(), 0);
    EXPECT_EQ(tally.status, static_cast<int>(Status::closed));
    EXPECT_EQ(tally.torn, 0u);
    EXPECT_EQ(tally.disorder, 0u);
    const auto position = static_cast<std::uint64_t>(tally.position);
    const std::uint64_t over = ways[i] == "pop" ? 0 : process::stream_window - 1;
    EXPECT_LE(position, last);
    EXPECT_GE(position + over, last);
    EXPECT_EQ(tally.received + tally.lost, position);
    if (!lossless) continue;
    EXPECT_EQ(tally.lost, 0u);
    EXPECT_EQ(tally.sum, position * (position - 1) / 2);
  }
}

TEST(Death, AKilledWriterOfAnOverwritingRingIsResumed) { kill_and_resume(false); }
TEST(Death, AKilledWriterOfALosslessRingIsResumed) { kill_and_resume(true); }

TEST(Death, ADeadRingIsReplacedUnderItsReaders) {
  const test::Name name("replaced");
  Child writer("endless_writer", {{"name", name.text()}, {"lossless", "0"}, {"seed", "1"}});
  ASSERT_EQ(writer.line(), "ready");
  Reader old;
  ASSERT_EQ(Reader::open(old, name.c()), Status::ok) << last_error();
  writer.tell("go");
  ASSERT_EQ(old.wait(1000, test::forever), Status::ok) << last_error();
  EXPECT_EQ(writer.kill(), test::killed);

  Info info{};
  ASSERT_EQ(old.info(info), Status::ok);
  EXPECT_EQ(info.state, State::dead);
  Writer replacing;
  ASSERT_EQ(Writer::create(replacing, name.c(), test::checked_options(16)), Status::ok) << last_error();
  ASSERT_EQ(old.info(info), Status::ok);
  EXPECT_EQ(info.state, State::superseded);

  // What was there can still be read, and then it is said that no more will come.
  process::StreamReader stream(old);
  stream.run("pop");
  EXPECT_EQ(stream.tally().status, static_cast<int>(Status::stale));
  EXPECT_GT(stream.tally().received, 0u);
  EXPECT_EQ(stream.tally().torn, 0u);
  EXPECT_EQ(old.tell(), static_cast<std::int64_t>(old.written()));

  Reader fresh;
  ASSERT_EQ(Reader::open(fresh, name.c()), Status::ok) << last_error();
  EXPECT_EQ(fresh.capacity(), 16u);
  const auto samples = test::checked_samples(0, 1);
  ASSERT_EQ(replacing.put(samples.data(), 1), Status::ok);
  test::Checked sample{};
  EXPECT_EQ(fresh.pop(&sample), Status::ok);
  EXPECT_TRUE(sample.is(0));
  EXPECT_EQ(old.wait(old.tell() + 1, test::forever), Status::stale);
}

ROLE(sleeping_reader) {
  Reader reader;
  if (Reader::open(reader, arguments.text("name").c_str()) != Status::ok) return 1;
  process::say("ready");
  const Status status = reader.wait(static_cast<std::int64_t>(arguments.number("end")), test::forever);
  process::say(std::to_string(static_cast<int>(status)));
  return 0;
}

TEST(Death, ASleepingReaderLearnsOfTheReplacement) {
  const test::Name name("replaced");
  Child writer("endless_writer", {{"name", name.text()}, {"lossless", "0"}, {"seed", "1"}});
  ASSERT_EQ(writer.line(), "ready");
  Child reader("sleeping_reader", {{"name", name.text()}, {"end", "1"}});
  ASSERT_EQ(reader.line(), "ready");
  writer.kill();
  Writer replacing;
  ASSERT_EQ(Writer::create(replacing, name.c(), test::checked_options(16)), Status::ok) << last_error();
  EXPECT_EQ(reader.line(), std::to_string(static_cast<int>(Status::stale)));
}

// Registered, but never moves.
ROLE(idle_reader) {
  Reader reader;
  if (Reader::open(reader, arguments.text("name").c_str()) != Status::ok) return 1;
  process::say("ready");
  process::hear();
  return 0;
}

TEST(Death, AKilledReaderHoldsNoWriterBack) {
  const test::Name name("reader");
  Writer writer;
  ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity, 1, true)), Status::ok) << last_error();
  Child idle("idle_reader", {{"name", name.text()}});
  ASSERT_EQ(idle.line(), "ready");
  const auto samples = test::checked_samples(0, capacity);
  ASSERT_EQ(writer.put(samples.data(), capacity), Status::ok);
  EXPECT_EQ(writer.push(samples.data()), Status::full);
  EXPECT_EQ(writer.wait_space(1, 0), Status::timeout);
  EXPECT_EQ(idle.kill(), test::killed);
  EXPECT_EQ(writer.wait_space(1, test::forever), Status::ok) << last_error();
  EXPECT_EQ(writer.push(samples.data()), Status::ok);
  Info info{};
  ASSERT_EQ(writer.info(info), Status::ok);
  EXPECT_EQ(info.readers, 0u);
}

TEST(Death, TheWriterThatWaitsForRoomNoticesThatTheReaderIsKilled) {
  const test::Name name("reader");
  Child writer("endless_writer", {{"name", name.text()}, {"lossless", "1"}, {"seed", "2"}});
  ASSERT_EQ(writer.line(), "ready");
  Child idle("idle_reader", {{"name", name.text()}});
  ASSERT_EQ(idle.line(), "ready");
  OpenOptions how;
  how.observer = true;
  Reader observer;
  ASSERT_EQ(Reader::open(observer, name.c(), how), Status::ok) << last_error();
  writer.tell("go");
  // It goes as far as the idle reader lets it, and not further until that one is dead.
  ASSERT_EQ(observer.wait(capacity - 200, test::forever), Status::ok);
  EXPECT_LE(observer.written(), capacity);
  EXPECT_EQ(idle.kill(), test::killed);
  EXPECT_EQ(observer.wait(capacity * 4, test::forever), Status::ok);
}

TEST(Death, TheKilledReadersPlaceIsTakenByTheNext) {
  for (const bool lossless : {false, true}) {
    SCOPED_TRACE(lossless);
    const test::Name name("place");
    Options options = test::checked_options(4, 1, lossless);
    options.max_readers = 1;
    Writer writer;
    ASSERT_EQ(Writer::create(writer, name.c(), options), Status::ok);
    const auto readers = [&] {
      Info info{};
      EXPECT_EQ(writer.info(info), Status::ok);
      return info.readers;
    };
    Child idle("idle_reader", {{"name", name.text()}});
    ASSERT_EQ(idle.line(), "ready");
    EXPECT_EQ(readers(), 1U);
    Reader reader;
    EXPECT_EQ(Reader::open(reader, name.c()), lossless ? Status::too_many_readers : Status::ok);
    EXPECT_EQ(readers(), 1U);
    reader.close();
    idle.kill();
    EXPECT_EQ(Reader::open(reader, name.c()), Status::ok) << last_error();
    EXPECT_TRUE(reader.is_registered());
    EXPECT_EQ(readers(), 1U);
    const auto samples = test::checked_samples(0, 4);
    ASSERT_EQ(writer.put(samples.data(), 4), Status::ok);
    for (std::uint64_t i = 0; i < 4; ++i) {
      test::Checked sample{};
      ASSERT_EQ(reader.pop(&sample), Status::ok);
      EXPECT_TRUE(sample.is(i));
    }
    reader.close();
    EXPECT_EQ(readers(), 0U);
  }
}

}  // namespace
