// Readers join and leave a lossless ring under full load, by closing, by leaving without a word, and by being killed:
// nothing is lost to anybody, and no place in the reader table stays taken.
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <numeric>

#include "races.hpp"

namespace {

using races::Handle;
using races::Process;
using races::Random;

constexpr std::uint64_t capacity = 64;
constexpr std::uint32_t places = 8;
constexpr std::size_t steady = 2;  // readers that are there from the first sample to the last
constexpr std::size_t comers = 9;  // more than there is room for

// What a reader does until it has had `limit` samples, all of which must follow one another. The code that ended it.
int consume(ringbuf_t* reader, Random& random, std::int64_t limit, std::int64_t& consumed) {
  std::int64_t expected = -1;
  consumed = 0;
  if (ringbuf_tell(reader, &expected) != RINGBUF_OK) return -1;
  std::array<std::int64_t, capacity> copy;
  while (consumed < limit) {
    const std::int64_t* samples = copy.data();
    std::uint64_t count = 0;
    int code = RINGBUF_OK;
    if (random.once_in(2)) {
      const void* window = nullptr;
      std::int64_t start = -1;
      count = 1 + random.below(capacity / 4);
      code = ringbuf_next(reader, count, count, races::forever, &window, &start);
      if (code == RINGBUF_CLOSED) {
        // Fewer than that are left: the ring gives them one by one.
        code = ringbuf_pop_many(reader, copy.data(), 1, &count);
      } else if (code == RINGBUF_OK) {
        samples = static_cast<const std::int64_t*>(window);
        if (start != expected) {
          std::fprintf(stderr, "next begins at %lld, expected %lld\n", static_cast<long long>(start),
                       static_cast<long long>(expected));
          return -1;
        }
      }
    } else {
      code = ringbuf_pop_many(reader, copy.data(), 1 + random.below(capacity), &count);
      if (code == RINGBUF_EMPTY) code = ringbuf_wait(reader, expected + 1, races::forever);
    }
    if (code != RINGBUF_OK) return code;
    for (std::uint64_t i = 0; i < count; ++i, ++expected) {
      if (samples[i] == expected) continue;
      std::fprintf(stderr, "sample %lld is %lld\n", static_cast<long long>(expected),
                   static_cast<long long>(samples[i]));
      return -1;
    }
    consumed += static_cast<std::int64_t>(count);
  }
  return RINGBUF_OK;
}

// Puts until it hears a word, says how much that was; closes at the next word.
RACES_ROLE(full_load) {
  Random random(std::stoull(arguments.at(1)));
  auto o = races::options(capacity, RINGBUF_LOSSLESS);
  o.window = capacity / 4;
  o.max_readers = places;
  Handle writer;
  if (ringbuf_create(writer.out(), arguments.at(0).c_str(), &o) != RINGBUF_OK) return 1;
  line.say('c');
  line.hear<char>();
  std::array<std::int64_t, capacity> samples;
  std::int64_t written = 0;
  pollfd word{STDIN_FILENO, POLLIN, 0};
  while (::poll(&word, 1, 0) == 0) {
    for (int puts = 0; puts < 64; ++puts) {
      // Never so many that they wait for a reader that waits for more than the room left holds.
      const std::uint64_t count = 1 + random.below(random.once_in(4) ? capacity - capacity / 4 : 8);
      std::iota(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count), written);
      int code = ringbuf_put(writer, samples.data(), count);
      while (code == RINGBUF_FULL) {
        if (ringbuf_wait_space(writer, count, races::forever) != RINGBUF_OK) return 2;
        code = ringbuf_put(writer, samples.data(), count);
      }
      if (code != RINGBUF_OK) return 3;
      written += static_cast<std::int64_t>(count);
    }
  }
  line.hear<char>();
  line.say(written);
  line.hear<char>();
  return 0;
}

// Reads from the first sample to the end of the stream, and says how many there were.
RACES_ROLE(steady_reader) {
  Random random(std::stoull(arguments.at(1)));
  Handle reader;
  if (ringbuf_open(reader.out(), arguments.at(0).c_str(), 0) != RINGBUF_OK) return 1;
  line.say('o');
  std::int64_t consumed = 0;
  const int code = consume(reader, random, INT64_MAX, consumed);
  line.say(consumed);
  return code == RINGBUF_CLOSED ? 0 : 2;
}

