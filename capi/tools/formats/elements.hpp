// Elements of every type as text, and back: exact both ways, but for the payload of a NaN.
#pragma once

#include <fmt/format.h>

#include <cstdint>

namespace tool::formats {

float half_to_float(std::uint16_t half);
// To the nearest; the ones that half_to_float() gives come back exactly.
std::uint16_t float_to_half(float value);

// Appends an element; a complex one as two numbers with a comma between. Not for RINGBUF_BYTES.
void element_text(std::uint32_t data_type, const void* element, fmt::memory_buffer& text);
// Reads an element from [*text, end) and moves *text past it. False: it is no number, or out of range.
bool element_parse(std::uint32_t data_type, const char** text, const char* end, void* element);

}  // namespace tool::formats
