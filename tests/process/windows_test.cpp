// What is Windows' own between processes: handles that are duplicated, readers whom the access rights let read only, and
// rings that go with their last process.
#include <gtest/gtest.h>
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include <string>

#include "../support/child.hpp"
#include "../support/support.hpp"

using namespace ringbuf;
using process::Child;

namespace {

// Opens an anonymous ring by a handle that it takes from another process, and says what it pops.
ROLE(handle_reader) {
  HANDLE giver = ::OpenProcess(PROCESS_DUP_HANDLE, FALSE, static_cast<DWORD>(arguments.number("process")));
  HANDLE handle = nullptr;
  auto *const theirs = reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(arguments.number("handle")));
  if (::DuplicateHandle(giver, theirs, ::GetCurrentProcess(), &handle, 0, FALSE, DUPLICATE_SAME_ACCESS) == 0) return 1;
  Reader reader;
  if (Reader::open_fd(reader, reinterpret_cast<std::intptr_t>(handle)) != Status::ok) return 2;
  ::CloseHandle(handle);
  process::say("ready");
  for (std::uint64_t i = 0;; ++i) {
    const Status status = reader.wait(static_cast<std::int64_t>(i + 1), test::forever);
    test::Checked sample{};
    if (status == Status::ok && (reader.pop(&sample) != Status::ok || !sample.is(i))) return 3;
    process::say(text_of(status));
    if (status != Status::ok) return 0;
  }
}

TEST(Windows, AnAnonymousRingIsReadThroughADuplicatedHandle) {
  Writer writer;
  ASSERT_EQ(Writer::create(writer, nullptr, test::checked_options(8)), Status::ok) << last_error();
  std::intptr_t handle = -1;
  ASSERT_EQ(writer.share(handle), Status::ok);
  Child reader("handle_reader", {{"process", std::to_string(test::process_id())}, {"handle", std::to_string(handle)}});
  ASSERT_EQ(reader.line(), "ready");
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto sample = test::Checked::of(i);
    ASSERT_EQ(writer.push(&sample), Status::ok);
    ASSERT_EQ(reader.line(), "RINGBUF_OK") << "woken by its sample";
  }
  writer.close();
  EXPECT_EQ(reader.line(), "RINGBUF_CLOSED");
  EXPECT_EQ(reader.wait(), 0);
}

// A ring that its own user may only read: whoever opens it by its name is an observer.
ROLE(writer_of_read_only_ring) {
  Options options = test::checked_options(8, 1, arguments.number("lossless") != 0);
  options.mode = 0444;
  Writer writer;
  if (Writer::create(writer, arguments.text("name").c_str(), options) != Status::ok) return 1;
  process::say("ready");
  for (std::uint64_t i = 0;; ++i) {
    if (process::hear() == "close") return 0;
    const auto sample = test::Checked::of(i);
    process::say(text_of(writer.push(&sample)));
  }
}

class ReadOnly : public testing::TestWithParam<const char *> {
 protected:
  test::Name name_{"readonly"};
  Child writer_{"writer_of_read_only_ring", {{"name", name_.text()}, {"lossless", GetParam()}}};
};

TEST_P(ReadOnly, SeesAllAndTakesNoPlace) {
  ASSERT_EQ(writer_.line(), "ready");
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name_.c()), Status::ok) << last_error();
  EXPECT_FALSE(reader.is_registered());
  for (std::uint64_t i = 0; i < 20; ++i) {
    writer_.tell("put");
    ASSERT_EQ(reader.wait(static_cast<std::int64_t>(i + 1), test::forever), Status::ok);
    test::Checked sample{};
    ASSERT_EQ(reader.pop(&sample), Status::ok);
    EXPECT_TRUE(sample.is(i));
    ASSERT_EQ(writer_.line(), "RINGBUF_OK");
  }
  Info info{};
  ASSERT_EQ(reader.info(info), Status::ok);
  EXPECT_EQ(info.readers, 0u);
  EXPECT_EQ(info.state, State::live);
  writer_.tell("close");
  EXPECT_EQ(reader.wait(21, test::forever), Status::closed);
}

