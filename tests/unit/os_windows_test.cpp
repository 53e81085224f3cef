// What src/os/windows promises beyond the seam: memory that goes with its last handle, who may do what, the namespace,
// and that nothing of others is taken for a ring.
#include <gtest/gtest.h>
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <aclapi.h>
#include <windows.h>

#include <cstring>
#include <string>
#include <vector>

#include "../support/child.hpp"
#include "../support/support.hpp"
#include "os/os.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using process::Child;
using test::Owned;

namespace {

constexpr std::uint64_t bytes = 65536;

std::string directory_name(const std::string &name) { return "Local\\ringbuf." + name; }

void make(Owned &object, const test::Name &name, std::uint32_t mode = 0600) {
  ASSERT_EQ(os::create(object, name.c(), bytes, mode), Status::ok) << last_error();
  ASSERT_EQ(os::publish(object, name.c()), Status::ok) << last_error();
}

// A section of somebody else's.
class Foreign {
 public:
  explicit Foreign(const std::string &name, std::uint64_t first = 0)
      : section_(::CreateFileMappingA(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, 8192,
                                      name.empty() ? nullptr : name.c_str())) {
    auto *at = static_cast<std::uint64_t *>(::MapViewOfFile(section_, FILE_MAP_WRITE, 0, 0, 0));
    if (at == nullptr) return;
    *at = first;
    ::UnmapViewOfFile(at);
  }
  Foreign(const Foreign &) = delete;
  ~Foreign() { ::CloseHandle(section_); }
  std::intptr_t handle() const { return reinterpret_cast<std::intptr_t>(section_); }

 private:
  HANDLE section_;
};

// --- The memory goes with its last handle

TEST(OsWindows, TheMemoryAndTheNameGoWithTheLastHandle) {
  const test::Name name("last");
  Owned found;
  {
    Owned second;
    {
      Owned first;
      make(first, name);
      ASSERT_EQ(os::open(second, name.c()), Status::ok) << last_error();
    }
    EXPECT_TRUE(name.is_there());
    EXPECT_EQ(os::open(found, name.c()), Status::ok) << last_error();
    os::close(found);
  }
  EXPECT_FALSE(name.is_there());
  EXPECT_EQ(os::open(found, name.c()), Status::not_found);
  EXPECT_EQ(test::unlink_name(name.c()), Status::not_found);
}

TEST(OsWindows, AMappingAloneKeepsTheMemoryButNotTheName) {
  const test::Name name("mapping");
  Owned object;
  make(object, name);
  const test::Mapped mapped(object);
  os::close(object);
  mapped.region.begin[bytes - 1] = std::byte{1};
  EXPECT_EQ(mapped.region.begin[bytes - 1], std::byte{1});
  EXPECT_EQ(os::open(object, name.c()), Status::not_found);
}

// A reader keeps the directory of the name, in which the id of a ring stands that is gone.
TEST(OsWindows, TheNameOfARingThatIsGoneIsFree) {
  const test::Name name("gone");
  Owned reader;
  {
    Owned first;
    make(first, name);
    ASSERT_EQ(os::open(reader, name.c()), Status::ok) << last_error();
    ASSERT_EQ(os::unlink_own(first, name.c()), Status::ok) << last_error();
  }
  {
    Owned second;
    make(second, name);
    EXPECT_EQ(os::naming(reader, name.c()), os::Naming::other);
  }
  EXPECT_FALSE(name.is_there());
  EXPECT_EQ(os::naming(reader, name.c()), os::Naming::none);
  Owned found;
  EXPECT_EQ(os::open(found, name.c()), Status::not_found);
  EXPECT_EQ(test::unlink_name(name.c()), Status::not_found);
  Owned third;
  make(third, name);
  EXPECT_EQ(os::open(found, name.c()), Status::ok) << last_error();
  EXPECT_EQ(os::naming(third, name.c()), os::Naming::ours);
}

// --- Who may do what

TEST(OsWindows, WhoMayOnlyReadReadsAndCannotWrite) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const test::Name name("readable");
  Owned made;
  make(made, name, 0400);
  const test::Mapped writable(made);
  writable.region.begin[3] = std::byte{7};
  Owned found;
  ASSERT_EQ(os::open(found, name.c()), Status::ok) << last_error();
  EXPECT_TRUE(made.writable);
  EXPECT_FALSE(found.writable);
  EXPECT_EQ(os::try_lock(found, os::writer_lock), Status::permission);
  EXPECT_EQ(os::lock_shared(found, os::read_only_waiter_lock), Status::ok) << last_error();
  EXPECT_TRUE(os::is_shared(made, os::read_only_waiter_lock));
  const test::Mapped mapped(found);
  os::populate(mapped.region, false);
  EXPECT_EQ(mapped.region.begin[3], std::byte{7});
  DWORD before = 0;
  EXPECT_EQ(::VirtualProtect(mapped.region.begin, bytes, PAGE_READWRITE, &before), 0) << "it can help itself";
  EXPECT_DEATH(mapped.region.begin[3] = std::byte{8}, "");
}

