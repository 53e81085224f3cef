/* A program that was built with the header of 1.0: its structs end where those of 1.0 end, and behind them lies something
 * of its own. It runs with whatever libringbuf.so.1 there is; the version that it should find is its argument. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "1.0/ringbuf.h"

static int failures = 0;

static void expect(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "program_1_0: %s (%s)\n", what, ringbuf_last_error());
  ++failures;
}
#define EXPECT(condition) expect((condition) != 0, #condition)

enum { behind_bytes = 256 };
struct OptionsAndMore {
  ringbuf_options_t options;
  unsigned char behind[behind_bytes];
};
struct InfoAndMore {
  ringbuf_info_t info;
  unsigned char behind[behind_bytes];
};

static int is_untouched(const unsigned char *behind) {
  for (int i = 0; i < behind_bytes; ++i) {
    if (behind[i] != 0xee) return 0;
  }
  return 1;
}

static int seen = 0;
static int visit(const char *name, const ringbuf_info_t *info, void *user) {
  if (strcmp(name, (const char *)user) == 0 && info->capacity == 100 && info->written == 3) ++seen;
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: program_1_0 VERSION\n"), 2;
  char name[40];
  snprintf(name, sizeof name, "capi-test.%ld.program_1_0", (long)getpid());
  EXPECT(strcmp(ringbuf_version(), argv[1]) == 0);

  struct OptionsAndMore o;
  memset(&o, 0xee, sizeof o);
  EXPECT(ringbuf_options_init(&o.options, sizeof o.options) == RINGBUF_OK);
  EXPECT(is_untouched(o.behind));
  EXPECT(o.options.struct_size == 64 && o.options.channels == 1 && o.options.max_readers == 16);
  o.options.data_type = RINGBUF_INT32;
  o.options.capacity = 100;
  o.options.sample_rate = 1000;
  size_t bytes = 0;
  EXPECT(ringbuf_size(&o.options, &bytes) == RINGBUF_OK && bytes > 400);

  ringbuf_t *writer = NULL, *reader = NULL;
  const int32_t in[3] = {1, 2, 3};
  int32_t out[3] = {0, 0, 0};
  EXPECT(ringbuf_create(&writer, name, &o.options) == RINGBUF_OK);
  EXPECT(is_untouched(o.behind));
  EXPECT(ringbuf_open(&reader, name, RINGBUF_FROM_OLDEST) == RINGBUF_OK);
  EXPECT(ringbuf_put(writer, in, 3) == RINGBUF_OK);
  EXPECT(ringbuf_read(reader, 0, 3, out) == RINGBUF_OK && memcmp(in, out, sizeof in) == 0);

  struct InfoAndMore i;
  memset(&i, 0xee, sizeof i);
  i.info.struct_size = sizeof i.info;
  EXPECT(ringbuf_info(reader, &i.info) == RINGBUF_OK);
  EXPECT(is_untouched(i.behind));
  EXPECT(i.info.struct_size == 216 && i.info.written == 3 && i.info.capacity == 100 && i.info.sample_rate == 1000);
  EXPECT(i.info.total_bytes == bytes);
  EXPECT(ringbuf_list(visit, name) == RINGBUF_OK && seen == 1);

  EXPECT(ringbuf_close(reader) == RINGBUF_OK);
  EXPECT(ringbuf_close(writer) == RINGBUF_OK);
  return failures == 0 ? 0 : 1;
}
