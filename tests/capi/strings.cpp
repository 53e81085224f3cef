// Texts: the names and meanings of codes, compared with the header's own enum; data types by name; the version.
#include <map>
#include <regex>
#include <set>

#include "support.hpp"

namespace {

using namespace capi;

// The enumerators of `enum <name> { ... }` as the header's text has them.
std::map<int, std::string> enumerators(const std::string& name) {
  const std::string header = read_file(RINGBUF_TEST_HEADER);
  std::map<int, std::string> out;
  std::smatch body;
  if (!std::regex_search(header, body, std::regex("enum " + name + " \\{([^}]*)\\}"))) {
    ADD_FAILURE() << "no enum " << name << " in " << RINGBUF_TEST_HEADER;
    return out;
  }
  std::string text = body[1];
  text = std::regex_replace(text, std::regex("/\\*[\\s\\S]*?\\*/"), "");
  const std::regex each("(RINGBUF_[A-Z0-9_]+)\\s*=\\s*([0-9]+)");
  for (std::sregex_iterator at(text.begin(), text.end(), each), end; at != end; ++at) {
    out[std::stoi((*at)[2])] = (*at)[1];
  }
  return out;
}

TEST(CapiStrings, CodesAreNamedAsInTheHeader) {
  const auto codes = enumerators("ringbuf_code");
  ASSERT_EQ(codes.size(), 29U);
  EXPECT_EQ(codes.begin()->first, 0);
  EXPECT_EQ(codes.rbegin()->first, 28);
  for (const auto& [code, name] : codes) {
    ASSERT_NE(ringbuf_error_name(code), nullptr);
    EXPECT_EQ(ringbuf_error_name(code), name);
  }
}

TEST(CapiStrings, EachCodeHasItsOwnMeaning) {
  std::set<std::string> meanings;
  for (int code = 0; code <= 26; ++code) {
    const char* text = ringbuf_strerror(code);
    ASSERT_NE(text, nullptr);
    EXPECT_GE(std::strlen(text), 2U) << code;
    EXPECT_TRUE(meanings.insert(text).second) << code << ": \"" << text << "\" is another code's too";
    EXPECT_EQ(ringbuf_strerror(code), text) << "not static";
  }
}

TEST(CapiStrings, UnknownCodesHaveATextToo) {
  std::set<std::string> known;
  for (int code = 0; code <= 26; ++code) {
    known.insert(ringbuf_error_name(code));
    known.insert(ringbuf_strerror(code));
  }
  for (const int code : {-1, 27, 255, 1000, INT32_MAX, INT32_MIN}) {
    ASSERT_NE(ringbuf_strerror(code), nullptr) << code;
    ASSERT_NE(ringbuf_error_name(code), nullptr) << code;
    EXPECT_EQ(known.count(ringbuf_strerror(code)), 0U) << code << ": " << ringbuf_strerror(code);
    EXPECT_EQ(known.count(ringbuf_error_name(code)), 0U) << code << ": " << ringbuf_error_name(code);
  }
}

TEST(CapiStrings, TheGuideNamesEveryCode) {
  const std::string guide = read_file(RINGBUF_TEST_GUIDE);
  if (guide.empty()) {
    GTEST_SKIP() << "there is no docs/guide-c.md";
  }
  for (const auto& [code, name] : enumerators("ringbuf_code")) {
    EXPECT_NE(guide.find(name), std::string::npos) << name << " is missing";
  }
}

// --- data types ----------------------------------------------------------------------------------------------------------

const std::pair<const char*, std::size_t> kTypes[] = {
    {"float32", 4}, {"int16", 2}, {"float64", 8}, {"int8", 1},    {"uint8", 1},     {"uint16", 2},     {"int32", 4},
    {"uint32", 4},  {"int64", 8}, {"uint64", 8},  {"float16", 2}, {"complex64", 8}, {"complex128", 16}};

TEST(CapiTypes, NameCodeAndSize) {
  std::uint32_t expected = 0;
  for (const auto& [name, size] : kTypes) {
    std::uint32_t code = 99;
    EXPECT_EQ(ringbuf_type_code(name, &code), RINGBUF_OK) << name;
    EXPECT_EQ(code, expected) << name;
    ASSERT_NE(ringbuf_type_name(code), nullptr) << name;
    EXPECT_STREQ(ringbuf_type_name(code), name);
    EXPECT_EQ(ringbuf_type_size(code), size) << name;
    ++expected;
  }
  std::uint32_t code = 99;
  EXPECT_EQ(ringbuf_type_code("bytes", &code), RINGBUF_OK);
  EXPECT_EQ(code, 255U);
  EXPECT_STREQ(ringbuf_type_name(255), "bytes");
  EXPECT_EQ(ringbuf_type_size(255), 0U);
}

TEST(CapiTypes, AreThoseOfTheHeader) {
  for (auto [code, name] : enumerators("ringbuf_data_type")) {
    name.erase(0, std::strlen("RINGBUF_"));
    for (char& c : name) {
      c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    ASSERT_NE(ringbuf_type_name(static_cast<std::uint32_t>(code)), nullptr) << name;
    EXPECT_EQ(ringbuf_type_name(static_cast<std::uint32_t>(code)), name);
  }
}

TEST(CapiTypes, UnknownOnes) {
  for (const char* name : {"", "float", "Float32", "float32 ", "float324", "int", "complex", "RINGBUF_INT16", "0"}) {
    std::uint32_t code = 99;
    EXPECT_EQ(ringbuf_type_code(name, &code), RINGBUF_INCOMPATIBLE) << name;
    EXPECT_EQ(code, 99U);
  }
  for (const std::uint32_t code : {13U, 254U, 256U, 0xFFFFFFFFU}) {
    EXPECT_EQ(ringbuf_type_name(code), nullptr) << code;
    EXPECT_EQ(ringbuf_type_size(code), 0U) << code;
  }
}

// --- version -------------------------------------------------------------------------------------------------------------

TEST(CapiVersion, IsTheHeaders) {
  const std::string expected = std::to_string(RINGBUF_VERSION_MAJOR) + "." + std::to_string(RINGBUF_VERSION_MINOR) +
                               "." + std::to_string(RINGBUF_VERSION_PATCH);
  EXPECT_EQ(ringbuf_version(), expected);
}

}  // namespace
