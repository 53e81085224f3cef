#include "pop.hpp"

#include <unistd.h>

#include <algorithm>

namespace tool {

namespace {

constexpr std::uint64_t worth_bytes = 65536;

// False: the samples are not known to be intact, and the position has not moved.
bool read_file(Ring &ring, const Info &shape, std::int64_t position, void *samples, std::uint64_t count) {
  std::intptr_t file = -1;
  if (ringbuf_fd(ring.get(), &file) != RINGBUF_OK) return false;
  auto *to = static_cast<std::byte *>(samples);
  const std::uint64_t size = shape.sample_bytes;
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t place = (static_cast<std::uint64_t>(position) + done) % shape.capacity;
    const std::uint64_t bytes = std::min(count - done, shape.capacity - place) * size;
    const auto from = static_cast<::off_t>(shape.data_offset + place * size);
    if (::pread(static_cast<int>(file), to + done * size, bytes, from) != static_cast<::ssize_t>(bytes)) return false;
    done += bytes / size;
  }
  const std::int64_t end = position + static_cast<std::int64_t>(count);
  return ringbuf_check(ring.get(), position, end) == RINGBUF_OK && ringbuf_seek(ring.get(), end) == RINGBUF_OK;
}

}  // namespace

int pop_many(Ring &ring, const Info &shape, void *samples, std::uint64_t most, std::uint64_t &count) {
  std::uint64_t there = 0;
  std::int64_t position = 0;
  if (most * shape.sample_bytes >= worth_bytes && ringbuf_usage(ring.get(), &there) == RINGBUF_OK &&
      ringbuf_tell(ring.get(), &position) == RINGBUF_OK) {
    there = std::min(there, most);
    if (there * shape.sample_bytes >= worth_bytes && read_file(ring, shape, position, samples, there)) {
      count = there;
      return RINGBUF_OK;
    }
  }
  return ringbuf_pop_many(ring.get(), samples, most, &count);
}

}  // namespace tool
