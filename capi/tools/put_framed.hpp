// ringbuf put --framed
#pragma once

#include <string>

#include "feed.hpp"

namespace tool {

int put_framed(const std::string &name, const FeedOptions &options, bool realtime);

}  // namespace tool
