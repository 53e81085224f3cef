// Messages of any length.
#include <cstdio>
#include <exception>
#include <ringbuf/ringbuf.hpp>
#include <string_view>

int main(int argc, char **argv) try {
  const char *name = argc == 2 ? argv[1] : "messages";
  ringbuf::Writer writer(name, {.capacity = 1 << 16, .messages = true});
  ringbuf::Reader reader(name);

  for (const std::string_view text : {"one", "and another", ""}) {
    if (writer.send_event(3, 48000, text.data(), text.size()) != ringbuf::Status::ok) return 1;
  }
  writer.close();

  int messages = 0;
  const std::byte *bytes = nullptr;
  std::size_t size = 0;
  std::int64_t start = 0;
  while (reader.receive(-1, bytes, size, start) == ringbuf::Status::ok) {  // in place
    ringbuf::Message message{};
    if (reader.message(start, message) != ringbuf::Status::ok) return 1;
    std::printf("sample %lld: %.*s\n", static_cast<long long>(message.tag), static_cast<int>(size),
                reinterpret_cast<const char *>(bytes));
    if (reader.check(start, start + static_cast<std::int64_t>(size)) != ringbuf::Status::ok) return 1;
    ++messages;
  }
  return messages == 3 ? 0 : 1;
} catch (const std::exception &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
