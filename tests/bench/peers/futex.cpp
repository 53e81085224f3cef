// The limit of waking: a futex, and nothing else.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "../rows/wake.hpp"

namespace bench {

// A namespace with a name: see limit.cpp.
namespace futex_peer {

class Word {
 public:
  explicit Word(Arena &arena) : word_(arena.make<Line>()) {}
  void open_writer() {}
  void open_reader() {}

  void send(std::uint64_t n) noexcept {
    word_->sent.store(static_cast<std::uint32_t>(n + 1), std::memory_order_release);
    syscall(SYS_futex, &word_->sent, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
  }
  std::uint64_t receive() noexcept {
    while (word_->sent.load(std::memory_order_acquire) == received_) {
      syscall(SYS_futex, &word_->sent, FUTEX_WAIT, received_, nullptr, nullptr, 0);
    }
    return received_++;
  }

 private:
  struct Line {
    alignas(128) std::atomic<std::uint32_t> sent{0};
  };
  Line *word_;
  std::uint32_t received_ = 0;
};

}  // namespace futex_peer

void add_futex(Registry &registry) { add_wake<futex_peer::Word>(registry, "limit", Kind::limit); }

}  // namespace bench
