// Counters that no writer has stored: a hostile process may store any, at any time.
#include <atomic>
#include <thread>

#include "raw_ring.hpp"

using namespace ringbuf;

namespace {

Options overwriting() {
  Options options;
  options.capacity = 48;
  options.window = 20;
  return options;
}

// With `written` as it should be there are no indices left, and with the other one there would be very many.
TEST(HostileCounters, AWriterThatResumesTakesThoseItHasChecked) {
  test::RawRing ring(overwriting());
  const std::uint64_t none_left = last_index - ring.options.capacity;
  WriterLines &lines = ring.header().writer;
  lines.intent = last_index;
  lines.written = none_left;
  ring.writer.close();

  std::atomic<bool> over{false};
  std::thread hostile([&] {
    while (!over) {
      lines.written = none_left + 1;
      lines.written = none_left;
    }
  });
  for (int round = 0; round < 20000 && !testing::Test::HasFailure(); ++round) {
    Writer writer;
    const Status status = Writer::resume_raw(writer, ring.memory.begin(), ring.memory.bytes());
    if (status == Status::corrupt) continue;
    EXPECT_EQ(status, Status::ok) << last_error();
    std::uint64_t count = 1;
    EXPECT_EQ(writer.space(count), Status::ok) << last_error();
    EXPECT_EQ(count, 0U) << "round " << round;
  }
  over = true;
  hostile.join();
}

TEST(HostileCounters, ARefusedResumeLeavesTheRoleOfTheWriter) {
  test::RawRing ring(overwriting());
  WriterLines &lines = ring.header().writer;
  ring.writer.close();
  const auto resume = [&] { return Writer::resume_raw(ring.writer, ring.memory.begin(), ring.memory.bytes()); };
  lines.written = 1;  // and the intent is 0
  EXPECT_EQ(resume(), Status::corrupt);
  EXPECT_EQ(lines.owner, 0U);
  lines.written = 0;
  EXPECT_EQ(resume(), Status::ok) << last_error();
}

// Any code may come. UndefinedBehaviorSanitizer sees an index that is counted on beyond the last one.
TEST(HostileCounters, TheLastIndexIsAskedFor) {
  test::RawRing ring(overwriting());
  Reader reader = ring.open(true);
  WriterLines &lines = ring.header().writer;
  for (const std::uint64_t gap_end : {std::uint64_t{0}, UINT64_MAX}) {
    lines.gap_end = gap_end;
    lines.intent = last_index;
    lines.written = UINT64_MAX;
    for (const std::int64_t index : {INT64_MAX - 1, INT64_MAX}) {
      (void)reader.seek(index);
      const std::byte *samples = nullptr;
      (void)reader.view(index, INT64_MAX, samples);
      std::int64_t start = 0;
      (void)reader.next(1, 1, 0, samples, start);
      protocol::Time time{};
      (void)reader.time_at(index, time);
    }
  }
}

}  // namespace
