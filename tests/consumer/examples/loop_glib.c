/* reader.c in a main loop of GLib. */
#include <glib-unix.h>
#include <ringbuf.h>
#include <stdio.h>

static ringbuf_t *ring;

static int read_and_arm(void) { /* one window, so that others of the loop have their turn before the next */
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

static gboolean on_readable(gint fd, GIOCondition condition, gpointer loop) {
  const int code = read_and_arm();
  (void)fd, (void)condition;
  if (code == RINGBUF_OK) return G_SOURCE_CONTINUE;
  puts(ringbuf_strerror(code));
  g_main_loop_quit(loop);
  return G_SOURCE_REMOVE;
}

int main(int argc, char **argv) {
  GMainLoop *loop = g_main_loop_new(NULL, FALSE);
  intptr_t fd = -1;
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* each line appears at once */
  if (ringbuf_open(&ring, argc == 2 ? argv[1] : NULL, RINGBUF_FROM_OLDEST) != RINGBUF_OK ||
      ringbuf_poll_fd(ring, &fd) != RINGBUF_OK || ringbuf_poll_arm(ring, 0) != RINGBUF_OK)
    return puts(ringbuf_last_error()), 1;
  g_unix_fd_add((gint)fd, G_IO_IN, on_readable, loop);
  g_main_loop_run(loop);
  g_main_loop_unref(loop);
  return ringbuf_close(ring);
}
