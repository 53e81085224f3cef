// Rings of messages under load: a reader may be too late, but gets no half message, none from a wrong beginning, and takes
// no header that is being overwritten for a damaged one.
#include <gtest/gtest.h>

#include <string>

#include "stress.hpp"

using namespace ringbuf;
using stress::RawRing;

namespace {

constexpr std::uint64_t most = 200;

// In a ring of few messages each one is overwritten while it is received.
Options options_of(std::uint64_t capacity, std::uint64_t longest, bool lossless) {
  Options options;
  options.messages = true;
  options.capacity = capacity;
  options.window = longest;
  options.lossless = lossless;
  return options;
}

// The message with its record at `position`: its length and its bytes tell where that is.
std::size_t size_at(std::uint64_t position, const Ring &ring) {
  return static_cast<std::size_t>(test::Checked::mix(position) % longest_message(ring.window()));
}
bool is_right(const char *bytes, std::size_t size, std::uint64_t position, const Ring &ring) {
  if (size != size_at(position, ring)) return false;
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] != static_cast<char>(position / 8 + i)) return false;
  }
  return true;
}

void send_until(Writer &writer, std::uint64_t until) {
  std::string bytes(most, '\0');
  while (writer.written() < until) {
    const std::uint64_t position = writer.written();
    const std::size_t size = size_at(position, writer);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(position / 8 + i);
    const Status status =
        writer.send_event(static_cast<std::uint32_t>(size), static_cast<std::int64_t>(position), bytes.data(), size);
    if (status == Status::full) {
      ASSERT_EQ(writer.wait_space(size, test::forever), Status::ok) << last_error();
    } else {
      ASSERT_EQ(status, Status::ok) << last_error();
    }
  }
}

struct Seen {
  std::uint64_t whole = 0;
  std::uint64_t late = 0;  // overwritten while it was looked at
  std::uint64_t overruns = 0;
};

Seen receive_all(Reader &reader) {
  Seen seen;
  char copy[most];
  for (;;) {
    const auto position = static_cast<std::uint64_t>(reader.tell());
    const std::byte *bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    const Status status = reader.receive(test::forever, bytes, size, start);
    if (status == Status::closed) break;
    if (status == Status::overwritten) {
      ++seen.overruns;
      continue;
    }
    EXPECT_EQ(status, Status::ok) << last_error();
    if (status != Status::ok) break;
    EXPECT_EQ(static_cast<std::uint64_t>(start), position + sizeof(RecordHeader));
    EXPECT_LE(size, longest_message(reader.window()));
    if (testing::Test::HasFailure()) break;
    copy_out(reinterpret_cast<std::byte *>(copy), bytes, size);
    Message message{};
    const bool described = reader.message(start, message) == Status::ok;
    if (reader.check(start, start + static_cast<std::int64_t>(size)) != Status::ok) {
      ++seen.late;
      continue;
    }
    EXPECT_TRUE(is_right(copy, size, position, reader)) << "at " << position;
    if (described) {
      EXPECT_EQ(message.tag, static_cast<std::int64_t>(position));
      EXPECT_EQ(message.kind, size);
    }
    ++seen.whole;
    if (testing::Test::HasFailure()) break;
  }
  return seen;
}

void expect_none_half(const Options &options, std::uint64_t bytes) {
  RawRing ring(options);
  std::vector<std::thread> threads;
  for (const Resync rule : {Resync::middle, Resync::oldest, Resync::newest}) {
    OpenOptions how;
    how.resync = rule;
    auto reader = std::make_shared<Reader>();
    ASSERT_EQ(ring.open(*reader, how), Status::ok);
    threads.emplace_back([reader] {
      const Seen seen = receive_all(*reader);
      EXPECT_EQ(reader->tell(), static_cast<std::int64_t>(reader->written()));
      EXPECT_EQ(seen.overruns, reader->overruns());
      std::cout << std::to_string(seen.whole) + " messages, " + std::to_string(seen.late) + " too late, " +
                       std::to_string(seen.overruns) + " overruns\n";
    });
  }
  // One that comes again and again, and finds its way from what is known of the ring.
  std::atomic<bool> done{false};
  threads.emplace_back([&] {
    std::uint64_t found = 0;
    do {
      Reader reader;
      OpenOptions how;
      how.observer = true;
      ASSERT_EQ(ring.open(reader, how), Status::ok);
      const auto position = static_cast<std::uint64_t>(reader.tell());
      Message message{};
      const Status status = reader.message(static_cast<std::int64_t>(position + sizeof(RecordHeader)), message);
      ASSERT_TRUE(status == Status::ok || status == Status::not_yet || status == Status::overwritten) << last_error();
      if (status != Status::ok) continue;
      ASSERT_EQ(message.size, size_at(position, reader));
      ++found;
    } while (!done || found == 0);
  });
  send_until(ring.writer, bytes);
  done = true;
  threads.back().join();
  threads.pop_back();
  ring.writer.close();
  for (std::thread &thread : threads) thread.join();
}

TEST(Messages, NoHalfMessageIsTakenForWhole) {
  expect_none_half(options_of(2048, 200, false), stress::samples() * 100);
}

TEST(Messages, NoHalfMessageIsTakenForWholeInASmallRing) {
  expect_none_half(options_of(160, 40, false), stress::samples() * 30);
}

TEST(Messages, ALosslessRingLosesNone) {
  RawRing ring(options_of(2048, 200, true));
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    auto reader = std::make_shared<Reader>();
    ASSERT_EQ(ring.open(*reader), Status::ok);
    threads.emplace_back([reader] {
      const Seen seen = receive_all(*reader);
      EXPECT_EQ(reader->lost(), 0U);
      EXPECT_EQ(seen.late, 0U);
      EXPECT_EQ(reader->tell(), static_cast<std::int64_t>(reader->written()));
    });
  }
  send_until(ring.writer, stress::samples() * 10);
  ring.writer.close();
  for (std::thread &thread : threads) thread.join();
}

}  // namespace
