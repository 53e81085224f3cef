// What the in-memory backend has open: numbers of entries in World::open.
#pragma once

#include <cstdint>

namespace ringbuf::os {

struct BackendObject {
  std::intptr_t handle = -1;
  std::intptr_t shared = -1;  // what share() has given

  bool is_open() const noexcept { return handle != -1; }
};

}  // namespace ringbuf::os
