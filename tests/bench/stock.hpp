// What a writer sends: items or blocks of its own, stamped with their sequence numbers well before they are sent.
//
// An item that is copied with wide loads directly after its two ends were stored makes the processor wait until these
// stores have left its store buffer, behind all earlier stores to the ring: the time of a cache miss for each item, whatever
// the queue. Data that were there before do not have that, and are as common.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

// `ahead` items are stamped before they are due; a power of two.
template <class T, std::size_t ahead>
class Stock {
 public:
  Stock() noexcept {
    for (std::uint64_t n = 0; n < ahead; ++n) items_[n].set(n);
  }

  // Item number `next`, which is valid until the following call.
  const T &take() noexcept {
    const T &item = items_[next_ % (2 * ahead)];
    items_[(next_ + ahead) % (2 * ahead)].set(next_ + ahead);
    ++next_;
    return item;
  }
  std::uint64_t next() const noexcept { return next_; }

 private:
  alignas(64) T items_[2 * ahead]{};
  std::uint64_t next_ = 0;
};

}  // namespace bench
