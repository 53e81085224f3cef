// What `list`, `info` and `readers` say of a ring, as JSON. docs/tools.md names the keys.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "ring.hpp"

namespace tool {

using Json = nlohmann::ordered_json;

// One line; bytes that are no UTF-8 are replaced.
std::string one_line(const Json &json);

Json describe_ring(const std::string &name, const Info &info);
Json describe_reader(const ReaderInfo &reader, double sample_rate);
// The JSON object that the metadata are, or nothing if they are empty or something else.
Json parse_metadata(const std::string &metadata);

std::string hex(const void *bytes, std::size_t size);
// The user whose file the ring is; "-" if it is not known.
std::string owner_of(const std::string &name);
// Samples that can be read now.
std::int64_t held(const Info &info) noexcept;
// Seconds since the ring was made.
double age_seconds(const Info &info);
// "pid 1234 (program)"; "-" without a live writer that is known here
std::string process_text(std::uint32_t process_id);

}  // namespace tool
