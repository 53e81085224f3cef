/* The shared library as a plug-in host or another language finds it: loaded at run time, every function that the
 * header declares resolved by name, and used. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"
#include "ringbuf.h"

static int failures = 0;

#define EXPECT(condition)                                                     \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                             \
    }                                                                         \
  } while (0)

#define RESOLVE(library, function, pointer) (plugin_find(library, function, &(pointer)), (pointer))

/* Resolves what stands before the first parenthesis of each declaration that begins with RINGBUF_API. */
static int resolve_all(void *library, const char *header) {
  static char text[1 << 18];
  int resolved = 0;
  size_t length;
  char *at;
  void (*function)(void) = NULL;
  FILE *file = fopen(header, "rb");
  if (file == NULL) {
    perror(header);
    return 0;
  }
  length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  EXPECT(length < sizeof text - 1);
  text[length] = '\0';
  for (at = text; (at = strstr(at, "\nRINGBUF_API ")) != NULL;) {
    char name[64];
    char *end = strchr(at, '(');
    char *begin = end;
    if (end == NULL) {
      break;
    }
    while (begin[-1] == '_' || (begin[-1] >= 'a' && begin[-1] <= 'z') || (begin[-1] >= '0' && begin[-1] <= '9')) {
      --begin;
    }
    EXPECT((size_t)(end - begin) < sizeof name);
    memcpy(name, begin, (size_t)(end - begin));
    name[end - begin] = '\0';
    plugin_find(library, name, &function);
    if (function == NULL) {
      fprintf(stderr, "%s is declared but cannot be resolved\n", name);
      ++failures;
    }
    ++resolved;
    at = end;
  }
  return resolved;
}

int main(void) {
  int (*options_init)(ringbuf_options_t *, size_t);
  int (*create)(ringbuf_t **, const char *, const ringbuf_options_t *);
  int (*fd_of)(const ringbuf_t *, intptr_t *);
  int (*open_fd)(ringbuf_t **, intptr_t, uint32_t);
  int (*put)(ringbuf_t *, const void *, uint64_t);
  int (*pop)(ringbuf_t *, void *);
  int (*read_samples)(ringbuf_t *, int64_t, int64_t, void *);
  int (*close_ring)(ringbuf_t *);
  const char *(*version)(void);
  char expected[64];
  void *library = plugin_open(RINGBUF_TEST_LIBRARY);
  if (library == NULL) {
    fprintf(stderr, "cannot load %s\n", RINGBUF_TEST_LIBRARY);
    return 1;
  }
  EXPECT(resolve_all(library, RINGBUF_TEST_HEADER) >= 39); /* every one of the header, and that it was read */
  EXPECT(RESOLVE(library, "ringbuf_options_init", options_init) != NULL);
  EXPECT(RESOLVE(library, "ringbuf_create", create) != NULL);
  EXPECT(RESOLVE(library, "ringbuf_fd", fd_of) != NULL);
  EXPECT(RESOLVE(library, "ringbuf_open_fd", open_fd) != NULL);
  EXPECT(RESOLVE(library, "ringbuf_put", put) != NULL);
  EXPECT(RESOLVE(library, "ringbuf_pop", pop) != NULL);
  EXPECT(RESOLVE(library, "ringbuf_read", read_samples) != NULL);
  EXPECT(RESOLVE(library, "ringbuf_close", close_ring) != NULL);
  EXPECT(RESOLVE(library, "ringbuf_version", version) != NULL);
  if (failures == 0) {
    ringbuf_options_t options;
    ringbuf_t *writer = NULL, *reader = NULL;
    const int16_t samples[] = {1, -2, 3};
    int16_t back[3] = {0, 0, 0}, item = 0;
    intptr_t fd = -1;
    EXPECT(options_init(&options, sizeof options) == RINGBUF_OK);
    options.data_type = RINGBUF_INT16;
    options.capacity = 8;
    EXPECT(create(&writer, NULL, &options) == RINGBUF_OK);
    EXPECT(fd_of(writer, &fd) == RINGBUF_OK);
    EXPECT(open_fd(&reader, fd, 0) == RINGBUF_OK);
    EXPECT(put(writer, samples, 3) == RINGBUF_OK);
    EXPECT(read_samples(reader, 0, 3, back) == RINGBUF_OK);
    EXPECT(memcmp(samples, back, sizeof samples) == 0);
    EXPECT(pop(reader, &item) == RINGBUF_OK && item == 1);
    EXPECT(close_ring(reader) == RINGBUF_OK);
    EXPECT(close_ring(writer) == RINGBUF_OK);
    snprintf(expected, sizeof expected, "%d.%d.%d", RINGBUF_VERSION_MAJOR, RINGBUF_VERSION_MINOR,
             RINGBUF_VERSION_PATCH);
    EXPECT(strcmp(version(), expected) == 0);
  }
  /* Unloaded with all rings closed, and loaded again. */
  EXPECT(plugin_close(library) == 0);
  library = plugin_open(RINGBUF_TEST_LIBRARY);
  EXPECT(library != NULL);
  return failures == 0 ? 0 : 1;
}
