// What is measured: made in the parent, carried out in processes forked from it.
#pragma once

#include <cstdint>

#include "arena.hpp"
#include "slice.hpp"

namespace bench {

// Two processes, each on a processor of its own. The constructor runs in the parent, before the fork.
class Duel {
 public:
  virtual ~Duel() = default;
  virtual void open_writer() {}  // in the writer's process
  virtual void open_reader() {}  // in the reader's process, afterwards
  virtual void open_back() {}    // in the writer's process again, for what the reader has made
  virtual void write(Slice &slice) = 0;
  virtual void read(Slice &slice) = 0;
  // Whether its processes wait in the kernel; else a process that did not run all the time was disturbed.
  virtual bool sleeps() const { return false; }
};

// One process. Each call of measure() is a slice and sets begin_ns, writer_end_ns and count, or the value.
class Solo {
 public:
  virtual ~Solo() = default;
  virtual void open() {}
  virtual void measure(Slice &slice) = 0;
};

}  // namespace bench
