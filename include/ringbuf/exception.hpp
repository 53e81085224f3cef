// The exception of the constructors of Writer and Reader. Nothing else throws.
#pragma once

#include <stdexcept>
#include <string>

#include "ringbuf/status.hpp"

namespace ringbuf {

// A constructor failed to open a ring.
class Error : public std::runtime_error {
 public:
  // what() is the meaning of the status, followed by the details.
  Error(Status status, const std::string &details)
      : std::runtime_error(std::string(status_message(static_cast<int>(status))) + ": " + details), status_(status) {}

  // The reason.
  Status status() const noexcept { return status_; }

 private:
  Status status_;
};

}  // namespace ringbuf
