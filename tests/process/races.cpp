#include "races.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <numeric>

#include "../support/mounts.hpp"

namespace races {

namespace {

constexpr char directory[] = "/dev/shm";
constexpr char role_option[] = "--role";

std::map<std::string, Role>& roles() {
  static std::map<std::string, Role> all;
  return all;
}

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
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

std::uint64_t race_seed() { return test::seed_of("RINGBUF_RACE_SEED"); }

// --- processes --------------------------------------------------------------------------------------------------------

RegisterRole::RegisterRole(const char* name, Role role) { roles()[name] = role; }

int run_role(int argc, char** argv) {
  if (argc < 3 || std::strcmp(argv[1], role_option) != 0) return -1;
  const auto role = roles().find(argv[2]);
  if (role == roles().end()) return 122;
  // Its own end, since GoogleTest may print to standard output.
  const int output = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (output < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) give_up("dup");
  const int code = role->second(Line(STDIN_FILENO, output), Arguments(argv + 3, argv + argc));
  (void)std::fflush(nullptr);
  return code == 0 && ::testing::Test::HasFailure() ? 124 : code;
}

Process::Process(const char* role, const Arguments& arguments)
    : Forked([&, parent = ::getpid()](const Line& line) {
        std::vector<const char*> argv{"races", role_option, role};
        for (const std::string& argument : arguments) argv.push_back(argument.c_str());
        argv.push_back(nullptr);
        (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() == parent && ::dup2(line.in(), STDIN_FILENO) >= 0 && ::dup2(line.out(), STDOUT_FILENO) >= 0) {
          (void)::execv("/proc/self/exe", const_cast<char* const*>(argv.data()));
        }
        return 123;
      }) {}

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