TEST_P(ReadOnly, IsToldOfTheWritersDeath) {
  ASSERT_EQ(writer_.line(), "ready");
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name_.c()), Status::ok) << last_error();
  EXPECT_EQ(writer_.kill(), test::killed);
  EXPECT_EQ(reader.wait(1, test::forever), Status::stale);
  Writer resumed;
  EXPECT_EQ(Writer::resume(resumed, name_.c()), Status::permission);
  EXPECT_EQ(Writer::create(resumed, name_.c(), test::checked_options(8)), Status::permission);
}

TEST_P(ReadOnly, HoldsNoWriterBack) {
  ASSERT_EQ(writer_.line(), "ready");
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name_.c()), Status::ok) << last_error();
  for (int i = 0; i < 30; ++i) {
    writer_.tell("put");
    ASSERT_EQ(writer_.line(), "RINGBUF_OK") << i;
  }
  test::Checked sample{};
  EXPECT_EQ(reader.pop(&sample), Status::overwritten);
}

INSTANTIATE_TEST_SUITE_P(Windows, ReadOnly, testing::Values("0", "1"));

ROLE(keeping_writer) {
  Options options = test::checked_options(8);
  options.keep = true;
  Writer writer;
  if (Writer::create(writer, arguments.text("name").c_str(), options) != Status::ok) return 1;
  const auto sample = test::Checked::of(0);
  if (writer.push(&sample) != Status::ok) return 2;
  process::say("ready");
  if (process::hear() == "die") test::die();
  return 0;
}

TEST(Windows, ARingGoesWithItsLastProcessHoweverThatEnds) {
  for (const char *how : {"die", "leave"}) {
    SCOPED_TRACE(how);
    const test::Name name("goes");
    Child writer("keeping_writer", {{"name", name.text()}});
    ASSERT_EQ(writer.line(), "ready");
    EXPECT_TRUE(name.is_there());
    writer.tell(how);
    (void)writer.wait();
    EXPECT_FALSE(name.is_there());
    Writer next;
    EXPECT_EQ(Writer::resume(next, name.c()), Status::not_found);
    Reader reader;
    EXPECT_EQ(Reader::open(reader, name.c()), Status::not_found);
    EXPECT_EQ(Writer::create(next, name.c(), test::checked_options(8)), Status::ok) << last_error();
  }
}

TEST(Windows, AReaderKeepsADeadWritersRingForTheNext) {
  const test::Name name("kept");
  Child writer("keeping_writer", {{"name", name.text()}});
  ASSERT_EQ(writer.line(), "ready");
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name.c()), Status::ok) << last_error();
  EXPECT_EQ(writer.kill(), test::killed);
  EXPECT_TRUE(name.is_there());
  Writer next;
  ASSERT_EQ(Writer::resume(next, name.c()), Status::ok) << last_error();
  EXPECT_EQ(next.written(), 1u);
}

using SuspendOrResume = NTSTATUS(NTAPI *)(HANDLE process);

// Stops a whole process where it is, and lets it go on.
void tell_kernel(const char *function, DWORD process) {
  void *address = reinterpret_cast<void *>(::GetProcAddress(::GetModuleHandleA("ntdll.dll"), function));
  const auto call = reinterpret_cast<SuspendOrResume>(address);
  HANDLE handle = ::OpenProcess(PROCESS_SUSPEND_RESUME, FALSE, process);
  ASSERT_NE(call, nullptr);
  ASSERT_NE(handle, nullptr);
  EXPECT_EQ(call(handle), 0);
  ::CloseHandle(handle);
}

ROLE(suspended_writer) {
  Writer writer;
  if (Writer::create(writer, arguments.text("name").c_str(), test::checked_options(8)) != Status::ok) return 1;
  process::say(std::to_string(test::process_id()));
  process::hear();
  const auto sample = test::Checked::of(0);
  return writer.push(&sample) == Status::ok ? 0 : 2;
}

