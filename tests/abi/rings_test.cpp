// Rings that 1.0 has written, as bytes: what is where in them, and that this build reads them, goes on with them, and
// writes the same.
#include "rings.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "../capi/support.hpp"

namespace {

using capi::Handle;
using capi::Name;
using kept::KeptRing;

class Kept : public testing::TestWithParam<KeptRing> {
 protected:
  void SetUp() override {
    if (sysconf(_SC_PAGESIZE) != 4096) GTEST_SKIP() << "the rings are aligned to pages of 4096 bytes";
    bytes_ = kept::to_bytes(capi::read_file(std::string(RINGBUF_TEST_KEPT) + "/" + ring().file + ".hex"));
    ASSERT_FALSE(bytes_.empty());
  }

  const KeptRing &ring() const { return GetParam(); }
  std::string sample(std::uint64_t index) const { return kept::sample(ring(), index); }
  std::string samples(std::uint64_t begin, std::uint64_t end) const {
    std::string all;
    for (std::uint64_t i = begin; i < end; ++i) all += sample(i);
    return all;
  }
  template <class T>
  T at(std::uint64_t offset) const {
    T value{};
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  std::string part(std::uint64_t offset, std::uint64_t bytes) const {
    return bytes_.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(bytes));
  }

  // The ring under a name, as its writer has left it.
  void place(const Name &name) const {
    const std::string path = "/dev/shm/" + name.text();
    capi::write_file(path, bytes_);
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  }

  // Everything that can be read from it by index, and by a reader from the oldest sample on.
  void read_all(ringbuf_t *reader) const;

