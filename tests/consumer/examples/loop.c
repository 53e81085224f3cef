/* An event loop over two rings and a pipe. In earnest the writers are other programs. */
#include <poll.h>
#include <ringbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void check(int code) {
  if (code == RINGBUF_OK) return;
  fprintf(stderr, "%s: %s\n", ringbuf_error_name(code), ringbuf_last_error());
  exit(1);
}

int main(void) {
  ringbuf_t *writers[2], *readers[2];
  struct pollfd sources[3];
  ringbuf_options_t options;
  check(ringbuf_options_init(&options, sizeof options));
  options.capacity = 1000;
  for (int i = 0; i < 2; ++i) {
    intptr_t memory, fd;
    check(ringbuf_create(&writers[i], NULL, &options));
    check(ringbuf_fd(writers[i], &memory));
    check(ringbuf_open_fd(&readers[i], memory, 0));
    check(ringbuf_poll_fd(readers[i], &fd));  /* once */
    check(ringbuf_poll_arm(readers[i], 100)); /* when 100 samples are there */
    sources[i] = (struct pollfd){(int)fd, POLLIN, 0};
  }
  int words[2];
  if (pipe(words) != 0) return 1;
  sources[2] = (struct pollfd){words[0], POLLIN, 0};

  const float samples[100] = {0};
  check(ringbuf_put(writers[1], samples, 100));
  for (int rounds = 0; rounds < 10; ++rounds) {
    if (poll(sources, 3, -1) < 0) return 1;
    for (int i = 0; i < 2; ++i) {
      if (sources[i].revents == 0) continue;
      const void *window;
      int64_t start;
      const int code = ringbuf_next(readers[i], 100, 100, 0, &window, &start); /* does not wait */
      if (code == RINGBUF_OK)
        printf("ring %d: samples from %lld\n", i, (long long)start);
      else if (code != RINGBUF_TIMEOUT)
        check(code);
      check(ringbuf_tell(readers[i], &start));
      check(ringbuf_poll_arm(readers[i], start + 100)); /* for the next window */
      if (i == 1) check(ringbuf_put(writers[0], samples, 100));
      if (i == 0 && write(words[1], "q", 1) != 1) return 1;
    }
    if (sources[2].revents != 0) break;
  }
  for (int i = 0; i < 2; ++i) {
    check(ringbuf_close(readers[i]));
    check(ringbuf_close(writers[i]));
  }
  return 0;
}
