// MCAP: blocks of samples, or messages, as messages of ROS 2 (schema encoding ros2msg, message encoding cdr).
#pragma once

#include "format.hpp"
#include "repair.hpp"

namespace tool::formats {
Format mcap_format();

namespace mcap {
std::unique_ptr<Writer> create(const std::string& path, const Stream& stream, bool replace);
std::unique_ptr<Reader> open(const std::string& path);
Changes repair(const std::string& path);
}  // namespace mcap
}  // namespace tool::formats
