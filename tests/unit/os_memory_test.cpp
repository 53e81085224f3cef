// Conformance of src/os: memory and names.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using test::Owned;

namespace {

class OsMemory : public testing::Test {
 protected:
  static std::vector<std::string> all_names() {
    std::vector<std::string> names;
    const auto keep = [](const char *name, void *user) {
      static_cast<std::vector<std::string> *>(user)->emplace_back(name);
      return true;
    };
    EXPECT_EQ(os::enumerate(keep, &names), Status::ok) << last_error();
    return names;
  }

  std::uint64_t bytes_ = std::uint64_t{5} * os::page_bytes();
  test::Name name_{"os"};
};

TEST_F(OsMemory, PagesHaveASizeThatIsAPowerOfTwo) {
  EXPECT_GE(os::page_bytes(), 4096u);
  EXPECT_EQ(os::page_bytes() & (os::page_bytes() - 1), 0u);
}

TEST_F(OsMemory, CreatedMemoryIsZeroedAndHasItsSize) {
  for (const char *name : {static_cast<const char *>(nullptr), name_.c()}) {
    Owned object;
    ASSERT_EQ(os::create(object, name, bytes_, 0600), Status::ok) << last_error();
    EXPECT_TRUE(object.is_open());
    EXPECT_TRUE(object.writable);
    EXPECT_EQ(object.bytes, bytes_);
    const test::Mapped mapped(object);
    ASSERT_EQ(mapped.region.bytes, bytes_);
    EXPECT_TRUE(
        std::all_of(mapped.region.begin, mapped.region.begin + bytes_, [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST_F(OsMemory, CreateThatFindsNoRoomLeavesNothingBehind) {
  os::Object object;
  EXPECT_EQ(os::create(object, name_.c(), std::uint64_t{1} << 55, 0600), Status::no_space) << last_error();
  EXPECT_FALSE(object.is_open());
  Owned found;
  EXPECT_EQ(os::open(found, name_.c()), Status::not_found);
}

TEST_F(OsMemory, NobodyFindsAnObjectBeforeItIsPublished) {
  Owned made;
  ASSERT_EQ(os::create(made, name_.c(), bytes_, 0600), Status::ok);
  Owned found;
  EXPECT_EQ(os::open(found, name_.c()), Status::not_found);
  EXPECT_FALSE(found.is_open());
  EXPECT_EQ(os::naming(made, name_.c()), os::Naming::none);
  ASSERT_EQ(os::publish(made, name_.c()), Status::ok) << last_error();
  ASSERT_EQ(os::open(found, name_.c()), Status::ok) << last_error();
  EXPECT_EQ(found.bytes, bytes_);
  EXPECT_TRUE(found.writable);
  EXPECT_EQ(os::naming(made, name_.c()), os::Naming::ours);
  EXPECT_EQ(os::naming(found, name_.c()), os::Naming::ours);
}

TEST_F(OsMemory, ANameIsPublishedOnce) {
  Owned first;
  Owned second;
  ASSERT_EQ(os::create(first, name_.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::create(second, name_.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::publish(first, name_.c()), Status::ok);
  EXPECT_EQ(os::publish(second, name_.c()), Status::exists);
  EXPECT_EQ(os::naming(first, name_.c()), os::Naming::ours);
  EXPECT_EQ(os::naming(second, name_.c()), os::Naming::other);
}

TEST_F(OsMemory, ObjectsOfOneMemoryShareItsBytes) {
  Owned made;
  ASSERT_EQ(os::create(made, name_.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::publish(made, name_.c()), Status::ok);
  Owned by_name;
  Owned by_handle;
  std::intptr_t handle = -1;
  ASSERT_EQ(os::open(by_name, name_.c()), Status::ok);
  ASSERT_EQ(os::share(made, handle), Status::ok);
  std::intptr_t again = -1;
  ASSERT_EQ(os::share(made, again), Status::ok);
  EXPECT_EQ(again, handle);
  ASSERT_EQ(os::open_handle(by_handle, handle), Status::ok);
  EXPECT_EQ(by_handle.bytes, bytes_);

  const test::Mapped one(made);
  const test::Mapped two(by_name);
  const test::Mapped three(by_handle);
  one.region.begin[bytes_ - 1] = std::byte{42};
  EXPECT_EQ(two.region.begin[bytes_ - 1], std::byte{42});
  EXPECT_EQ(three.region.begin[bytes_ - 1], std::byte{42});
}

TEST_F(OsMemory, WhatIsNoDescriptorIsRefused) {
  Owned object;
  for (const std::intptr_t handle : {std::intptr_t{-1}, std::intptr_t{1'000'000}, INTPTR_MAX, INTPTR_MIN}) {
    EXPECT_EQ(os::open_handle(object, handle), Status::invalid_argument) << handle;
    EXPECT_FALSE(object.is_open());
  }
}

TEST_F(OsMemory, MappingsOutliveTheObject) {
  os::Object object;
  ASSERT_EQ(os::create(object, nullptr, bytes_, 0600), Status::ok);
  os::Region region;
  ASSERT_EQ(os::map(object, region), Status::ok);
  os::close(object);
  EXPECT_FALSE(object.is_open());
  os::close(object);  // safe on one that is not open
  os::populate(region, true);
  region.begin[0] = std::byte{1};
  os::unmap(region);
  EXPECT_EQ(region.begin, nullptr);
  os::unmap(region);
}

TEST_F(OsMemory, ReadCopiesAndRefusesWhatLiesBeyondTheEnd) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, bytes_, 0600), Status::ok);
  {
    const test::Mapped mapped(object);
    for (std::uint64_t i = 0; i < bytes_; ++i) mapped.region.begin[i] = static_cast<std::byte>(i * 7);
  }
  std::vector<std::byte> copy(static_cast<std::size_t>(bytes_));
  ASSERT_EQ(os::read(object, 0, copy.data(), copy.size()), Status::ok);
  for (std::size_t i = 0; i < copy.size(); ++i) ASSERT_EQ(copy[i], static_cast<std::byte>(i * 7));
  ASSERT_EQ(os::read(object, 11, copy.data(), 3), Status::ok);
  EXPECT_EQ(copy[0], static_cast<std::byte>(77));
  EXPECT_EQ(os::read(object, bytes_ - 2, copy.data(), 2), Status::ok);
  EXPECT_EQ(os::read(object, bytes_, copy.data(), 0), Status::ok);
  EXPECT_EQ(os::read(object, bytes_ - 2, copy.data(), 3), Status::corrupt);
  EXPECT_EQ(os::read(object, bytes_, copy.data(), 1), Status::corrupt);
  EXPECT_EQ(os::read(object, std::uint64_t{1} << 62, copy.data(), 1), Status::corrupt);
}

TEST_F(OsMemory, UnlinkRemovesANameAndNothingElse) {
  EXPECT_EQ(test::unlink_name(name_.c()), Status::not_found);
  Owned object;
  ASSERT_EQ(os::create(object, name_.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::publish(object, name_.c()), Status::ok);
  const test::Mapped mapped(object);
  ASSERT_EQ(test::unlink_name(name_.c()), Status::ok);
  EXPECT_EQ(os::naming(object, name_.c()), os::Naming::none);
  EXPECT_EQ(test::unlink_name(name_.c()), Status::not_found);
  mapped.region.begin[0] = std::byte{1};
}

TEST_F(OsMemory, UnlinkOwnRemovesOnlyItsOwnName) {
  Owned first;
  Owned second;
  ASSERT_EQ(os::create(first, name_.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::create(second, name_.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::publish(first, name_.c()), Status::ok);
  EXPECT_EQ(os::unlink_own(second, name_.c()), Status::ok);  // its name is not there
  EXPECT_EQ(os::naming(first, name_.c()), os::Naming::ours);
  EXPECT_EQ(os::unlink_own(first, name_.c()), Status::ok);
  EXPECT_EQ(os::naming(first, name_.c()), os::Naming::none);
  EXPECT_EQ(os::unlink_own(first, name_.c()), Status::ok);
}

TEST_F(OsMemory, EnumerateVisitsNamesUntilItIsToldToStop) {
  Owned first;
  Owned second;
  const test::Name other("os2");
  ASSERT_EQ(os::create(first, name_.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::publish(first, name_.c()), Status::ok);
  ASSERT_EQ(os::create(second, other.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::publish(second, other.c()), Status::ok);
  const std::vector<std::string> names = all_names();
  EXPECT_EQ(std::count(names.begin(), names.end(), name_.text()), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), other.text()), 1);
  int visits = 0;
  ASSERT_EQ(os::enumerate([](const char *, void *user) { return ++*static_cast<int *>(user) < 1; }, &visits),
            Status::ok);
  EXPECT_EQ(visits, 1);
}

// Names that stay are seen once, whatever comes and goes around them.
TEST_F(OsMemory, EnumerateMissesNobodyWhileOthersComeAndGo) {
  std::deque<test::Name> stay;
  std::vector<Owned> rings(8);
  for (Owned &ring : rings) {
    stay.emplace_back("stays" + std::to_string(stay.size()));
    ASSERT_EQ(os::create(ring, stay.back().c(), bytes_, 0600), Status::ok) << last_error();
    ASSERT_EQ(os::publish(ring, stay.back().c()), Status::ok) << last_error();
  }
  std::atomic<bool> done{false};
  std::thread others([&] {
    for (int i = 0; i < 1000; ++i) {
      const test::Name name("comes" + std::to_string(i % 16));
      Owned ring;
      EXPECT_EQ(os::create(ring, name.c(), bytes_, 0600), Status::ok) << last_error();
      EXPECT_EQ(os::publish(ring, name.c()), Status::ok) << last_error();
      EXPECT_EQ(os::unlink_own(ring, name.c()), Status::ok) << last_error();
    }
    done = true;
  });
  while (!done) {
    const std::vector<std::string> names = all_names();
    for (const test::Name &name : stay) EXPECT_EQ(std::count(names.begin(), names.end(), name.text()), 1);
  }
  others.join();
}

TEST_F(OsMemory, RoomCountsWhatTheObjectWouldLeave) {
  Owned object;
  ASSERT_EQ(os::create(object, name_.c(), bytes_, 0600), Status::ok);
  ASSERT_EQ(os::publish(object, name_.c()), Status::ok);
  EXPECT_TRUE(os::room_without(object, bytes_));
  EXPECT_FALSE(os::room_without(object, std::uint64_t{1} << 60));
}

}  // namespace
