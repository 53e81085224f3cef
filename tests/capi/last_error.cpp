// ringbuf_last_error: which argument was wrong, its value, and what was expected.
#include <thread>

#include "support.hpp"

namespace {

using namespace capi;

struct Refused {
  const char* what;
  int code;
  std::vector<std::string> words;  // all of these must be in the text
  int (*call)(ringbuf_t* writer, ringbuf_t* reader);
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.what; }

template <class Change>
int create_with(Change change) {
  ringbuf_options_t o = options(8);
  change(o);
  ringbuf_t* ring = nullptr;
  const int code = ringbuf_create(&ring, nullptr, &o);
  ringbuf_close(ring);
  return code;
}

int open_named(const char* name, std::uint32_t flags = 0) {
  ringbuf_t* ring = nullptr;
  return ringbuf_open(&ring, name, flags);
}

// The ring has a capacity of 8, four samples, and metadata for 16 bytes.
const Refused kRefused[] = {
    {"Capacity",
     6,
     {"capacity", "0"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.capacity = 0; }); }},
    {"CapacityTooLarge",
     6,
     {"capacity", "9223372036854775807"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.capacity = INT64_MAX; }); }},
    {"Window",
     6,
     {"window", "9", "8"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.window = 9; }); }},
    {"Type",
     6,
     {"data_type", "77"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.data_type = 77; }); }},
    {"Readers",
     6,
     {"max_readers", "1025", "1024"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.max_readers = 1025; }); }},
    {"Mode",
     6,
     {"mode", "1777"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.mode = 01777; }); }},
    {"Flags",
     6,
     {"flags"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.flags = 64; }); }},
    {"Rate",
     6,
     {"sample_rate", "-3"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.sample_rate = -3; }); }},
    {"StructSize",
     6,
     {"struct_size", "3"},
     [](ringbuf_t*, ringbuf_t*) { return create_with([](ringbuf_options_t& o) { o.struct_size = 3; }); }},
    {"OptionsNull",
     6,
     {"options", "NULL"},
     [](ringbuf_t*, ringbuf_t*) {
       ringbuf_t* ring = nullptr;
       return ringbuf_create(&ring, nullptr, nullptr);
     }},
    {"Name", 6, {"name", "a/b"}, [](ringbuf_t*, ringbuf_t*) { return open_named("a/b"); }},
    {"NameTooLong",
     6,
     {"name", "201", "200"},
     [](ringbuf_t*, ringbuf_t*) { return open_named(std::string(201, 'x').c_str()); }},
    {"NameNull", 6, {"name", "NULL"}, [](ringbuf_t*, ringbuf_t*) { return open_named(nullptr); }},
    {"NotFound", 8, {"capi-test.none"}, [](ringbuf_t*, ringbuf_t*) { return open_named("capi-test.none"); }},
    {"OpenFlags", 6, {"flags"}, [](ringbuf_t*, ringbuf_t*) { return open_named("capi-test.none", 1024); }},
    {"Handle", 1, {"NULL"}, [](ringbuf_t*, ringbuf_t*) { return ringbuf_check(nullptr, 0, 0); }},
    {"Samples", 6, {"samples", "NULL"}, [](ringbuf_t* w, ringbuf_t*) { return ringbuf_put(w, nullptr, 3); }},
    {"Reserve",
     6,
     {"count", "9", "8"},
     [](ringbuf_t* w, ringbuf_t*) {
       void* at = nullptr;
       return ringbuf_reserve(w, 9, &at);
     }},
    {"Commit",
     6,
     {"count", "5", "3"},
     [](ringbuf_t* w, ringbuf_t*) {
       void* at = nullptr;
       EXPECT_EQ(ringbuf_reserve(w, 3, &at), RINGBUF_OK);
       return ringbuf_commit(w, 5);
     }},
    {"WaitSpace", 6, {"count", "9", "8"}, [](ringbuf_t* w, ringbuf_t*) { return ringbuf_wait_space(w, 9, 0); }},
    {"Metadata",
     6,
     {"size", "17", "16"},
     [](ringbuf_t* w, ringbuf_t*) { return ringbuf_set_metadata(w, "12345678901234567", 17); }},
    {"Start", 5, {"start", "-7"}, [](ringbuf_t*, ringbuf_t* r) { return ringbuf_check(r, -7, 2); }},
    {"End", 5, {"end", "3", "2"}, [](ringbuf_t*, ringbuf_t* r) { return ringbuf_check(r, 3, 2); }},
    {"NotYet",
     3,
     {"9", "4"},
     [](ringbuf_t*, ringbuf_t* r) {
       std::int32_t room[16];
       return ringbuf_read(r, 0, 9, room);
     }},
    {"WaitEnd", 5, {"end", "-2"}, [](ringbuf_t*, ringbuf_t* r) { return ringbuf_wait(r, -2, 0); }},
    {"Seek", 5, {"position", "-4"}, [](ringbuf_t*, ringbuf_t* r) { return ringbuf_seek(r, -4); }},
    {"SeekTooFar", 3, {"position", "6", "4"}, [](ringbuf_t*, ringbuf_t* r) { return ringbuf_seek(r, 6); }},
    {"NextWindow",
     6,
     {"window", "9", "8"},
     [](ringbuf_t*, ringbuf_t* r) {
       const void* at = nullptr;
       std::int64_t start = 0;
       return ringbuf_next(r, 9, 1, 0, &at, &start);
     }},
    {"ItemNull", 6, {"item", "NULL"}, [](ringbuf_t*, ringbuf_t* r) { return ringbuf_pop(r, nullptr); }},
    {"ReaderWrites",
     9,
     {"reader"},
     [](ringbuf_t*, ringbuf_t* r) {
       const std::int32_t item = 0;
       return ringbuf_push(r, &item);
     }},
    {"WriterPops",
     10,
     {"writer"},
     [](ringbuf_t* w, ringbuf_t*) {
       std::int32_t item = 0;
       return ringbuf_pop(w, &item);
     }},
    {"TypeName",
     4,
     {"float31"},
     [](ringbuf_t*, ringbuf_t*) {
       std::uint32_t code = 0;
       return ringbuf_type_code("float31", &code);
     }},
};

