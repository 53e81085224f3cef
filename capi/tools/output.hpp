// Data on stdout, words on stderr.
#pragma once

#include <cstddef>
#include <string_view>

namespace tool {

// Writes all of it, also into a pipe that is full or does not block. Failure if it cannot be written. Text is buffered until
// flush(); the bytes of write_out() follow it at once.
void out(std::string_view text);
void flush();
void write_out(const void *bytes, std::size_t size);

// Writes all of it to a descriptor; `what` names it in the error.
void write_all(int fd, const void *bytes, std::size_t size, const char *what);

// A line on stderr. It never fails.
void say(std::string_view line) noexcept;

// Whether a person sees stdout.
bool out_is_terminal() noexcept;

}  // namespace tool
