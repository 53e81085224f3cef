// libqb's ring buffer of chunks between two processes, without its semaphore.
#include "../names.hpp"
#include "../rows/life.hpp"
#include "../rows/message.hpp"
#include "../rows/round_trip.hpp"
#include "../rows/stream.hpp"

#ifdef RINGBUF_BENCH_LIBQB
#include <qb/qbrb.h>

namespace bench {

// A namespace with a name: see limit.cpp.
namespace libqb_peer {

class Chunks {
 public:
  // Its chunks have a header of 8 bytes.
  Chunks(std::size_t chunk_bytes, std::size_t chunks) : name_(unique_name()), bytes_((chunk_bytes + 8) * chunks) {}
  ~Chunks() {
    if (ring_ != nullptr) qb_rb_close(ring_);
  }
  Chunks(const Chunks &) = delete;
  Chunks &operator=(const Chunks &) = delete;

  void open_writer() { open(QB_RB_FLAG_CREATE); }
  void open_reader() { open(0); }

 protected:
  bool write(const void *from, std::size_t bytes) noexcept {
    return qb_rb_chunk_write(ring_, from, bytes) == static_cast<ssize_t>(bytes);
  }
  // Calls use(const void *) with the next chunk, where it is.
  template <class Use>
  bool read(Use &&use) noexcept {
    void *chunk = nullptr;
    if (qb_rb_chunk_peek(ring_, &chunk, 0) <= 0) return false;
    use(static_cast<const void *>(chunk));
    qb_rb_chunk_reclaim(ring_);
    return true;
  }

 private:
  void open(std::uint32_t flags) {
    ring_ = qb_rb_open(name_.c_str(), bytes_, flags | QB_RB_FLAG_SHARED_PROCESS | QB_RB_FLAG_NO_SEMAPHORE, 0);
    require(ring_ != nullptr, "qb_rb_open");
  }

  std::string name_;
  std::size_t bytes_;
  qb_ringbuffer_t *ring_ = nullptr;
};

template <class T, std::size_t capacity>
class Queue : public Chunks {
 public:
  explicit Queue(Arena &) : Chunks(sizeof(T), capacity) {}

  bool push(const T &item) noexcept { return write(&item, sizeof item); }
  bool pop(T &item) noexcept {
    return read([&](const void *chunk) { std::memcpy(&item, chunk, sizeof item); });
  }
  // It has no batches.
  std::size_t push_many(const T *items, std::size_t n) noexcept {
    std::size_t done = 0;
    while (done < n && push(items[done])) ++done;
    return done;
  }
  std::size_t pop_many(T *items, std::size_t n) noexcept {
    std::size_t done = 0;
    while (done < n && pop(items[done])) ++done;
    return done;
  }
};

template <std::size_t bytes>
class Stream : public Chunks {
 public:
  explicit Stream(Arena &) : Chunks(bytes, stream_ring_bytes / bytes) {}

  bool put(const std::byte *block) noexcept { return write(block, bytes); }

  template <class Use>
  Take take(Use &&use) noexcept {
    const bool taken = read([&](const void *chunk) { use(static_cast<const std::byte *>(chunk), 1); });
    return taken ? Take::taken : Take::nothing;
  }
};

class Life {
 public:
  Life(Arena &, std::size_t bytes) : name_(unique_name()), bytes_(bytes) {}
  void live() const {
    qb_ringbuffer_t *writer = qb_rb_open(name_.c_str(), bytes_, flags | QB_RB_FLAG_CREATE, 0);
    qb_ringbuffer_t *reader = qb_rb_open(name_.c_str(), bytes_, flags, 0);
    require(writer != nullptr && reader != nullptr, "qb_rb_open");
    qb_rb_close(reader);
    qb_rb_close(writer);
  }

 private:
  static constexpr std::uint32_t flags = QB_RB_FLAG_SHARED_PROCESS | QB_RB_FLAG_NO_SEMAPHORE;
  std::string name_;
  std::size_t bytes_;
};

}  // namespace libqb_peer

void add_libqb(Registry &registry) {
  using namespace libqb_peer;
  const char *const name = "libqb";
  add_queues<Queue>(registry, name, Kind::peer);
  add_messages<Queue>(registry, name, Kind::peer);
  add_round_trip<Queue>(registry, name, Kind::peer);
  add_stream<Stream, 2>(registry, name, Kind::peer);
  add_streams<Stream>(registry, name, Kind::peer);
  add_lives<Life>(registry, name, Kind::peer);
}

}  // namespace bench
#else
void bench::add_libqb(Registry &registry) { registry.absent("libqb", "not found (Debian: libqb-dev)"); }
#endif
