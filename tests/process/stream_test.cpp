// One writer process and four reader processes over millions of samples that tell their index: none torn, none out of
// order, none lost unnoticed; on a lossless ring none lost at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "../support/child.hpp"
#include "streaming.hpp"

using namespace ringbuf;
using process::Child;
using process::Tally;

namespace {

constexpr std::uint64_t capacity = 4096;

ROLE(stream_writer) {
  Options options = test::checked_options(capacity, process::stream_window, arguments.number("lossless") != 0);
  Writer writer;
  if (Writer::create(writer, arguments.text("name").c_str(), options) != Status::ok) return 1;
  process::say("ready");
  process::hear();
  test::Random random(arguments.number("seed"));
  const std::uint64_t count = arguments.number("count");
  for (std::uint64_t written = 0; written < count;) {
    std::uint64_t n = 1 + random.below(300);
    if (!options.lossless && random.once_in(500)) n = capacity + 1 + random.below(100);
    n = std::min(n, count - written);
    if (n <= capacity && random.once_in(4)) {
      std::byte *at = nullptr;
      const Status reserved = writer.reserve(n, at);
      if (reserved == Status::ok) {
        const auto samples = test::checked_samples(written, n);
        copy_in(at, reinterpret_cast<const std::byte *>(samples.data()), samples.size() * sizeof samples[0]);
        n = random.once_in(3) ? random.below(n + 1) : n;
        if (writer.commit(n) != Status::ok) return 2;
        written += n;
        continue;
      }
      if (reserved != Status::full && reserved != Status::not_contiguous) return 3;
    }
    const auto samples = test::checked_samples(written, n);
    const Status status = writer.put(samples.data(), n);
    if (status == Status::full) {
      if (writer.wait_space(n, test::forever) != Status::ok) return 4;
      continue;
    }
    if (status != Status::ok) return 5;
    written += n;
  }
  return 0;  // leaving closes
}

ROLE(stream_reader) {
  OpenOptions how;
  how.observer = arguments.text("observer") == "1";
  Reader reader;
  if (Reader::open(reader, arguments.text("name").c_str(), how) != Status::ok) return 1;
  process::say("ready");
  process::StreamReader stream(reader);
  stream.run(arguments.text("way"));
  Tally tally = stream.tally();
  tally.lost += stream.missed();
  process::say(tally.text());
  return 0;
}

struct Way {
  const char *way;
  const char *observer;
};

void stream(bool lossless) {
  const test::Name name("stream");
  test::Random random;
#ifdef RINGBUF_ATOMIC_COPIES
  constexpr std::uint64_t otherwise = 500'000;
#else
  constexpr std::uint64_t otherwise = 5'000'000;
#endif
  const std::uint64_t count = test::from_environment("RINGBUF_SAMPLES", otherwise);
  Child writer("stream_writer", {{"name", name.text()},
                                 {"lossless", lossless ? "1" : "0"},
                                 {"count", std::to_string(count)},
                                 {"seed", std::to_string(random.seed())}});
  ASSERT_EQ(writer.line(), "ready");
  const std::vector<Way> ways = {{"index", "0"}, {"next", "0"}, {"pop", "0"}, {"pop", "1"}};
  std::vector<Child> readers;
  for (const Way &way : ways) {
    readers.emplace_back("stream_reader", std::map<std::string, std::string>{
                                              {"name", name.text()}, {"way", way.way}, {"observer", way.observer}});
    ASSERT_EQ(readers.back().line(), "ready") << way.way;
  }
  writer.tell("go");
  EXPECT_EQ(writer.wait(), 0);
  for (std::size_t i = 0; i < readers.size(); ++i) {
    SCOPED_TRACE(std::string(ways[i].way) + (ways[i].observer[0] == '1' ? ", observer" : ""));
    const Tally tally = Tally::parse(readers[i].line());
    EXPECT_EQ(readers[i].wait(), 0);
    EXPECT_EQ(tally.torn, 0u);
    EXPECT_EQ(tally.disorder, 0u);
    EXPECT_EQ(tally.status, static_cast<int>(Status::closed));
    EXPECT_GT(tally.received, 0u);
    EXPECT_EQ(tally.received + tally.lost, static_cast<std::uint64_t>(tally.position));
    // Windows leave over what is less than one.
    const std::uint64_t over = std::string(ways[i].way) == "pop" ? 0 : process::stream_window - 1;
    EXPECT_LE(static_cast<std::uint64_t>(tally.position), count);
    EXPECT_GE(static_cast<std::uint64_t>(tally.position) + over, count);
    if (lossless && ways[i].observer[0] == '0') {
      const auto n = static_cast<std::uint64_t>(tally.position);
      EXPECT_EQ(tally.lost, 0u);
      EXPECT_EQ(tally.received, n);
      EXPECT_EQ(tally.sum, n * (n - 1) / 2);
    }
    std::cout << ways[i].way << ways[i].observer << ": received " << tally.received << ", lost " << tally.lost << "\n";
  }
  EXPECT_FALSE(name.is_there()) << "closing removes the name";
}

TEST(Stream, OverwritingHandsOutNoTornSample) { stream(false); }
TEST(Stream, LosslessLosesNothing) { stream(true); }

}  // namespace
