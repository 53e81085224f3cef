// ringbuf verify FILE: whether a recording is whole, and --repair.
#pragma once

#include <string>

namespace tool {

struct VerifyFileOptions {
  std::string file, format;
  bool counter = false, json = false, repair = false;
};

// Whether the name is that of a file rather than of a ring. Throws Failure (usage) if it is both.
bool is_recording(const std::string &name, const std::string &format, bool repair);
int verify_file(const VerifyFileOptions &options);

}  // namespace tool
