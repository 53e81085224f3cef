// A sandbox that refuses a system call, as containers do with those that they do not know. For forked children: it stays.
#ifndef RINGBUF_TESTS_CAPI_REFUSE_HPP
#define RINGBUF_TESTS_CAPI_REFUSE_HPP

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace capi {

inline constexpr long kFutexWaitv = 449;

// False: this machine does not allow it, or does not do it.
inline bool refuse(long call, int error) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof filter / sizeof filter[0], filter};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return false;
  errno = 0;
  return ::syscall(call, nullptr, 0, 0, nullptr, 0) == -1 && errno == error;
}

}  // namespace capi

#endif
