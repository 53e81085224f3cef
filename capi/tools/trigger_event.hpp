// An event of `ringbuf trigger`: the samples of all rings from one moment to another, in a file each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/format.hpp"
#include "record_ring.hpp"
#include "trigger_ring.hpp"

namespace tool {

struct TriggerFiles {
  const formats::Format *format;
  std::string path;
  bool replace;
  bool time_in_name;
};

class TriggerEvent {
 public:
  // Makes the files: all of them, or none. The number is that in their names.
  TriggerEvent(const std::vector<std::unique_ptr<TriggerRing>> &rings, const TriggerFiles &files, unsigned number,
               const Trigger &trigger, std::int64_t pre_ns, std::int64_t post_ns);

  bool overlaps(std::int64_t begin_ns, std::int64_t end_ns) const noexcept {
    return begin_ns <= end_ns_ && end_ns >= begin_ns_;
  }
  // The event takes this one in. If it begins before what is in the files, they are made anew.
  void join(const Trigger &trigger, std::int64_t pre_ns, std::int64_t post_ns);

  // Saves what is there now. True: all of it is saved, and the files are whole.
  bool step();
  void sync();
  // Ends the files where they are, also after an error.
  void finish();

  unsigned number() const noexcept { return number_; }
  const std::string &why() const noexcept { return why_; }
  std::int64_t time_ns() const noexcept { return first_ns_; }
  // The first sample at or after the time of the event, in the ring of this recording.
  std::int64_t index_in(const RecordedRing &recording) const;
  std::uint64_t lost() const;
  std::vector<const RecordedRing *> recordings() const;

 private:
  struct Part {
    TriggerRing *ring;
    std::unique_ptr<RecordedRing> recording;
    bool finished = false;
  };
  void begin();
  void discard();

  TriggerFiles files_;
  unsigned number_;
  std::string why_;
  std::int64_t first_ns_;
  std::int64_t begin_ns_;
  std::int64_t end_ns_;
  std::string suffix_;
  std::vector<Part> parts_;
  bool closed_ = false;
};

// The path of an event's file for a ring. `suffix`: "-0001", or a time.
std::string trigger_path(const TriggerFiles &files, const std::string &ring, bool several, const std::string &suffix);
std::string trigger_number(unsigned number);

}  // namespace tool
