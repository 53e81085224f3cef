#include <cstdio>
#include <ringbuf/ringbuf.hpp>

int main() {
  const ringbuf::Error error(ringbuf::Status::not_found, "a text of the static library");
  std::puts(error.what());
}
