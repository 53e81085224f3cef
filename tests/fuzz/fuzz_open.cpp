// libFuzzer: opens memory that holds arbitrary bytes, and makes every call on what has been opened. The memory is the
// caller's, on the heap and not a byte larger than said, or a memfd.
//
// Input: how to open it; then either the memory's bytes as they are, or the options of a ring that is made, used a little
// and scribbled over, so that the calls behind the validation are reached; then the calls.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "program.hpp"

namespace {

using fuzz::Handle;
using fuzz::Input;

// A ring as its writer has left it, or as it is while one lives, with things in it that are not as they should be.
std::vector<std::byte> scribbled_ring(Input& input) {
  const ringbuf_options_t o = fuzz::options(input);
  std::size_t bytes = 0;
  if (ringbuf_size(&o, &bytes) != RINGBUF_OK) std::abort();
  std::vector<std::byte> image(bytes);
  {
    Handle writer;
    if (ringbuf_create_raw(writer.out(), image.data(), image.size(), &o) != RINGBUF_OK) std::abort();
    for (std::uint8_t calls = input.byte() % 8; calls > 0; --calls) fuzz::call_writer(writer, input);
  }
  const ringbuf::Geometry geometry = fuzz::geometry_of(o);
  for (std::uint8_t patches = input.byte() % 16; patches > 0; --patches) {
    fuzz::scribble(image.data(), image.size(), geometry, input);
  }
  // Cut off, or longer than need be.
  if (input.byte() % 4 == 0)
    image.resize(input.flag() ? input.take<std::uint32_t>() % (bytes + 1) : bytes + input.byte());
  return image;
}

int open_memfd(const std::vector<std::byte>& image, bool sealed) {
  const int fd = ::memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0 || ::ftruncate(fd, static_cast<off_t>(image.size())) != 0 ||
      ::pwrite(fd, image.data(), image.size(), 0) != static_cast<ssize_t>(image.size())) {
    std::abort();
  }
  if (sealed) (void)::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE);
  return fd;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Input input(bytes, size);
  const std::uint8_t mode = input.byte();
  const bool in_memfd = (mode & 1) != 0, as_they_are = (mode & 6) == 6, as_writer = (mode & 24) == 24;
  const std::uint32_t flags = as_writer ? std::uint32_t{RINGBUF_AS_WRITER} : input.byte() & 15U;

  std::vector<std::byte> image;
  if (as_they_are) {
    const auto rest = std::as_bytes(input.rest());
    image.assign(rest.begin(), rest.end());
    if ((mode & 32) != 0) image.resize(image.size() + 65536);
  } else {
    image = scribbled_ring(input);
  }

  Handle ring;
  int fd = -1;
  std::unique_ptr<std::byte[]> memory;
  if (in_memfd) {
    fd = open_memfd(image, (mode & 64) != 0);
    (void)ringbuf_open_fd(ring.out(), fd, flags);
  } else {
    memory.reset(new std::byte[image.size()]);
    if (!image.empty()) std::memcpy(memory.get(), image.data(), image.size());
    (void)ringbuf_open_raw(ring.out(), memory.get(), image.size(), flags);
  }
  (void)ringbuf_last_error();

  for (int calls = 0; ring != nullptr && calls < 100 && !input.is_empty(); ++calls) {
    const bool own_call = input.flag();
    if (!own_call) {
      fuzz::call_any(ring, input);
    } else if (as_writer) {
      fuzz::call_writer(ring, input);
    } else {
      fuzz::call_reader(ring, input);
    }
  }
  ring.close();
  if (fd >= 0) ::close(fd);
  return 0;
}
