/* put write NAME PUTS: a ring of 8 channels of int16, 250000 samples a second. Puts of 32 samples, one every 128 us, each
 *     timed. Prints the median and the ninetieth percentile in ns, without the cost of the clock.
 * put read NAME: a plain reader, which takes windows of 32 samples until the stream ends. Prints how many, and how many are
 *     lost. */
#include <ringbuf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { channels = 8, block = 32, rate = 250000 };

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, ringbuf_last_error());
  return 1;
}

static int64_t clock_cost(int64_t *times, long count) {
  for (long i = 0; i < count; ++i) {
    const int64_t begin = now();
    times[i] = now() - begin;
  }
  qsort(times, (size_t)count, sizeof *times, compare);
  return times[count / 2];
}

static int write_ring(const char *name, long count) {
  static int16_t samples[block * channels];
  ringbuf_options_t options;
  ringbuf_t *ring = NULL;
  int64_t *times = malloc((size_t)count * sizeof *times);
  if (count < 1 || times == NULL) return 1;
  for (int i = 0; i < block * channels; ++i) samples[i] = (int16_t)(i * 7919);
  ringbuf_options_init(&options, sizeof options);
  options.data_type = RINGBUF_INT16;
  options.channels = channels;
  options.sample_rate = rate;
  options.capacity = 10 * rate;
  if (ringbuf_create(&ring, name, &options) != RINGBUF_OK) return fail("create");
  const int64_t clock_ns = clock_cost(times, count);
  puts("ready");
  fflush(stdout);
  getchar(); /* the readers are there */
  const int64_t start = now();
  int failed = 0;
  for (long i = 0; i < count && !failed; ++i) {
    const int64_t due = start + i * (int64_t)block * 1000000000 / rate;
    while (now() < due) {
    }
    const int64_t begin = now();
    failed = ringbuf_put(ring, samples, block) != RINGBUF_OK;
    times[i] = now() - begin;
  }
  if (failed) return fail("put");
  ringbuf_close(ring);
  qsort(times, (size_t)count, sizeof *times, compare);
  printf("%lld %lld\n", (long long)(times[count / 2] - clock_ns), (long long)(times[count * 9 / 10] - clock_ns));
  free(times);
  return 0;
}

static int read_ring(const char *name) {
  ringbuf_t *ring = NULL;
  if (ringbuf_open_wait(&ring, name, RINGBUF_OBSERVER, -1) != RINGBUF_OK) return fail("open");
  puts("ready");
  fflush(stdout);
  long long windows = 0, sum = 0;
  for (;;) {
    const void *window = NULL;
    int64_t start = 0;
    const int code = ringbuf_next(ring, block, block, -1, &window, &start);
    if (code == RINGBUF_CLOSED) break;
    if (code == RINGBUF_OVERWRITTEN) continue;
    if (code != RINGBUF_OK) return fail("next");
    sum += *(const int16_t *)window;
    windows += ringbuf_check(ring, start, start + block) == RINGBUF_OK;
  }
  ringbuf_info_t info = {.struct_size = sizeof info};
  ringbuf_info(ring, &info);
  printf("%lld %llu %lld\n", windows, (unsigned long long)info.lost, sum);
  ringbuf_close(ring);
  return 0;
}

int main(int count, char **words) {
  if (count == 4 && strcmp(words[1], "write") == 0) return write_ring(words[2], atol(words[3]));
  if (count == 3 && strcmp(words[1], "read") == 0) return read_ring(words[2]);
  fputs("put write NAME PUTS | put read NAME\n", stderr);
  return 2;
}