TEST(OsWindows, WhoMayNotReadIsRefused) {
  const test::Name name("closed");
  Owned made;
  make(made, name, 0200);
  Owned found;
  EXPECT_EQ(os::open(found, name.c()), Status::permission);
  EXPECT_FALSE(found.is_open());
}

struct Rights {
  std::size_t entries = 0;
  DWORD own = 0;
  DWORD everyone = 0;
};

bool is_own(PSID id) {
  HANDLE token = nullptr;
  ::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token);
  alignas(8) char user[256];
  DWORD length = 0;
  ::GetTokenInformation(token, TokenUser, user, sizeof user, &length);
  ::CloseHandle(token);
  return ::EqualSid(id, reinterpret_cast<TOKEN_USER *>(user)->User.Sid) != 0;
}

bool is_everyone(PSID id) { return ::IsWellKnownSid(id, WinWorldSid) != 0; }

Rights rights_of(std::intptr_t section) {
  alignas(8) char descriptor[1024];
  DWORD length = 0;
  Rights rights;
  EXPECT_NE(::GetKernelObjectSecurity(reinterpret_cast<HANDLE>(section), DACL_SECURITY_INFORMATION, descriptor,
                                      sizeof descriptor, &length),
            0)
      << ::GetLastError();
  PACL list = nullptr;
  BOOL present = FALSE;
  BOOL by_default = FALSE;
  ::GetSecurityDescriptorDacl(descriptor, &present, &list, &by_default);
  EXPECT_TRUE(present && list != nullptr) << "everybody may do everything";
  for (DWORD i = 0; list != nullptr && i < list->AceCount; ++i) {
    void *entry = nullptr;
    ::GetAce(list, i, &entry);
    auto *allowed = static_cast<ACCESS_ALLOWED_ACE *>(entry);
    EXPECT_EQ(allowed->Header.AceType, ACCESS_ALLOWED_ACE_TYPE);
    PSID id = &allowed->SidStart;
    EXPECT_TRUE(is_own(id) || is_everyone(id));
    (is_own(id) ? rights.own : rights.everyone) |= allowed->Mask;
    ++rights.entries;
  }
  return rights;
}

TEST(OsWindows, ModeBitsAreThoseOfTheOwnerAndOfEveryone) {
  constexpr DWORD both = FILE_MAP_READ | FILE_MAP_WRITE;
  struct Case {
    std::uint32_t mode;
    DWORD own;
    DWORD everyone;
  };
  for (const Case &each : {Case{0600, both, 0}, Case{0660, both, 0}, Case{0644, both, FILE_MAP_READ},
                           Case{0666, both, both}, Case{0444, FILE_MAP_READ, FILE_MAP_READ}}) {
    const test::Name name("mode");
    Owned object;
    make(object, name, each.mode);
    std::intptr_t handle = -1;
    ASSERT_EQ(os::share(object, handle), Status::ok);
    const Rights memory = rights_of(handle);
    EXPECT_EQ(memory.own & both, each.own) << std::oct << each.mode;
    EXPECT_EQ(memory.everyone & both, each.everyone) << std::oct << each.mode;
    EXPECT_EQ(memory.entries, each.everyone != 0 ? 2u : 1u);

    HANDLE directory = ::OpenFileMappingA(FILE_MAP_READ | READ_CONTROL, FALSE, directory_name(name.text()).c_str());
    ASSERT_NE(directory, nullptr);
    const Rights of_name = rights_of(reinterpret_cast<std::intptr_t>(directory));
    ::CloseHandle(directory);
    EXPECT_EQ(of_name.own & both, both);
    EXPECT_EQ(of_name.everyone & both, each.everyone & FILE_MAP_READ) << "only the owner gives the name away";
  }
}

TEST(OsWindows, HandlesAreNotInherited) {
  Owned object;
  ASSERT_EQ(os::create(object, nullptr, bytes, 0600), Status::ok);
  std::intptr_t handle = -1;
  ASSERT_EQ(os::share(object, handle), Status::ok);
  DWORD flags = 99;
  ASSERT_NE(::GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags), 0);
  EXPECT_EQ(flags & HANDLE_FLAG_INHERIT, 0u);
}

// --- What is no ring

