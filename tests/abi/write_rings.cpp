// usage: abi_write_rings DIRECTORY
//
// Writes each kept ring with the library of this build and saves its bytes as DIRECTORY/<file>.hex. See regenerate.sh.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "../support/names.hpp"
#include "rings.hpp"

int main(int argc, char **argv) {
  if (argc != 2) return std::fputs("usage: abi_write_rings DIRECTORY\n", stderr), 2;
  std::vector<kept::KeptRing> rings = kept::kept_rings();
  rings.push_back(kept::ring_with_gaps());
  rings.push_back(kept::ring_of_messages());
  for (const kept::KeptRing &ring : rings) {
    const std::string name = "ringbuf-abi." + std::to_string(getpid()) + "." + ring.file;
    const bool written = ring.write(ring, name.c_str());
    std::ostringstream bytes;
    bytes << std::ifstream("/dev/shm/" + name, std::ios::binary).rdbuf();
    test::remove_name(name);
    const std::string path = std::string(argv[1]) + "/" + ring.file + ".hex";
    std::ofstream file(path);
    file << kept::to_text(bytes.str());
    if (!written || bytes.str().empty() || !file.flush()) return std::fprintf(stderr, "%s: failed\n", path.c_str()), 1;
    std::printf("%s\n", path.c_str());
  }
  return 0;
}
