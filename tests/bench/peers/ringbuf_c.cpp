// ringbuf's C interface, through the shared library.
#include "c_api.hpp"
#include "ringbuf_peers.hpp"

namespace bench {

// A namespace with a name: see limit.cpp.
namespace c_peer {

// One handle, and the functions beside it, where the calling code finds them without a detour.
class Handle {
 public:
  Handle() : api(c_api()) {}
  ~Handle() { api.close(ring); }
  Handle(const Handle &) = delete;
  Handle &operator=(const Handle &) = delete;

  Status view(std::int64_t start, std::int64_t end, const std::byte *&samples) noexcept {
    const void *at = nullptr;
    const Status status = result(api.view(ring, start, end, &at));
    samples = static_cast<const std::byte *>(at);
    return status;
  }
  std::int64_t written() const noexcept { return info().written; }

 protected:
  static Status result(int code) noexcept { return static_cast<Status>(code); }

  ringbuf_info_t info() const noexcept {
    ringbuf_info_t info{};
    info.struct_size = sizeof info;
    require(api.info(ring, &info) == RINGBUF_OK, api.last_error());
    return info;
  }

  const CApi api;
  ringbuf_t *ring = nullptr;
};

struct C {
  static const char *last_error() noexcept { return c_api().last_error(); }

  class Writer : public Handle {
   public:
    Status create(const char *name, const ringbuf::Options &o) noexcept {
      ringbuf_options_t options{};
      options.struct_size = sizeof options;
      options.data_type = static_cast<std::uint32_t>(o.data_type);
      options.channels = o.channels;
      options.item_size = o.item_size;
      options.capacity = o.capacity;
      options.window = o.window;
      options.flags =
          (o.lossless ? std::uint32_t{RINGBUF_LOSSLESS} : 0U) | (o.messages ? std::uint32_t{RINGBUF_MESSAGES} : 0U);
      return result(api.create(&ring, name, &options));
    }
    Status put(const void *samples, std::uint64_t count) noexcept { return result(api.put(ring, samples, count)); }
    Status send(const void *bytes, std::size_t size) noexcept { return result(api.send(ring, bytes, size)); }
    Status push(const void *item) noexcept { return result(api.push(ring, item)); }
    Status reserve(std::uint64_t count, std::byte *&samples) noexcept {
      void *at = nullptr;
      const Status status = result(api.reserve(ring, count, &at));
      samples = static_cast<std::byte *>(at);
      return status;
    }
    Status commit(std::uint64_t count) noexcept { return result(api.commit(ring, count)); }
    std::size_t overhead() const noexcept {
      const ringbuf_info_t i = info();
      return i.total_bytes - i.buf_size_bytes - i.pocket_size_bytes;
    }
  };

  class Reader : public Handle {
   public:
    Status open(const char *name) noexcept { return result(api.open(&ring, name, RINGBUF_FROM_OLDEST)); }
    Status check(std::int64_t start, std::int64_t end) noexcept { return result(api.check(ring, start, end)); }
    Status wait(std::int64_t end, std::int64_t timeout_ns) noexcept { return result(api.wait(ring, end, timeout_ns)); }
    Status seek(std::int64_t position) noexcept { return result(api.seek(ring, position)); }
    Status pop(void *item) noexcept { return result(api.pop(ring, item)); }
    Status pop_many(void *items, std::uint64_t max, std::uint64_t &count) noexcept {
      return result(api.pop_many(ring, items, max, &count));
    }
    Status receive(std::int64_t timeout_ns, const std::byte *&bytes, std::size_t &size, std::int64_t &start) noexcept {
      const void *at = nullptr;
      const Status status = result(api.receive(ring, timeout_ns, &at, &size, &start));
      bytes = static_cast<const std::byte *>(at);
      return status;
    }
    Status next(std::uint64_t window, std::uint64_t step, std::int64_t timeout_ns, const std::byte *&samples,
                std::int64_t &start) noexcept {
      const void *at = nullptr;
      const Status status = result(api.next(ring, window, step, timeout_ns, &at, &start));
      samples = static_cast<const std::byte *>(at);
      return status;
    }
  };
};

}  // namespace c_peer

void add_ringbuf_c(Registry &registry) { Ringbuf<c_peer::C>::add(registry, "ringbuf C"); }

}  // namespace bench
