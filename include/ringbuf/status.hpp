// The result of an operation: the codes of the C interface as a C++ enumeration.
#pragma once

namespace ringbuf {

// X(code, NAME, enumerator, message). 0 to 5 are the codes of the Python class RingBuffer. A test compares ringbuf.h and the
// table of docs/guide-c.md with this list.
#define RINGBUF_STATUSES(X)                                                                      \
  X(0, OK, ok, "success")                                                                        \
  X(1, NOT_INITIALIZED, not_initialized, "no ring there yet, or a NULL handle")                  \
  X(2, OVERWRITTEN, overwritten, "(some of) the samples have already been overwritten")          \
  X(3, NOT_YET, not_yet, "(some of) the samples have not been written yet")                      \
  X(4, INCOMPATIBLE, incompatible, "data of another shape or type")                              \
  X(5, BAD_INDEX, bad_index, "an index below the first one, or an end before its start")         \
  X(6, INVALID_ARGUMENT, invalid_argument, "an argument is not acceptable")                      \
  X(7, EXISTS, exists, "the name is taken")                                                      \
  X(8, NOT_FOUND, not_found, "no ring has that name")                                            \
  X(9, WRITE_FORBIDDEN, write_forbidden, "a reader was asked to write")                          \
  X(10, READ_FORBIDDEN, read_forbidden, "a writer was asked to consume")                         \
  X(11, BUSY, busy, "another writer lives")                                                      \
  X(12, FULL, full, "lossless: no room until a reader moves on")                                 \
  X(13, EMPTY, empty, "nothing to read now")                                                     \
  X(14, TIMEOUT, timeout, "the time given has passed")                                           \
  X(15, CLOSED, closed, "the writer has ended the stream")                                       \
  X(16, STALE, stale, "the writer died, or the name now belongs to a newer ring: open it again") \
  X(17, NOT_CONTIGUOUS, not_contiguous,                                                          \
    "the window runs over the end by more than the pocket; ringbuf_read copies it")              \
  X(18, CORRUPT, corrupt, "what is there is not a sound ring")                                   \
  X(19, VERSION_MISMATCH, version_mismatch, "a ring of another layout version")                  \
  X(20, NO_SPACE, no_space, "the shared memory file system is full")                             \
  X(21, NO_MEMORY, no_memory, "this process is out of memory or address space")                  \
  X(22, PERMISSION, permission, "the system does not allow it")                                  \
  X(23, TOO_MANY_READERS, too_many_readers, "lossless: every slot in the reader table is taken") \
  X(24, UNSUPPORTED, unsupported, "not available for this ring or on this system")               \
  X(25, FORKED, forked, "the handle belongs to the parent process")                              \
  X(26, SYSTEM, system, "the system reported an error; ringbuf_last_error() has it")             \
  X(27, INTERRUPTED, interrupted, "ringbuf_interrupt has ended the wait")                        \
  X(28, GAP, gap, "the writer has skipped (some of) the samples")

// The result of an operation. The values are those of enum ringbuf_code in ringbuf.h.
enum class [[nodiscard]] Status : int{
#define X(code, name, enumerator, message) enumerator = code,
    RINGBUF_STATUSES(X)
#undef X
};

// The name of a code in the C interface, for example "RINGBUF_OK". Static text for any value.
constexpr const char *status_name(int code) noexcept {
  switch (code) {
#define X(value, name, enumerator, message) \
  case value:                               \
    return "RINGBUF_" #name;
    RINGBUF_STATUSES(X)
#undef X
    default:
      return "RINGBUF_UNKNOWN";
  }
}

// The meaning of a code. Static text for any value.
constexpr const char *status_message(int code) noexcept {
  switch (code) {
#define X(value, name, enumerator, message) \
  case value:                               \
    return message;
    RINGBUF_STATUSES(X)
#undef X
    default:
      return "no such code";
  }
}

// Describes the last failure on this thread: the argument, its value and the value expected. Never null. The text is
// valid until the next call on this thread.
const char *last_error() noexcept;

}  // namespace ringbuf
