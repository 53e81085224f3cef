// The annotations of a recording, as messages of a ring beside the samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/recording.hpp"
#include "ring.hpp"

namespace tool {

class ReplayedAnnotations {
 public:
  // Makes the ring. Its metadata say that it lies beside the ring `beside`, and the tag of a message is the index of its sample
  // there. `flags`: RINGBUF_LOSSLESS, RINGBUF_KEEP.
  ReplayedAnnotations(const std::string &name, const std::string &beside, std::vector<formats::Annotation> annotations,
                      std::uint32_t flags);

  // To be called before a pass: the annotations of earlier samples are left out.
  void begin(std::int64_t index);
  // Sends those of samples before the index. False: a signal came. `shift`: of the indices in this pass.
  bool send_before(std::int64_t index, std::int64_t shift);
  // Sends the rest.
  bool send_rest(std::int64_t shift);

  std::uint64_t sent() const { return sent_; }
  const std::string &name() const { return ring_.name(); }

 private:
  bool send(const formats::Annotation &annotation, std::int64_t shift);

  std::vector<formats::Annotation> annotations_;  // sorted
  Ring ring_;
  std::size_t next_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace tool
