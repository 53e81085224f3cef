/* A queue that loses nothing, of items of any kind; without a name, handed on as a descriptor. */
#include <ringbuf.h>
#include <stdio.h>
#include <stdlib.h>

struct event {
  int64_t sample;
  uint32_t kind;
  uint32_t value;
};

static void check(int code) {
  if (code == RINGBUF_OK) return;
  fprintf(stderr, "%s: %s\n", ringbuf_error_name(code), ringbuf_last_error());
  exit(1);
}

int main(void) {
  ringbuf_options_t options;
  check(ringbuf_options_init(&options, sizeof options));
  options.data_type = RINGBUF_BYTES;
  options.item_size = sizeof(struct event);
  options.capacity = 64;
  options.flags = RINGBUF_LOSSLESS;

  ringbuf_t *writer = NULL, *reader = NULL;
  intptr_t fd = -1;
  check(ringbuf_create(&writer, NULL, &options));
  check(ringbuf_fd(writer, &fd)); /* to another process: inherited, or sent with SCM_RIGHTS */
  check(ringbuf_open_fd(&reader, fd, RINGBUF_FROM_OLDEST));

  uint32_t pushed = 0, popped = 0;
  while (popped < 1000) {
    for (int code = RINGBUF_OK; pushed < 1000 && code == RINGBUF_OK;) {
      const struct event event = {.sample = pushed * 100, .kind = 7, .value = pushed};
      code = ringbuf_push(writer, &event);
      if (code != RINGBUF_FULL) check(code), ++pushed; /* full: ringbuf_wait_space would wait for the reader */
    }
    struct event events[10];
    uint64_t count = 0;
    check(ringbuf_pop_many(reader, events, 10, &count));
    for (uint64_t i = 0; i < count; ++i) {
      if (events[i].value != popped++) return fprintf(stderr, "event %u is missing\n", popped - 1), 1;
    }
  }

  check(ringbuf_close(writer));
  struct event event;
  const int code = ringbuf_pop(reader, &event);
  printf("%u events, then %s\n", popped, ringbuf_error_name(code));
  check(ringbuf_close(reader));
  return code != RINGBUF_CLOSED;
}
