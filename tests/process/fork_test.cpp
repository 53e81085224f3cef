// Forked children of writers and readers, where there is fork().
#include <gtest/gtest.h>

#include "../support/forked.hpp"
#include "../support/support.hpp"

using namespace ringbuf;

namespace {

TEST(Life, AForkedChildNeitherWritesNorConsumesNorUnlinks) {
  const test::Name name("forked");
  Writer writer;
  Reader reader;
  ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(8)), Status::ok);
  ASSERT_EQ(Reader::open(reader, name.c()), Status::ok);
  const auto samples = test::checked_samples(0, 2);
  ASSERT_EQ(writer.put(samples.data(), 2), Status::ok);
  test::Forked child([&](const test::Line &) {
    int step = 0;
    const auto is = [&](Status status, Status expected) {
      ++step;
      if (status != expected) ::_exit(step);
    };
    std::byte *at = nullptr;
    const std::byte *seen = nullptr;
    test::Checked sample{};
    std::uint64_t count = 0;
    std::int64_t start = 0;
    is(writer.put(samples.data(), 1), Status::forked);
    is(writer.push(samples.data()), Status::forked);
    is(writer.reserve(1, at), Status::forked);
    is(writer.commit(0), Status::forked);
    is(writer.set_metadata("x", 1), Status::forked);
    is(writer.space(count), Status::forked);
    is(writer.wait_space(1, 0), Status::forked);
    is(reader.pop(&sample), Status::forked);
    is(reader.pop_many(&sample, 1, count), Status::forked);
    is(reader.next(1, 1, 0, seen, start), Status::forked);
    is(reader.seek(0), Status::forked);
    is(reader.usage(count), Status::forked);
    Writer other;
    is(Writer::resume(other, name.c()), Status::busy);
    writer.close();
    reader.close();
    return 0;
  });
  EXPECT_EQ(child.wait(), 0) << "the number of the call that answered otherwise";
  EXPECT_TRUE(name.is_there());
  EXPECT_EQ(writer.put(samples.data(), 1), Status::ok);
  test::Checked sample{};
  EXPECT_EQ(reader.pop(&sample), Status::ok);
  EXPECT_TRUE(sample.is(0));
  Info info{};
  ASSERT_EQ(reader.info(info), Status::ok);
  EXPECT_EQ(info.state, State::live);
  EXPECT_EQ(info.readers, 1u);
}

TEST(Life, AForkedChildDoesNotKeepItsDeadParentsRingAlive) {
  const test::Name name("orphan");
  test::Forked parent([&](const test::Line &line) {
    Writer writer;
    if (Writer::create(writer, name.c(), test::checked_options(8)) != Status::ok) return 1;
    const test::Forked child([&](const test::Line &) {
      line.send();
      (void)line.receive();
      return 0;
    });
    (void)line.receive();
    return 2;
  });
  ASSERT_TRUE(parent.line().receive());
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name.c()), Status::ok) << last_error();
  parent.kill();
  EXPECT_EQ(reader.wait(1, test::forever), Status::stale);
  Writer resumed;
  EXPECT_EQ(Writer::resume(resumed, name.c()), Status::ok) << last_error();
}

}  // namespace
