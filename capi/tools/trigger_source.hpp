// The messages of a ring of events, each of which triggers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ring.hpp"
#include "trigger_ring.hpp"

namespace tool {

class TriggerMessages {
 public:
  // From the next message on; only of these kinds, unless the list is empty. Failure (usage) if it is no ring of messages.
  TriggerMessages(Ring ring, std::vector<std::uint32_t> kinds);

  // A message that has a tag, in a ring whose metadata name one of these rings as "beside", triggers at the sample of that
  // index, if it is still there. Any other one triggers at the time when it was sent.
  void look(const std::vector<std::unique_ptr<TriggerRing>> &rings, std::vector<Trigger> &triggers);

  // The stream is over and goes on: in another ring from its oldest message on.
  void reconnect();

  const Ring &ring() const noexcept { return ring_; }
  bool ended() const noexcept { return ended_; }
  std::int64_t wanted_end() const { return ring_.info().written + 1; }
  std::uint64_t lost_bytes() const;

 private:
  void describe();
  bool wanted(std::uint32_t kind) const noexcept;

  Ring ring_;
  std::vector<std::uint32_t> kinds_;
  std::string beside_;
  bool ended_ = false;
};

}  // namespace tool
