// raw: the bytes of the samples and nothing else, with a sidecar FILE.json. Holds every ring but one of messages.
#pragma once

#include "format.hpp"

namespace tool::formats {
Format raw_format();
// Why no format for samples holds a ring of messages; empty for other rings.
std::string messages_refusal(const Stream& stream);
}  // namespace tool::formats
