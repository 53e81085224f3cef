// The messages of a ring, as annotations of the samples of another one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ring.hpp"

namespace tool {

struct Annotation {
  std::optional<std::int64_t> index;  // of the sample; else the time tells it
  std::int64_t monotonic_ns = 0;
  std::uint32_t kind = 0;
  std::string text;  // or other bytes
};

class AnnotationSource {
 public:
  // Throws Failure if the ring has no messages.
  AnnotationSource(const std::string &name, bool oldest);
  // What has come since; does not wait.
  std::vector<Annotation> take();
  // The longest text, in bytes; others take two digits each.
  std::uint32_t longest() const;
  // The ring of whose samples the tags of the messages are indices; empty: the tags mean something else.
  const std::string &beside() const { return beside_; }
  const std::string &name() const { return ring_.name(); }
  // Bytes of messages that were overwritten before they could be read.
  std::uint64_t lost() const;

 private:
  Ring ring_;
  std::string beside_;
  std::uint64_t damaged_ = 0;
};

}  // namespace tool
