// A ring's handle that closes itself, and result codes as exceptions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>

#include "ringbuf.h"

namespace demo {

struct CloseRing {
  void operator()(ringbuf_t* ring) const noexcept { ringbuf_close(ring); }
};
using Ring = std::unique_ptr<ringbuf_t, CloseRing>;

// What to tell a person about `code`, which `call` returned: the code's name, what it means, and the details.
// To be called before anything else of the library, since the details are those of the last failure.
std::string error_message(int code, const char* call);

// Throws std::runtime_error unless `code` is RINGBUF_OK or among `allowed`; returns it otherwise.
int expect(int code, const char* call, std::initializer_list<int> allowed = {});

Ring create_ring(const std::string& name, const ringbuf_options_t& options);
Ring open_ring(const std::string& name, std::uint32_t flags = RINGBUF_FROM_OLDEST);

ringbuf_options_t default_ring_options();
ringbuf_info_t ring_info(ringbuf_t* ring);

std::string ring_metadata(ringbuf_t* ring);

// The two rings of one run of the demo.
std::string sample_ring_name(const std::string& run);
std::string event_ring_name(const std::string& run);

}  // namespace demo
