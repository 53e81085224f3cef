/* One operation between two marks (calls of getppid), so that faults.py can let each system call between them fail. Afterwards
 * everything is looked at: what was refused has changed nothing and works when it is asked for again; what was done is done.
 *
 * usage: ringbuf_faults OPERATION NAME [FAULT]; the name is of no ring yet, FAULT is "SYSCALL:ERROR" for what must be allowed
 * for. Exit code 0: all is well; 1: it is not, and the text says why. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <ringbuf.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { capacity = 64, put_before = 3 };

static const char *operation, *name, *fault = "";
static char path[300];

static void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("%s: ", operation);
  vprintf(format, arguments);
  printf(" (last error: %s)\n", ringbuf_last_error());
  va_end(arguments);
  fflush(stdout);
  ringbuf_unlink(name);
  _exit(1);
}

static int is(const char *what) { return strcmp(operation, what) == 0; }
static int fault_is(const char *what) { return strstr(fault, what) != NULL; }

static ringbuf_options_t options(uint32_t flags) {
  ringbuf_options_t o;
  ringbuf_options_init(&o, sizeof o);
  o.data_type = RINGBUF_INT64;
  o.capacity = capacity;
  o.flags = flags;
  return o;
}

/* --- What there is ----------------------------------------------------------------------------------------------- */

struct world {
  int descriptors, mappings;
  char names[1024]; /* all that have our name in theirs */
  struct stat file;
  uint64_t bytes; /* a sum of the file's content, state included */
};

static int count_descriptors(void) {
  int count = 0;
  DIR *entries = opendir("/proc/self/fd");
  if (entries == NULL) die("no /proc/self/fd");
  while (readdir(entries) != NULL) ++count;
  closedir(entries);
  return count;
}

static int count_mappings(void) {
  int count = 0;
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) die("no /proc/self/maps");
  while (fgets(line, sizeof line, maps) != NULL) {
    if (strstr(line, "/dev/shm/") != NULL || strstr(line, "memfd:") != NULL) ++count;
  }
  fclose(maps);
  return count;
}

static int compare(const void *a, const void *b) { return strcmp(a, b); }

static void list_names(char *names, size_t room) {
  char found[8][256];
  size_t count = 0;
  DIR *entries = opendir("/dev/shm");
  if (entries == NULL) die("no /dev/shm");
  for (struct dirent *e; (e = readdir(entries)) != NULL;) {
    if (strstr(e->d_name, name) != NULL && count < 8) strcpy(found[count++], e->d_name);
  }
  closedir(entries);
  qsort(found, count, sizeof found[0], compare);
  names[0] = '\0';
  for (size_t i = 0; i < count; ++i) {
    if (strlen(names) + strlen(found[i]) + 2 > room) die("too many names");
    strcat(strcat(names, found[i]), "\n");
  }
}

static struct world look(void) {
  struct world w;
  memset(&w, 0, sizeof w);
  w.descriptors = count_descriptors();
  w.mappings = count_mappings();
  list_names(w.names, sizeof w.names);
  const int fd = open(path, O_RDONLY);
  if (fd >= 0) {
    static unsigned char content[1 << 16];
    fstat(fd, &w.file);
    ssize_t n;
    while ((n = read(fd, content, sizeof content)) > 0) {
      for (ssize_t i = 0; i < n; ++i) w.bytes = w.bytes * 1099511628211U + content[i];
    }
    close(fd);
  }
  return w;
}

static void expect_same(const struct world *before) {
  const struct world now = look();
  const int leaks_by_itself = fault_is("close:") || fault_is("munmap:"); /* the call that would have given it back */
  if (!leaks_by_itself && now.descriptors != before->descriptors) {
    die("%d descriptors, before %d", now.descriptors, before->descriptors);
  }
  if (!leaks_by_itself && now.mappings != before->mappings)
    die("%d mappings, before %d", now.mappings, before->mappings);
  if (!fault_is("unlink:") && strcmp(now.names, before->names) != 0)
    die("names\n%sbefore\n%s", now.names, before->names);
  if (now.file.st_ino != before->file.st_ino) die("the name stands for another file");
  if (now.file.st_mode != before->file.st_mode || now.file.st_size != before->file.st_size) die("the file has changed");
  if (now.bytes != before->bytes) die("the ring's content has changed");
}

