// libFuzzer: a live ring, in the caller's memory or a memfd, overwriting or lossless, whose memory is scribbled over between
// the calls of its writer and its readers.
//
// Input: the ring's options, then steps: a call, or something scribbled anywhere in the ring.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "live.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fuzz::Input input(bytes, size);
  const bool raw = input.flag();
  const ringbuf_options_t options = fuzz::options(input);
  const ringbuf::Geometry geometry = fuzz::geometry_of(options);
  std::size_t total = 0;
  if (ringbuf_size(&options, &total) != RINGBUF_OK) std::abort();

  // The memory as somebody sees it who may write all of it.
  std::unique_ptr<std::byte[]> heap;
  std::byte* memory = nullptr;
  int fd = -1;
  {
    std::optional<fuzz::Live> live;
    if (raw) {
      heap.reset(new std::byte[total]());
      memory = heap.get();
      live.emplace(options, memory, total);
    } else {
      live.emplace(options, nullptr, 0);
      fd = ::fcntl(static_cast<int>(live->fd()), F_DUPFD_CLOEXEC, 3);
      live->set_fd(fd);
      void* at = ::mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      if (at == MAP_FAILED) std::abort();
      memory = static_cast<std::byte*>(at);
    }
    for (int steps = 0; steps < 200 && !input.is_empty(); ++steps) {
      if (input.byte() % 4 == 0) {
        fuzz::scribble(memory, total, geometry, input);
      } else {
        live->step(input);
      }
    }
  }
  if (!raw) {
    ::munmap(memory, total);
    ::close(fd);
  }
  return 0;
}
