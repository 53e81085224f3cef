// The time anchor and the metadata block as their users see them. (That they are read whole while they change is in
// interleaving_test and in the stress tests.)
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../support/support.hpp"

using namespace ringbuf;

namespace {

TEST(Time, ThereIsNoAnchorBeforeTheFirstPut) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, test::checked_options(8)), Status::ok);
  Info info{};
  ASSERT_EQ(writer.info(info), Status::ok);
  EXPECT_FALSE(info.has_anchor);
}

TEST(Time, TheAnchorIsTheLastSampleOfAPutAndNeverGoesBack) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, test::checked_options(8)), Status::ok);
  protocol::Time last{};
  for (std::uint64_t put = 0; put < 5000; ++put) {
    const std::uint64_t n = 1 + put % 13;
    const auto samples = test::checked_samples(writer.written(), n);
    ASSERT_EQ(writer.put(samples.data(), n), Status::ok);
    Info info{};
    ASSERT_EQ(writer.info(info), Status::ok);
    ASSERT_TRUE(info.has_anchor);
    // Puts that come thick and fast share anchors, but the first ones each have their own.
    if (put < 50) {
      ASSERT_EQ(info.anchor.index, writer.written() - 1);
    }
    ASSERT_LT(info.anchor.index, writer.written());
    ASSERT_GE(info.anchor.index, last.index);
    ASSERT_GE(info.anchor.monotonic_ns, last.monotonic_ns);
    if (put > 0 && info.anchor.index == last.index) {
      ASSERT_EQ(info.anchor.monotonic_ns, last.monotonic_ns) << "one sample, one time";
    }
    ASSERT_GT(info.anchor.realtime_ns, 1'600'000'000'000'000'000);
    last = info.anchor;
  }
  EXPECT_GT(last.index, 0u);
}

TEST(Metadata, AreEmptyUntilTheyAreSetAndThenWhatWasSetLast) {
  const test::Name name("metadata");
  Options options = test::checked_options(8);
  options.metadata_bytes = 100;
  Writer writer(name.c(), options);
  Reader reader(name.c());
  std::vector<char> room(100, '?');
  std::size_t size = 77;
  ASSERT_EQ(reader.metadata(room.data(), room.size(), size), Status::ok) << last_error();
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(room[0], '?');
  for (const std::string &text :
       {std::string("{\"unit\":\"mV\"}"), std::string(), std::string(100, 'x'), std::string("\0a\0", 3)}) {
    ASSERT_EQ(writer.set_metadata(text.data(), text.size()), Status::ok) << last_error();
    ASSERT_EQ(reader.metadata(room.data(), room.size(), size), Status::ok) << last_error();
    EXPECT_EQ(std::string(room.data(), size), text);
    ASSERT_EQ(writer.metadata(room.data(), room.size(), size), Status::ok) << last_error();
    EXPECT_EQ(std::string(room.data(), size), text);
  }
}

TEST(Metadata, WhatIsTooLongIsRefusedAndChangesNothing) {
  Options options = test::checked_options(8);
  options.metadata_bytes = 10;
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, options), Status::ok);
  ASSERT_EQ(writer.set_metadata("0123456789", 10), Status::ok);
  EXPECT_EQ(writer.set_metadata("0123456789a", 11), Status::invalid_argument);
  EXPECT_EQ(writer.set_metadata(nullptr, 1), Status::invalid_argument);
  char room[10] = {};
  std::size_t size = 0;
  ASSERT_EQ(writer.metadata(room, 10, size), Status::ok);
  EXPECT_EQ(std::string(room, size), "0123456789");
  std::fill_n(room, 10, '?');
  EXPECT_EQ(writer.metadata(room, 9, size), Status::invalid_argument);
  EXPECT_EQ(size, 10u) << "so long it is";
  EXPECT_EQ(room[0], '?');
  EXPECT_EQ(writer.metadata(nullptr, 0, size), Status::invalid_argument);
  EXPECT_EQ(size, 10u);
}

TEST(Metadata, OutliveAWriterThatIsResumed) {
  const test::Name name("metadata");
  Options options = test::checked_options(8);
  options.keep = true;
  Writer writer(name.c(), options);
  ASSERT_EQ(writer.set_metadata("before", 6), Status::ok);
  const Reader keeper(name.c());  // without a reader the memory may go with the writer
  writer.close();
  Writer resumed = Writer::resumed(name.c());
  char room[16];
  std::size_t size = 0;
  ASSERT_EQ(resumed.metadata(room, sizeof room, size), Status::ok);
  EXPECT_EQ(std::string(room, size), "before");
  ASSERT_EQ(resumed.set_metadata("after", 5), Status::ok);
  ASSERT_EQ(resumed.metadata(room, sizeof room, size), Status::ok);
  EXPECT_EQ(std::string(room, size), "after");
}

}  // namespace
