// Processes that tests start, talk to and kill, on every system alike.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace test {

// What Process::wait gives for a process that was killed, by kill() or by die().
inline constexpr int killed = -9;

std::uint64_t process_id();
// The file of the program that runs.
std::string own_program();

// Until the main thread of a process sleeps in the kernel, or the process has ended. Returns at once where the system
// does not tell.
void await_sleep(std::uint64_t process);

// A program that runs beside this one, with pipes as its standard input and output.
class Process {
 public:
  // `arguments` are those after the program's name; "" is this very program.
  explicit Process(const std::vector<std::string> &arguments, const std::string &program = "");
  Process(Process &&other) noexcept;
  Process(const Process &) = delete;
  ~Process();  // kills it if it is still there

  // Writes a line to its standard input, reads one from its standard output; false if it has ended.
  void write_line(const std::string &line) const;
  bool read_line(std::string &line) const;

  // Its exit code, `killed`, or minus the signal that it died of.
  int wait();
  int kill();
  // Until it has ended. The system still knows it then, as it does until wait().
  void await_end() const;

 private:
  struct System;
  std::unique_ptr<System> system_;
  int result_ = 0;
};

// Whether others see the same start time of this process as it does, which tells who lives where a ring has no locks.
// (qemu-user makes one up for the process alone.)
bool start_times_agree();

// --- In a process that was started so

bool read_own_line(std::string &line);
void write_own_line(const std::string &line);
// From now on this process ends with the one that started it, whatever becomes of that.
void end_with_parent();
// Ends at once, as if killed.
[[noreturn]] void die();

// What the process has used so far. `sleeps`: how often it gave up the processor of its own accord; -1: not counted here.
struct Usage {
  std::int64_t processor_ns;
  std::int64_t sleeps;
};
Usage usage();

}  // namespace test