TEST(OsWindows, ADirectoryThatSomebodyElseHasMadeUpIsNoRing) {
  for (const std::uint64_t id : {std::uint64_t{0}, std::uint64_t{0xbadbadbad}}) {
    const test::Name name("foreign");
    const Foreign directory(directory_name(name.text()), id);
    Owned found;
    EXPECT_EQ(os::open(found, name.c()), Status::not_found);
    EXPECT_EQ(test::unlink_name(name.c()), Status::not_found);
    Owned object;
    make(object, name);
    EXPECT_EQ(os::open(found, name.c()), Status::ok) << last_error();
  }
}

TEST(OsWindows, AnIdOfSomethingElseIsNoRing) {
  const test::Name name("foreign");
  const Foreign memory("Local\\ringbuf..mbadbadbad");
  const Foreign directory(directory_name(name.text()), 0xbadbadbad);
  Owned found;
  EXPECT_EQ(os::open(found, name.c()), Status::corrupt);
  EXPECT_FALSE(found.is_open());
}

TEST(OsWindows, AnObjectOfAnotherKindIsNoRing) {
  const test::Name name("mutex");
  HANDLE mutex = ::CreateMutexA(nullptr, FALSE, directory_name(name.text()).c_str());
  ASSERT_NE(mutex, nullptr);
  Owned found;
  EXPECT_EQ(os::open(found, name.c()), Status::corrupt);
  EXPECT_EQ(os::create(found, name.c(), bytes, 0600), Status::corrupt);
  EXPECT_FALSE(found.is_open());
  ::CloseHandle(mutex);
}

TEST(OsWindows, AHandleOfSomethingElseIsRefused) {
  HANDLE event = ::CreateEventA(nullptr, TRUE, FALSE, nullptr);
  const Foreign section("");
  Owned found;
  for (const std::intptr_t handle : {reinterpret_cast<std::intptr_t>(event), section.handle()}) {
    EXPECT_EQ(os::open_handle(found, handle), Status::corrupt) << last_error();
    EXPECT_FALSE(found.is_open());
  }
  DWORD flags = 0;
  EXPECT_NE(::GetHandleInformation(event, &flags), 0) << "the handle is its owner's";
  ::CloseHandle(event);
}

// --- Processes

ROLE(token_teller) {
  process::say(std::to_string(os::process_token()));
  process::hear();
  return 0;
}

TEST(OsWindows, AProcessThatHasEndedDoesNotLiveThoughItIsStillKnown) {
  Child child("token_teller", {});
  const std::uint64_t token = child.number();
  EXPECT_TRUE(os::process_alive(token));
  child.tell("end");
  child.await_end();
  EXPECT_FALSE(os::process_alive(token)) << "we have a handle of it, which keeps its number";
  EXPECT_EQ(child.wait(), 0);
}

// --- The namespace

// Makes a ring's memory under the name, in the namespace that the environment says.
ROLE(namespace_user) {
  Owned own;
  const char *name = arguments.text("name").c_str();
  if (os::create(own, name, bytes, 0600) != Status::ok || os::publish(own, name) != Status::ok) return 1;
  if (os::try_lock(own, os::writer_lock) != Status::ok) return 2;
  const auto count = [](const char *each, void *user) {
    auto &wanted = *static_cast<std::pair<std::string, int> *>(user);
    if (wanted.first == each) ++wanted.second;
    return true;
  };
  std::pair<std::string, int> found{name, 0};
  if (os::enumerate(count, &found) != Status::ok) return 3;
  process::say(std::to_string(found.second));
  process::hear();
  return 0;
}

TEST(OsWindows, TheEnvironmentChoosesTheNamespace) {
  const test::Name name("global");
  ::SetEnvironmentVariableA("RINGBUF_NAMESPACE", "Global");
  Child other("namespace_user", {{"name", name.text()}});
  ::SetEnvironmentVariableA("RINGBUF_NAMESPACE", nullptr);
  EXPECT_EQ(other.line(), "1") << "it lists its own";
  HANDLE global = ::OpenFileMappingA(FILE_MAP_READ, FALSE, ("Global\\ringbuf." + name.text()).c_str());
  EXPECT_NE(global, nullptr);
  if (global != nullptr) ::CloseHandle(global);
  HANDLE local = ::OpenFileMappingA(FILE_MAP_READ, FALSE, directory_name(name.text()).c_str());
  EXPECT_EQ(local, nullptr);
  Owned found;
  EXPECT_EQ(os::open(found, name.c()), Status::not_found) << "names of the session and of the machine are apart";
  other.tell("end");
  EXPECT_EQ(other.wait(), 0);
}

}  // namespace
