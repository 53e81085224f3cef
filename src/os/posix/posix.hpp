// Portable POSIX: for systems without futexes, memfds, nameless files and open-file-description locks, as macOS and the
// BSDs are. It asks for POSIX.1-2008, for flock(), and for FIFOs that can be opened for both reading and writing, which all
// of these have.
//
// Rings are files in a directory, and not objects of shm_open(): those have short names on macOS, cannot be listed, and
// cannot be given their name when they are finished. A file can (link), its memory is shared by mmap just the same, and
// besides it there is room for what locking and sleeping take:
//
//   DIRECTORY/NAME              the ring
//   DIRECTORY/.ringbuf/         all else:
//     look                      keeps looks at locks and refusals of locks apart
//     new-*                     rings that have no name yet; locked (flock) while they are made
//     process-TOKEN             locked as long as the process lives
//     DEVICE-INODE/             what belongs to the ring that is this file:
//       NUMBER                  the lock of that number: a file to be locked by flock()
//       look                    as above
//       w/g*                    gates: FIFOs at which the ring's sleepers wait
//     w/                        gates of rings in the caller's memory
//
// Locks. flock() has what is needed: a lock belongs to an open file, so that two Objects in one process exclude each
// other, in two copies of this library as well, and the kernel releases it with the process. (The locks of fcntl() belong
// to the process, and it loses them all when anybody in it closes any descriptor of the file.) But it locks whole files,
// so each lock has one. It is not the ring itself, since the descriptor of a ring is handed on, and with it would go the
// lock. Only the name's lock, held for moments, is the ring's own file: to remove a name takes no further descriptor. (Who is
// killed in these moments leaves it locked as long as a forked child, or whoever was given the ring's descriptor, has that.)
//
// flock() cannot be asked who has a lock; one has to try, and for a moment the lock then looks taken. Looks for an
// exclusive lock are shared, so that they do not disturb each other; who is refused a lock that he could share was refused
// it by such a look, and tries again. Looks for a shared lock, and those of whoever removes what nobody uses, have to be
// exclusive; they are made with the file "look" of the directory locked, and nobody believes a refusal before he has been
// refused again while he shared the lock of that file.
//
// Lock files are removed with the ring's directory, by the last Object of a ring without a name, or by the next process
// that creates one (sweep.cpp). That is safe at any time: what is removed is locked before, and whoever has locked a file
// makes sure that it is still there.
//
// Sleeping: sleep.cpp. Processes: life.cpp.
#pragma once

#include "os/unix/unix.hpp"
#include "ringbuf/step.hpp"

namespace ringbuf::os {

inline constexpr char work_name[] = ".ringbuf";

// What an Object keeps besides the seam's fields.
struct Extra {
  struct Held {
    std::uint32_t number;
    int fd;
  };
  static constexpr int max_held = 8;

  dev_t device = 0;
  ino_t inode = 0;
  mode_t mode = 0;
  uid_t owner = 0;
  bool forked = false;    // the locks and names are our parent's
  char made_as[40] = "";  // a ring without a name yet is this file in the working directory
  int held_count = 0;
  Held held[max_held] = {};
};

namespace posix {

// --- directory.cpp: where things are -----------------------------------------------------------------------------------

// DIRECTORY/.ringbuf/first[/second[/third]]
struct WorkPath {
  char text[max_directory_length + 128];
  WorkPath() noexcept;
  explicit WorkPath(const char *first) noexcept;
  // Of what belongs to a ring.
  explicit WorkPath(const Extra &ring) noexcept;
  WorkPath(const Extra &ring, Lock lock) noexcept;
  WorkPath below(const char *name) const noexcept;
};

// prefix + a number of 63 bits, in 16 hexadecimal digits, that nobody else has.
struct UniqueName {
  char text[40];
  explicit UniqueName(const char *prefix) noexcept;
};

// Makes a directory with that very mode and owner, or finds it there. An error is in errno.
bool make_directory(const char *path, mode_t mode, uid_t owner) noexcept;
// Makes sure that the working directory is there, and that it is nobody's whom we do not have to trust anyway.
Status work_ready() noexcept;
// The same of what belongs to a ring.
Status ring_directory_ready(const Extra &ring) noexcept;
// Makes an empty file with a new name in the working directory, locked by its descriptor, which is returned; -1: errno.
int make_locked_file(const char *prefix, UniqueName &name, mode_t mode) noexcept;

// --- life.cpp ----------------------------------------------------------------------------------------------------------

// While one lives no other thread forks: for the moments in which a descriptor that has a lock, or is about to get one, is
// not in the Object yet.
class Unforked {
 public:
  Unforked() noexcept;
  Unforked(const Unforked &) = delete;
  Unforked &operator=(const Unforked &) = delete;
  ~Unforked();

 private:
  bool taken_;
};

// --- locks.cpp ---------------------------------------------------------------------------------------------------------

// LOCK_SH, LOCK_EX or LOCK_UN, without waiting.
bool lock_now(int fd, int operation) noexcept;
bool is_removed(int fd) noexcept;
// Makes sure that there is a file to be locked, which all may open who get there. An error is in errno.
bool make_lock_file(const WorkPath &path, uid_t owner) noexcept;
int open_lock_file(const WorkPath &path) noexcept;

// The file "look" of a directory, locked with LOCK_SH or LOCK_EX if that can be had within a time.
class Look {
 public:
  static constexpr char name[] = "look";

  Look(const WorkPath &directory, int operation, std::int64_t time_ns) noexcept;
  Look(const Look &) = delete;
  Look &operator=(const Look &) = delete;
  ~Look();
  bool is_ours() const noexcept { return is_ours_; }
  bool is_there() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
  bool is_ours_ = false;
};

// Whether somebody has a file locked exclusively, and not only to look at it; `directory` is the one whose "look" counts.
bool is_held(int fd, const WorkPath &directory) noexcept;

// --- sleep.cpp ---------------------------------------------------------------------------------------------------------

// Wakes all who sleep at a gate, if it is there, and removes it.
void take_gate_away(const WorkPath &directory, const char *name) noexcept;

// --- sweep.cpp ---------------------------------------------------------------------------------------------------------

// Removes what belongs to a ring, unless somebody has a lock of it.
void remove_ring_directory(const WorkPath &path) noexcept;
// Removes what the dead have left in the working directory.
void sweep() noexcept;

}  // namespace posix

}  // namespace ringbuf::os
