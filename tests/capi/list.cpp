// ringbuf_list: the rings of this machine.
#include <map>

#include "support.hpp"

namespace {

using namespace capi;

// All rings there are; those of other programs may be among them, so a test looks for its own.
std::map<std::string, ringbuf_info_t> all() {
  std::map<std::string, ringbuf_info_t> found;
  EXPECT_EQ(ringbuf_list(
                [](const char* name, const ringbuf_info_t* i, void* user) {
                  auto* out = static_cast<std::map<std::string, ringbuf_info_t>*>(user);
                  EXPECT_EQ(out->count(name), 0U) << name << " came twice";
                  (*out)[name] = *i;
                  return 0;
                },
                &found),
            RINGBUF_OK)
      << ringbuf_last_error();
  return found;
}

TEST(CapiList, TellsEachRingAndWhatItIs) {
  Name first("first"), second("second"), absent("absent");
  ringbuf_options_t o = options(10, 2, 0, RINGBUF_FLOAT64, 3);
  o.sample_rate = 500;
  Handle one = make(first.c(), o);
  Handle two = make(second.c(), options(20, 5, RINGBUF_LOSSLESS));
  ASSERT_EQ(put(two, 7), RINGBUF_OK);
  auto found = all();
  EXPECT_EQ(found.count(absent.text()), 0U);
  ASSERT_EQ(found.count(first.text()), 1U);
  ASSERT_EQ(found.count(second.text()), 1U);
  const ringbuf_info_t a = found[first.text()], b = found[second.text()];
  EXPECT_EQ(a.struct_size, sizeof a);
  EXPECT_EQ(a.data_type, static_cast<std::uint32_t>(RINGBUF_FLOAT64));
  EXPECT_EQ(a.channels, 3U);
  EXPECT_EQ(a.capacity, 10U);
  EXPECT_EQ(a.window, 2U);
  EXPECT_EQ(a.sample_rate, 500.0);
  EXPECT_EQ(a.written, 0);
  EXPECT_EQ(a.state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  EXPECT_EQ(a.total_bytes, info(one).total_bytes);
  EXPECT_EQ(b.flags, static_cast<std::uint32_t>(RINGBUF_LOSSLESS));
  EXPECT_EQ(b.written, 7);
  EXPECT_EQ(b.capacity, 20U);
}

TEST(CapiList, TakesNoPlaceAndRemovesNothing) {
  Name name;
  ringbuf_options_t o = options(4, 1, RINGBUF_LOSSLESS);
  o.max_readers = 1;
  Handle writer = make(name.c(), o);
  Handle reader = capi::open(name);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(is_listed(name.text()));
  }
  EXPECT_EQ(info(writer).readers, 1U);
  EXPECT_TRUE(name.is_there());
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  EXPECT_EQ(put(writer, 1), RINGBUF_FULL);
}

TEST(CapiList, HasNoAnonymousOnes) {
  Handle anonymous = make(nullptr, options(1234567));
  for (const auto& [name, i] : all()) {
    EXPECT_NE(i.capacity, 1234567U) << name;
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name.find('/'), std::string::npos) << name;
  }
}

TEST(CapiList, StopsWhenTold) {
  Name first("first"), second("second"), third("third");
  Handle one = make(first.c(), options(4)), two = make(second.c(), options(4)), three = make(third.c(), options(4));
  for (int stop = 1; stop <= 3; ++stop) {
    struct State {
      int stop, visits;
    } state{stop, 0};
    (void)ringbuf_list(
        [](const char*, const ringbuf_info_t*, void* user) {
          auto* s = static_cast<State*>(user);
          return ++s->visits == s->stop ? 1 : 0;
        },
        &state);
    EXPECT_EQ(state.visits, stop);
  }
}

TEST(CapiList, TheUserPointerMayBeNull) {
  Name name;
  Handle writer = make(name.c(), options(4));
  EXPECT_EQ(
      ringbuf_list([](const char*, const ringbuf_info_t*, void* user) { return user == nullptr ? 0 : 1; }, nullptr),
      RINGBUF_OK);
}

}  // namespace
