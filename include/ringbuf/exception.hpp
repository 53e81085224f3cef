// What the constructors of Writer and Reader throw; nothing else throws.
#pragma once

#include <stdexcept>
#include <string>

#include "ringbuf/status.hpp"

namespace ringbuf {

// A failed open, as an exception.
class Error : public std::runtime_error {
 public:
  // what() is what the status means, and the details.
  Error(Status status, const std::string &details)
      : std::runtime_error(std::string(status_message(static_cast<int>(status))) + ": " + details), status_(status) {}

  // Why it failed.
  Status status() const noexcept { return status_; }

 private:
  Status status_;
};

}  // namespace ringbuf
