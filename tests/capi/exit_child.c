/* A program that the tests in exit.cpp start: it makes rings and leaves without closing them.
 *   exit_child return NAME   from main
 *   exit_child exit NAME     by exit()
 *   exit_child armed NAME    from main, with a reader whose descriptor is armed
 *   exit_child fork NAME     after a forked child has left by exit(), which must not have removed the name
 * It says "ready" when the ring is there, and leaves when it is told to, by a line or the end of its input. Exit code 0, or the number of the step that failed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringbuf.h"

/* Whether a forked child has left by exit(); in exit_child_fork.c, or exit_child_nofork.c where there is no fork(). */
int a_child_has_left(void);

/* Not on the stack: what is left open on purpose is no leak. */
static ringbuf_t *writer = NULL, *reader = NULL;

int main(int argc, char **argv) {
  ringbuf_options_t options;
  const int32_t item = 7;
  if (argc != 3) {
    return 1;
  }
  if (ringbuf_options_init(&options, sizeof options) != RINGBUF_OK) {
    return 2;
  }
  options.data_type = RINGBUF_INT32;
  options.capacity = 8;
  if (ringbuf_create(&writer, argv[2], &options) != RINGBUF_OK) {
    return 3;
  }
  if (ringbuf_push(writer, &item) != RINGBUF_OK) {
    return 4;
  }
  if (strcmp(argv[1], "fork") == 0) {
    if (!a_child_has_left()) {
      return 5;
    }
    if (ringbuf_open(&reader, argv[2], 0) != RINGBUF_OK) {
      return 6;
    }
    if (ringbuf_push(writer, &item) != RINGBUF_OK || ringbuf_check(reader, 0, 2) != RINGBUF_OK) {
      return 7;
    }
  }
  if (strcmp(argv[1], "armed") == 0) {
    intptr_t fd = -1;
    if (ringbuf_open(&reader, argv[2], 0) != RINGBUF_OK || ringbuf_poll_fd(reader, &fd) != RINGBUF_OK ||
        ringbuf_poll_arm(reader, 2) != RINGBUF_OK) {
      return 8;
    }
  }
  printf("ready\n");
  fflush(stdout);
  (void)getchar();
  if (strcmp(argv[1], "exit") == 0) {
    exit(0);
  }
  return 0;
}
