// What ringbuf_list says of rings whose writers have died or left, and that files are none.
#include <map>

#include "process.hpp"

namespace {

using namespace capi;

// What the list says of that ring, once; all zero if it is not there.
ringbuf_info_t listed(const std::string& name) {
  std::map<std::string, ringbuf_info_t> found;
  EXPECT_EQ(ringbuf_list(
                [](const char* each, const ringbuf_info_t* i, void* user) {
                  auto* out = static_cast<std::map<std::string, ringbuf_info_t>*>(user);
                  EXPECT_EQ(out->count(each), 0U) << each << " came twice";
                  (*out)[each] = *i;
                  return 0;
                },
                &found),
            RINGBUF_OK);
  EXPECT_EQ(found.count(name), 1U) << name;
  return found[name];
}

TEST(CapiList, HasClosedAndDeadOnes) {
  Name kept("kept"), dead("dead");
  make(kept.c(), options(4, 1, RINGBUF_KEEP)).close();
  Child writer([&](Line line) {
    ringbuf_t* ring = nullptr;
    const ringbuf_options_t o = options(4);
    line.say(ringbuf_create(&ring, dead.c(), &o));
    line.hold();
    return 0;
  });
  ASSERT_EQ(writer.hear<int>(), RINGBUF_OK);
  EXPECT_EQ(listed(dead.text()).state, static_cast<std::uint32_t>(RINGBUF_STATE_LIVE));
  writer.kill();
  EXPECT_EQ(listed(kept.text()).state, static_cast<std::uint32_t>(RINGBUF_STATE_CLOSED));
  EXPECT_EQ(listed(dead.text()).state, static_cast<std::uint32_t>(RINGBUF_STATE_DEAD));
  // The sweep that users ask for: what is dead is unlinked by its name.
  EXPECT_EQ(ringbuf_unlink(dead.c()), RINGBUF_OK);
  EXPECT_FALSE(is_listed(dead.text()));
}

TEST(CapiList, HasNoFiles) {
  Name letter("letter");
  write_file(path(letter), "no ring");
  EXPECT_FALSE(is_listed(letter.text()));
}

}  // namespace
