// The descriptors for event loops of backends that have none. Event loops of Windows take sockets, of which a pair has to be
// connected through the network, and completion ports.
#include "error.hpp"
#include "os/os.hpp"

namespace ringbuf::os {

Status make_readiness(Readiness &) noexcept {
  return fail(Status::unsupported, "there is no descriptor for event loops on this system");
}
bool set_ready(const Readiness &) noexcept { return true; }
void clear_ready(const Readiness &) noexcept {}
void close(Readiness &) noexcept {}
Status start_thread(void (*)(void *), void *) noexcept {
  return fail(Status::unsupported, "the library has no threads on this system");
}

}  // namespace ringbuf::os
