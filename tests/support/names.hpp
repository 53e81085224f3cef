// Names of rings, looked at and removed without ringbuf.
#pragma once

#include <cstdint>
#include <string>

#include "process.hpp"

namespace test {

// Its file, where rings are files.
std::string name_path(const std::string &name);
// Whether a ring has the name.
bool name_is_there(const std::string &name);
// Takes the name away, if it is there, whatever has it.
void remove_name(const std::string &name);
// Takes away what tests have left that were killed: names that are `prefix`, the number of a process, and a dot.
void remove_names_of_the_dead(const std::string &prefix);

// A name that is unique on this machine, removed in the end by the process that made it up, whatever happened.
class Name {
 public:
  explicit Name(const std::string &tag = "ring") : owner_(process_id()) {
    const std::string prefix = "ringbuf-test.";
    static int counter = (remove_names_of_the_dead(prefix), 0);
    text_ = prefix + std::to_string(owner_) + "." + std::to_string(++counter) + "." + tag;
  }
  Name(const Name &) = delete;
  Name &operator=(const Name &) = delete;
  ~Name() {
    if (process_id() == owner_) remove_name(text_);
  }

  const char *c() const { return text_.c_str(); }
  const std::string &text() const { return text_; }
  std::string path() const { return name_path(text_); }
  bool is_there() const { return name_is_there(text_); }

 private:
  std::uint64_t owner_;
  std::string text_;
};

}  // namespace test
