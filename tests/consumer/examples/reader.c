#include <ringbuf.h>
#include <stdio.h>

int main(int argc, char **argv) { /* slides a window of 480 samples over the ring, 240 at a time */
  ringbuf_t *ring = NULL;
  const void *samples = NULL; /* in the ring itself: nothing is copied */
  int64_t start = 0;          /* the index of the window's first sample */
  int code = ringbuf_open(&ring, argc == 2 ? argv[1] : NULL, RINGBUF_FROM_OLDEST);
  while (code == RINGBUF_OK && (code = ringbuf_next(ring, 480, 240, -1, &samples, &start)) == RINGBUF_OK) {
    const double left = ((const float *)samples)[0], right = ((const float *)samples)[1];
    if (ringbuf_check(ring, start, start + 480) == RINGBUF_OK) printf("%d: %g %g\n", (int)start, left, right);
  }
  puts(ringbuf_strerror(code));
  return ringbuf_close(ring), code != RINGBUF_CLOSED;
}
