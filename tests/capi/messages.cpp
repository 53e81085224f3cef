// Messages of any length. What random operations show at every step of the writer is in unit_message_steps; here are sizes,
// wraps, overruns, gaps, the ends of the range, damage, refused calls, and what outlives a writer.
#include <algorithm>
#include <cstring>
#include <deque>
#include <limits>
#include <random>
#include <vector>

#include "support.hpp"

namespace {

using namespace capi;

constexpr std::int64_t kHeader = 24;

ringbuf_options_t messages(std::uint64_t capacity, std::uint64_t longest = 0, std::uint32_t flags = 0) {
  return options(capacity, longest, flags | RINGBUF_MESSAGES, RINGBUF_BYTES);
}

std::int64_t record_size(std::size_t size) { return (kHeader + static_cast<std::int64_t>(size) + 7) / 8 * 8; }

// Bytes that tell the number of the message and their place in it.
std::string text(std::uint64_t number, std::size_t size) {
  std::string all(size, '\0');
  for (std::size_t i = 0; i < size; ++i) all[i] = static_cast<char>(number * 31 + i * 7 + size);
  return all;
}

struct Received {
  int code = -1;
  std::string bytes;
  std::int64_t start = -1;
  ringbuf_message_t message{};
};

// Receives a message without waiting, and looks at everything about it.
Received receive(ringbuf_t* reader) {
  Received r;
  const void* bytes = nullptr;
  std::size_t size = 0;
  r.code = ringbuf_receive(reader, 0, &bytes, &size, &r.start);
  if (r.code != RINGBUF_OK) return r;
  r.bytes.assign(static_cast<const char*>(bytes), size);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes) % 8, 0U);
  r.message.struct_size = sizeof r.message;
  EXPECT_EQ(ringbuf_message(reader, r.start, &r.message), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(r.message.size, size);
  EXPECT_EQ(r.message.start, r.start);
  const std::int64_t end = r.start + static_cast<std::int64_t>(size);
  std::string copy(size, '\0');
  EXPECT_EQ(ringbuf_read(reader, r.start, end, copy.data()), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(copy, r.bytes) << "data and pocket differ";
  EXPECT_EQ(ringbuf_check(reader, r.start, end), RINGBUF_OK);
  return r;
}

int send(ringbuf_t* writer, std::uint64_t number, std::size_t size) {
  const std::string bytes = text(number, size);
  return ringbuf_send_event(writer, static_cast<std::uint32_t>(number % 1000), static_cast<std::int64_t>(number),
                            bytes.data(), size);
}

void expect_message(ringbuf_t* reader, std::uint64_t number, std::size_t size) {
  const Received r = receive(reader);
  ASSERT_EQ(r.code, RINGBUF_OK) << ringbuf_last_error();
  ASSERT_EQ(r.message.tag, static_cast<std::int64_t>(number));
  ASSERT_EQ(r.message.kind, number % 1000);
  ASSERT_EQ(r.bytes, text(number, size));
}

int describe(ringbuf_t* ring, std::int64_t start) {
  ringbuf_message_t m{};
  m.struct_size = sizeof m;
  return ringbuf_message(ring, start, &m);
}

TEST(CapiMessages, AreReceivedAsTheyWereSent) {
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Pair ring(messages(1024, 100, flags));
    const ringbuf_info_t i = info(ring.reader);
    EXPECT_EQ(i.window, 128U) << "the header, and 100 rounded up to 104";
    EXPECT_EQ(i.flags, flags | RINGBUF_MESSAGES);
    EXPECT_EQ(i.sample_bytes, 1U);
    EXPECT_EQ(receive(ring.reader).code, RINGBUF_TIMEOUT);
    ASSERT_EQ(ringbuf_send(ring.writer, "hello", 5), RINGBUF_OK) << ringbuf_last_error();
    ASSERT_EQ(ringbuf_send_event(ring.writer, 7, -3, nullptr, 0), RINGBUF_OK) << ringbuf_last_error();
    EXPECT_EQ(written(ring.writer), 32 + 24);
    const Received first = receive(ring.reader);
    EXPECT_EQ(first.bytes, "hello");
    EXPECT_EQ(first.start, kHeader);
    EXPECT_EQ(first.message.kind, 0U);
    EXPECT_EQ(first.message.tag, 0);
    const Received second = receive(ring.reader);
    EXPECT_EQ(second.bytes, "");
    EXPECT_EQ(second.start, 32 + kHeader);
    EXPECT_EQ(second.message.kind, 7U);
    EXPECT_EQ(second.message.tag, -3);
    EXPECT_GE(second.message.monotonic_ns, first.message.monotonic_ns);
    EXPECT_LE(second.message.monotonic_ns, info(ring.reader).anchor_monotonic_ns);
    // By bytes, with what stands around them.
    char bytes[32];
    ASSERT_EQ(ringbuf_read(ring.writer, 0, 32, bytes), RINGBUF_OK);
    EXPECT_EQ(std::string(bytes + kHeader, 8), std::string("hello\0\0\0", 8));
    EXPECT_EQ(receive(ring.reader).code, RINGBUF_TIMEOUT);
    ring.writer.close();
    EXPECT_EQ(receive(ring.reader).code, RINGBUF_CLOSED);
  }
}

