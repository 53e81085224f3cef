// What must hold of a ring, looked at by index and by a reader that consumes.
#pragma once

#include <cstdint>
#include <string>

#include "operations.hpp"
#include "run.hpp"
#include "shared.hpp"

namespace crash {

// A reader in this process, and what it has got.
struct Held {
  ringbuf::Reader reader;
  std::uint64_t next = 0;
  unsigned turn = 0;
};

class Checks {
 public:
  Checks(const Plan& plan, Shared& shared) : plan_(plan), s_(shared) {}

 protected:
  using Ring = ringbuf::Ring;
  using Status = ringbuf::Status;

  // Complain, and are false, if it is not so.
  bool expect(Status status, Status expected, const char* what);
  bool expect(bool condition, const char* what);
  void check_sample(const History& h, const Sample& sample, std::uint64_t index, const char* when);
  // Everything that the ring says is there, by index; nobody writes meanwhile.
  void check_samples(Ring& ring, const History& h, const char* when);
  // The gaps that the ring tells of are those of its history.
  void check_gaps(const Ring& ring, const History& h, const char* when);
  void check_metadata(const Ring& ring, const History& h);
  // The time anchor belongs to one put, with both times.
  void check_anchor(const Ring& ring, const History& h);
  void check_names();
  // All places of the reader table but `taken` can be had, and no more than those.
  void check_places(const Medium& medium, int taken, const char* when);
  // Where a reader that has got everything stands. Of a put or skip of more than the capacity it is told early that it misses
  // the first samples, even if the writer dies before they count as written; whoever resumes counts them. In a lossless ring it
  // misses none.
  std::uint64_t end_of(const Ring& ring) const;
  // A reader must get the right sample next.
  void got(Held& held, const Sample& sample, std::uint64_t index);
  // Gets samples in one of several ways, while nobody writes, and is told of gaps. False if there are none, with the reason in
  // `status`.
  bool take(Held& held, std::uint64_t at_most, std::int64_t timeout_ns, Status& status);
  // All samples before `end`; afterwards it spares none of them.
  void drain_to(Held& held, std::uint64_t end);
  // Until the ring says that nothing more comes.
  Status drain_to_the_end(Held& held);

  const Plan& plan_;
  Shared& s_;
};

}  // namespace crash
