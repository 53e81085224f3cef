#include "races.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>

#include "../support/mounts.hpp"

namespace races {

namespace {

constexpr char directory[] = "/dev/shm";
constexpr char name_prefix[] = "races-test.";
constexpr char role_option[] = "--role";

// Where a role talks to its test: not standard output, which GoogleTest may print to.
int role_output = -1;

std::map<std::string, Role>& roles() {
  static std::map<std::string, Role> all;
  return all;
}

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
}

// Once a program: what earlier runs left behind that were killed.
void sweep() {
  static bool done = false;
  if (std::exchange(done, true)) return;
  for (const std::string& name : names_with(name_prefix)) {
    const auto owner = static_cast<pid_t>(std::atol(name.c_str() + sizeof name_prefix - 1));
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) {
      (void)::unlink((std::string(directory) + "/" + name).c_str());
    }
  }
}

}  // namespace

// --- one handle -----------------------------------------------------------------------------------------------------

ringbuf_options_t options(std::uint64_t capacity, std::uint32_t flags) {
  ringbuf_options_t o;
  EXPECT_EQ(ringbuf_options_init(&o, sizeof o), RINGBUF_OK);
  o.data_type = RINGBUF_INT64;
  o.capacity = capacity;
  o.flags = flags;
  return o;
}

ringbuf_info_t info(ringbuf_t* ring) {
  ringbuf_info_t i{};
  i.struct_size = sizeof i;
  EXPECT_EQ(ringbuf_info(ring, &i), RINGBUF_OK) << ringbuf_last_error();
  return i;
}

int put(ringbuf_t* writer, std::uint64_t count) {
  std::vector<std::int64_t> samples(count);
  std::iota(samples.begin(), samples.end(), info(writer).written);
  return ringbuf_put(writer, samples.data(), count);
}

void expect_pops(ringbuf_t* reader, std::int64_t first, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    std::int64_t item = -1;
    ASSERT_EQ(ringbuf_pop(reader, &item), RINGBUF_OK) << "pop " << i << ": " << ringbuf_last_error();
    ASSERT_EQ(item, first + static_cast<std::int64_t>(i));
  }
}

// --- names ----------------------------------------------------------------------------------------------------------

Name::Name() : owner_(::getpid()) {
  static int counter = 0;
  sweep();
  text_ = name_prefix + std::to_string(owner_) + "." + std::to_string(++counter);
}

Name::~Name() {
  if (::getpid() == owner_) (void)::unlink(path().c_str());
}

bool Name::is_there() const { return ::access(path().c_str(), F_OK) == 0; }

std::vector<std::string> names_with(const std::string& prefix) {
  std::vector<std::string> found;
  DIR* entries = ::opendir(directory);
  if (entries == nullptr) give_up("opendir");
  while (const dirent* entry = ::readdir(entries)) {
    if (std::strncmp(entry->d_name, prefix.c_str(), prefix.size()) == 0) found.emplace_back(entry->d_name);
  }
  ::closedir(entries);
  return found;
}

// --- how long, and by which chance ------------------------------------------------------------------------------------

std::chrono::nanoseconds race_time() {
  const char* seconds = std::getenv("RINGBUF_RACE_SECONDS");
  return std::chrono::nanoseconds(static_cast<std::int64_t>((seconds != nullptr ? std::atof(seconds) : 5.0) * 1e9));
}