class CapiLastError : public testing::TestWithParam<Refused> {};

TEST_P(CapiLastError, SaysWhatWasWrong) {
  Name name;
  ringbuf_options_t o = options(8);
  o.metadata_bytes = 16;
  Handle writer = make(name.c(), o);
  ASSERT_EQ(put(writer, 4), RINGBUF_OK);
  Handle reader = capi::open(name);
  const Refused& refused = GetParam();
  ASSERT_EQ(refused.call(writer, reader), refused.code) << ringbuf_last_error();
  const std::string text = ringbuf_last_error();
  for (const std::string& word : refused.words) {
    EXPECT_NE(text.find(word), std::string::npos) << "no \"" << word << "\" in \"" << text << "\"";
  }
  EXPECT_EQ(written(writer), 4);
}

INSTANTIATE_TEST_SUITE_P(Each, CapiLastError, testing::ValuesIn(kRefused));

TEST(CapiLastErrorText, IsNeverNull) {
  const char* text = nullptr;
  std::thread fresh([&] { text = ringbuf_last_error(); });
  fresh.join();
  EXPECT_NE(text, nullptr);
  EXPECT_NE(ringbuf_last_error(), nullptr);
}

TEST(CapiLastErrorText, IsTheThreads) {
  EXPECT_EQ(open_named("mine/1"), RINGBUF_INVALID_ARGUMENT);
  std::string theirs;
  std::thread other([&] {
    EXPECT_EQ(open_named("theirs/2"), RINGBUF_INVALID_ARGUMENT);
    theirs = ringbuf_last_error();
  });
  other.join();
  EXPECT_NE(theirs.find("theirs/2"), std::string::npos) << theirs;
  const std::string mine = ringbuf_last_error();
  EXPECT_NE(mine.find("mine/1"), std::string::npos) << mine;
  EXPECT_EQ(mine.find("theirs/2"), std::string::npos) << mine;
}

TEST(CapiLastErrorText, OfAHostileName) {
  // It is no format, and however long it is, the text stays short.
  EXPECT_EQ(open_named("%s%n%x{}{0}"), RINGBUF_INVALID_ARGUMENT);
  EXPECT_NE(std::string(ringbuf_last_error()).find("%s%n%x{}{0}"), std::string::npos) << ringbuf_last_error();
  EXPECT_EQ(open_named(std::string(1000000, 'x').c_str()), RINGBUF_INVALID_ARGUMENT);
  EXPECT_LT(std::strlen(ringbuf_last_error()), 4096U);
}

TEST(CapiLastErrorText, NamesTheRing) {
  EXPECT_EQ(ringbuf_unlink("capi-test.none"), RINGBUF_NOT_FOUND);
  EXPECT_NE(std::string(ringbuf_last_error()).find("capi-test.none"), std::string::npos) << ringbuf_last_error();
}

}  // namespace