TEST(CapiMessages, DefaultsAndLimits) {
  const auto window = [](std::uint64_t capacity, std::uint64_t longest) {
    ringbuf_options_t o = messages(capacity, longest);
    o.data_type = 0;
    Handle ring;
    const int code = ringbuf_create(ring.out(), nullptr, &o);
    return code == RINGBUF_OK ? info(ring).window : 0;
  };
  EXPECT_EQ(window(1 << 20, 0), 1U << 17);
  EXPECT_EQ(window(4104, 0), 512U) << "a multiple of 8";
  EXPECT_EQ(window(32, 0), 32U);
  EXPECT_EQ(window(32, 8), 32U);
  EXPECT_EQ(window(32, 9), 0U);
  EXPECT_NE(std::string(ringbuf_last_error()).find("at most 8"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(window(24, 0), 0U);
  EXPECT_NE(std::string(ringbuf_last_error()).find("capacity is 24"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(window(1001, 0), 0U);
  EXPECT_NE(std::string(ringbuf_last_error()).find("multiple of 8"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(window(1000, UINT64_MAX), 0U);
  struct Bad {
    const char* field;
    void (*set)(ringbuf_options_t&);
  };
  for (const Bad& bad : {Bad{"data_type", [](ringbuf_options_t& o) { o.data_type = RINGBUF_INT8; }},
                         Bad{"data_type", [](ringbuf_options_t& o) { o.data_type = 99; }},
                         Bad{"channels", [](ringbuf_options_t& o) { o.channels = 2; }},
                         Bad{"item_size", [](ringbuf_options_t& o) { o.item_size = 8; }},
                         Bad{"first_index", [](ringbuf_options_t& o) { o.first_index = 12; }}}) {
    ringbuf_options_t o = messages(1024);
    bad.set(o);
    ringbuf_t* ring = untouched();
    EXPECT_EQ(ringbuf_create(&ring, nullptr, &o), RINGBUF_INVALID_ARGUMENT) << bad.field;
    EXPECT_NE(std::string(ringbuf_last_error()).find(bad.field), std::string::npos) << ringbuf_last_error();
    EXPECT_EQ(ring, untouched());
  }
}

TEST(CapiMessages, WhatBelongsToTheOtherKindOfRing) {
  Pair of_messages(messages(1024, 100));
  ASSERT_EQ(send(of_messages.writer, 1, 20), RINGBUF_OK);
  std::byte room[64]{};
  void* place = nullptr;
  const void* samples = nullptr;
  std::int64_t start = 0;
  std::uint64_t count = 0;
  std::size_t size = 0;
  EXPECT_EQ(ringbuf_put(of_messages.writer, room, 8), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_put(of_messages.writer, room, 0), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_push(of_messages.writer, room), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_reserve(of_messages.writer, 8, &place), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_commit(of_messages.writer, 0), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_pop(of_messages.reader, room), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_pop_many(of_messages.reader, room, 8, &count), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_next(of_messages.reader, 8, 8, 0, &samples, &start), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_next_copy(of_messages.reader, 8, 8, 0, room, &start), RINGBUF_UNSUPPORTED);
  EXPECT_NE(std::string(ringbuf_last_error()).find("RINGBUF_MESSAGES"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(ringbuf_usage(of_messages.reader, &count), RINGBUF_OK);
  EXPECT_EQ(count, 48U) << "bytes";
  ASSERT_EQ(ringbuf_view(of_messages.reader, 24, 44, &samples), RINGBUF_OK);
  EXPECT_EQ(std::string(static_cast<const char*>(samples), 20), text(1, 20));
  expect_message(of_messages.reader, 1, 20);
  // After a view of what is there, too: the samples are known to be written.
  ASSERT_EQ(send(of_messages.writer, 2, 20), RINGBUF_OK);
  ASSERT_EQ(ringbuf_view(of_messages.reader, 48, 96, &samples), RINGBUF_OK);
  EXPECT_EQ(ringbuf_pop(of_messages.reader, room), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(tell(of_messages.reader), 48);

  Pair of_samples(options(64, 8, 0, RINGBUF_BYTES));
  EXPECT_EQ(ringbuf_send(of_samples.writer, room, 8), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_send_event(of_samples.writer, 1, 1, room, 0), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(ringbuf_receive(of_samples.reader, 0, &samples, &size, &start), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(describe(of_samples.reader, 24), RINGBUF_UNSUPPORTED);
  EXPECT_EQ(written(of_samples.writer), 0);
}

TEST(CapiMessages, RefusedCallsChangeNothing) {
  Pair ring(messages(1024, 100));
  const void* bytes = nullptr;
  std::size_t size = 0;
  std::int64_t start = 0;
  char room[128]{};
  EXPECT_EQ(ringbuf_send(ring.writer, nullptr, 1), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_send(ring.writer, room, 105), RINGBUF_INVALID_ARGUMENT);
  EXPECT_STREQ(ringbuf_last_error(), "size is 105, expected at most 104");
  EXPECT_EQ(ringbuf_send(ring.writer, room, std::numeric_limits<std::size_t>::max()), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_send_event(ring.writer, 0x80000000U, 0, room, 1), RINGBUF_INVALID_ARGUMENT);
  EXPECT_NE(std::string(ringbuf_last_error()).find("kind is 2147483648"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(ringbuf_skip(ring.writer, 12), RINGBUF_INVALID_ARGUMENT);
  EXPECT_NE(std::string(ringbuf_last_error()).find("multiple of 8"), std::string::npos) << ringbuf_last_error();
  void* raw = nullptr;
  ASSERT_EQ(ringbuf_raw(ring.writer, &raw, &size), RINGBUF_OK);
  EXPECT_EQ(ringbuf_send(ring.writer, raw, 8), RINGBUF_INVALID_ARGUMENT) << "the memory of the ring";
  EXPECT_EQ(ringbuf_receive(ring.reader, 0, nullptr, &size, &start), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_receive(ring.reader, 0, &bytes, nullptr, &start), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_receive(ring.reader, 0, &bytes, &size, nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_message(ring.reader, kHeader, nullptr), RINGBUF_INVALID_ARGUMENT);
  ringbuf_message_t small{};
  small.struct_size = sizeof small - 1;
  EXPECT_EQ(ringbuf_message(ring.reader, kHeader, &small), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(written(ring.writer), 0);
  ringbuf_t* lap = untouched();
  EXPECT_EQ(ringbuf_open(&lap, ring.name.c(), RINGBUF_RESYNC_LAP), RINGBUF_INVALID_ARGUMENT);
  EXPECT_NE(std::string(ringbuf_last_error()).find("RINGBUF_RESYNC_LAP"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(lap, untouched());
  EXPECT_EQ(info(ring.writer).readers, 1U);
}

TEST(CapiMessages, ALaterVersionOfTheStruct) {
  Pair ring(messages(1024, 100));
  ASSERT_EQ(send(ring.writer, 5, 9), RINGBUF_OK);
  struct Later {
    ringbuf_message_t known;
    std::uint64_t more;
  } later;
  std::memset(&later, 0xff, sizeof later);
  later.known.struct_size = sizeof later;
  ASSERT_EQ(ringbuf_message(ring.writer, kHeader, &later.known), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(later.known.struct_size, sizeof later);
  EXPECT_EQ(later.known.tag, 5);
  EXPECT_EQ(later.more, 0U);
}

// Every size at every offset of the ring, so also over its end and in the pocket.
TEST(CapiMessages, EverySizeAtEveryOffset) {
  constexpr std::uint64_t capacity = 160;
  for (const std::int64_t first : {std::int64_t{0}, std::int64_t{1'000'000'000'000}, std::int64_t{1} << 62}) {
    ringbuf_options_t o = messages(capacity, 72);
    o.first_index = first;
    Pair ring(o, RINGBUF_RESYNC_OLDEST);
    std::uint64_t number = 0;
    for (std::uint64_t offset = 0; offset < capacity; offset += 8) {
      for (std::size_t size = 0; size <= 72; ++size) {
        const auto at = static_cast<std::uint64_t>(written(ring.writer)) % capacity;
        ASSERT_EQ(ringbuf_skip(ring.writer, (offset + capacity - at) % capacity), RINGBUF_OK) << ringbuf_last_error();
        ASSERT_EQ(send(ring.writer, ++number, size), RINGBUF_OK) << ringbuf_last_error();
        Received r = receive(ring.reader);
        if (r.code == RINGBUF_OVERWRITTEN) r = receive(ring.reader);
        ASSERT_EQ(r.code, RINGBUF_OK) << ringbuf_last_error();
        ASSERT_EQ(r.bytes, text(number, size)) << "offset " << offset << ", size " << size;
        ASSERT_EQ(static_cast<std::uint64_t>(r.start - kHeader) % capacity, offset);
        ASSERT_EQ(r.message.tag, static_cast<std::int64_t>(number));
      }
    }
  }
}

TEST(CapiMessages, ALosslessRingWaitsForItsReaders) {
  Pair ring(messages(256, 104, RINGBUF_LOSSLESS));
  EXPECT_EQ(space(ring.writer), 104U);
  ASSERT_EQ(send(ring.writer, 1, 104), RINGBUF_OK);
  ASSERT_EQ(send(ring.writer, 2, 40), RINGBUF_OK);
  EXPECT_EQ(space(ring.writer), 40U) << "64 bytes, less a header";
  EXPECT_EQ(send(ring.writer, 3, 41), RINGBUF_FULL);
  EXPECT_NE(std::string(ringbuf_last_error()).find("takes 72 bytes"), std::string::npos) << ringbuf_last_error();
  EXPECT_NE(std::string(ringbuf_last_error()).find("leaves 64"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 41, 0), RINGBUF_TIMEOUT);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 105, 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, UINT64_MAX, 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 40, 0), RINGBUF_OK) << ringbuf_last_error();
  ASSERT_EQ(send(ring.writer, 3, 40), RINGBUF_OK);
  EXPECT_EQ(space(ring.writer), 0U);
  EXPECT_EQ(ringbuf_send(ring.writer, nullptr, 0), RINGBUF_FULL);
  const void* bytes = nullptr;
  std::size_t size = 0;
  std::int64_t start = 0;
  ASSERT_EQ(ringbuf_receive(ring.reader, kForever, &bytes, &size, &start), RINGBUF_OK);
  EXPECT_EQ(ringbuf_send(ring.writer, nullptr, 0), RINGBUF_FULL) << "the message stays until the next call";
  EXPECT_EQ(std::string(static_cast<const char*>(bytes), size), text(1, 104));
  expect_message(ring.reader, 2, 40);
  EXPECT_EQ(space(ring.writer), 104U);
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 104, 0), RINGBUF_OK);
  ASSERT_EQ(send(ring.writer, 4, 104), RINGBUF_OK);
  expect_message(ring.reader, 3, 40);
  expect_message(ring.reader, 4, 104);
  EXPECT_EQ(receive(ring.reader).code, RINGBUF_TIMEOUT);
}

// Any mixture, with readers that are overrun now and then, against a list of what was sent. Whoever is overrun continues at a
// message, and gets each one from there on.
struct Sent {
  std::int64_t at;
  std::uint64_t number;
  std::size_t size;
};
void expect_sent(const std::deque<Sent>& all, std::int64_t at, const Received& r) {
  for (const Sent& each : all) {
    if (each.at != at) continue;
    ASSERT_EQ(r.bytes, text(each.number, each.size));
    ASSERT_EQ(r.message.tag, static_cast<std::int64_t>(each.number));
    return;
  }
  FAIL() << "no message was sent at " << at;
}

TEST(CapiMessages, AnyMixture) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    const std::uint64_t capacity = 8 * (12 + random() % (round % 2 == 0 ? 60 : 2000));
    const std::uint64_t longest = 8 + random() % (capacity / 2);
    ringbuf_options_t o = messages(capacity, longest);
    const std::int64_t firsts[] = {0, 8, 1'000'000'000'000, std::int64_t{1} << 62};
    o.first_index = firsts[random() % 4];
    Name name;
    Handle writer = make(name.c(), o);
    const std::uint32_t rules[] = {RINGBUF_RESYNC_MIDDLE, RINGBUF_RESYNC_NEWEST, RINGBUF_RESYNC_OLDEST};
    std::vector<Handle> readers;
    for (const std::uint32_t rule : rules) readers.push_back(capi::open(name, rule));
    std::deque<Sent> all;
    for (std::uint64_t number = 0; number < 600; ++number) {
      const std::uint64_t most = random() % 3 == 0 ? longest + 1 : std::min<std::uint64_t>(longest, 40);
      const auto size = static_cast<std::size_t>(random() % most);
      const std::int64_t at = written(writer);
      if (random() % 50 == 0) {
        ASSERT_EQ(ringbuf_skip(writer, 8 * (random() % 20)), RINGBUF_OK);
        continue;
      }
      ASSERT_EQ(send(writer, number, size), RINGBUF_OK) << ringbuf_last_error();
      ASSERT_EQ(written(writer), at + record_size(size));
      all.push_back({at, number, size});
      while (all.front().at < at - static_cast<std::int64_t>(capacity)) all.pop_front();
      if (random() % 8 == 0) readers[random() % 3] = capi::open(name, rules[random() % 3]);
      Handle& reader = readers[random() % 3];
      for (std::uint64_t n = random() % 4; n != 0; --n) {
        const std::int64_t position = tell(reader);
        const Received r = receive(reader);
        if (r.code == RINGBUF_TIMEOUT) {
          ASSERT_EQ(position, written(writer));
          break;
        }
        if (r.code == RINGBUF_OVERWRITTEN) {
          ASSERT_GT(tell(reader), position);
          continue;
        }
        ASSERT_EQ(r.code, RINGBUF_OK) << ringbuf_last_error();
        ASSERT_EQ(r.start - kHeader, position);
        expect_sent(all, position, r);
        if (HasFatalFailure()) return;
      }
      // Every index that is asked for by itself.
      if (number % 50 != 0) continue;
      for (std::int64_t index = std::max(o.first_index, at - static_cast<std::int64_t>(capacity) - 8);
           index <= written(writer); index += 1 + static_cast<std::int64_t>(random() % (1 + capacity / 60))) {
        const bool sent = std::any_of(all.begin(), all.end(), [&](const Sent& each) { return each.at == index; });
        // Not every message can be found by its index, but whatever is found is one.
        const int code = describe(writer, index + kHeader);
        Handle seeker = capi::open(name, RINGBUF_OBSERVER);
        const int sought = ringbuf_seek(seeker, index);
        for (const int each : {code, sought}) {
          ASSERT_TRUE(each == RINGBUF_OK || each == RINGBUF_OVERWRITTEN || each == RINGBUF_GAP ||
                      (!sent && (each == RINGBUF_BAD_INDEX || each == RINGBUF_NOT_YET)))
              << index << ": " << each << ", " << ringbuf_last_error();
        }
        ASSERT_TRUE(sent || code != RINGBUF_OK) << index;
        ASSERT_TRUE(sent || index == written(writer) || sought != RINGBUF_OK) << index;
      }
    }
  }
}

// A position that was one before can be sought as long as it can be read, but for the oldest part of the ring.
TEST(CapiMessages, Seek) {
  Pair ring(messages(1 << 16, 100));
  std::vector<std::int64_t> starts;
  for (std::size_t i = 0; i < 2000; ++i) {
    starts.push_back(written(ring.writer));
    ASSERT_EQ(send(ring.writer, i, i % 101), RINGBUF_OK);
  }
  const std::int64_t oldest = info(ring.writer).oldest;
  ASSERT_GT(oldest, 0);
  int overwritten = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const int code = ringbuf_seek(ring.reader, starts[i]);
    if (starts[i] < oldest || (code == RINGBUF_OVERWRITTEN && starts[i] < oldest + 2 * (1 << 16) / 254)) {
      EXPECT_EQ(code, RINGBUF_OVERWRITTEN) << i;
      if (starts[i] >= oldest) ++overwritten;
      continue;
    }
    ASSERT_EQ(code, RINGBUF_OK) << i << ": " << ringbuf_last_error();
    expect_message(ring.reader, i, i % 101);
    EXPECT_EQ(ringbuf_seek(ring.reader, starts[i] + 8), RINGBUF_BAD_INDEX);
    EXPECT_EQ(describe(ring.writer, starts[i] + 8 + kHeader), RINGBUF_BAD_INDEX);
  }
  EXPECT_LE(overwritten, 15);
  EXPECT_EQ(ringbuf_seek(ring.reader, written(ring.writer)), RINGBUF_OK);
  EXPECT_EQ(ringbuf_seek(ring.reader, written(ring.writer) + 8), RINGBUF_NOT_YET);
  EXPECT_EQ(describe(ring.reader, kHeader - 1), RINGBUF_BAD_INDEX);
  EXPECT_EQ(describe(ring.reader, kHeader), RINGBUF_OVERWRITTEN);
}

// Where one reader of a lossless ring is, another one can go, as if the first handed over to it: also if the entry in the table
// of starts from which that place would be found is overwritten.
TEST(CapiMessages, APositionIsHandedOver) {
  Pair ring(messages(1 << 14, 100, RINGBUF_LOSSLESS));
  const auto fill = [&](std::uint64_t from) {
    while (send(ring.writer, from, static_cast<std::size_t>(from % 23)) == RINGBUF_OK) ++from;
    return from;
  };
  std::uint64_t sent = fill(0);
  for (std::uint64_t i = 0; i < 3000; ++i) {
    expect_message(ring.reader, i, static_cast<std::size_t>(i % 23));
    if (HasFatalFailure()) return;
    sent = fill(sent);
    Handle other = capi::open(ring.name, RINGBUF_FROM_NEWEST);
    ASSERT_EQ(ringbuf_seek(other, tell(ring.reader)), RINGBUF_OK) << i << ": " << ringbuf_last_error();
    expect_message(other, i + 1, static_cast<std::size_t>((i + 1) % 23));
  }
}

TEST(CapiMessages, GapsAreBetweenMessages) {
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Pair ring(messages(1024, 100, flags));
    ASSERT_EQ(send(ring.writer, 1, 10), RINGBUF_OK);
    const std::int64_t gap = written(ring.writer);
    ASSERT_EQ(ringbuf_skip(ring.writer, 64), RINGBUF_OK);
    ASSERT_EQ(send(ring.writer, 2, 10), RINGBUF_OK);
    expect_message(ring.reader, 1, 10);
    EXPECT_EQ(receive(ring.reader).code, RINGBUF_OVERWRITTEN);
    EXPECT_EQ(tell(ring.reader), gap + 64);
    EXPECT_EQ(info(ring.reader).lost, 64U);
    expect_message(ring.reader, 2, 10);
    EXPECT_EQ(describe(ring.reader, gap + kHeader), RINGBUF_GAP);
    EXPECT_EQ(ringbuf_seek(ring.reader, gap), RINGBUF_GAP);
    ASSERT_EQ(ringbuf_seek(ring.reader, gap + 64), RINGBUF_OK) << ringbuf_last_error();
    expect_message(ring.reader, 2, 10);
    ASSERT_EQ(ringbuf_seek(ring.reader, 0), RINGBUF_OK);
  }
}

// A cell of the table of starts that was never stored says 0, which no message has here.
TEST(CapiMessages, BeginAtAnyFirstIndex) {
  for (const std::int64_t first : {8, 16, 1016, 1024, 2048, 65536, 1 << 20}) {
    ringbuf_options_t o = messages(1 << 18, 100);  // a stride of 1,040
    o.first_index = first;
    Pair ring(o);
    for (std::uint64_t i = 0; i < 50; ++i) ASSERT_EQ(send(ring.writer, i, 20), RINGBUF_OK);
    Handle late = capi::open(ring.name);
    EXPECT_EQ(tell(late), first);
    for (std::uint64_t i = 0; i < 50; ++i) expect_message(late, i, 20);
    EXPECT_EQ(ringbuf_seek(late, first), RINGBUF_OK) << ringbuf_last_error();
    expect_message(late, 0, 20);
    EXPECT_EQ(describe(ring.writer, first + kHeader), RINGBUF_OK) << ringbuf_last_error();
    if (HasFailure()) FAIL() << "the first index is " << first;
  }
}

// What lies behind a long gap is not about to be overwritten, so that who comes later gets all of it.
TEST(CapiMessages, WhoComesAfterALongGapMissesNothing) {
  for (const std::uint64_t skipped : {1000U, 1024U, 1024U + 8, 5U * 1024, 100U * 1024}) {
    Pair ring(messages(1024, 100));
    ASSERT_EQ(send(ring.writer, 1, 10), RINGBUF_OK);
    ASSERT_EQ(ringbuf_skip(ring.writer, skipped), RINGBUF_OK);
    for (std::uint64_t i = 2; i < 6; ++i) ASSERT_EQ(send(ring.writer, i, 10), RINGBUF_OK);
    Handle late = capi::open(ring.name);
    for (std::uint64_t i = 2; i < 6; ++i) expect_message(late, i, 10);
    if (HasFailure()) FAIL() << skipped << " bytes were skipped";
  }
}

TEST(CapiMessages, NoIndexIsBeyondTheLast) {
  ringbuf_options_t o = messages(256, 40);
  o.first_index = (std::numeric_limits<std::int64_t>::max() - 256 - 100) / 8 * 8;
  Pair ring(o);
  ASSERT_EQ(send(ring.writer, 1, 40), RINGBUF_OK);
  EXPECT_EQ(send(ring.writer, 2, 40), RINGBUF_INVALID_ARGUMENT);
  EXPECT_NE(std::string(ringbuf_last_error()).find("indices are left"), std::string::npos) << ringbuf_last_error();
  expect_message(ring.reader, 1, 40);
  EXPECT_EQ(receive(ring.reader).code, RINGBUF_TIMEOUT);
}

TEST(CapiMessages, AWaitEndsWithTheMessage) {
  Pair ring(messages(1024, 100));
  std::thread writer([&] {
    await_waiter(ring.writer);
    EXPECT_EQ(send(ring.writer, 1, 0), RINGBUF_OK);
  });
  const void* bytes = nullptr;
  std::size_t size = 1;
  std::int64_t start = 0;
  EXPECT_EQ(ringbuf_receive(ring.reader, kForever, &bytes, &size, &start), RINGBUF_OK);
  EXPECT_EQ(size, 0U);
  writer.join();
}

TEST(CapiMessages, AWaitForSpaceEndsWithTheReceipt) {
  Pair ring(messages(256, 104, RINGBUF_LOSSLESS));
  ASSERT_EQ(send(ring.writer, 1, 104), RINGBUF_OK);
  ASSERT_EQ(send(ring.writer, 2, 104), RINGBUF_OK);
  std::thread reader([&] {
    await_space_waiter(ring.reader);
    expect_message(ring.reader, 1, 104);
    EXPECT_EQ(ringbuf_seek(ring.reader, tell(ring.reader)), RINGBUF_OK) << "lets the first one go";
  });
  EXPECT_EQ(ringbuf_wait_space(ring.writer, 104, kForever), RINGBUF_OK);
  EXPECT_EQ(send(ring.writer, 3, 104), RINGBUF_OK);
  reader.join();
}

TEST(CapiMessages, OutliveTheirWriter) {
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Name name;
    Handle writer = make(name.c(), messages(1024, 100, flags | RINGBUF_KEEP));
    Handle reader = capi::open(name);
    for (std::size_t i = 0; i < 5; ++i) ASSERT_EQ(send(writer, i, 10 * i), RINGBUF_OK);
    writer.close();
    writer = resume(name);
    ASSERT_EQ(send(writer, 5, 50), RINGBUF_OK);
    for (std::size_t i = 0; i < 6; ++i) expect_message(reader, i, 10 * i);
    const ringbuf_options_t same = messages(1024, 100, flags);
    const ringbuf_options_t bytes = options(1024, 128, flags, RINGBUF_BYTES);
    writer.close();
    EXPECT_EQ(ringbuf_create_or_resume(writer.out(), name.c(), &bytes), RINGBUF_INCOMPATIBLE);
    EXPECT_NE(std::string(ringbuf_last_error()).find("RINGBUF_MESSAGES"), std::string::npos) << ringbuf_last_error();
    EXPECT_EQ(ringbuf_create_or_resume(writer.out(), name.c(), &same), RINGBUF_OK) << ringbuf_last_error();
    writer.close();
    EXPECT_EQ(ringbuf_unlink(name.c()), RINGBUF_OK);
  }
}

// --- damage ------------------------------------------------------------------------------------------------------------

std::uint32_t* word_at(ringbuf_t* writer, std::int64_t index) {
  void* raw = nullptr;
  std::size_t bytes = 0;
  EXPECT_EQ(ringbuf_raw(writer, &raw, &bytes), RINGBUF_OK);
  const ringbuf_info_t i = info(writer);
  return reinterpret_cast<std::uint32_t*>(static_cast<char*>(raw) + i.data_offset +
                                          static_cast<std::uint64_t>(index) % i.capacity);
}

TEST(CapiMessages, ALengthThatCannotBe) {
  Pair ring(messages(1 << 16, 100));  // several messages for each start in the table
  for (std::uint64_t i = 0; i < 4; ++i) ASSERT_EQ(send(ring.writer, i, 50), RINGBUF_OK);
  expect_message(ring.reader, 0, 50);
  const std::int64_t second = tell(ring.reader);
  for (const std::uint32_t size : {105U, 0xffffffffU, 0xffffffe8U, 0x80000000U}) {
    *word_at(ring.writer, second) = size;
    EXPECT_EQ(receive(ring.reader).code, RINGBUF_CORRUPT) << size;
    EXPECT_NE(std::string(ringbuf_last_error()).find(std::to_string(size)), std::string::npos) << ringbuf_last_error();
    EXPECT_EQ(tell(ring.reader), second) << "the position stays";
    EXPECT_EQ(describe(ring.reader, second + kHeader), RINGBUF_CORRUPT);
    EXPECT_EQ(ringbuf_seek(ring.reader, second + 80), RINGBUF_CORRUPT);
  }
  *word_at(ring.writer, second) = 50;
  expect_message(ring.reader, 1, 50);
  // No longer than the longest, but longer than the stream.
  expect_message(ring.reader, 2, 50);
  *word_at(ring.writer, tell(ring.reader)) = 57;
  EXPECT_EQ(receive(ring.reader).code, RINGBUF_CORRUPT);
  EXPECT_EQ(ringbuf_seek(ring.reader, written(ring.writer)), RINGBUF_OK) << "leads on";
  ASSERT_EQ(send(ring.writer, 9, 3), RINGBUF_OK);
  expect_message(ring.reader, 9, 3);
}

// A kind of a later library: its record is passed over.
TEST(CapiMessages, KindsOfALaterLibraryArePassedOver) {
  for (const std::uint32_t flags : {0U, std::uint32_t{RINGBUF_LOSSLESS}}) {
    Pair ring(messages(256, 40, flags));
    ASSERT_EQ(send(ring.writer, 1, 40), RINGBUF_OK);
    ASSERT_EQ(send(ring.writer, 2, 8), RINGBUF_OK);
    word_at(ring.writer, 0)[1] = 0x80000001U;
    expect_message(ring.reader, 2, 8);
    word_at(ring.writer, written(ring.writer))[1] = 0;
    ASSERT_EQ(send(ring.writer, 3, 40), RINGBUF_OK);
    word_at(ring.writer, 96)[1] = 0xffffffffU;
    EXPECT_EQ(receive(ring.reader).code, RINGBUF_TIMEOUT);
    EXPECT_EQ(tell(ring.reader), written(ring.writer));
    std::int64_t released = -1;
    const auto visit = [](const ringbuf_reader_info_t* each, void* user) {
      *static_cast<std::int64_t*>(user) = each->position;
      return 1;
    };
    EXPECT_EQ(ringbuf_readers(ring.writer, visit, &released), RINGBUF_OK);
    EXPECT_EQ(released, written(ring.writer)) << "the writer may overwrite what was passed over";
    EXPECT_EQ(info(ring.reader).lost, 0U);
  }
}

// Random bytes in place of lengths and of the table of starts: whatever the calls answer, they return, and what they hand out
// lies in the ring. A sanitizer would tell.
TEST(CapiMessages, Scribbles) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    ringbuf_options_t o = messages(8 * (30 + random() % 500), 1 + random() % 100);
    o.first_index = round % 3 == 0 ? 1'000'000'000'000 : 0;
    Name name;
    Handle writer = make(name.c(), o);
    const std::uint32_t rules[] = {RINGBUF_RESYNC_MIDDLE, RINGBUF_RESYNC_NEWEST, RINGBUF_RESYNC_OLDEST};
    Handle reader = capi::open(name, rules[random() % 3]);
    void* raw = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(ringbuf_raw(writer, &raw, &size), RINGBUF_OK);
    const std::size_t starts = static_cast<std::size_t>(field(writer, 152));
    for (int i = 0; i < 200; ++i) {
      ASSERT_EQ(send(writer, random(), static_cast<std::size_t>(random() % o.window)), RINGBUF_OK);
      std::uint64_t value =
          random() % 2 == 0 ? random() : static_cast<std::uint64_t>(written(writer)) - random() % o.capacity;
      if (random() % 4 == 0) value = ~std::uint64_t{0} - random() % 3;
      if (random() % 3 == 0) {
        std::memcpy(static_cast<char*>(raw) + starts + 8 * (random() % 256), &value, 8);
      }
      if (random() % 3 == 0) {
        *word_at(writer, written(writer) - static_cast<std::int64_t>(8 * (random() % 20))) =
            static_cast<std::uint32_t>(value);
      }
      if (random() % 10 == 0) reader = capi::open(name, rules[random() % 3]);
      const void* bytes = nullptr;
      std::size_t length = 0;
      std::int64_t start = 0;
      if (ringbuf_receive(reader, 0, &bytes, &length, &start) == RINGBUF_OK) {
        ASSERT_LE(length, info(writer).window - kHeader);
        std::string copy(static_cast<const char*>(bytes), length);
        ASSERT_EQ(copy.size(), length);
      }
      (void)describe(reader, written(writer) - static_cast<std::int64_t>(random() % o.capacity));
      (void)ringbuf_seek(reader, written(writer) - static_cast<std::int64_t>(random() % 200));
    }
  }
}

}  // namespace
