// A writer and a reader in one program, each in its own thread.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ringbuf/ringbuf.hpp>
#include <thread>
#include <vector>

int main() {
  constexpr std::int64_t count = 20000;
  ringbuf::Writer writer;
  ringbuf::Reader reader;
  const ringbuf::Options options{.data_type = ringbuf::DataType::int64, .capacity = 512, .window = 8, .lossless = true};
  std::size_t bytes = 0;
  if (ringbuf::Writer::size(options, bytes) != ringbuf::Status::ok) return 1;
  std::vector<std::uint64_t> memory(bytes / 8 + 1);  // one mapping for both, so that a sanitizer sees what they do
  if (ringbuf::Writer::create_raw(writer, memory.data(), bytes, options) != ringbuf::Status::ok) return 1;
  if (ringbuf::Reader::open_raw(reader, memory.data(), bytes) != ringbuf::Status::ok) return 1;

  std::thread producer([&writer] {
    std::vector<std::int64_t> block(100);
    for (std::int64_t next = 0; next < count;) {
      for (auto &sample : block) sample = next++;
      while (writer.put(block.data(), block.size()) == ringbuf::Status::full) (void)writer.wait_space(100, -1);
    }
  });
  std::int64_t expected = 0;
  while (expected < count) {
    std::int64_t sample = -1;
    if (reader.wait(expected + 1, -1) != ringbuf::Status::ok) break;
    if (reader.pop(&sample) != ringbuf::Status::ok || sample != expected) break;
    ++expected;
  }
  producer.join();
  std::printf("%lld samples\n", static_cast<long long>(expected));
  return expected == count ? 0 : 1;
}
