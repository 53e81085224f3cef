// The file of a named ring in /dev/shm: its name, its mode, and what else may lie under that name.
#include "process.hpp"

namespace {

using namespace capi;

int open_code(const Name& name) {
  ringbuf_t* ring = untouched();
  const int code = ringbuf_open(&ring, name.c(), 0);
  EXPECT_EQ(ring, untouched());
  return code;
}

int resume_code(const Name& name) {
  ringbuf_t* ring = untouched();
  const int code = ringbuf_resume(&ring, name.c());
  EXPECT_EQ(ring, untouched());
  return code;
}

mode_t mode_of(const std::string& path) {
  struct stat st {};
  EXPECT_EQ(::stat(path.c_str(), &st), 0) << path;
  return st.st_mode;
}

// A ring with five samples whose writer has left it.
void leave_a_ring(const Name& name) {
  Handle writer = make(name.c(), options(8, 1, RINGBUF_KEEP));
  ASSERT_EQ(put(writer, 5), RINGBUF_OK);
}

TEST(CapiFile, HasThatVeryNameAndIsNoMore) {
  Name name;
  Handle writer = make(name.c(), options(4));
  EXPECT_TRUE(S_ISREG(mode_of(path(name))));
  // Nothing else is left beside it under a like name.
  Handle reader = capi::open(name);
  EXPECT_NE(::access((std::string(kDirectory) + "." + name.text()).c_str(), F_OK), 0);
  EXPECT_NE(::access((std::string(kDirectory) + "sem." + name.text()).c_str(), F_OK), 0);
}

TEST(CapiFile, TheModeIsExactWhateverTheUmask) {
  for (const mode_t umask : {mode_t{0}, mode_t{022}, mode_t{077}, mode_t{0777}}) {
    for (const std::uint32_t mode : {0U, 0600U, 0640U, 0644U, 0660U, 0666U, 0777U, 0444U, 0200U}) {
      Name name;
      const mode_t before = ::umask(umask);
      ringbuf_options_t o = options(4);
      o.mode = mode;
      Handle writer = make(name.c(), o);
      ::umask(before);
      EXPECT_EQ(mode_of(path(name)) & 07777, mode == 0 ? 0600U : mode)
          << std::oct << "mode " << mode << " umask " << umask;
      EXPECT_EQ(put(writer, 1), RINGBUF_OK);
      EXPECT_EQ(writer.close(), RINGBUF_OK);
      EXPECT_FALSE(name.is_there());
    }
  }
}

TEST(CapiFile, AFileThatIsNoRingIsLeftAlone) {
  std::string text = "this is somebody's letter, and no ring\n";
  for (int doubled = 0; doubled < 13; ++doubled) {  // from less than a header to a good many pages
    Name name("letter");
    write_file(path(name), text);
    struct stat before {
    }, after{};
    ASSERT_EQ(::stat(path(name).c_str(), &before), 0);
    ringbuf_t* ring = untouched();
    const ringbuf_options_t o = options(4);
    EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_EXISTS) << text.size();
    EXPECT_EQ(ring, untouched());
    EXPECT_EQ(open_code(name), RINGBUF_CORRUPT) << text.size();
    EXPECT_EQ(resume_code(name), RINGBUF_CORRUPT) << text.size();
    EXPECT_FALSE(is_listed(name.text()));
    EXPECT_EQ(read_file(path(name)), text);
    ASSERT_EQ(::stat(path(name).c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(before.st_mode, after.st_mode);
    text += text;
  }
}

TEST(CapiFile, AnEmptyFileIsNoRingYet) {
  Name name;
  write_file(path(name), "");
  EXPECT_EQ(open_code(name), RINGBUF_NOT_INITIALIZED);
  EXPECT_EQ(resume_code(name), RINGBUF_NOT_INITIALIZED);
  EXPECT_FALSE(is_listed(name.text()));
  ringbuf_t* ring = untouched();
  const ringbuf_options_t o = options(4);
  EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_EXISTS);
  EXPECT_EQ(ring, untouched());
  EXPECT_TRUE(name.is_there());
}

TEST(CapiFile, WhatIsNoFileIsNotOpened) {
  Name directory("directory");
  ASSERT_EQ(::mkdir(path(directory).c_str(), 0700), 0);
  ringbuf_t* ring = untouched();
  const ringbuf_options_t o = options(4);
  EXPECT_EQ(ringbuf_create(&ring, directory.c(), &o), RINGBUF_EXISTS);
  EXPECT_EQ(ring, untouched());
  EXPECT_FALSE(is_listed(directory.text()));
  EXPECT_EQ(::rmdir(path(directory).c_str()), 0) << "it was still there, and empty";

  Name fifo("fifo");  // opening it must not wait for its other end
  ASSERT_EQ(::mkfifo(path(fifo).c_str(), 0600), 0);
  EXPECT_EQ(ringbuf_create(&ring, fifo.c(), &o), RINGBUF_EXISTS);
  EXPECT_EQ(open_code(fifo), RINGBUF_CORRUPT);
  EXPECT_FALSE(is_listed(fifo.text()));
}

TEST(CapiFile, ALinkIsNotFollowedToWriteElsewhere) {
  Name target("target"), link("link");
  write_file(path(target), "precious");
  ASSERT_EQ(::symlink(path(target).c_str(), path(link).c_str()), 0);
  ringbuf_t* ring = untouched();
  const ringbuf_options_t o = options(4);
  EXPECT_EQ(ringbuf_create(&ring, link.c(), &o), RINGBUF_EXISTS);
  EXPECT_EQ(ring, untouched());
  EXPECT_EQ(read_file(path(target)), "precious");
}

TEST(CapiFile, TruncatedIsCorrupt) {
  std::size_t size = 0;
  {
    Name name;
    leave_a_ring(name);
    size = read_file(path(name)).size();
  }
  for (const std::size_t left :
       {size - 1, size - 4096, size / 2, std::size_t{4096}, std::size_t{100}, std::size_t{8}, std::size_t{1}}) {
    Name name;
    leave_a_ring(name);
    ASSERT_EQ(::truncate(path(name).c_str(), static_cast<off_t>(left)), 0);
    EXPECT_EQ(open_code(name), RINGBUF_CORRUPT) << left;
    EXPECT_EQ(resume_code(name), RINGBUF_CORRUPT) << left;
    EXPECT_FALSE(is_listed(name.text())) << left;
  }
}

TEST(CapiFile, AnotherLayoutVersionIsTold) {
  for (const std::uint32_t change : {1U, 0x100U, 0x80000000U}) {
    Name name;
    leave_a_ring(name);
    const int fd = ::open(path(name).c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    std::uint32_t version = 0;
    ASSERT_EQ(::pread(fd, &version, 4, 8), 4);
    version += change;
    ASSERT_EQ(::pwrite(fd, &version, 4, 8), 4);
    ::close(fd);
    const std::string before = read_file(path(name));
    EXPECT_EQ(open_code(name), RINGBUF_VERSION_MISMATCH);
    EXPECT_EQ(resume_code(name), RINGBUF_VERSION_MISMATCH);
    EXPECT_EQ(read_file(path(name)), before) << "it was written to";
  }
}

TEST(CapiFile, ABrokenMagicIsCorrupt) {
  Name name;
  leave_a_ring(name);
  const int fd = ::open(path(name).c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  char byte = 0;
  ASSERT_EQ(::pread(fd, &byte, 1, 3), 1);
  byte = static_cast<char>(byte ^ 0x10);
  ASSERT_EQ(::pwrite(fd, &byte, 1, 3), 1);
  ::close(fd);
  EXPECT_EQ(open_code(name), RINGBUF_CORRUPT);
  ringbuf_t* ring = untouched();
  const ringbuf_options_t o = options(4);
  EXPECT_EQ(ringbuf_create(&ring, name.c(), &o), RINGBUF_EXISTS) << "as far as anyone can tell it is no ring";
}

TEST(CapiFile, AnUnfinishedNameIsNeverSeen) {
  // Whoever finds the name finds a finished ring: processes open while another makes and removes it.
  Name name;
  Child maker([&](Line) {
    for (int i = 0; i < 300; ++i) {
      ringbuf_t* ring = nullptr;
      const ringbuf_options_t o = options(64);
      const int code = ringbuf_create(&ring, name.c(), &o);
      if (code != RINGBUF_OK) {
        return code;
      }
      if (ringbuf_close(ring) != RINGBUF_OK) {
        return 100;
      }
    }
    return 0;
  });
  int found = 0;
  for (int i = 0; i < 2000; ++i) {
    ringbuf_t* ring = nullptr;
    const int code = ringbuf_open(&ring, name.c(), 0);
    if (code == RINGBUF_OK) {
      ++found;
      EXPECT_EQ(info(ring).capacity, 64U);
      ringbuf_close(ring);
    } else {
      ASSERT_EQ(code, RINGBUF_NOT_FOUND) << ringbuf_last_error();
    }
  }
  EXPECT_EQ(maker.wait(), RINGBUF_OK);
  RecordProperty("found", found);
}

TEST(CapiFile, UnlinkDoesNotLeaveTheDirectory) {
  char path[] = "/tmp/capi-test-XXXXXX";
  const int fd = ::mkstemp(path);
  ASSERT_GE(fd, 0);
  ::close(fd);
  EXPECT_EQ(ringbuf_unlink((std::string("../..") + path).c_str()), RINGBUF_INVALID_ARGUMENT);
  EXPECT_EQ(::access(path, F_OK), 0);
  ::unlink(path);
}

TEST(CapiFile, HasItsSizeAndThePagesForIt) {
  for (const std::uint64_t capacity : {1U, 1000U, 100000U}) {
    Name name;
    Handle ring = make(name.c(), options(capacity));
    struct stat st {};
    ASSERT_EQ(::stat(path(name).c_str(), &st), 0);
    EXPECT_EQ(static_cast<std::uint64_t>(st.st_size), info(ring).total_bytes);
    EXPECT_GE(static_cast<std::uint64_t>(st.st_blocks) * 512, info(ring).total_bytes) << "the memory is only promised";
  }
}

}  // namespace
