// A process of its own, which does what it is told line by line.
#include <sstream>
#include <string>

#include "../support/child.hpp"
#include "os_peer.hpp"
#include "os_support.hpp"

using namespace ringbuf;

namespace {

ROLE(os_peer) {
  test::Owned object;
  os::Region region;
  const Status opened = os::open(object, arguments.text("name").c_str());
  if (opened == Status::ok && (os::map(object, region) != Status::ok ||
                               os::protect(region, 0, static_cast<std::size_t>(object.bytes)) != Status::ok)) {
    return 1;
  }
  for (;;) {
    std::istringstream order(process::hear());
    std::string what;
    std::uint32_t number = 0;
    std::uint32_t expected = 0;
    order >> what >> number >> expected;
    const os::Lock lock{number};
    std::uint64_t answer = 0;
    if (what == "opened") {
      answer = static_cast<std::uint64_t>(opened);
    } else if (what == "try_lock") {
      answer = static_cast<std::uint64_t>(os::try_lock(object, lock));
    } else if (what == "lock_shared") {
      answer = static_cast<std::uint64_t>(os::lock_shared(object, lock));
    } else if (what == "is_locked") {
      answer = os::is_locked(object, lock) ? 1 : 0;
    } else if (what == "process_token") {
      answer = os::process_token();
    } else if (what == "sleep") {
      answer = test::sleep_at(object, region, number, expected);
    } else {
      return 2;
    }
    process::say(std::to_string(answer));
  }
}

}  // namespace

namespace test {

struct Peer::Process {
  process::Child child;

  void tell(const char *what, std::uint64_t number, std::uint32_t expected) const {
    std::ostringstream order;
    order << what << ' ' << number << ' ' << expected;
    child.tell(order.str());
  }
  std::uint64_t ask(const char *what, std::uint32_t number = 0) const {
    tell(what, number, 0);
    return child.number();
  }
};

Peer::Peer(const char *name) : process_(new Process{process::Child("os_peer", {{"name", name}})}) {}
Peer::~Peer() = default;

Status Peer::opened() { return static_cast<Status>(process_->ask("opened")); }
Status Peer::try_lock(os::Lock lock) { return static_cast<Status>(process_->ask("try_lock", lock.number)); }
Status Peer::lock_shared(os::Lock lock) { return static_cast<Status>(process_->ask("lock_shared", lock.number)); }
bool Peer::is_locked(os::Lock lock) { return process_->ask("is_locked", lock.number) != 0; }
std::uint64_t Peer::process_token() { return process_->ask("process_token"); }
void Peer::sleep(std::size_t offset, std::uint32_t expected) { process_->tell("sleep", offset, expected); }
std::uint32_t Peer::woke() { return static_cast<std::uint32_t>(process_->child.number()); }
void Peer::kill() { (void)process_->child.kill(); }

}  // namespace test