// Joins, reads some and leaves, again and again until it hears a word; says how often.
RACES_ROLE(coming_reader) {
  Random random(std::stoull(arguments.at(1)));
  std::int64_t joined = 0;
  pollfd word{STDIN_FILENO, POLLIN, 0};
  while (::poll(&word, 1, 0) == 0) {
    Handle reader;
    const int code = ringbuf_open(reader.out(), arguments.at(0).c_str(),
                                  random.once_in(2) ? RINGBUF_FROM_NEWEST : RINGBUF_FROM_OLDEST);
    if (code == RINGBUF_TOO_MANY_READERS) continue;
    if (code != RINGBUF_OK) {
      std::fprintf(stderr, "open: %s\n", ringbuf_last_error());
      return 1;
    }
    ++joined;
    std::int64_t consumed = 0;
    if (consume(reader, random, static_cast<std::int64_t>(random.below(2000)), consumed) != RINGBUF_OK) {
      std::fprintf(stderr, "%s\n", ringbuf_last_error());
      return 2;
    }
    // Some leave without a word, as a killed one does, but while the others have what they need.
    if (random.once_in(50)) {
      line.say(joined);
      ::_exit(77);
    }
  }
  line.hear<char>();
  line.say(joined);
  return 0;
}

TEST(Joining, LosslessUnderFullLoad) {
  Random random(races::race_seed());
  const races::Name name;
  const auto arguments = [&] { return races::Arguments{name.text(), std::to_string(random.draw())}; };
  Process writer("full_load", arguments());
  writer.hear<char>();
  std::array<Process, steady> stay;
  for (Process& reader : stay) {
    reader = Process("steady_reader", arguments());
    reader.hear<char>();
  }
  writer.say('g');
  std::array<Process, comers> come;
  for (Process& reader : come) reader = Process("coming_reader", arguments());

  std::int64_t joined = 0;
  std::uint64_t kills = 0, left = 0;
  const auto end = std::chrono::steady_clock::now() + races::race_time() / 2;
  while (!HasFailure() && std::chrono::steady_clock::now() < end) {
    (void)::poll(nullptr, 0, static_cast<int>(1 + random.below(20)));
    Process& reader = come[random.below(comers)];
    if (reader.has_spoken()) {
      joined += reader.hear<std::int64_t>();
      EXPECT_EQ(reader.wait(), 77);
      ++left;
    } else {
      reader.kill();
      ++kills;
    }
    reader = Process("coming_reader", arguments());
  }
  for (Process& reader : come) {
    (void)reader.try_to_say('s');  // it may have left by itself
    joined += reader.hear<std::int64_t>();
    const int code = reader.wait();
    EXPECT_TRUE(code == 0 || code == 77) << code;
  }
  writer.say('s');
  const auto written = writer.hear<std::int64_t>();

  // Only the two are left; the places of all others are free.
  std::array<Handle, places - steady> all;
  for (Handle& handle : all) {
    ASSERT_EQ(ringbuf_open(handle.out(), name.c(), RINGBUF_FROM_NEWEST), RINGBUF_OK) << ringbuf_last_error();
  }
  EXPECT_EQ(races::info(all[0]).readers, places);
  Handle one_more;
  EXPECT_EQ(ringbuf_open(one_more.out(), name.c(), 0), RINGBUF_TOO_MANY_READERS);
  for (Handle& handle : all) handle.close();

  writer.say('c');
  EXPECT_EQ(writer.wait(), 0);
  for (Process& reader : stay) {
    EXPECT_EQ(reader.hear<std::int64_t>(), written);
    EXPECT_EQ(reader.wait(), 0);
  }
  std::printf("samples: %lld, joined: more than %lld times, killed: %llu, left without a word: %llu\n",
              static_cast<long long>(written), static_cast<long long>(joined), static_cast<unsigned long long>(kills),
              static_cast<unsigned long long>(left));
  EXPECT_FALSE(name.is_there());
}

}  // namespace
