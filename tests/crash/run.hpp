// One run: a ring, processes that use it, one of them dying at a point, and what must hold afterwards.
#pragma once

#include <cstdint>
#include <string>

#include "operations.hpp"
#include "shared.hpp"

namespace crash {

enum class Recovery { resume, create };

struct Plan {
  Kind kind = Kind::named;
  bool lossless = false;
  Recovery recovery = Recovery::resume;
  std::uint64_t kill_at = 0;              // 0: behind the last point
  std::uint64_t predecessor_kill_at = 0;  // heirs
  std::string name;                       // not used by anything else
};

// In a process of its own. What is wrong is told in shared.complaints.
void run(const Operation& operation, const Plan& plan, Shared& shared);

}  // namespace crash
