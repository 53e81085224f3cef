// A send is looked at, and ended by the writer's death, at each of its stores. In one thread and so the same every time.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "raw_ring.hpp"
#include "steps.hpp"

using namespace ringbuf;
using test::Steps;

namespace {

constexpr std::uint64_t longest = 72;

// What the writer did before: the sizes of the messages; skip: a gap instead.
constexpr int skip = -1;
using History = std::vector<int>;
const std::vector<History> histories{
    {},           {0},           {5, 72, 0, 16},          {72, 72, 72, 72, 72},
    {1, 2, 3, 4}, {skip, 8, 40}, {40, skip, 72, skip, 0}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
};
const std::vector<int> sizes{0, 1, 7, 8, 16, 40, 71, 72};

std::string bytes_of(std::uint64_t start, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(start / 8 * 37 + i * 5 + size);
  return bytes;
}

struct Ring : test::RawRing {
  Ring(bool lossless, std::uint64_t capacity, std::uint64_t first) : RawRing(options_of(lossless, capacity, first)) {}

  static Options options_of(bool lossless, std::uint64_t capacity, std::uint64_t first) {
    Options options;
    options.messages = true;
    options.capacity = capacity;
    options.window = longest;
    options.lossless = lossless;
    options.first_index = static_cast<std::int64_t>(first);
    return options;
  }
  void send(std::size_t size) { ASSERT_EQ(try_to_send(size), Status::ok) << last_error(); }
  Status try_to_send(std::size_t size) {
    const std::uint64_t start = writer.written();
    const std::string bytes = bytes_of(start, size);
    sent[start] = size;
    return writer.send_event(static_cast<std::uint32_t>(size), static_cast<std::int64_t>(start), bytes.data(), size);
  }
  // `after` is called after each.
  template <class After>
  void play(const History &history, After &&after) {
    for (const int each : history) {
      if (each != skip) {
        send(static_cast<std::size_t>(each));
      } else {
        ASSERT_EQ(writer.skip(24), Status::ok) << last_error();
      }
      after();
    }
  }
  void play(const History &history) {
    play(history, [] {});
  }

  std::map<std::uint64_t, std::size_t> sent;  // the record of each message, also of one that is being sent
};

// What a reader got from `position` on: a message that was sent there, whole, if the check says so.
void expect_whole(Reader &reader, const Ring &ring, std::uint64_t position, const std::byte *bytes, std::size_t size,
                  std::int64_t start, bool must_be) {
  const auto sent = ring.sent.find(position);
  ASSERT_NE(sent, ring.sent.end()) << "no message was sent at " << position;
  ASSERT_EQ(static_cast<std::uint64_t>(start), position + 24);
  const std::string copy(reinterpret_cast<const char *>(bytes), size);
  Message message{};
  const Status described = reader.message(start, message);
  const Status status = reader.check(start, start + static_cast<std::int64_t>(size));
  if (must_be) {
    ASSERT_EQ(status, Status::ok) << last_error();
  }
  if (status != Status::ok) return;
  ASSERT_EQ(size, sent->second);
  std::string read(size, '\0');
  if (reader.read(start, start + static_cast<std::int64_t>(size), read.data()) == Status::ok) {
    ASSERT_EQ(read, copy) << "data and pocket differ";
  }
  ASSERT_EQ(copy, bytes_of(position, size));
  if (described != Status::ok) return;
  ASSERT_EQ(message.size, size);
  ASSERT_EQ(message.kind, size);
  ASSERT_EQ(message.tag, static_cast<std::int64_t>(position));
}

// Receives up to `most` messages.
void drain(Reader &reader, const Ring &ring, bool must_be, std::uint64_t most = UINT64_MAX) {
  for (; most != 0; --most) {
    const auto position = static_cast<std::uint64_t>(reader.tell());
    const std::byte *bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    const Status status = reader.receive(0, bytes, size, start);
    if (status == Status::timeout) {
      EXPECT_EQ(position, reader.written());
      break;
    }
    if (status == Status::overwritten) {
      EXPECT_GT(static_cast<std::uint64_t>(reader.tell()), position);
      continue;
    }
    EXPECT_EQ(status, Status::ok) << last_error();
    if (status == Status::ok) expect_whole(reader, ring, position, bytes, size, start, must_be);
    if (testing::Test::HasFailure()) break;
  }
}

struct Case {
  bool lossless;
  std::uint64_t capacity;
  std::uint64_t first;
  History history;
  std::size_t size;
};
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const bool lossless : {false, true}) {
    for (const History &history : histories) {
      for (const int size : sizes) {
        // 296: the end of the ring falls everywhere; 2632: the table of starts has an entry for every second index.
        all.push_back({lossless, 296, 0, history, static_cast<std::size_t>(size)});
        all.push_back({lossless, 104, std::uint64_t{1} << 62, history, static_cast<std::size_t>(size)});
        all.push_back({lossless, 5264, 1'000'000'000'000, history, static_cast<std::size_t>(size)});
      }
    }
  }
  // So many small messages that most sends take the fast path, and overwrite others.
  for (const bool lossless : {false, true}) {
    for (std::size_t count = 60; count < 66; ++count) all.push_back({lossless, 1304, 0, History(count, 40), 40});
  }
  return all;
}
std::string text_of(const Case &c) {
  std::string text = c.lossless ? "lossless, " : "overwriting, ";
  text += std::to_string(c.capacity) + " bytes from " + std::to_string(c.first) + ", after";
  for (const int each : c.history) text += ' ' + std::to_string(each);
  return text + " a message of " + std::to_string(c.size);
}

