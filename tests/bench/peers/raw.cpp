// The limits of single processes: a put, a window, a life, with the least that can do them.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "../copy_block.hpp"
#include "../names.hpp"
#include "../rows/large.hpp"
#include "../rows/life.hpp"
#include "../rows/put.hpp"
#include "../rows/window.hpp"

namespace bench {

// A namespace with a name: see limit.cpp.
namespace raw_peer {

struct Line {
  alignas(128) std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> intent{0};
};

// A copy, and a counter that nobody looks at.
template <std::size_t bytes>
class Put {
 public:
  explicit Put(Arena &arena)
      : line_(arena.make<Line>()), data_(static_cast<std::byte *>(arena.allocate(put_capacity<bytes> * bytes))) {}
  void open() {}
  void make_room() {}
  void put(const std::byte *block) noexcept {
    copy_block<bytes>(data_ + written_ % put_capacity<bytes> * bytes, block);
    line_->written.store(++written_, std::memory_order_release);
  }
  void expect_newest(std::uint64_t n) noexcept {
    Found<bytes> found;
    found.look(data_ + n % put_capacity<bytes> * bytes);
    found.expect(n);
  }

 private:
  Line *line_;
  std::byte *data_;
  std::uint64_t written_ = 0;
};

// What an overwriting ring of samples of any size has to do at the least, if it never wakes anybody: announce, copy, publish.
template <std::size_t bytes>
class PutThatCannotWake {
 public:
  explicit PutThatCannotWake(Arena &arena)
      : line_(arena.make<Line>()),
        data_(static_cast<std::byte *>(arena.allocate(put_capacity<bytes> * bytes))),
        capacity_(put_capacity<bytes>),
        sample_bytes_(bytes) {}
  void open() { asm volatile("" : "+r"(capacity_), "+r"(sample_bytes_)); }  // no constants, any more
  void make_room() {}
  void put(const std::byte *block) noexcept {
    line_->intent.store(written_ + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    std::memcpy(data_ + slot_ * sample_bytes_, block, sample_bytes_);
    if (++slot_ == capacity_) slot_ = 0;
    line_->written.store(++written_, std::memory_order_release);
  }
  void expect_newest(std::uint64_t n) noexcept {
    Found<bytes> found;
    found.look(data_ + n % put_capacity<bytes> * bytes);
    found.expect(n);
  }

 private:
  Line *line_;
  std::byte *data_;
  std::uint64_t written_ = 0, slot_ = 0;
  std::uint64_t capacity_, sample_bytes_;
};

template <std::size_t bytes>
void add_puts(Registry &registry) {
  for (const char *company : {"alone", "a sleeping reader"}) {
    add_put<Put<bytes>, bytes>(registry, company, "limit", Kind::limit);
    add_put<PutThatCannotWake<bytes>, bytes>(registry, company, "cannot wake", Kind::other);
  }
}

// A ring of samples with their numbers in front, and nothing but them.
class Samples {
 public:
  Samples(Arena &arena, const WindowShape &shape)
      : shape_(shape),
        line_(arena.make<Line>()),
        data_(static_cast<std::byte *>(arena.allocate((shape.capacity + shape.longest()) * shape.sample_bytes()))) {}

  void open() {
    for (std::uint64_t n = 0; n < shape_.written(); ++n) {
      const std::uint64_t slot = n % shape_.capacity;
      stamp_sample(data_ + slot * shape_.sample_bytes(), n);
      if (slot < shape_.longest()) stamp_sample(data_ + (shape_.capacity + slot) * shape_.sample_bytes(), n);
    }
    line_->written.store(shape_.written(), std::memory_order_relaxed);
    line_->intent.store(shape_.written(), std::memory_order_relaxed);
  }

 protected:
  std::byte *at(std::int64_t start) const noexcept {
    auto slot = static_cast<std::uint64_t>(start);
    if (slot >= shape_.capacity) slot -= shape_.capacity;
    return data_ + slot * shape_.sample_bytes();
  }

  const WindowShape shape_;
  Line *line_;

