// The C interface from C++17.
#include <ringbuf.h>

#include <cstdint>
#include <cstdio>
#include <memory>

#if __cplusplus < 201703L || __cplusplus >= 202002L
#error "this is to be built as C++17"
#endif

struct Close {
  void operator()(ringbuf_t *ring) const { ringbuf_close(ring); }
};
using Ring = std::unique_ptr<ringbuf_t, Close>;

int main() {
  ringbuf_options_t options;
  if (ringbuf_options_init(&options, sizeof options) != RINGBUF_OK) return 1;
  options.data_type = RINGBUF_INT32;
  options.capacity = 100;
  ringbuf_t *ring = nullptr;
  if (const int code = ringbuf_create(&ring, nullptr, &options); code != RINGBUF_OK) {
    std::fprintf(stderr, "%s: %s\n", ringbuf_error_name(code), ringbuf_last_error());
    return 1;
  }
  const Ring owner(ring);
  const std::int32_t in[3] = {1, 2, 3};
  std::int32_t out[3] = {};
  if (ringbuf_put(ring, in, 3) != RINGBUF_OK || ringbuf_read(ring, 0, 3, out) != RINGBUF_OK) return 1;
  ringbuf_info_t info{};
  info.struct_size = sizeof info;
  if (ringbuf_info(ring, &info) != RINGBUF_OK || info.written != 3 || info.capacity != 100) return 1;
  return out[0] == 1 && out[1] == 2 && out[2] == 3 ? 0 : 1;
}
