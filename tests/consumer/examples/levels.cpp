// The peak of each channel in a sliding window, without a copy. In earnest writer and reader are two programs.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <ringbuf/ringbuf.hpp>

int main(int argc, char **argv) try {
  const char *name = argc == 2 ? argv[1] : "levels";
  ringbuf::Writer writer(name, {.channels = 2, .capacity = 4800, .window = 480, .sample_rate = 48000});
  ringbuf::Reader reader(name);  // the constructors throw ringbuf::Error; nothing else throws

  int windows = 0;
  for (int block = 0; block < 100; ++block) {
    std::array<float, 2 * 48> rows;  // 48 samples, row by row
    for (std::size_t i = 0; i < rows.size(); i += 2) {
      rows[i] = 0.25F;
      rows[i + 1] = i == 0 ? -0.5F : 0;
    }
    if (writer.put(std::span<const float>(rows)) != ringbuf::Status::ok) return 1;

    ringbuf::Window<float> window;
    while (reader.next(480, 240, 0, window) == ringbuf::Status::ok) {  // 480 samples; then on by 240; do not wait
      std::array<float, 2> peak{};
      for (std::size_t row = 0; row < window.size(); ++row) {
        for (std::size_t channel = 0; channel < 2; ++channel) {
          peak[channel] = std::max(peak[channel], std::abs(window(row, channel)));
        }
      }
      if (!window.valid()) continue;  // overwritten meanwhile: these peaks mean nothing
      if (peak != std::array{0.25F, 0.5F}) return 1;
      ++windows;
    }
  }
  std::printf("%d windows, %llu samples lost\n", windows, static_cast<unsigned long long>(reader.lost()));
  return windows == 19 && reader.lost() == 0 ? 0 : 1;
} catch (const std::exception &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
