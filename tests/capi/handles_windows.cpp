// Anonymous rings and rings by handle on Windows: ringbuf_fd gives the handle of a section. (Another process's handle is in
// tests/process/windows_test.cpp.)
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#include <winternl.h>

#include <algorithm>

#include "support.hpp"

namespace {

using namespace capi;

intptr_t handle_of(ringbuf_t* ring) {
  intptr_t handle = -1;
  EXPECT_EQ(ringbuf_fd(ring, &handle), RINGBUF_OK) << ringbuf_last_error();
  return handle;
}

Handle open_handle(intptr_t handle, std::uint32_t flags = 0) {
  Handle ring;
  EXPECT_EQ(ringbuf_open_fd(ring.out(), handle, flags), RINGBUF_OK) << ringbuf_last_error();
  return ring;
}

TEST(CapiHandle, IsReadByWhoHasIt) {
  Handle writer = make(nullptr, options(8, 2));
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  Handle reader = open_handle(handle_of(writer));
  expect_pops(reader, 0, 3);
  ASSERT_EQ(put(writer, 7), RINGBUF_OK);
  EXPECT_EQ(ringbuf_check(reader, 2, 10), RINGBUF_OK);
  expect_pops(reader, 3, 7);
  EXPECT_EQ(writer.close(), RINGBUF_OK);
  EXPECT_EQ(pop_code(reader), RINGBUF_CLOSED);
}

TEST(CapiHandle, StaysTheCallers) {
  Handle writer = make(nullptr, options(8));
  const intptr_t handle = handle_of(writer);
  DWORD flags = 0;
  for (int i = 0; i < 3; ++i) {
    open_handle(handle).close();
    EXPECT_NE(::GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags), 0) << "it has been closed";
  }
}

TEST(CapiHandle, HasOneWriterAndIsResumed) {
  Handle writer = make(nullptr, options(8, 1, RINGBUF_KEEP));
  ASSERT_EQ(put(writer, 3), RINGBUF_OK);
  HANDLE own = nullptr;
  ASSERT_NE(::DuplicateHandle(::GetCurrentProcess(), reinterpret_cast<HANDLE>(handle_of(writer)), ::GetCurrentProcess(),
                              &own, 0, FALSE, DUPLICATE_SAME_ACCESS),
            0);
  const auto handle = reinterpret_cast<intptr_t>(own);
  ringbuf_t* second = untouched();
  EXPECT_EQ(ringbuf_open_fd(&second, handle, RINGBUF_AS_WRITER), RINGBUF_BUSY);
  EXPECT_EQ(second, untouched());
  writer.close();
  Handle next = open_handle(handle, RINGBUF_AS_WRITER);
  ::CloseHandle(own);
  EXPECT_EQ(info(next).written, 3);
  EXPECT_EQ(info(next).generation, 2U);
  ASSERT_EQ(put(next, 2), RINGBUF_OK);
  Handle reader = open_handle(handle_of(next));
  expect_pops(reader, 0, 5);
}

TEST(CapiHandle, OfANamedRing) {
  Pair ring(options(8));
  ASSERT_EQ(put(ring.writer, 2), RINGBUF_OK);
  Handle by_writers = open_handle(handle_of(ring.writer));
  Handle by_readers = open_handle(handle_of(ring.reader));
  expect_pops(by_writers, 0, 2);
  expect_pops(by_readers, 0, 2);
}

TEST(CapiHandle, ThatIsNoneIsRefused) {
  ringbuf_t* ring = untouched();
  for (const intptr_t handle : {intptr_t{0}, intptr_t{-1}, intptr_t{100000}, INTPTR_MIN, INTPTR_MAX}) {
    EXPECT_EQ(ringbuf_open_fd(&ring, handle, 0), RINGBUF_INVALID_ARGUMENT) << handle;
  }
  HANDLE event = ::CreateEventA(nullptr, TRUE, FALSE, nullptr);
  EXPECT_EQ(ringbuf_open_fd(&ring, reinterpret_cast<intptr_t>(event), 0), RINGBUF_CORRUPT);
  ::CloseHandle(event);
  EXPECT_EQ(ring, untouched());
}

// --- What is opened is closed again -------------------------------------------------------------------------------------

// How many handles this process has: out of the list of all (GetProcessHandleCount counts nothing under Wine).
std::size_t handles() {
  struct Entry {
    ULONG process;
    UCHAR type, flags;
    USHORT handle;
    void* object;
    ACCESS_MASK access;
  };
  struct List {
    ULONG count;
    Entry entries[1];
  };
  constexpr auto kAllHandles = static_cast<SYSTEM_INFORMATION_CLASS>(16);
  std::vector<std::uint64_t> room(std::size_t{1} << 15);
  ULONG needed = 0;
  while (::NtQuerySystemInformation(kAllHandles, room.data(), static_cast<ULONG>(8 * room.size()), &needed) != 0) {
    room.resize(2 * room.size());
  }
  const auto* list = reinterpret_cast<const List*>(room.data());
  const Entry* begin = list->entries;
  return static_cast<std::size_t>(
      std::count_if(begin, begin + list->count, [](const Entry& e) { return e.process == ::GetCurrentProcessId(); }));
}

TEST(CapiHandle, NothingIsLeftOpen) {
  const auto all = [] {
    Name name;
    const ringbuf_options_t o = options(8, 1, RINGBUF_LOSSLESS);
    Handle writer = make(name.c(), o);
    Handle reader = capi::open(name);
    (void)handle_of(writer);
    (void)handle_of(reader);
    ASSERT_EQ(put(writer, 1), RINGBUF_OK);
    EXPECT_EQ(ringbuf_wait(reader, 2, kMillisecond), RINGBUF_TIMEOUT);
    EXPECT_TRUE(is_listed(name.text()));
    ringbuf_t* ring = nullptr;
    EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_EXISTS);
    EXPECT_EQ(ringbuf_resume(&ring, name.c()), RINGBUF_BUSY);
    EXPECT_EQ(ringbuf_open(&ring, (name.text() + "x").c_str(), 0), RINGBUF_NOT_FOUND);
  };
  all();  // what is made once and for all
  const std::size_t before = handles();
  Handle one = make(nullptr, options(4));
  EXPECT_GT(handles(), before) << "the count counts";
  one.close();
  for (int i = 0; i < 20; ++i) {
    all();
  }
  EXPECT_EQ(handles(), before);
}

}  // namespace