// Readers at every message that the ring holds look at every store.
TEST(MessageSteps, EveryMessageIsWholeAtEveryStep) {
  for (const Case &c : cases()) {
    SCOPED_TRACE(text_of(c));
    Ring ring(c.lossless, c.capacity, c.first);
    // One that has received each message at once looks again at all of them, and others receive, at each step.
    struct Held {
      const std::byte *bytes;
      std::size_t size;
      std::int64_t start;
    };
    std::vector<Held> held;
    Reader holder = ring.open(true, Resync::newest);
    ring.play(c.history, [&] {
      Held each{};
      if (holder.receive(0, each.bytes, each.size, each.start) == Status::ok) held.push_back(each);
    });
    if (HasFailure()) return;
    std::vector<Reader> readers;
    for (const Resync rule : {Resync::middle, Resync::newest, Resync::oldest}) readers.push_back(ring.open(true, rule));
    std::uint64_t taken = 0;
    {
      Steps steps([&](std::uint64_t number) {
        SCOPED_TRACE("step " + std::to_string(number));
        ++taken;
        for (Reader &reader : readers) drain(reader, ring, false, number % 3);
        for (const Held &each : held) {
          const std::string copy(reinterpret_cast<const char *>(each.bytes), each.size);
          const std::int64_t end = each.start + static_cast<std::int64_t>(each.size);
          if (holder.check(each.start, end) != Status::ok) continue;
          ASSERT_EQ(copy, bytes_of(static_cast<std::uint64_t>(each.start) - 24, each.size));
        }
        for (const bool observer : {false, true}) {
          Reader late = ring.open(observer);
          drain(late, ring, false);
        }
      });
      ring.send(c.size);
    }
    EXPECT_GE(taken, 3U);
    for (Reader &reader : readers) drain(reader, ring, false);
    if (HasFailure()) return;
  }
}

// The writer dies before each store. The next one continues at the beginning of a message, and nothing is lost or half.
TEST(MessageSteps, ADeathAtAnyStepIsRepaired) {
  for (const Case &c : cases()) {
    SCOPED_TRACE(text_of(c));
    Ring ring(c.lossless, c.capacity, c.first);
    ring.play(c.history);
    const std::uint64_t before = ring.writer.written();
    if (HasFailure()) return;
    bool done = false;
    const auto die_and_resume = [&](std::uint64_t step) {
      SCOPED_TRACE("step " + std::to_string(step));
      Ring next(ring);
      if (testing::Test::HasFailure()) return;
      const std::uint64_t after = next.writer.written();
      ASSERT_TRUE(after == before || after == before + record_bytes(c.size)) << after << ", before it was " << before;
      ASSERT_TRUE(!done || after != before) << "a message that had been sent has gone";
      done = after != before;
      if (!done) next.sent.erase(before);
      Reader early = next.open(true, Resync::oldest);
      drain(early, next, true);
      // A gap where the message would have been, if it is another one; then more messages than the ring holds.
      if (step % 2 == 0) {
        ASSERT_EQ(next.writer.skip(8), Status::ok) << last_error();
      }
      for (std::size_t i = 0; i < 12; ++i) {
        next.send(static_cast<std::size_t>((5 * i + step) % (longest + 1)));
        Reader late = next.open(true, i % 2 == 0 ? Resync::oldest : Resync::middle);
        drain(late, next, true);
        drain(early, next, true, i % 2);
        if (testing::Test::HasFailure()) return;
      }
    };
    {
      Steps steps(die_and_resume);
      ring.send(c.size);
    }
    if (HasFailure()) return;
    Ring last(ring);
    EXPECT_EQ(last.writer.written(), before + record_bytes(c.size));
  }
}

// A registered reader of a lossless ring that joins at any step gets all messages from its position on.
TEST(MessageSteps, JoiningAtAnyStepLosesNothing) {
  for (const Case &c : cases()) {
    if (!c.lossless) continue;
    SCOPED_TRACE(text_of(c));
    for (std::uint64_t chosen = 0;; ++chosen) {
      SCOPED_TRACE("step " + std::to_string(chosen));
      Ring ring(true, c.capacity, c.first);
      ring.play(c.history);
      Reader reader;
      bool happened = false;
      {
        Steps steps([&](std::uint64_t number) {
          if (number != chosen) return;
          happened = true;
          reader = ring.open(false);
        });
        const Status status = ring.try_to_send(c.size);
        ASSERT_TRUE(status == Status::ok || status == Status::full) << "a reader that joins may leave no room for it";
      }
      if (!happened) break;
      for (std::size_t i = 0; i < 20; ++i) {
        drain(reader, ring, true);
        ring.send(static_cast<std::size_t>((11 * i + c.size) % (longest + 1)));
        if (HasFailure()) return;
      }
      EXPECT_EQ(reader.lost(), 24 * reader.overruns()) << "it is told of nothing but of gaps";
      EXPECT_LE(reader.overruns(), static_cast<std::uint64_t>(std::count(c.history.begin(), c.history.end(), skip)));
    }
  }
}

}  // namespace
