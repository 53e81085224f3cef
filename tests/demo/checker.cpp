// The checker: reads all samples by index, in blocks, and computes their checksum.
#include <algorithm>
#include <cstddef>
#include <vector>

#include "pipes.hpp"
#include "recording.hpp"
#include "results.hpp"
#include "ring.hpp"
#include "roles.hpp"

namespace demo {
namespace {

// Adds the samples [start, end) to the result and returns RINGBUF_OK; or RINGBUF_OVERWRITTEN, and adds nothing.
int read_block(ringbuf_t* ring, std::int64_t start, std::int64_t end, std::vector<std::byte>& room,
               std::size_t sample_bytes, CheckerResult& result) {
  const std::size_t size = static_cast<std::size_t>(end - start) * sample_bytes;
  const void* samples = nullptr;
  int code =
      expect(ringbuf_view(ring, start, end, &samples), "ringbuf_view", {RINGBUF_OVERWRITTEN, RINGBUF_NOT_CONTIGUOUS});
  if (code == RINGBUF_OVERWRITTEN) return code;
  const bool in_place = code == RINGBUF_OK;
  if (!in_place) {
    code = expect(ringbuf_read(ring, start, end, room.data()), "ringbuf_read", {RINGBUF_OVERWRITTEN});
    if (code == RINGBUF_OVERWRITTEN) return code;
    samples = room.data();
  }
  const std::uint32_t crc = extend_crc(result.crc, samples, size);
  if (in_place) {
    // The checksum counts only if what it was computed from was still whole afterwards.
    code = expect(ringbuf_check(ring, start, end), "ringbuf_check", {RINGBUF_OVERWRITTEN});
    if (code == RINGBUF_OVERWRITTEN) return code;
  }
  result.crc = crc;
  result.samples += end - start;
  ++(in_place ? result.viewed : result.copied);
  return RINGBUF_OK;
}

}  // namespace

void run_checker(const Options& options) {
  const Ring ring = open_ring(sample_ring_name(options.run));
  const ringbuf_info_t info = ring_info(ring.get());
  // The pocket makes windows contiguous up to its own length; a longer block sometimes is not, and is then copied. Half
  // the ring leaves the writer room to complete the block.
  const auto block = static_cast<std::int64_t>(std::min(info.window * 7 / 3, info.capacity / 2));
  std::vector<std::byte> room(static_cast<std::size_t>(block) * info.sample_bytes);
  CheckerResult result{};
  std::int64_t position = 0;
  say_ready();

  for (;;) {
    std::int64_t end = position + block;
    if (expect(ringbuf_wait(ring.get(), end, -1), "ringbuf_wait", {RINGBUF_CLOSED}) == RINGBUF_CLOSED) {
      end = ring_info(ring.get()).written;  // the last block is shorter
      if (end == position) break;
    }
    if (read_block(ring.get(), position, end, room, info.sample_bytes, result) == RINGBUF_OK) {
      position = end;
    } else {
      const std::int64_t oldest = ring_info(ring.get()).oldest;
      result.lost += oldest - position;
      position = oldest;
    }
    // Reading by index holds nobody back; but this reader has a place in the ring's table, and a lossless ring keeps
    // what lies behind the position there. Moving it lets the writer go on.
    expect(ringbuf_seek(ring.get(), position), "ringbuf_seek", {RINGBUF_OVERWRITTEN});
  }
  send_result(result);
}

}  // namespace demo
