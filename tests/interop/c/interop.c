/* interop write|read NAME: see tests/interop/README.md. */
#include <inttypes.h>
#include <math.h>
#include <ringbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 97, WINDOW = 16, STEP = 8, PUT = 10, SAMPLES = 1000, CHANNELS = 2, ITEM_BYTES = 13 };

static const struct kind {
  const char *name;
  uint32_t type, element_bytes;
  uint64_t special[8];
} kinds[] = {
    {"int64",
     RINGBUF_INT64,
     8,
     {0x8000000000000000, 0x7fffffffffffffff, 0xffffffffffffffff, 0x0020000000000001, 0, 1, 0x00000000ffffffff,
      0xffffffff00000000}},
    {"float32",
     RINGBUF_FLOAT32,
     4,
     {0x80000000, 0x7fc00001, 0x7f812345, 0xffc54321, 0x7f800000, 0xff800000, 1, 0x7f7fffff}},
    {"float64",
     RINGBUF_FLOAT64,
     8,
     {0x8000000000000000, 0x7ff8000000000001, 0x7ff0000012345678, 0xfff8765432100001, 0x7ff0000000000000,
      0xfff0000000000000, 1, 0x7fefffffffffffff}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static uint8_t data[SAMPLES * CHANNELS * 8]; /* of the ring that is being written or read */

static void words(uint32_t seed, size_t bytes) {
  for (size_t at = 0; at < bytes; at += sizeof seed) {
    seed = 1664525 * seed + 1013904223;
    memcpy(data + at, &seed, sizeof seed);
  }
}

static size_t samples(const struct kind *kind) { /* returns the bytes of one */
  words(kind->type, (size_t)SAMPLES * CHANNELS * kind->element_bytes);
  for (size_t i = 0; i < SAMPLES * CHANNELS; i += 4) {
    memcpy(data + i * kind->element_bytes, &kind->special[i / 4 % 8], kind->element_bytes); /* its lower bytes */
  }
  return (size_t)CHANNELS * kind->element_bytes;
}

static uint32_t adler32(uint32_t last, const uint8_t *bytes, size_t count) {
  uint32_t a = last & 0xffff, b = last >> 16;
  for (size_t i = 0; i < count; ++i) a = (a + bytes[i]) % 65521, b = (b + a) % 65521;
  return b << 16 | a;
}

static void say_error(int code) { printf("error %s: %s\n", ringbuf_error_name(code), ringbuf_last_error()); }

static void check(int code) {
  if (code == RINGBUF_OK) return;
  say_error(code);
  exit(1);
}

static void hear(const char *line) {
  char heard[16];
  if (fgets(heard, sizeof heard, stdin) != NULL && strcmp(heard, line) == 0) return;
  fprintf(stderr, "did not hear %s", line);
  exit(1);
}

static const char *of(const char *name, const char *ring) {
  static char whole[256];
  snprintf(whole, sizeof whole, "%s.%s", name, ring);
  return whole;
}

static ringbuf_options_t windowed(const struct kind *kind, uint32_t flags) {
  return (ringbuf_options_t){.struct_size = sizeof(ringbuf_options_t),
                             .data_type = kind->type,
                             .channels = CHANNELS,
                             .capacity = CAPACITY,
                             .window = WINDOW,
                             .flags = flags};
}

static void put_all(ringbuf_t *ring, const struct kind *kind) {
  const size_t width = samples(kind);
  for (size_t at = 0; at < SAMPLES; at += PUT) {
    check(ringbuf_wait_space(ring, PUT, -1));
    if (kind->type == RINGBUF_FLOAT64) {
      void *block = NULL;
      check(ringbuf_reserve(ring, PUT, &block));
      memcpy(block, data + at * width, PUT * width);
      check(ringbuf_commit(ring, PUT));
    } else {
      check(ringbuf_put(ring, data + at * width, PUT));
    }
  }
}

static void write_rings(const char *name) {
  ringbuf_t *overwritten = NULL, *rings[KINDS] = {NULL}, *items = NULL, *second = NULL;
  ringbuf_options_t options = windowed(&kinds[0], 0);
  check(ringbuf_create(&overwritten, of(name, "overwritten"), &options));
  for (int i = 0; i < KINDS; ++i) {
    options = windowed(&kinds[i], RINGBUF_LOSSLESS);
    check(ringbuf_create(&rings[i], of(name, kinds[i].name), &options));
  }
  options = (ringbuf_options_t){.struct_size = sizeof options,
                                .data_type = RINGBUF_BYTES,
                                .item_size = ITEM_BYTES,
                                .capacity = CAPACITY,
                                .window = WINDOW,
                                .flags = RINGBUF_LOSSLESS};
  check(ringbuf_create(&items, of(name, "items"), &options));

  const size_t width = samples(&kinds[0]);
  check(ringbuf_put(overwritten, data, WINDOW));
  say_error(ringbuf_create(&second, of(name, "int64"), &options));
  puts("ready");
  hear("go\n");
  check(ringbuf_put(overwritten, data + WINDOW * width, 200));
  puts("overwritten");

  for (int i = 0; i < KINDS; ++i) {
    put_all(rings[i], &kinds[i]);
    check(ringbuf_close(rings[i]));
  }
  check(ringbuf_close(overwritten));
  words(RINGBUF_BYTES, SAMPLES * ITEM_BYTES);
  for (size_t i = 0; i < SAMPLES; ++i) {
    check(ringbuf_wait_space(items, 1, -1));
    check(ringbuf_push(items, data + i * ITEM_BYTES));
  }
  puts("done");
  getchar();
}

struct figures {
  uint64_t sum;
  int nan, minus_zero;
};

static void add(struct figures *figures, const void *element, uint32_t type) {
  if (type == RINGBUF_INT64) {
    figures->sum += (uint64_t) * (const int64_t *)element;
    return;
  }
  const double number = type == RINGBUF_FLOAT32 ? (double)*(const float *)element : *(const double *)element;
  figures->nan += isnan(number) != 0;
  figures->minus_zero += number == 0 && signbit(number);
}

static void read_windows(ringbuf_t *ring, const struct kind *kind) {
  const size_t width = samples(kind);
  struct figures figures = {0, 0, 0};
  uint32_t sum = 1;
  int windows = 0, code = RINGBUF_OK;
  for (;; ++windows) {
    const void *window = NULL;
    int64_t start = 0;
    code = ringbuf_next(ring, WINDOW, STEP, -1, &window, &start);
    if (code != RINGBUF_OK) break;
    sum = adler32(sum, window, WINDOW * width);
    for (size_t i = 0; i < WINDOW * CHANNELS; ++i) {
      add(&figures, (const uint8_t *)window + i * kind->element_bytes, kind->type);
    }
    const int same = memcmp(window, data + (size_t)start * width, WINDOW * width) == 0;
    check(ringbuf_check(ring, start, start + WINDOW)); /* from here on it is known that all this was whole */
    if (!same) {
      fprintf(stderr, "%s: the window at %" PRId64 " is wrong\n", kind->name, start);
      exit(1);
    }
  }
  printf("%s windows=%d adler32=%08" PRIx32 " ", kind->name, windows, sum);
  if (kind->type == RINGBUF_INT64) {
    printf("sum=%" PRId64, (int64_t)figures.sum);
  } else {
    printf("nan=%d minus_zero=%d", figures.nan, figures.minus_zero);
  }
  printf(" end=%s\n", ringbuf_error_name(code));
}

static int pop(ringbuf_t *ring, void *item) { /* waits for one */
  for (;;) {
    const int code = ringbuf_pop(ring, item);
    if (code != RINGBUF_EMPTY) return code;
    int64_t position = 0;
    check(ringbuf_tell(ring, &position));
    const int waited = ringbuf_wait(ring, position + 1, -1);
    if (waited != RINGBUF_OK) return waited;
  }
}

static void read_items(ringbuf_t *ring) {
  words(RINGBUF_BYTES, SAMPLES * ITEM_BYTES);
  uint8_t item[ITEM_BYTES];
  uint32_t sum = 1;
  int popped = 0, code = RINGBUF_OK;
  for (; (code = pop(ring, item)) == RINGBUF_OK; ++popped) {
    if (popped == SAMPLES || memcmp(item, data + (size_t)popped * ITEM_BYTES, ITEM_BYTES) != 0) {
      fprintf(stderr, "item %d is wrong\n", popped);
      exit(1);
    }
    sum = adler32(sum, item, ITEM_BYTES);
  }
  printf("items popped=%d adler32=%08" PRIx32 " end=%s\n", popped, sum, ringbuf_error_name(code));
}

static void read_rings(const char *name) {
  ringbuf_t *rings[KINDS] = {NULL}, *items = NULL, *overwritten = NULL;
  say_error(ringbuf_open(&items, of(name, "nobody"), RINGBUF_FROM_OLDEST));
  say_error(ringbuf_open(&items, "no/name", RINGBUF_FROM_OLDEST));
  for (int i = 0; i < KINDS; ++i) check(ringbuf_open(&rings[i], of(name, kinds[i].name), RINGBUF_FROM_OLDEST));
  check(ringbuf_open(&items, of(name, "items"), RINGBUF_FROM_OLDEST));
  check(ringbuf_open(&overwritten, of(name, "overwritten"), RINGBUF_FROM_OLDEST));
  const void *window = NULL;
  int64_t start = 0;
  check(ringbuf_next(overwritten, WINDOW, WINDOW, -1, &window, &start));
  puts("ready");
  hear("go\n");
  printf("overwritten check=%s\n", ringbuf_error_name(ringbuf_check(overwritten, start, start + WINDOW)));
  for (int i = 0; i < KINDS; ++i) read_windows(rings[i], &kinds[i]);
  read_items(items);
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  if (argc != 3) return 2;
  if (strcmp(argv[1], "write") == 0) {
    write_rings(argv[2]);
  } else {
    read_rings(argv[2]);
  }
  return 0;
}