/* --- The operations ------------------------------------------------------------------------------------------------ */

static ringbuf_t *writer, *reader, *result;
static intptr_t descriptor = -1;
static int found;

/* In one call, so that it makes the same system calls in each run: puts make one in each tick of the clock. */
static void put(ringbuf_t *ring, int count) {
  int64_t samples[capacity];
  for (int64_t i = 0; i < count; ++i) samples[i] = i;
  if (ringbuf_put(ring, samples, (uint64_t)count) != RINGBUF_OK) die("put");
}

/* A process that makes a ring and dies. */
static void leave_a_dead_ring(void) {
  const pid_t child = fork();
  if (child == 0) {
    const ringbuf_options_t o = options(0);
    ringbuf_t *ring = NULL;
    if (ringbuf_create(&ring, name, &o) != RINGBUF_OK) _exit(1);
    put(ring, put_before);
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) die("no dead ring");
}

static int visit(const char *each, const ringbuf_info_t *info, void *user) {
  (void)info;
  (void)user;
  if (strcmp(each, name) == 0) found = 1;
  return 0;
}

static void make(ringbuf_t **ring, const char *as, uint32_t flags) {
  const ringbuf_options_t o = options(flags);
  if (ringbuf_create(ring, as, &o) != RINGBUF_OK) die("create");
}

static void prepare(void) {
  if (is("create_over_dead") || is("resume")) leave_a_dead_ring();
  if (is("create_over_kept")) {
    make(&writer, name, RINGBUF_KEEP);
    put(writer, put_before);
    ringbuf_close(writer);
    writer = NULL;
  }
  if (is("open") || is("open_wait") || is("reopen") || is("poll") || is("list") || is("unlink")) make(&writer, name, 0);
  if (is("reopen")) { /* the reader has the ring before, of which nothing is left */
    if (ringbuf_open(&reader, name, 0) != RINGBUF_OK) die("open");
    ringbuf_close(writer);
    make(&writer, name, 0);
  }
  if (is("poll") && ringbuf_open(&reader, name, 0) != RINGBUF_OK) die("open");
  if (is("close") || is("close_kept")) make(&writer, name, is("close") ? 0 : RINGBUF_KEEP);
  if (is("open_fd") || is("fd")) make(&writer, NULL, 0);
  if (is("resume_fd")) {
    make(&writer, NULL, 0);
    intptr_t own = -1;
    if (ringbuf_fd(writer, &own) != RINGBUF_OK) die("fd");
    descriptor = dup((int)own);
    put(writer, put_before);
    ringbuf_close(writer);
    writer = NULL;
  }
  if (is("open_fd") && ringbuf_fd(writer, &descriptor) != RINGBUF_OK) die("fd");
  if (writer != NULL) put(writer, put_before);
}

static int operate(void) {
  ringbuf_options_t o = options(0);
  if (is("create_large")) {
    o.capacity = (uint64_t)(100 << 20) / sizeof(int64_t);
    return ringbuf_create(&result, name, &o);
  }
  if (is("create") || is("create_over_dead") || is("create_over_kept")) return ringbuf_create(&result, name, &o);
  if (is("anonymous")) return ringbuf_create(&result, NULL, &o);
  if (is("open")) return ringbuf_open(&result, name, 0);
  if (is("open_wait")) return ringbuf_open_wait(&result, name, 0, -1);
  if (is("reopen")) return ringbuf_reopen(reader, 0, -1);
  if (is("open_fd")) return ringbuf_open_fd(&result, descriptor, 0);
  if (is("resume")) return ringbuf_resume(&result, name);
  if (is("resume_fd")) return ringbuf_open_fd(&result, descriptor, RINGBUF_AS_WRITER);
  if (is("poll")) {
    const int code = ringbuf_poll_fd(reader, &descriptor);
    return code == RINGBUF_OK ? ringbuf_poll_arm(reader, put_before) : code;
  }
  if (is("list")) return ringbuf_list(visit, NULL);
  if (is("unlink")) return ringbuf_unlink(name);
  if (is("fd")) return ringbuf_fd(writer, &descriptor);
  if (is("close") || is("close_kept")) return ringbuf_close(writer);
  printf("no operation %s\n", operation);
  _exit(2);
}

