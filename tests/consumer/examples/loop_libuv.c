/* reader.c in an event loop of libuv. */
#include <ringbuf.h>
#include <stdio.h>
#include <uv.h>

static int read_and_arm(ringbuf_t *ring) { /* one window, so that others of the loop have their turn before the next */
  const void *samples;
  int64_t start, position = 0;
  int code = ringbuf_next(ring, 480, 240, 0, &samples, &start); /* does not wait */
  if (code == RINGBUF_OK) {
    const double left = ((const float *)samples)[0], right = ((const float *)samples)[1];
    if (ringbuf_check(ring, start, start + 480) == RINGBUF_OK) printf("%d: %g %g\n", (int)start, left, right);
  }
  if (code == RINGBUF_OK || code == RINGBUF_TIMEOUT) code = ringbuf_tell(ring, &position);
  return code == RINGBUF_OK ? ringbuf_poll_arm(ring, position + 480) : code;
}

static void on_readable(uv_poll_t *source, int status, int events) {
  const int code = read_and_arm(source->data);
  (void)status, (void)events;
  if (code == RINGBUF_OK) return;
  puts(ringbuf_strerror(code));
  uv_close((uv_handle_t *)source, NULL); /* the loop ends, since it has nothing else */
}

int main(int argc, char **argv) {
  ringbuf_t *ring = NULL;
  intptr_t fd = -1;
  uv_poll_t source;
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* each line appears at once */
  if (ringbuf_open(&ring, argc == 2 ? argv[1] : NULL, RINGBUF_FROM_OLDEST) != RINGBUF_OK ||
      ringbuf_poll_fd(ring, &fd) != RINGBUF_OK || ringbuf_poll_arm(ring, 0) != RINGBUF_OK)
    return puts(ringbuf_last_error()), 1;
  if (uv_poll_init(uv_default_loop(), &source, (int)fd) != 0) return 1;
  source.data = ring;
  if (uv_poll_start(&source, UV_READABLE, on_readable) != 0) return 1;
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  ringbuf_close(ring); /* after the loop has let go of the descriptor */
  return uv_loop_close(uv_default_loop());
}
