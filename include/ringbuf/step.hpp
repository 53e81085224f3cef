// In a test build (RINGBUF_STEPS) every store of the protocol passes a numbered point at which a test can kill the
// process; otherwise this is nothing.
#pragma once

#ifdef RINGBUF_STEPS
namespace ringbuf::detail {
void step() noexcept;  // defined by the test
}
#define RINGBUF_STEP() ::ringbuf::detail::step()
#else
#define RINGBUF_STEP() ((void)0)
#endif
