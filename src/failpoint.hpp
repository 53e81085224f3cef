// In a test build (RINGBUF_FAILPOINTS) the process passes a numbered point, at which a test can act or kill the process,
// before each system call that others can see; otherwise this is nothing. Stores to the shared fields pass failpoints, too:
// tests/support/failpoints.
#pragma once

#ifdef RINGBUF_FAILPOINTS
namespace ringbuf::detail {
void failpoint() noexcept;  // defined by the test
}
#define RINGBUF_FAILPOINT() ::ringbuf::detail::failpoint()
#else
#define RINGBUF_FAILPOINT() ((void)0)
#endif
