#include <ringbuf.h>
#include <stdio.h>

int main(int argc, char **argv) { /* each Enter puts 480 samples of 2 channels, Ctrl-D ends the stream */
  ringbuf_options_t options = {.struct_size = sizeof options, .channels = 2, .capacity = 480000, .window = 480};
  ringbuf_t *ring = NULL;
  float block[480][2], n = 0;
  if (argc != 2 || ringbuf_create(&ring, argv[1], &options) != RINGBUF_OK) return puts(ringbuf_last_error()), 1;
  while (getchar() != EOF) {
    for (int i = 0; i < 480; ++i, ++n) block[i][0] = n, block[i][1] = 2 * n;
    if (ringbuf_put(ring, block, 480) != RINGBUF_OK) break;
  }
  return ringbuf_close(ring);
}
