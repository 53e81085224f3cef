// The numbered points that a step build of the library passes.
#pragma once

#include "shared.hpp"

namespace crash {

// From now on this process counts points, and kills itself at point `kill_at`, before the store that the point stands
// for.
void arm(Shared& shared, std::uint64_t kill_at) noexcept;
// The same, but it stops there until somebody continues it.
void arm_to_stop(Shared& shared, std::uint64_t stop_at) noexcept;
void disarm() noexcept;

// Dies as at a point.
[[noreturn]] void die(Shared& shared) noexcept;

}  // namespace crash