 private:
  std::byte *data_;
};

// A look at a counter before, and at another one after.
class Windows : public Samples {
 public:
  using Samples::Samples;
  const std::byte *look(std::int64_t start, std::int64_t end) const noexcept {
    require(static_cast<std::uint64_t>(end) <= line_->written.load(std::memory_order_acquire), "not there");
    return at(start);
  }
  void check(std::int64_t start, std::int64_t) const noexcept {
    std::atomic_thread_fence(std::memory_order_acquire);
    require(line_->intent.load(std::memory_order_relaxed) - static_cast<std::uint64_t>(start) <= shape_.capacity,
            "gone");
  }
};

// What there is to win.
class Copies : public Samples {
 public:
  Copies(Arena &arena, const WindowShape &shape)
      : Samples(arena, shape),
        copy_(static_cast<std::byte *>(arena.allocate(shape.longest() * shape.sample_bytes()))) {}
  const std::byte *look(std::int64_t start, std::int64_t end) noexcept {
    std::memcpy(copy_, at(start), static_cast<std::size_t>(end - start) * shape_.sample_bytes());
    return copy_;
  }
  void check(std::int64_t, std::int64_t) noexcept {}

 private:
  std::byte *copy_;
};

// A file in shared memory, all of it there, and mapped twice.
class Life {
 public:
  Life(Arena &, std::size_t bytes) : name_(fmt::format("/{}", unique_name())), bytes_(bytes) {}

  void live() const {
    const int writer = shm_open(name_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    require(writer >= 0 && posix_fallocate(writer, 0, static_cast<off_t>(bytes_)) == 0, "shm_open");
    void *const written = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, writer, 0);
    const int reader = shm_open(name_.c_str(), O_RDONLY | O_CLOEXEC, 0);
    require(reader >= 0, "shm_open");
    void *const read = mmap(nullptr, bytes_, PROT_READ, MAP_SHARED | MAP_POPULATE, reader, 0);
    require(written != MAP_FAILED && read != MAP_FAILED, "mmap");
    munmap(read, bytes_);
    ::close(reader);
    munmap(written, bytes_);
    ::close(writer);
    shm_unlink(name_.c_str());
  }

 private:
  std::string name_;
  std::size_t bytes_;
};

// A copy into large memory, and a counter.
class LargePut {
 public:
  LargePut(Arena &arena, std::size_t bytes, std::size_t)
      : line_(arena.make<Line>()), bytes_(bytes), capacity_(bytes / large_sample_bytes) {}
  ~LargePut() {
    if (data_ != nullptr) munmap(data_, bytes_);
  }
  LargePut(const LargePut &) = delete;
  LargePut &operator=(const LargePut &) = delete;

  void open() {
    const std::string name = unique_name();
    const int file = shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    require(file >= 0 && posix_fallocate(file, 0, static_cast<off_t>(bytes_)) == 0, "shm_open");
    void *at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
    ::close(file);
    shm_unlink(name.c_str());
    require(at != MAP_FAILED, "mmap");
    data_ = static_cast<std::byte *>(at);
  }
  void put(const std::byte *sample) noexcept {
    copy_block<large_sample_bytes>(data_ + slot_ * large_sample_bytes, sample);
    if (++slot_ == capacity_) slot_ = 0;
    line_->written.store(++written_, std::memory_order_release);
  }
  void expect_newest(std::uint64_t n) noexcept {
    Found<large_sample_bytes> found;
    found.look(data_ + n % capacity_ * large_sample_bytes);
    found.expect(n);
  }

 private:
  Line *line_;
  std::byte *data_ = nullptr;
  std::size_t bytes_;
  std::uint64_t capacity_, written_ = 0, slot_ = 0;
};

}  // namespace raw_peer

void add_raw(Registry &registry) {
  using namespace raw_peer;
  add_puts<2>(registry);
  add_puts<8>(registry);
  add_puts<256>(registry);
  const WindowShape shape = window_shape(true);
  add_windows<Windows>(registry, "limit", Kind::limit, shape, window_row);
  add_windows<Copies>(registry, "a copy", Kind::other, shape, window_row);
  add_large_puts<LargePut>(registry, "limit", Kind::limit);
  add_lives<Life>(registry, "limit", Kind::limit);
}

}  // namespace bench
