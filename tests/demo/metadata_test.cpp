// The demo reads and writes metadata as docs/metadata.md has them.
#include "metadata.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

int failures = 0;
void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  ++failures;
}

bool refused(const std::string& text, std::size_t channels) {
  try {
    (void)demo::from_json(text, channels);
    return false;
  } catch (const std::runtime_error&) {
    return true;
  }
}

// The blocks of JSON in a page.
std::vector<std::string> examples(const char* file) {
  std::ifstream in(file);
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const std::string begin = "```json\n", end = "\n```\n";
  std::vector<std::string> found;
  for (std::size_t at = 0; (at = page.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    found.push_back(page.substr(at, page.find(end, at) - at));
  }
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  using demo::from_json;

  const demo::Metadata said{{{"left", "V", 0.5, 2}, {"right", "V", 1, 0}}, "audio", "two \xff", "2026-11-26T09:00:00Z"};
  const nlohmann::json json = nlohmann::json::parse(demo::to_json(said));
  expect(json["channels"][0]["offset"] == 2 && json["channels"][1]["name"] == "right", "to_json writes the channels");
  expect(json["kind"] == "audio" && json["start"] == said.start, "to_json writes kind and start");
  const demo::Metadata heard = from_json(demo::to_json(said), 2);
  expect(heard.channels[0].scale == 0.5 && heard.channels[0].offset == 2, "from_json reads what to_json writes");

  for (const char* nothing : {"", "{}", R"({"channels": [{}, {}]})", R"({"mylab:subject": [1], "x": null})"}) {
    const demo::Metadata defaults = from_json(nothing, 2);
    expect(defaults.channels.size() == 2 && defaults.channels[1].name == "2" && defaults.channels[1].unit == "1" &&
               defaults.channels[1].scale == 1 && defaults.channels[1].offset == 0 && defaults.kind.empty(),
           nothing);
  }
  for (const char* wrong : {"[]", "3", "{", R"({"channels": 3})", R"({"channels": [{}]})", R"({"channels": [1, 2]})",
                            R"({"channels": [{"scale": "2"}, {}]})", R"({"kind": 3})"}) {
    expect(refused(wrong, 2), wrong);
  }

  const std::vector<std::string> page = argc == 2 ? examples(argv[1]) : std::vector<std::string>{};
  expect(page.size() == 3, "docs/metadata.md has three examples");
  if (page.size() == 3) {
    expect(from_json(page[0], 2).channels[1].unit == "Pa", "the first example");
    expect(from_json(page[1], 1).channels[0].offset == -50, "the second example");
    expect(from_json(page[2], 4).channels[3].name == "4", "the third example");
  }
  return failures == 0 ? 0 : 1;
}
