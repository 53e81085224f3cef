// A process that is played, by a thread where it sleeps.
#include <optional>
#include <thread>

#include "../support/backend/memory.hpp"
#include "os_peer.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using os::memory::Acting;

namespace test {

struct Peer::Process {
  os::memory::Process self;
  Owned object;
  Status opened = Status::ok;
  std::optional<Mapped> mapped;
  std::thread sleeper;
  std::uint32_t seen = 0;
};

Peer::Peer(const char *name) : process_(new Process) {
  const Acting acting(process_->self);
  process_->opened = os::open(process_->object, name);
  if (process_->opened == Status::ok) process_->mapped.emplace(process_->object);
}

Peer::~Peer() { kill(); }

Status Peer::opened() { return process_->opened; }
Status Peer::try_lock(os::Lock lock) { return os::try_lock(process_->object, lock); }
Status Peer::lock_shared(os::Lock lock) { return os::lock_shared(process_->object, lock); }
bool Peer::is_locked(os::Lock lock) { return os::is_locked(process_->object, lock); }

std::uint64_t Peer::process_token() {
  const Acting acting(process_->self);
  return os::process_token();
}

void Peer::sleep(std::size_t offset, std::uint32_t expected) {
  process_->sleeper = std::thread([&process = *process_, offset, expected] {
    const Acting acting(process.self);
    const Atomic32 &word = word_at(process.mapped->region, offset);
    while (word.load() == expected && os::process_alive(os::process_token())) {
      os::wait(process.object, &word, expected, hour_ns);
    }
    process.seen = word.load();
  });
}

std::uint32_t Peer::woke() {
  process_->sleeper.join();
  return process_->seen;
}

void Peer::kill() {
  process_->self.kill();
  if (process_->sleeper.joinable()) process_->sleeper.join();
}

}  // namespace test
