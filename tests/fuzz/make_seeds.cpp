// Writes inputs for the fuzzers to begin with: make_seeds <directory> <count> <seed>. They are random, which is enough: the
// fuzzers take any bytes for options and calls. What is kept in corpus/ is a -merge=1 of these and of what long runs found.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::mt19937_64 random(std::strtoull(argv[3], nullptr, 0));
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    std::ofstream out(std::string(argv[1]) + "/seed" + std::to_string(i), std::ios::binary);
    // Zeroes, which most choices take for the usual case, between the random bytes: sparse ones come first.
    const std::uint64_t density = 1 + random() % 4;
    for (std::uint64_t left = 50 + random() % 1500; left > 0; --left) {
      out.put(random() % 4 < density ? static_cast<char>(random()) : '\0');
    }
    if (!out.flush()) return 1;
  }
  return 0;
}
