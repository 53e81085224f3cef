// The table of codes, as docs/guide-c.md shows it: from the list that the enumeration and the texts are made of.
#include <cstdio>
#include <ringbuf/status.hpp>

int main() {
  std::printf("| code | name | meaning |\n|---|---|---|\n");
#define X(code, name, enumerator, message) std::printf("| %d | `RINGBUF_%s` | %s |\n", code, #name, message);
  RINGBUF_STATUSES(X)
#undef X
  return 0;
}
