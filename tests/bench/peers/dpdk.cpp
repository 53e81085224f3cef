// DPDK's rte_ring for one producer and one consumer, with elements of any size, in shared memory; without DPDK's runtime.
#include "../rows/life.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"

#ifdef RINGBUF_BENCH_DPDK
#include <rte_ring.h>
#include <rte_ring_elem.h>
#include <rte_ring_peek_zc.h>

namespace bench {

// A namespace with a name: see limit.cpp.
namespace dpdk_peer {

inline rte_ring *make(Arena &arena, unsigned bytes, unsigned count) {
  const ssize_t size = rte_ring_get_memsize_elem(bytes, count);
  require(size > 0, "rte_ring_get_memsize_elem");
  auto *ring = static_cast<rte_ring *>(arena.allocate(static_cast<std::size_t>(size)));
  require(rte_ring_init(ring, "bench", count, RING_F_SP_ENQ | RING_F_SC_DEQ) == 0, "rte_ring_init");
  return ring;
}

template <class T, std::size_t capacity>
class Queue {
 public:
  explicit Queue(Arena &arena) : ring_(make(arena, sizeof(T), capacity)) {}
  void open_writer() {}
  void open_reader() {}

  bool push(const T &item) noexcept { return rte_ring_sp_enqueue_bulk_elem(ring_, &item, sizeof(T), 1, nullptr) == 1; }
  bool pop(T &item) noexcept { return rte_ring_sc_dequeue_bulk_elem(ring_, &item, sizeof(T), 1, nullptr) == 1; }
  std::size_t push_many(const T *items, std::size_t n) noexcept {
    return rte_ring_sp_enqueue_burst_elem(ring_, items, sizeof(T), static_cast<unsigned>(n), nullptr);
  }
  std::size_t pop_many(T *items, std::size_t n) noexcept {
    return rte_ring_sc_dequeue_burst_elem(ring_, items, sizeof(T), static_cast<unsigned>(n), nullptr);
  }

 private:
  rte_ring *ring_;
};

// In place on both sides.
template <std::size_t bytes>
class Stream {
 public:
  explicit Stream(Arena &arena) : ring_(make(arena, bytes, stream_ring_bytes / bytes)) {}
  void open_writer() {}
  void open_reader() {}

  bool put(const std::byte *block) noexcept {
    rte_ring_zc_data room;
    if (rte_ring_enqueue_zc_burst_elem_start(ring_, bytes, 1, &room, nullptr) == 0) return false;
    std::memcpy(room.ptr1, block, bytes);
    rte_ring_enqueue_zc_elem_finish(ring_, 1);
    return true;
  }

  template <class Use>
  Take take(Use &&use) noexcept {
    rte_ring_zc_data data;
    if (rte_ring_dequeue_zc_burst_elem_start(ring_, bytes, 1, &data, nullptr) == 0) return Take::nothing;
    use(static_cast<const std::byte *>(data.ptr1), 1);
    rte_ring_dequeue_zc_elem_finish(ring_, 1);
    return Take::taken;
  }

 private:
  rte_ring *ring_;
};

}  // namespace dpdk_peer

void add_dpdk(Registry &registry) {
  using namespace dpdk_peer;
  const char *const name = "DPDK rte_ring";
  add_queues<Queue>(registry, name, Kind::peer);
  add_round_trip<Queue>(registry, name, Kind::peer);
  add_streams<Stream>(registry, name, Kind::peer);
  add_memory(registry, name, Kind::peer, sizeof(rte_ring));
  registry.absent("DPDK rte_ring, puts of 2 B", "its elements are multiples of 4 bytes");
}

}  // namespace bench
#else
void bench::add_dpdk(Registry &registry) { registry.absent("DPDK rte_ring", "not found (Debian: libdpdk-dev)"); }
#endif
