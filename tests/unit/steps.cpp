#include "steps.hpp"

#include <utility>

#include "failpoint.hpp"

namespace test {

namespace {
Steps *current = nullptr;
}

Steps::Steps(std::function<void(std::uint64_t)> act) : act_(std::move(act)) { current = this; }
Steps::~Steps() { current = nullptr; }

void Steps::take() {
  if (acting_) return;
  acting_ = true;
  act_(taken_++);
  acting_ = false;
}

}  // namespace test

void ringbuf::detail::failpoint() noexcept {
  if (test::current != nullptr) test::current->take();
}
