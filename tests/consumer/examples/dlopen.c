#include <dlfcn.h>
#include <ringbuf.h> /* for the types and constants; nothing of the library is linked */
#include <stdio.h>

int main(void) {
  int (*create)(ringbuf_t **, const char *, const ringbuf_options_t *);
  int (*push)(ringbuf_t *, const void *);
  int (*read)(ringbuf_t *, int64_t, int64_t, void *);
  int (*close)(ringbuf_t *);
  void *library = dlopen("libringbuf.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return fprintf(stderr, "%s\n", dlerror()), 1;
  *(void **)&create = dlsym(library, "ringbuf_create");
  *(void **)&push = dlsym(library, "ringbuf_push");
  *(void **)&read = dlsym(library, "ringbuf_read");
  *(void **)&close = dlsym(library, "ringbuf_close");
  if (!create || !push || !read || !close) return 1;

  ringbuf_options_t options = {.struct_size = sizeof options, .data_type = RINGBUF_INT64, .capacity = 100};
  ringbuf_t *ring = NULL;
  int64_t in = 42, out = 0;
  if (create(&ring, NULL, &options) || push(ring, &in) || read(ring, 0, 1, &out) || close(ring)) return 1;
  printf("put %lld, read %lld\n", (long long)in, (long long)out);
  return out != in;
}
