#include <ringbuf.h>
#include <stdio.h>

int main(void) {
  ringbuf_options_t options;
  ringbuf_t *writer = NULL;
  const float sample = 1;
  float copy = 0;
  ringbuf_options_init(&options, sizeof options);
  options.capacity = 100;
  if (ringbuf_create(&writer, NULL, &options) != RINGBUF_OK || ringbuf_put(writer, &sample, 1) != RINGBUF_OK ||
      ringbuf_read(writer, 0, 1, &copy) != RINGBUF_OK) {
    fprintf(stderr, "%s\n", ringbuf_last_error());
    return 1;
  }
  ringbuf_close(writer);
  printf("ringbuf %s\n", ringbuf_version());
  return copy == sample ? 0 : 1;
}
