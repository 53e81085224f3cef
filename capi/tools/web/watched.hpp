// A ring that somebody looks at, shared by all who do. It stays with its name: when the ring has ended, and a newer one takes the
// name or a writer resumes it, the same object goes on with that.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "describe.hpp"
#include "events.hpp"
#include "ring.hpp"
#include "trace.hpp"

namespace tool::web {

// Turns the indices of a ring's description into text: they have 64 bits, more than a page's numbers.
void indices_as_text(Json &ring);

class Watched {
 public:
  explicit Watched(const std::string &name);  // Failure if there is no such ring
  Watched(const Watched &) = delete;
  Watched &operator=(const Watched &) = delete;
  ~Watched() = default;

  void update();

  const Info &info() const noexcept { return info_; }  // as of the last update
  // Grows when all that is known of the ring may have changed: another ring, a resumed one, other metadata.
  std::uint32_t epoch() const noexcept { return epoch_; }
  Trace *trace() noexcept { return trace_ ? &*trace_ : nullptr; }      // of a ring with numbers
  Events *events() noexcept { return events_ ? &*events_ : nullptr; }  // of a ring of messages
  double newest_ms() const noexcept { return newest_ms_; }             // since 1970; 0 if it is not known

  // What a page has to know: docs/web.md does not promise any of it.
  Json describe() const;
  // Up to `count` pairs of index and time in ms since 1970 over [start, end), relative to first_index.
  Json times(std::int64_t start, std::int64_t end, std::int64_t count) const;
  // The index at that time, relative to first_index; the nearest one that the ring has.
  std::int64_t index_at(double time_ms) const;

  std::int64_t wanted_ns = 0;  // the monotonic time when somebody last asked for it

 private:
  void begin();

  std::string name_;
  Ring ring_;
  Info info_{};
  std::string id_;
  std::string metadata_;
  std::uint32_t epoch_ = 1;
  std::optional<Trace> trace_;
  std::optional<Events> events_;
  double newest_ms_ = 0;
  std::int64_t next_look_ns_ = 0;
};

// Those that are looked at now.
class AllWatched {
 public:
  // Failure if there is no such ring, or too many are looked at.
  Watched &get(const std::string &name);
  // Updates all; forgets those that nobody has asked for since some seconds.
  void update();
  bool empty() const noexcept { return rings_.empty(); }

 private:
  std::map<std::string, std::unique_ptr<Watched>> rings_;
};

}  // namespace tool::web
