// A writer that is killed, closes or is resumed again and again, now and then with another shape, under ten processes that
// open its ring again.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "races.hpp"

namespace {

using races::Process;

constexpr std::size_t reader_count = 10;
constexpr std::int64_t rounds = 200;
constexpr std::int64_t canary = 0x5a5a5a5a5a5a5a5a;

// --- the writer of one round -----------------------------------------------------------------------------------------

enum class Ending : char { close, killed };

RACES_ROLE(restarting_writer) {
  ringbuf_options_t o = races::options(64, RINGBUF_KEEP);
  const std::int64_t round = std::stoll(arguments[1]);
  o.channels = static_cast<std::uint32_t>(std::stoul(arguments[2]));
  ringbuf_t* ring = nullptr;
  const bool resumes = arguments[3] == "resume";
  const int code =
      resumes ? ringbuf_resume(&ring, arguments[0].c_str()) : ringbuf_create(&ring, arguments[0].c_str(), &o);
  const std::vector<std::int64_t> sample(races::info(ring).channels, round);
  line.say(code == RINGBUF_OK ? ringbuf_push(ring, sample.data()) : code);
  if (line.hear<Ending>() == Ending::close) return ringbuf_close(ring);
  (void)line.hear<Ending>();  // until it is killed
  return 1;
}

// --- a reader --------------------------------------------------------------------------------------------------------

// Says each round that it sees. Exit code 0: it has seen the last one.
RACES_ROLE(reopening_reader) {
  const std::uint32_t flags = arguments[1] == "observer" ? RINGBUF_OBSERVER : 0;
  ringbuf_t* ring = nullptr;
  if (ringbuf_open_wait(&ring, arguments[0].c_str(), flags, races::forever) != RINGBUF_OK) return 2;
  std::vector<std::int64_t> room(races::info(ring).channels + 1, canary);
  for (std::int64_t last = -1; last + 1 < rounds;) {
    std::int64_t start = 0;
    int code = ringbuf_next_copy(ring, 1, 1, races::forever, room.data(), &start);
    if (room.back() != canary) return 3;
    if (code == RINGBUF_OK) {
      if (room.front() < last) return 4;
      if (room.front() == last) continue;
      last = room.front();
      line.say(last);
      continue;
    }
    if (code != RINGBUF_CLOSED && code != RINGBUF_STALE) return 5;
    code = ringbuf_reopen(ring, flags, races::forever);
    if (code == RINGBUF_INCOMPATIBLE) {
      if (races::info(ring).channels + 1 != room.size()) return 6;
      code = ringbuf_reopen(ring, flags | RINGBUF_ANY_SHAPE, races::forever);
      room.assign(races::info(ring).channels + 1, canary);
    }
    if (code != RINGBUF_OK) return 100 + code;
  }
  return ringbuf_close(ring);
}

TEST(Restarts, NobodyIsLeftBehind) {
  const races::Name name;
  races::Random random(races::race_seed());
  std::array<Process, reader_count> readers;
  for (std::size_t i = 0; i < reader_count; ++i) {
    readers[i] = Process("reopening_reader", {name.text(), i % 3 == 2 ? "observer" : "registered"});
  }
  std::uint64_t channels = 1;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const bool resumes = round != 0 && random.once_in(8);
    if (random.once_in(4)) channels = 1 + random.below(3);
    Process writer("restarting_writer",
                   {name.text(), std::to_string(round), std::to_string(channels), resumes ? "resume" : "create"});
    ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
    for (const Process& reader : readers) ASSERT_EQ(reader.hear<std::int64_t>(), round);
    if (random.once_in(2)) {
      writer.say(Ending::close);
      ASSERT_EQ(writer.wait(), 0);
    } else {
      writer.kill();
    }
  }
  for (Process& reader : readers) EXPECT_EQ(reader.wait(), 0);
}

}  // namespace
