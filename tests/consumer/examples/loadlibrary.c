#include <ringbuf.h> /* for the types and constants; nothing of the library is linked */
#include <stdio.h>
#include <windows.h>

int main(void) {
  int (*create)(ringbuf_t **, const char *, const ringbuf_options_t *);
  int (*push)(ringbuf_t *, const void *);
  int (*read)(ringbuf_t *, int64_t, int64_t, void *);
  int (*close)(ringbuf_t *);
  HMODULE library = LoadLibraryA("ringbuf.dll");
  if (library == NULL) return fprintf(stderr, "no ringbuf.dll: error %u\n", (unsigned)GetLastError()), 1;
  *(FARPROC *)&create = GetProcAddress(library, "ringbuf_create");
  *(FARPROC *)&push = GetProcAddress(library, "ringbuf_push");
  *(FARPROC *)&read = GetProcAddress(library, "ringbuf_read");
  *(FARPROC *)&close = GetProcAddress(library, "ringbuf_close");
  if (!create || !push || !read || !close) return 1;

  ringbuf_options_t options = {.struct_size = sizeof options, .data_type = RINGBUF_INT32, .capacity = 100};
  ringbuf_t *ring = NULL;
  int32_t in = 42, out = 0;
  if (create(&ring, NULL, &options) || push(ring, &in) || read(ring, 0, 1, &out) || close(ring)) return 1;
  printf("put %d, read %d\n", (int)in, (int)out);
  return out != in;
}