  std::string bytes_;
};

void Kept::read_all(ringbuf_t *reader) const {
  const std::uint64_t size = sample(0).size();
  ringbuf_info_t info{};
  info.struct_size = sizeof info;
  ASSERT_EQ(ringbuf_info(reader, &info), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(info.data_type, ring().options.data_type);
  EXPECT_EQ(info.channels, ring().options.channels);
  EXPECT_EQ(info.sample_bytes, size);
  EXPECT_EQ(info.capacity, ring().options.capacity);
  EXPECT_EQ(info.window, ring().options.window);
  EXPECT_EQ(info.flags, ring().options.flags);
  EXPECT_EQ(info.max_readers, 4U);
  EXPECT_EQ(info.sample_rate, ring().options.sample_rate);
  EXPECT_EQ(info.written, static_cast<std::int64_t>(ring().written));
  EXPECT_EQ(info.oldest, static_cast<std::int64_t>(ring().oldest));
  EXPECT_EQ(info.generation, 1U);
  EXPECT_EQ(info.total_bytes, bytes_.size());
  const std::uint64_t anchor = 392 + 24 * (at<std::uint64_t>(384) & 1);
  EXPECT_EQ(info.anchor_index, at<std::int64_t>(anchor));
  EXPECT_EQ(info.anchor_monotonic_ns, at<std::int64_t>(anchor + 8));
  EXPECT_EQ(info.anchor_realtime_ns, at<std::int64_t>(anchor + 16));

  std::string metadata(100, '\0');
  std::size_t length = 0;
  ASSERT_EQ(ringbuf_metadata(reader, metadata.data(), metadata.size(), &length), RINGBUF_OK);
  EXPECT_EQ(metadata.substr(0, length), ring().metadata);

  const auto oldest = static_cast<std::int64_t>(ring().oldest), written = static_cast<std::int64_t>(ring().written);
  EXPECT_EQ(ringbuf_check(reader, oldest - 1, oldest), RINGBUF_OVERWRITTEN);
  EXPECT_EQ(ringbuf_check(reader, written - 1, written + 1), RINGBUF_NOT_YET);
  const auto window = static_cast<std::int64_t>(ring().options.window);
  for (std::int64_t start = oldest; start + window <= written; ++start) {  // over the end of the data, too
    const void *view = nullptr;
    ASSERT_EQ(ringbuf_view(reader, start, start + window, &view), RINGBUF_OK) << start;
    const std::string expected = samples(static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(start + window));
    ASSERT_EQ(std::memcmp(view, expected.data(), expected.size()), 0) << start;
  }
  std::string all(samples(ring().oldest, ring().written).size(), '\0');
  ASSERT_EQ(ringbuf_read(reader, oldest, written, all.data()), RINGBUF_OK);
  EXPECT_EQ(all, samples(ring().oldest, ring().written));
}

TEST_P(Kept, HasEverythingWhereItBelongs) {
  const std::uint64_t size = sample(0).size(), capacity = ring().options.capacity, window = ring().options.window;
  EXPECT_EQ(part(0, 8), "RINGBUF1");
  EXPECT_EQ(at<std::uint32_t>(8), 1U);  // layout version
  EXPECT_EQ(at<std::uint32_t>(12), 4096U);
  EXPECT_EQ(at<std::uint64_t>(16), capacity * size);
  EXPECT_EQ(at<std::uint64_t>(24), window * size);
  EXPECT_EQ(at<std::uint32_t>(32), ring().options.data_type);
  EXPECT_EQ(at<std::uint32_t>(36), ring().options.channels);
  EXPECT_EQ(at<std::uint32_t>(40), size / ring().options.channels);
  EXPECT_EQ(at<std::uint32_t>(44), ring().options.flags);
  EXPECT_EQ(at<std::uint64_t>(48), capacity);
  EXPECT_EQ(at<std::uint64_t>(56), window);
  EXPECT_EQ(at<std::uint64_t>(64), size);
  EXPECT_EQ(at<std::uint64_t>(72), bytes_.size());
  EXPECT_EQ(at<std::uint32_t>(80), 4U);
  EXPECT_EQ(at<std::uint32_t>(84), 100U);
  EXPECT_EQ(at<std::uint32_t>(88), 4096U);
  EXPECT_EQ(at<std::uint32_t>(92), 0600U);
  EXPECT_EQ(at<std::uint64_t>(96), 4096U);
  EXPECT_EQ(at<std::uint64_t>(104), 8192U);
  EXPECT_EQ(at<std::uint64_t>(112), 28672U);
  EXPECT_EQ(at<std::uint64_t>(120), 28672 + capacity * size);
  EXPECT_EQ(at<double>(128), ring().options.sample_rate);
  EXPECT_EQ(at<std::uint64_t>(144), 0U);     // first index
  EXPECT_EQ(at<std::uint64_t>(152), 8448U);  // time track
  EXPECT_EQ(at<std::uint64_t>(160), 4096U);
  EXPECT_NE(part(168, 16), std::string(16, '\0'));  // ring id
  EXPECT_GT(at<std::int64_t>(184), 1'600'000'000'000'000'000);
  EXPECT_EQ(part(192, 64), std::string(64, '\0'));

  EXPECT_EQ(at<std::uint64_t>(256), ring().written);
  EXPECT_EQ(at<std::uint64_t>(264), ring().written + (std::string(ring().file) == "reserved" ? 10 : 0));
  EXPECT_EQ(at<std::uint64_t>(336), 1U);                        // generation
  EXPECT_EQ(at<std::uint64_t>(352) != 0, ring().crashed);       // owner
  EXPECT_EQ(at<std::uint32_t>(360), ring().crashed ? 1U : 2U);  // live, closed
  EXPECT_EQ(at<std::uint64_t>(4096), UINT64_MAX);               // nobody waits
  EXPECT_EQ(at<std::uint64_t>(328), UINT64_MAX);
  if (std::string(ring().file) == "full") {
    EXPECT_EQ(at<std::uint64_t>(4224), 3U);       // the first place: the dead reader's position
    EXPECT_EQ(at<std::uint32_t>(4224 + 32), 1U);  // active
  } else {
    EXPECT_EQ(at<std::uint32_t>(4224 + 32), 0U);
  }

  const std::uint64_t version = at<std::uint64_t>(448);
  EXPECT_EQ(at<std::uint64_t>(456 + 8 * (version & 1)), std::strlen(ring().metadata));
  EXPECT_EQ(part(8192 + 128 * (version & 1), std::strlen(ring().metadata)), ring().metadata);

  for (std::uint64_t i = ring().oldest; i < ring().written; ++i) {
    EXPECT_EQ(part(28672 + i % capacity * size, size), sample(i)) << i;
  }
  if (!ring().crashed) {  // the pocket is the beginning of the data, a second time
    EXPECT_EQ(part(28672 + capacity * size, window * size), part(28672, window * size));
  }
}

TEST_P(Kept, IsReadByName) {
  const Name name("kept");
  place(name);
  const Handle reader = capi::open(name, RINGBUF_FROM_OLDEST | RINGBUF_OBSERVER);
  ASSERT_NE(reader, nullptr);
  read_all(reader);
}

TEST_P(Kept, IsConsumedToItsEnd) {
  const Name name("kept");
  place(name);
  const Handle reader = capi::open(name, RINGBUF_FROM_OLDEST);
  ASSERT_NE(reader, nullptr);
  // A registered reader of a lossless ring begins behind what the writer has been promised room for.
  std::uint64_t first = ring().oldest;
  const auto limit = at<std::uint64_t>(320);
  if ((ring().options.flags & RINGBUF_LOSSLESS) != 0) first = std::max(first, limit - ring().options.capacity);
  std::int64_t position = -1;
  ASSERT_EQ(ringbuf_tell(reader, &position), RINGBUF_OK);
  EXPECT_EQ(position, static_cast<std::int64_t>(first));
  std::uint64_t count = 0;
  ASSERT_EQ(ringbuf_usage(reader, &count), RINGBUF_OK);
  EXPECT_EQ(count, ring().written - first);

  const void *window = nullptr;
  std::int64_t start = -1;
  ASSERT_EQ(ringbuf_next(reader, ring().options.window, 1, 0, &window, &start), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(start, position);
  EXPECT_EQ(std::memcmp(window, sample(first).data(), sample(0).size()), 0);

  for (std::uint64_t i = first + 1; i < ring().written; ++i) {
    std::string item(sample(0).size(), '\0');
    ASSERT_EQ(ringbuf_pop(reader, item.data()), RINGBUF_OK) << i;
    ASSERT_EQ(item, sample(i)) << i;
  }
  std::string item(sample(0).size(), '\0');
  EXPECT_EQ(ringbuf_pop(reader, item.data()), ring().crashed ? RINGBUF_STALE : RINGBUF_CLOSED);
}

TEST_P(Kept, IsResumed) {
  const Name name("kept");
  place(name);
  const Handle reader = capi::open(name, RINGBUF_FROM_NEWEST | RINGBUF_OBSERVER);
  Handle writer = capi::resume(name);
  ASSERT_NE(writer, nullptr);
  const std::uint64_t end = ring().written + 2 * ring().options.capacity;
  for (std::uint64_t i = ring().written; i < end; ++i) {  // beside a dead reader, too
    ASSERT_EQ(ringbuf_push(writer, sample(i).data()), RINGBUF_OK) << i << ": " << ringbuf_last_error();
    std::string before(sample(0).size(), '\0');
    ASSERT_EQ(ringbuf_read(reader, static_cast<std::int64_t>(i) - 1, static_cast<std::int64_t>(i), before.data()),
              RINGBUF_OK);
    ASSERT_EQ(before, sample(i - 1));
  }
  ringbuf_info_t info{};
  info.struct_size = sizeof info;
  ASSERT_EQ(ringbuf_info(reader, &info), RINGBUF_OK);
  EXPECT_EQ(info.written, static_cast<std::int64_t>(end));
  EXPECT_EQ(info.generation, 2U);
}

TEST_P(Kept, IsReadInMemoryOfOnesOwn) {
  const auto memory = std::make_unique<std::uint64_t[]>(bytes_.size() / 8);
  std::memcpy(memory.get(), bytes_.data(), bytes_.size());
  Handle reader;
  ASSERT_EQ(ringbuf_open_raw(reader.out(), memory.get(), bytes_.size(), RINGBUF_OBSERVER), RINGBUF_OK)
      << ringbuf_last_error();
  read_all(reader);
}

void expect_what_this_build_writes(const KeptRing &ring, std::string kept) {
  const Name name("kept");
  ASSERT_TRUE(ring.write(ring, name.c()));
  std::string now = capi::read_file("/dev/shm/" + name.text());
  ASSERT_EQ(now.size(), kept.size());
  for (const kept::Range &range : kept::accidental_bytes(ring)) {
    now.replace(range.begin, range.end - range.begin, range.end - range.begin, '\0');
    kept.replace(range.begin, range.end - range.begin, range.end - range.begin, '\0');
  }
  EXPECT_EQ(kept::to_text(now), kept::to_text(kept));
}

TEST_P(Kept, IsWhatThisBuildWrites) { expect_what_this_build_writes(ring(), bytes_); }

INSTANTIATE_TEST_SUITE_P(Rings, Kept, testing::ValuesIn(kept::kept_rings()),
                         [](const testing::TestParamInfo<KeptRing> &ring) { return std::string(ring.param.file); });

class KeptToo : public testing::Test {
 protected:
  // Places the ring under a name and opens it.
  void open(const KeptRing &ring) {
    if (sysconf(_SC_PAGESIZE) != 4096) GTEST_SKIP() << "the rings are aligned to pages of 4096 bytes";
    bytes_ = kept::to_bytes(capi::read_file(std::string(RINGBUF_TEST_KEPT) + "/" + ring.file + ".hex"));
    ASSERT_FALSE(bytes_.empty());
    capi::write_file("/dev/shm/" + name_.text(), bytes_);
    reader_ = capi::open(name_, RINGBUF_FROM_OLDEST | RINGBUF_OBSERVER);
    ASSERT_NE(reader_, nullptr);
  }

  const Name name_{"kept"};
  std::string bytes_;
  Handle reader_;
};

TEST_F(KeptToo, ARingWithGapsAndTimes) {
  ASSERT_NO_FATAL_FAILURE(open(kept::ring_with_gaps()));
  if (IsSkipped()) return;
  std::vector<std::int64_t> gaps;
  ASSERT_EQ(ringbuf_gaps(
                reader_,
                [](std::int64_t start, std::int64_t end, void *all) {
                  static_cast<std::vector<std::int64_t> *>(all)->insert(
                      static_cast<std::vector<std::int64_t> *>(all)->end(), {start, end});
                  return 0;
                },
                &gaps),
            RINGBUF_OK);
  EXPECT_EQ(gaps, (std::vector<std::int64_t>{1030, 1037}));
  EXPECT_EQ(ringbuf_check(reader_, 999, 1001), RINGBUF_BAD_INDEX);
  EXPECT_EQ(ringbuf_check(reader_, 1006, 1008), RINGBUF_OVERWRITTEN);
  for (std::int64_t i = 1007; i < 1057; ++i) {
    std::int16_t sample = -1;
    const bool in_gap = i >= 1030 && i < 1037;
    ASSERT_EQ(ringbuf_read(reader_, i, i + 1, &sample), in_gap ? RINGBUF_GAP : RINGBUF_OK) << i;
    if (!in_gap) {
      EXPECT_EQ(sample, i);
    }
  }
  constexpr std::int64_t ms = 1'000'000;
  std::int64_t monotonic = 0, realtime = 0, index = 0;
  ASSERT_EQ(ringbuf_time_at(reader_, 1015, &monotonic, &realtime), RINGBUF_OK) << ringbuf_last_error();
  EXPECT_EQ(monotonic, 5015 * ms);
  EXPECT_EQ(realtime, 9015 * ms);
  ASSERT_EQ(ringbuf_index_at(reader_, RINGBUF_CLOCK_MONOTONIC, 6056 * ms, &index), RINGBUF_OK);
  EXPECT_EQ(index, 1056);
  expect_what_this_build_writes(kept::ring_with_gaps(), bytes_);
}

TEST_F(KeptToo, ARingOfMessages) {
  ASSERT_NO_FATAL_FAILURE(open(kept::ring_of_messages()));
  if (IsSkipped()) return;
  std::uint64_t k = 0;
  std::int64_t position = 0;
  ASSERT_EQ(ringbuf_tell(reader_, &position), RINGBUF_OK);
  while (kept::record_of_message(k) < static_cast<std::uint64_t>(position)) ++k;
  EXPECT_LT(k, 30U);
  for (; k < 30; ++k) {
    const void *bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    ASSERT_EQ(ringbuf_receive(reader_, 0, &bytes, &size, &start), RINGBUF_OK) << k << ": " << ringbuf_last_error();
    EXPECT_EQ(start, static_cast<std::int64_t>(kept::record_of_message(k)) + 24);
    EXPECT_EQ(std::string(static_cast<const char *>(bytes), size), kept::message(k));
    ringbuf_message_t message{};
    message.struct_size = sizeof message;
    ASSERT_EQ(ringbuf_message(reader_, start, &message), RINGBUF_OK);
    EXPECT_EQ(message.kind, k);
    EXPECT_EQ(message.tag, -static_cast<std::int64_t>(k));
  }
  expect_what_this_build_writes(kept::ring_of_messages(), bytes_);
}

}  // namespace