TEST(Windows, ASuspendedWriterIsAlive) {
  const test::Name name("suspended");
  Child child("suspended_writer", {{"name", name.text()}});
  const auto process = static_cast<DWORD>(child.number());
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name.c()), Status::ok) << last_error();
  tell_kernel("NtSuspendProcess", process);
  EXPECT_EQ(reader.wait(1, 300 * test::millisecond_ns), Status::timeout);
  Info info{};
  ASSERT_EQ(reader.info(info), Status::ok);
  EXPECT_EQ(info.state, State::live);
  Writer other;
  EXPECT_EQ(Writer::resume(other, name.c()), Status::busy);
  EXPECT_EQ(Writer::create(other, name.c(), test::checked_options(8)), Status::exists);
  tell_kernel("NtResumeProcess", process);
  child.tell("put");
  EXPECT_EQ(reader.wait(1, test::forever), Status::ok);
  EXPECT_EQ(child.wait(), 0);
}

// Waits for a sample of a ring in memory that another process has mapped from a section.
ROLE(raw_reader) {
  HANDLE section = ::OpenFileMappingA(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, arguments.text("section").c_str());
  void *memory = ::MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
  if (memory == nullptr) return 1;
  Reader reader;
  if (Reader::open_raw(reader, memory, static_cast<std::size_t>(arguments.number("bytes"))) != Status::ok) return 2;
  process::say("ready");
  for (std::int64_t i = 0;; ++i) {
    const Status status = reader.wait(i + 1, test::forever);
    process::say(text_of(status));
    if (status != Status::ok) return 0;
  }
}

class RawSection : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Writer::size(options_, bytes_), Status::ok);
    section_ = ::CreateFileMappingA(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, static_cast<DWORD>(bytes_),
                                    text_.c_str());
    memory_ = ::MapViewOfFile(section_, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
    ASSERT_NE(memory_, nullptr);
  }
  void TearDown() override {
    ::UnmapViewOfFile(memory_);
    ::CloseHandle(section_);
  }
  Child reader() const { return Child("raw_reader", {{"section", text_}, {"bytes", std::to_string(bytes_)}}); }

  Options options_ = test::checked_options(8);
  std::string text_ = "Local\\ringbuf-test-raw." + std::to_string(test::process_id());
  std::size_t bytes_ = 0;
  HANDLE section_ = nullptr;
  void *memory_ = nullptr;
};

TEST_F(RawSection, WakesTheReaderInAnotherProcess) {
  Writer writer;
  ASSERT_EQ(Writer::create_raw(writer, memory_, bytes_, options_), Status::ok) << last_error();
  const Child child = reader();
  ASSERT_EQ(child.line(), "ready");
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto sample = test::Checked::of(i);
    ASSERT_EQ(writer.push(&sample), Status::ok);
    ASSERT_EQ(child.line(), "RINGBUF_OK");
  }
  writer.close();
  EXPECT_EQ(child.line(), "RINGBUF_CLOSED");
}

ROLE(raw_writer) {
  HANDLE section = ::OpenFileMappingA(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, arguments.text("section").c_str());
  void *memory = ::MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
  if (memory == nullptr) return 1;
  Writer writer;
  const Options options = test::checked_options(8);
  const auto bytes = static_cast<std::size_t>(arguments.number("bytes"));
  if (Writer::create_raw(writer, memory, bytes, options) != Status::ok) return 2;
  process::say("ready");
  process::hear();
  return 0;
}

TEST_F(RawSection, AKilledWriterIsNoticedAndResumed) {
  Child child("raw_writer", {{"section", text_}, {"bytes", std::to_string(bytes_)}});
  ASSERT_EQ(child.line(), "ready");
  Reader reader;
  ASSERT_EQ(Reader::open_raw(reader, memory_, bytes_), Status::ok) << last_error();
  Writer writer;
  EXPECT_EQ(Writer::resume_raw(writer, memory_, bytes_), Status::busy);
  EXPECT_EQ(child.kill(), test::killed);
  EXPECT_EQ(reader.wait(1, test::forever), Status::stale);
  EXPECT_EQ(Writer::resume_raw(writer, memory_, bytes_), Status::ok) << last_error();
}

}  // namespace
