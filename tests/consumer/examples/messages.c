/* Events beside samples: messages of any length, each with a time and the index of the sample that it belongs to. */
#include <ringbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int code) {
  if (code == RINGBUF_OK) return;
  fprintf(stderr, "%s: %s\n", ringbuf_error_name(code), ringbuf_last_error());
  exit(1);
}

int main(void) {
  ringbuf_options_t options;
  check(ringbuf_options_init(&options, sizeof options));
  options.flags = RINGBUF_MESSAGES;
  options.capacity = 1 << 16; /* bytes */
  options.window = 1000;      /* the longest message; by default an eighth of the ring */

  ringbuf_t *writer = NULL, *reader = NULL;
  intptr_t fd = -1;
  check(ringbuf_create(&writer, NULL, &options));
  check(ringbuf_fd(writer, &fd));
  check(ringbuf_open_fd(&reader, fd, RINGBUF_FROM_OLDEST));

  const char *text = "electrode 7 is loose";
  check(ringbuf_send_event(writer, 3, 48000, text, strlen(text))); /* kind 3; belongs to sample 48000 of another ring */
  check(ringbuf_send(writer, NULL, 0));                            /* nothing more to say */

  const void *bytes = NULL;
  size_t size = 0;
  int64_t start = 0;
  for (;;) {
    check(ringbuf_receive(reader, -1, &bytes, &size, &start)); /* in place */
    if (size == 0) break;
    char copy[1000];
    memcpy(copy, bytes, size);
    ringbuf_message_t message = {.struct_size = sizeof message};
    check(ringbuf_message(reader, start, &message));
    if (ringbuf_check(reader, start, start + (int64_t)size) != RINGBUF_OK) continue; /* overwritten meanwhile */
    printf("kind %u, sample %lld: %.*s\n", (unsigned)message.kind, (long long)message.tag, (int)size, copy);
  }
  check(ringbuf_close(writer));
  const int code = ringbuf_receive(reader, -1, &bytes, &size, &start);
  check(ringbuf_close(reader));
  return code != RINGBUF_CLOSED;
}
