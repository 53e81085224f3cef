// What the Windows backend has open: struct Memory of system.hpp.
#pragma once

namespace ringbuf::os {

struct BackendObject {
  struct Memory *memory = nullptr;

  bool is_open() const noexcept { return memory != nullptr; }
};

}  // namespace ringbuf::os