std::uint64_t race_seed() {
  const char* given = std::getenv("RINGBUF_RACE_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
  std::printf("RINGBUF_RACE_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

// --- processes --------------------------------------------------------------------------------------------------------

bool write_all(int fd, const void* bytes, std::size_t size) {
  const auto* at = static_cast<const char*>(bytes);
  while (size != 0) {
    const ssize_t n = ::write(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int fd, void* bytes, std::size_t size) {
  auto* at = static_cast<char*>(bytes);
  while (size != 0) {
    const ssize_t n = ::read(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

void Line::say_bytes(const void* bytes, std::size_t size) {
  if (!write_all(role_output, bytes, size)) ::_exit(120);
}

void Line::hear_bytes(void* bytes, std::size_t size) {
  if (!read_all(STDIN_FILENO, bytes, size)) ::_exit(121);
}

RegisterRole::RegisterRole(const char* name, Role role) { roles()[name] = role; }

int run_role(int argc, char** argv) {
  if (argc < 3 || std::strcmp(argv[1], role_option) != 0) return -1;
  const auto role = roles().find(argv[2]);
  if (role == roles().end()) return 122;
  role_output = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (role_output < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) give_up("dup");
  const int code = role->second(Line(), Arguments(argv + 3, argv + argc));
  (void)std::fflush(nullptr);
  return code == 0 && ::testing::Test::HasFailure() ? 124 : code;
}

Process::Process(const char* role, const Arguments& arguments) {
  int down[2], up[2];
  if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0) give_up("pipe2");
  std::vector<const char*> argv{"races", role_option, role};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  argv.push_back(nullptr);
  (void)std::fflush(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) give_up("fork");
  if (pid_ == 0) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)::signal(SIGPIPE, SIG_IGN);
    if (::getppid() == parent && ::dup2(down[0], STDIN_FILENO) >= 0 && ::dup2(up[1], STDOUT_FILENO) >= 0) {
      (void)::execv("/proc/self/exe", const_cast<char* const*>(argv.data()));
    }
    ::_exit(123);
  }
  ::close(down[0]);
  ::close(up[1]);
  to_ = down[1];
  from_ = up[0];
}

Process::~Process() {
  if (pid_ > 0) kill();
  if (to_ >= 0) ::close(to_);
  if (from_ >= 0) ::close(from_);
}

bool Process::has_spoken() const {
  pollfd word{from_, POLLIN, 0};
  return ::poll(&word, 1, 0) > 0;
}

void Process::signal(int number) const { EXPECT_EQ(::kill(pid_, number), 0); }

void Process::kill() {
  (void)::kill(pid_, SIGKILL);
  (void)wait();
}

void Process::stop() const {
  signal(SIGSTOP);
  int status = 0;
  while (::waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
  }
  EXPECT_TRUE(WIFSTOPPED(status));
}

int Process::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void await_sleep(pid_t process) {
  const std::string path = "/proc/" + std::to_string(process) + "/stat";
  for (;;) {
    std::ifstream in(path);
    const std::string stat{std::istreambuf_iterator<char>(in), {}};
    const auto paren = stat.rfind(") ");
    if (paren == std::string::npos || std::strchr("SZX", stat[paren + 2]) != nullptr) return;
    ::sched_yield();
  }
}

// --- what takes root ----------------------------------------------------------------------------------------------------

PrivateShm::PrivateShm(const char* size) {
  const auto open = [](const char* path, int flags) { return ::open(path, flags | O_CLOEXEC); };
  before_ = open("/proc/self/ns/mnt", O_RDONLY);
  root_ = open("/", O_PATH | O_DIRECTORY);
  directory_ = open(".", O_PATH | O_DIRECTORY);
  if (before_ < 0 || root_ < 0 || directory_ < 0) give_up("/proc/self/ns/mnt, / or .");
  why_not_ = test::unshare_mounts();
  if (!why_not_.empty()) return;
  mounted_ = ::mount("races", directory, "tmpfs", 0, (std::string("size=") + size).c_str()) == 0;
  if (!mounted_) why_not_ = std::string("mount: ") + std::strerror(errno);
}

PrivateShm::~PrivateShm() {
  if (mounted_) (void)::umount2(directory, MNT_DETACH);
  struct stat before {
  }, now{};
  if (::fstat(before_, &before) == 0 && ::stat("/proc/self/ns/mnt", &now) == 0 && before.st_ino != now.st_ino) {
    EXPECT_EQ(::setns(before_, CLONE_NEWNS), 0) << std::strerror(errno);
    EXPECT_EQ(::fchdir(root_), 0) << std::strerror(errno);
    EXPECT_EQ(::chroot("."), 0) << std::strerror(errno);
    EXPECT_EQ(::fchdir(directory_), 0) << std::strerror(errno);
  }
  for (const int fd : {before_, root_, directory_}) ::close(fd);
}

std::uint64_t PrivateShm::bytes_used() const {
  struct statvfs fs {};
  EXPECT_EQ(::statvfs(directory, &fs), 0);
  return std::uint64_t{fs.f_blocks - fs.f_bfree} * fs.f_frsize;
}

std::uint64_t PrivateShm::bytes_free() const {
  struct statvfs fs {};
  EXPECT_EQ(::statvfs(directory, &fs), 0);
  return std::uint64_t{fs.f_bavail} * fs.f_frsize;
}

}  // namespace races
