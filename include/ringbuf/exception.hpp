// What the constructors of Writer and Reader throw; nothing else throws.
#pragma once

#include <stdexcept>
#include <string>

#include "ringbuf/status.hpp"

namespace ringbuf {

class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string &details)
      : std::runtime_error(std::string(status_message(static_cast<int>(status))) + ": " + details), status_(status) {}

  Status status() const noexcept { return status_; }

 private:
  Status status_;
};

}  // namespace ringbuf
