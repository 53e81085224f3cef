// A process that plays one role of the demo, seen from the one that starts it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

#include "options.hpp"

namespace demo {

// SIGINT, SIGTERM and SIGHUP wait here until somebody asks, so that rings and processes are cleared away first.
class StopSignals {
 public:
  struct Received {
    int number;
  };

  StopSignals();
  StopSignals(const StopSignals&) = delete;
  ~StopSignals();

  // Becomes readable when one of the signals has come.
  int fd() const { return fd_; }
  Received take() const;

 private:
  int fd_;
};

class Child {
 public:
  // Bytes that a child is going to send, and where to put them.
  struct Expected {
    const Child* child;
    void* bytes;
    std::size_t size;
  };

  // Starts this program again with the same arguments, to play `role`.
  Child(std::string role, const Options& options, int argc, char** argv);
  Child(const Child&) = delete;

  // A process that still runs is asked to end. Waits for it.
  ~Child();

  void go() const;

  template <class Result>
  Expected will_send(Result& result) const {
    static_assert(std::is_trivially_copyable_v<Result>);
    return {this, &result, sizeof result};
  }

  // Sleeps until all of it is there. Throws std::runtime_error as soon as one of the children has ended without, and
  // StopSignals::Received if a signal has come.
  static void receive(const StopSignals& signals, std::vector<Expected> list);

 private:
  std::string role_;
  int result_end_ = -1;
  int go_end_ = -1;
  pid_t pid_ = -1;
};

}  // namespace demo
