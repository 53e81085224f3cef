/* A C11 program that uses every function of ringbuf.h in one story: a stereo recording is streamed, looked at through
 * a sliding window, consumed as a queue, left and resumed; beside it an event queue that loses nothing, an anonymous
 * ring, and one in memory of the program's own. Compiled with -std=c11 -pedantic -Wall -Wextra -Werror. */
#define _POSIX_C_SOURCE 200809L
#ifndef _WIN32
#include <poll.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ringbuf.h"

#define EXPECT(condition)                                                                                             \
  do {                                                                                                                \
    if (!(condition)) {                                                                                               \
      fprintf(stderr, "%s:%d: not so: %s\n  last error: %s\n", __FILE__, __LINE__, #condition, ringbuf_last_error()); \
      exit(1);                                                                                                        \
    }                                                                                                                 \
  } while (0)
#define EXPECT_OK(call) EXPECT((call) == RINGBUF_OK)

typedef struct frame {
  int16_t left, right;
} frame_t;

static char name[64];

static void remove_name(void) { (void)ringbuf_unlink(name); }

static frame_t frame_at(int64_t index) {
  frame_t frame;
  frame.left = (int16_t)index;
  frame.right = (int16_t)-index;
  return frame;
}

static int visit_gap(int64_t start, int64_t end, void *user) {
  (void)user;
  return start < end;
}

static int visit_reader(const ringbuf_reader_info_t *reader, void *user) {
  *(int64_t *)user = reader->position == 0 && reader->lag == 0 ? 1 : 0;
  return 1;
}

static int is_right(const void *samples, int64_t start, int64_t count) {
  const frame_t *frames = samples;
  int64_t i;
  for (i = 0; i < count; ++i) {
    const frame_t expected = frame_at(start + i);
    if (frames[i].left != expected.left || frames[i].right != expected.right) {
      return 0;
    }
  }
  return 1;
}

static void put_frames(ringbuf_t *writer, int64_t from, uint64_t count) {
  frame_t frames[64];
  uint64_t i;
  EXPECT(count <= 64);
  for (i = 0; i < count; ++i) {
    frames[i] = frame_at(from + (int64_t)i);
  }
  EXPECT_OK(ringbuf_put(writer, frames, count));
}

static ringbuf_info_t info_of(ringbuf_t *ring) {
  ringbuf_info_t info;
  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  EXPECT_OK(ringbuf_info(ring, &info));
  return info;
}

static int find_name(const char *each, const ringbuf_info_t *info, void *user) {
  if (strcmp(each, name) == 0) {
    *(int64_t *)user = info->written;
    return 1;
  }
  return 0;
}

static void recording(void) {
  ringbuf_options_t options;
  ringbuf_t *writer = NULL, *reader = NULL, *second = NULL;
  const void *samples = NULL;
  void *place = NULL, *raw = NULL;
  frame_t copied[32], one;
  int64_t start = -1, position = -1, listed = -1;
  uint64_t count = 0, i;
  size_t bytes = 0, size = 0, raw_bytes = 0;
  char metadata[32];

  EXPECT_OK(ringbuf_options_init(&options, sizeof options));
  EXPECT_OK(ringbuf_type_code("int16", &options.data_type));
  EXPECT(strcmp(ringbuf_type_name(options.data_type), "int16") == 0);
  EXPECT(ringbuf_type_size(options.data_type) == 2);
  options.channels = 2;
  options.capacity = 32;
  options.window = 8;
  options.flags = RINGBUF_KEEP;
  options.sample_rate = 44100.0;
  EXPECT_OK(ringbuf_size(&options, &bytes));
  EXPECT_OK(ringbuf_create(&writer, name, &options));
  EXPECT(ringbuf_create(&second, name, &options) == RINGBUF_EXISTS && second == NULL);
  EXPECT_OK(ringbuf_set_metadata(writer, "left,right", 10));
  EXPECT_OK(ringbuf_open(&reader, name, RINGBUF_FROM_OLDEST | RINGBUF_RESYNC_OLDEST));

  EXPECT(ringbuf_create_or_resume(&second, name, &options) == RINGBUF_BUSY && second == NULL);
  EXPECT_OK(ringbuf_wait_readers(writer, 1, 0));
  EXPECT_OK(ringbuf_open_wait(&second, name, RINGBUF_OBSERVER, -1));
  EXPECT_OK(ringbuf_reopen(second, RINGBUF_OBSERVER | RINGBUF_ANY_SHAPE, 0));
  EXPECT_OK(ringbuf_close(second));
  second = NULL;
  EXPECT_OK(ringbuf_readers(writer, visit_reader, &start));
  EXPECT(start == 1);

  /* By index. */
  put_frames(writer, 0, 28);
  EXPECT_OK(ringbuf_wait(reader, 28, -1));
  position = 28;
  EXPECT_OK(ringbuf_wait_any(&reader, &position, 1, -1, &size));
  EXPECT(size == 0);
  EXPECT(ringbuf_interrupt(NULL) == RINGBUF_NOT_INITIALIZED);
  EXPECT_OK(ringbuf_check(reader, 0, 28));
  EXPECT_OK(ringbuf_view(reader, 0, 28, &samples));
  EXPECT(is_right(samples, 0, 28));

  /* In place, over the end of the ring. */
  EXPECT_OK(ringbuf_reserve(writer, 8, &place));
  for (i = 0; i < 8; ++i) {
    ((frame_t *)place)[i] = frame_at(28 + (int64_t)i);
  }
  EXPECT_OK(ringbuf_commit(writer, 8));
  EXPECT(ringbuf_check(reader, 0, 36) == RINGBUF_OVERWRITTEN);
  EXPECT(ringbuf_check(reader, 4, 37) == RINGBUF_NOT_YET);
  EXPECT_OK(ringbuf_skip(writer, 0));
  EXPECT_OK(ringbuf_gaps(reader, visit_gap, NULL));
  EXPECT_OK(ringbuf_stamp(writer, 35, 1000, 2000));
  EXPECT_OK(ringbuf_time_at(reader, 35, &start, NULL));
  EXPECT(start == 1000);
  EXPECT_OK(ringbuf_index_at(reader, RINGBUF_CLOCK_REALTIME, 2000, &start));
  EXPECT(start == 35);
  EXPECT_OK(ringbuf_read(reader, 4, 36, copied));
  EXPECT(is_right(copied, 4, 32));
  EXPECT_OK(ringbuf_space(writer, &count));
  EXPECT(count == 32);
  EXPECT_OK(ringbuf_wait_space(writer, 32, 0));

  /* From a position. */
  EXPECT(ringbuf_next(reader, 8, 4, 0, &samples, &start) == RINGBUF_OVERWRITTEN);
  EXPECT(info_of(reader).lost == 4 && info_of(reader).overruns == 1);
  EXPECT_OK(ringbuf_next(reader, 8, 4, 0, &samples, &start));
  EXPECT(start == 4 && is_right(samples, start, 8));
  EXPECT_OK(ringbuf_check(reader, start, start + 8));
  EXPECT_OK(ringbuf_next_copy(reader, 28, 0, 0, copied, &start));
  EXPECT(start == 8 && is_right(copied, start, 28));
  EXPECT_OK(ringbuf_tell(reader, &position));
  EXPECT(position == 8);
  EXPECT_OK(ringbuf_usage(reader, &count));
  EXPECT(count == 28);
  EXPECT_OK(ringbuf_seek(reader, 30));
  EXPECT_OK(ringbuf_pop(reader, &one));
  EXPECT(is_right(&one, 30, 1));
  EXPECT_OK(ringbuf_pop_many(reader, copied, 32, &count));
  EXPECT(count == 5 && is_right(copied, 31, 5));
  EXPECT(ringbuf_pop(reader, &one) == RINGBUF_EMPTY);
  one = frame_at(36);
  EXPECT_OK(ringbuf_push(writer, &one));

  /* Around. */
  EXPECT_OK(ringbuf_metadata(reader, metadata, sizeof metadata, &size));
  EXPECT(size == 10 && memcmp(metadata, "left,right", 10) == 0);
  EXPECT_OK(ringbuf_raw(writer, &raw, &raw_bytes));
  EXPECT(raw != NULL && raw_bytes == bytes);
  EXPECT(info_of(writer).total_bytes == bytes);
  EXPECT(info_of(reader).sample_rate == 44100.0);
  (void)ringbuf_list(find_name, &listed);
  EXPECT(listed == 37);
  EXPECT(ringbuf_put(reader, &one, 1) == RINGBUF_WRITE_FORBIDDEN);
  EXPECT(ringbuf_pop(writer, &one) == RINGBUF_READ_FORBIDDEN);

  /* Left and resumed. */
  EXPECT(ringbuf_resume(&second, name) == RINGBUF_BUSY);
  EXPECT_OK(ringbuf_close(writer));
  EXPECT_OK(ringbuf_pop(reader, &one));
  EXPECT(is_right(&one, 36, 1));
  EXPECT(ringbuf_pop(reader, &one) == RINGBUF_CLOSED);
  EXPECT_OK(ringbuf_resume(&writer, name));
  EXPECT(info_of(writer).written == 37 && info_of(writer).generation == 2);
  put_frames(writer, 37, 3);
  EXPECT_OK(ringbuf_pop_many(reader, copied, 32, &count));
  EXPECT(count == 3 && is_right(copied, 37, 3));
  EXPECT_OK(ringbuf_close(writer));
  EXPECT_OK(ringbuf_unlink(name)); /* while there is a reader: on Windows it is gone with that */
  EXPECT_OK(ringbuf_close(reader));
  EXPECT(ringbuf_open(&reader, name, 0) == RINGBUF_NOT_FOUND);
}

/* Messages of any length. */
static void messages(void) {
  ringbuf_options_t options;
  ringbuf_t *writer = NULL, *reader = NULL;
  const void *bytes = NULL;
  size_t size = 0;
  int64_t start = -1;
  ringbuf_message_t message;

  EXPECT_OK(ringbuf_options_init(&options, sizeof options));
  options.flags = RINGBUF_MESSAGES;
  options.capacity = 4096;
  EXPECT_OK(ringbuf_create(&writer, name, &options));
  EXPECT_OK(ringbuf_open(&reader, name, RINGBUF_FROM_OLDEST));
  EXPECT_OK(ringbuf_send(writer, "start", 5));
  EXPECT_OK(ringbuf_send_event(writer, 7, 1000, "spike", 6));
  EXPECT_OK(ringbuf_receive(reader, -1, &bytes, &size, &start));
  EXPECT(size == 5 && memcmp(bytes, "start", 5) == 0 && start == 24);
  EXPECT_OK(ringbuf_receive(reader, -1, &bytes, &size, &start));
  EXPECT(size == 6 && strcmp(bytes, "spike") == 0);
  memset(&message, 0, sizeof message);
  message.struct_size = sizeof message;
  EXPECT_OK(ringbuf_message(reader, start, &message));
  EXPECT(message.kind == 7 && message.tag == 1000 && message.size == 6 && message.start == start);
  EXPECT(ringbuf_receive(reader, 0, &bytes, &size, &start) == RINGBUF_TIMEOUT);
  EXPECT_OK(ringbuf_close(reader));
  EXPECT_OK(ringbuf_close(writer));
}

/* Items of 12 bytes, handed on by a descriptor; the reader holds the writer back. */
static void events(void) {
  ringbuf_options_t options;
  ringbuf_t *writer = NULL, *reader = NULL;
  char item[12];
  uint64_t count = 0;
  intptr_t fd = -1;
  EXPECT_OK(ringbuf_options_init(&options, sizeof options));
  options.data_type = RINGBUF_BYTES;
  options.item_size = sizeof item;
  options.capacity = 2;
  options.flags = RINGBUF_LOSSLESS;
  EXPECT_OK(ringbuf_create(&writer, NULL, &options));
  EXPECT_OK(ringbuf_fd(writer, &fd));
  EXPECT_OK(ringbuf_open_fd(&reader, fd, 0));
  EXPECT_OK(ringbuf_push(writer, "first event"));
  EXPECT_OK(ringbuf_push(writer, "other event"));
  EXPECT(ringbuf_push(writer, "third event") == RINGBUF_FULL);
  EXPECT(ringbuf_wait_space(writer, 1, 0) == RINGBUF_TIMEOUT);
  EXPECT_OK(ringbuf_pop(reader, item));
  EXPECT(strcmp(item, "first event") == 0);
  EXPECT_OK(ringbuf_space(writer, &count));
  EXPECT(count == 1);
  EXPECT_OK(ringbuf_push(writer, "third event"));
  EXPECT_OK(ringbuf_close(writer));
  EXPECT_OK(ringbuf_pop(reader, item));
  EXPECT(strcmp(item, "other event") == 0);
  EXPECT_OK(ringbuf_pop(reader, item));
  EXPECT(strcmp(item, "third event") == 0);
  EXPECT(ringbuf_pop(reader, item) == RINGBUF_CLOSED);
  EXPECT_OK(ringbuf_close(reader));
}

/* What an event loop does. Windows has none of it. */
static int is_readable(intptr_t fd, int milliseconds) {
#ifdef _WIN32
  (void)fd;
  return milliseconds != 0;
#else
  struct pollfd ready;
  ready.fd = (int)fd;
  ready.events = POLLIN;
  ready.revents = 0;
  return poll(&ready, 1, milliseconds) == 1 && ready.revents == POLLIN;
#endif
}

static void loop(void) {
  ringbuf_options_t options;
  ringbuf_t *writer = NULL, *reader = NULL;
  const float value = 0.5F;
  intptr_t fd = -1, memory = -1;
  int code;
  EXPECT_OK(ringbuf_options_init(&options, sizeof options));
  options.capacity = 16;
  EXPECT_OK(ringbuf_create(&writer, NULL, &options));
  EXPECT_OK(ringbuf_fd(writer, &memory));
  EXPECT_OK(ringbuf_open_fd(&reader, memory, 0));
  code = ringbuf_poll_fd(reader, &fd);
  if (code == RINGBUF_OK) {
    EXPECT_OK(ringbuf_poll_arm(reader, 1));
    EXPECT(!is_readable(fd, 0));
    EXPECT_OK(ringbuf_push(writer, &value));
    EXPECT(is_readable(fd, -1));
  } else {
    EXPECT(code == RINGBUF_UNSUPPORTED && ringbuf_poll_arm(reader, 1) == RINGBUF_INVALID_ARGUMENT);
  }
  EXPECT_OK(ringbuf_close(reader));
  EXPECT_OK(ringbuf_close(writer));
}

static void own_memory(void) {
  ringbuf_options_t options;
  ringbuf_t *writer = NULL, *reader = NULL;
  const float values[] = {0.5F, -1.0F, 2.0F};
  float back[3] = {0.0F, 0.0F, 0.0F};
  size_t bytes = 0;
  void *memory;
  EXPECT_OK(ringbuf_options_init(&options, sizeof options));
  options.capacity = 16;
  EXPECT_OK(ringbuf_size(&options, &bytes));
  memory = calloc(1, bytes);
  EXPECT(memory != NULL);
  EXPECT(ringbuf_open_raw(&reader, memory, bytes, 0) == RINGBUF_NOT_INITIALIZED);
  EXPECT_OK(ringbuf_create_raw(&writer, memory, bytes, &options));
  EXPECT_OK(ringbuf_open_raw(&reader, memory, bytes, RINGBUF_OBSERVER));
  EXPECT_OK(ringbuf_put(writer, values, 3));
  EXPECT_OK(ringbuf_read(reader, 0, 3, back));
  EXPECT(memcmp(values, back, sizeof values) == 0);
  EXPECT_OK(ringbuf_close(reader));
  EXPECT_OK(ringbuf_close(writer));
  free(memory);
}

static void texts(void) {
  char version[64];
  ringbuf_t *reader = NULL;
  EXPECT(ringbuf_open(&reader, "no/slashes", 0) == RINGBUF_INVALID_ARGUMENT);
  EXPECT(strstr(ringbuf_last_error(), "no/slashes") != NULL);
  EXPECT(strcmp(ringbuf_error_name(RINGBUF_FULL), "RINGBUF_FULL") == 0);
  EXPECT(strlen(ringbuf_strerror(RINGBUF_FULL)) > 0);
  snprintf(version, sizeof version, "%d.%d.%d", RINGBUF_VERSION_MAJOR, RINGBUF_VERSION_MINOR, RINGBUF_VERSION_PATCH);
  EXPECT(strcmp(ringbuf_version(), version) == 0);
}

int main(void) {
  snprintf(name, sizeof name, "capi-test.%ld.c11", (long)getpid());
  atexit(remove_name);
  recording();
  events();
  messages();
  loop();
  own_memory();
  texts();
  return 0;
}
