// Which names a ring may have, and that every function that takes one says the same about them.
#include "support.hpp"

namespace {

using namespace capi;

std::string long_name(std::size_t length) {
  std::string name = "capi-test." + std::to_string(test::process_id()) + ".";
  name.resize(length, 'x');
  return name;
}

struct Bad {
  const char* what;
  std::string name;
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.what; }

const Bad kBad[] = {
    {"Empty", ""},
    {"TooLong", std::string(201, 'x')},
    {"MuchTooLong", std::string(100000, 'x')},
    {"Slash", "capi/test"},
    {"LeadingSlash", "/capi-test"},
    {"TrailingSlash", "capi-test/"},
    {"LeadingDot", ".capi-test"},
    {"Dot", "."},
    {"DotDot", ".."},
    {"Escape", "../tmp/capi-test"},
    {"EscapeInside", "a/../../tmp/capi-test"},
    {"Space", "capi test"},
    {"LeadingSpace", " capi-test"},
    {"TrailingSpace", "capi-test "},
    {"Newline", "capi-test\n"},
    {"Tab", "capi\ttest"},
    {"Backslash", "capi\\test"},
    {"Colon", "capi:test"},
    {"Star", "capi*test"},
    {"Percent", "capi%stest"},
    {"Delete", "capi\x7Ftest"},
    {"Utf8", "capi-t\xC3\xA9st"},
    {"Latin1", "capi-t\xE9st"},
};

class CapiBadName : public testing::TestWithParam<Bad> {};

TEST_P(CapiBadName, IsRefusedByAllAndMakesNothing) {
  const std::string& name = GetParam().name;
  const ringbuf_options_t o = options(8);
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_create(&ring, name.c_str(), &o), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_open(&ring, name.c_str(), 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_resume(&ring, name.c_str()), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ring, untouched());
  EXPECT_EQ(ringbuf_unlink(name.c_str()), RINGBUF_INVALID_ARGUMENT);
  EXPECT_FALSE(is_listed(name));
}

INSTANTIATE_TEST_SUITE_P(Each, CapiBadName, testing::ValuesIn(kBad));

TEST(CapiName, NullIsAnonymousOnCreateAndRefusedElsewhere) {
  Handle writer = make(nullptr, options(8));
  ASSERT_EQ(put(writer, 2), RINGBUF_OK);
  EXPECT_EQ(written(writer), 2);
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_open(&ring, nullptr, 0), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_resume(&ring, nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ringbuf_unlink(nullptr), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(ring, untouched());
}

void expect_usable(const std::string& name) {
  Handle writer = make(name.c_str(), options(8));
  ASSERT_NE(writer, nullptr) << name;
  EXPECT_TRUE(test::name_is_there(name)) << "the ring is not what has that name: " << name;
  EXPECT_TRUE(is_listed(name)) << name;
  ASSERT_EQ(put(writer, 1), RINGBUF_OK);
  Handle reader;
  EXPECT_EQ(ringbuf_open(reader.out(), name.c_str(), 0), RINGBUF_OK);
  expect_pops(reader, 0, 1);
  EXPECT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_FALSE(test::name_is_there(name)) << name;
}

TEST(CapiName, TwoHundredCharactersAreFine) {
  expect_usable(long_name(200));
  expect_usable(long_name(199));
}

TEST(CapiName, EveryAllowedCharacterIsFine) {
  const std::string id = std::to_string(test::process_id());
  expect_usable("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-" + id);
  expect_usable("-" + id);
  expect_usable("_" + id);
  expect_usable("0" + id);
  expect_usable("a.." + id);
  expect_usable("capi-test." + id + ".");
}

TEST(CapiName, OneCharacterIsFine) {
  // Nobody may lose a ring of that name to this test.
  for (const char* name : {"Q", "Z", "_"}) {
    if (!test::name_is_there(name)) {
      expect_usable(name);
      return;
    }
  }
  GTEST_SKIP() << "all names that this test would try are taken";
}

TEST(CapiName, CaseMatters) {
  const std::string low = "capi-test." + std::to_string(test::process_id()) + ".case";
  const std::string high = "CAPI-TEST." + std::to_string(test::process_id()) + ".CASE";
  Handle writer = make(low.c_str(), options(8));
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_open(&ring, high.c_str(), 0), RINGBUF_NOT_FOUND);
}

TEST(CapiName, UnknownIsNotFound) {
  Name name;
  ringbuf_t* ring = untouched();
  EXPECT_EQ(ringbuf_open(&ring, name.c(), 0), RINGBUF_NOT_FOUND);
  EXPECT_EQ(ringbuf_resume(&ring, name.c()), RINGBUF_NOT_FOUND);
  EXPECT_EQ(ring, untouched());
  EXPECT_EQ(ringbuf_unlink(name.c()), RINGBUF_NOT_FOUND);
  EXPECT_FALSE(name.is_there());
}

}  // namespace
