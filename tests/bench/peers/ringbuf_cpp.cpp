// ringbuf's C++ interface, its fast path compiled into this program.
#include "ringbuf_peers.hpp"

namespace bench {

// A namespace with a name: see limit.cpp.
namespace cpp_peer {

struct Cpp {
  static const char *last_error() noexcept { return ringbuf::last_error(); }

  struct Writer : ringbuf::Writer {
    Status create(const char *name, const ringbuf::Options &options) noexcept {
      return ringbuf::Writer::create(*this, name, options);
    }
    std::int64_t written() const noexcept { return static_cast<std::int64_t>(ringbuf::Writer::written()); }
    std::size_t overhead() const noexcept {
      ringbuf::Info info;
      if (this->info(info) != Status::ok) fail(last_error());
      return info.geometry.total_bytes - info.geometry.buf_size_bytes - info.geometry.pocket_size_bytes;
    }
  };

  struct Reader : ringbuf::Reader {
    Status open(const char *name) noexcept { return ringbuf::Reader::open(*this, name); }
    std::int64_t written() const noexcept { return static_cast<std::int64_t>(ringbuf::Reader::written()); }
  };
};

}  // namespace cpp_peer

void add_ringbuf_cpp(Registry &registry) { Ringbuf<cpp_peer::Cpp>::add(registry, "ringbuf C++"); }

}  // namespace bench
