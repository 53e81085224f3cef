#include "machine.hpp"

#include <gnu/libc-version.h>
#include <sys/utsname.h>

#include <fstream>

#include "process.hpp"

namespace bench {

Machine this_machine() {
  Machine machine{"unknown",           static_cast<int>(allowed_processors().size()), "", "",
                  RINGBUF_BENCH_FLAGS, std::string("glibc ") + gnu_get_libc_version()};
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.rfind("model name", 0) == 0) {
      machine.processor = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname name{};
  if (uname(&name) == 0) machine.kernel = std::string(name.sysname) + " " + name.release + " " + name.machine;
#ifdef __clang__
  machine.compiler = "clang " __clang_version__;
#else
  machine.compiler = "g++ " __VERSION__;
#endif
  return machine;
}

}  // namespace bench
