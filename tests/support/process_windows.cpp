#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "process.hpp"

namespace test {

namespace {

// The exit code of a killed process: no test's own.
constexpr UINT killed_code = 0xdead;

void write_line_to(HANDLE pipe, const std::string &line) {
  const std::string text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    DWORD n = 0;
    const auto left = static_cast<DWORD>(text.size() - done);
    if (::WriteFile(pipe, text.data() + done, left, &n, nullptr) == 0) return;  // the other side is gone
    done += n;
  }
}

bool read_line_from(HANDLE pipe, std::string &line) {
  line.clear();
  for (;;) {
    char c = 0;
    DWORD n = 0;
    if (::ReadFile(pipe, &c, 1, &n, nullptr) == 0 || n != 1) return false;
    if (c == '\n') return true;
    line += c;
  }
}

// A fault that a test provokes ends the process, and no window or debugger opens over it.
[[maybe_unused]] const UINT error_mode = ::SetErrorMode(SEM_NOGPFAULTERRORBOX | SEM_FAILCRITICALERRORS);

// Children are members of a job that ends them when this process has ended.
HANDLE children() {
  static HANDLE job = [] {
    HANDLE made = ::CreateJobObjectW(nullptr, nullptr);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit{};
    limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    ::SetInformationJobObject(made, JobObjectExtendedLimitInformation, &limit, sizeof limit);
    return made;
  }();
  return job;
}

// No word of ours has spaces or quotes in it but, maybe, the program's file name.
std::string command_line(const std::string &program, const std::vector<std::string> &arguments) {
  std::string line = "\"" + program + "\"";
  for (const std::string &argument : arguments) line += " " + argument;
  return line;
}

// The child gets exactly the two handles that are meant for it: an inherited end of another child's pipe would keep that
// one from noticing that we are gone.
bool start(const std::string &program, std::string line, HANDLE in, HANDLE out, PROCESS_INFORMATION &process) {
  HANDLE inherited[] = {in, out};
  alignas(16) char room[256];
  SIZE_T bytes = sizeof room;
  STARTUPINFOEXA startup{};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = in;
  startup.StartupInfo.hStdOutput = out;
  startup.lpAttributeList = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(room);
  if (::InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &bytes) == 0) return false;
  const bool started =
      ::UpdateProcThreadAttribute(startup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, inherited,
                                  sizeof inherited, nullptr, nullptr) != 0 &&
      ::CreateProcessA(program.c_str(), line.data(), nullptr, nullptr, TRUE, EXTENDED_STARTUPINFO_PRESENT, nullptr,
                       nullptr, &startup.StartupInfo, &process) != 0;
  ::DeleteProcThreadAttributeList(startup.lpAttributeList);
  return started;
}

}  // namespace

std::uint64_t process_id() { return ::GetCurrentProcessId(); }

std::string own_program() {
  char path[MAX_PATH];
  const DWORD length = ::GetModuleFileNameA(nullptr, path, sizeof path);
  return {path, length};
}

void await_sleep(std::uint64_t) {}

struct Process::System {
  HANDLE process = nullptr;
  HANDLE from = nullptr;
  HANDLE to = nullptr;
  ~System() {
    for (HANDLE each : {process, from, to}) {
      if (each != nullptr) ::CloseHandle(each);
    }
  }
};

Process::Process(const std::vector<std::string> &arguments, const std::string &program)
    : system_(std::make_unique<System>()) {
  HANDLE childs_in = nullptr;
  HANDLE childs_out = nullptr;
  SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
  if (::CreatePipe(&childs_in, &system_->to, &inheritable, 0) == 0 ||
      ::CreatePipe(&system_->from, &childs_out, &inheritable, 0) == 0) {
    throw std::runtime_error("CreatePipe");
  }
  ::SetHandleInformation(system_->to, HANDLE_FLAG_INHERIT, 0);
  ::SetHandleInformation(system_->from, HANDLE_FLAG_INHERIT, 0);
  const std::string file = program.empty() ? own_program() : program;
  PROCESS_INFORMATION process{};
  const bool started = start(file, command_line(file, arguments), childs_in, childs_out, process);
  ::CloseHandle(childs_in);
  ::CloseHandle(childs_out);
  if (!started) throw std::runtime_error("CreateProcess");
  ::AssignProcessToJobObject(children(), process.hProcess);
  ::CloseHandle(process.hThread);
  system_->process = process.hProcess;
}

Process::Process(Process &&other) noexcept = default;

Process::~Process() {
  if (system_) kill();
}

void Process::write_line(const std::string &line) const { write_line_to(system_->to, line); }
bool Process::read_line(std::string &line) const { return read_line_from(system_->from, line); }

int Process::wait() {
  if (system_->process == nullptr) return result_;
  await_end();
  DWORD code = 0;
  ::GetExitCodeProcess(system_->process, &code);
  ::CloseHandle(std::exchange(system_->process, nullptr));
  result_ = code == killed_code ? killed : static_cast<int>(code);
  return result_;
}

int Process::kill() {
  if (system_->process != nullptr) ::TerminateProcess(system_->process, killed_code);
  return wait();
}

void Process::await_end() const { ::WaitForSingleObject(system_->process, INFINITE); }

bool read_own_line(std::string &line) { return read_line_from(::GetStdHandle(STD_INPUT_HANDLE), line); }
void write_own_line(const std::string &line) { write_line_to(::GetStdHandle(STD_OUTPUT_HANDLE), line); }

bool start_times_agree() { return true; }

void end_with_parent() {}  // the job sees to it

void die() {
  ::TerminateProcess(::GetCurrentProcess(), killed_code);
  std::abort();
}

Usage usage() {
  FILETIME times[4];
  ::GetProcessTimes(::GetCurrentProcess(), &times[0], &times[1], &times[2], &times[3]);
  const auto ns = [](const FILETIME &time) {
    return static_cast<std::int64_t>((std::uint64_t{time.dwHighDateTime} << 32) | time.dwLowDateTime) * 100;
  };
  return {ns(times[2]) + ns(times[3]), -1};
}

}  // namespace test