static int64_t written(ringbuf_t *ring) {
  ringbuf_info_t info = {.struct_size = sizeof info};
  if (ringbuf_info(ring, &info) != RINGBUF_OK) die("info");
  return info.written;
}

/* It has been done, and what there is now works. */
static void check_done(void) {
  int64_t sample = -1;
  if (is("list")) {
    /* What may not be read is left out. */
    if (!found && !fault_is(":EACCES")) die("the ring was not listed");
  } else if (is("unlink")) {
    if (access(path, F_OK) == 0) die("the name is still there");
  } else if (is("fd")) {
    if (fcntl((int)descriptor, F_GETFD) < 0) die("no descriptor");
  } else if (is("close") || is("close_kept")) {
    writer = NULL;
    if (is("close_kept") && access(path, F_OK) != 0) die("the name is gone");
    /* In its own time, or because it could not be removed; unless it is still open. */
    if (access(path, F_OK) == 0 && !fault_is("close:")) {
      if (ringbuf_open(&result, name, 0) != RINGBUF_OK) die("open of what was closed");
      for (int i = 0; i < put_before; ++i) {
        if (ringbuf_pop(result, &sample) != RINGBUF_OK) die("pop of what was closed");
      }
      if (ringbuf_pop(result, &sample) != RINGBUF_CLOSED) die("the stream has no end");
      ringbuf_close(result);
      make(&result, name, 0);
    }
  } else if (is("poll")) {
    struct pollfd ready = {(int)descriptor, POLLIN, 0};
    if (poll(&ready, 1, -1) != 1 || ready.revents != POLLIN) die("it is not readable");
  } else if (is("open") || is("open_wait") || is("reopen") || is("open_fd")) {
    if (ringbuf_pop(is("reopen") ? reader : result, &sample) != RINGBUF_OK || sample != 0) die("pop");
  } else {
    const int resumed = is("resume") || is("resume_fd");
    if (written(result) != (resumed ? put_before : 0)) die("%lld samples", (long long)written(result));
    if (!is("create_large")) put(result, capacity);
    put(result, 1);
    if (!is("anonymous") && !is("resume_fd")) {
      ringbuf_t *other = NULL;
      if (ringbuf_open(&other, name, RINGBUF_OBSERVER) != RINGBUF_OK) die("open of what was made");
      if (ringbuf_pop(other, &sample) != RINGBUF_OK) die("pop from what was made");
      ringbuf_close(other);
    }
  }
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  operation = arguments[1];
  name = arguments[2];
  if (count > 3) fault = arguments[3];
  snprintf(path, sizeof path, "/dev/shm/%s", name);
  ringbuf_unlink("nobody-has-this-name"); /* whatever the library does once */
  prepare();
  const struct world before = look();

  (void)syscall(SYS_getppid);
  const int code = operate();
  int64_t unread = -1;
  (void)syscall(SYS_getppid);

  if (code != RINGBUF_OK) {
    if (is("close") || is("close_kept")) die("close was refused: %s", ringbuf_error_name(code));
    if (ringbuf_last_error()[0] == '\0') die("%s without a word", ringbuf_error_name(code));
    /* With EACCES a lock may be refused that another has. */
    const int held = (code == RINGBUF_EXISTS || code == RINGBUF_BUSY) && !fault_is("fcntl:EACCES");
    if (code == RINGBUF_NOT_FOUND || code == RINGBUF_CORRUPT || held) {
      die("%s, which is not so", ringbuf_error_name(code));
    }
    if (result != NULL) die("a handle from a call that was refused");
    if (fault_is(":EINTR")) die("%s for an interrupted call", ringbuf_error_name(code));
    expect_same(&before);
    if (is("reopen") && ringbuf_pop(reader, &unread) != RINGBUF_CLOSED) die("the reader has lost the ring before");
    fault = "";
    if (operate() != RINGBUF_OK) die("the second time");
  } else if (is("list")) {
    expect_same(&before);
  }
  check_done();
  ringbuf_close(result);
  ringbuf_close(reader);
  ringbuf_close(writer);
  if (access(path, F_OK) == 0 && ringbuf_unlink(name) != RINGBUF_OK) die("unlink");
  return 0;
}
