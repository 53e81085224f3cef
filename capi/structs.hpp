// The structs of the C interface: their versions by struct_size, and what they mean to the core.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ringbuf.h"
#include "ringbuf/ring.hpp"

namespace ringbuf::capi {

Status init_options(ringbuf_options_t *options, std::size_t struct_size) noexcept;

// Takes the caller's options, which may be of another version than ours, and checks what the core does not.
Status take_options(const ringbuf_options_t *options, Options &taken) noexcept;

// Takes the flags of ringbuf_open; RINGBUF_AS_WRITER only where it is allowed.
Status take_flags(std::uint32_t flags, bool writer_allowed, OpenOptions &taken) noexcept;

// What belongs to the handle that asks, not to the ring.
struct Asker {
  std::int64_t position;
  std::uint64_t overruns;
  std::uint64_t lost;
};

Status check_info(const ringbuf_info_t *info) noexcept;
// `to` is of its caller's version.
void give_info(const Info &info, const Asker &asker, ringbuf_info_t *to) noexcept;

Status refuse_null(Status status, const char *argument) noexcept;
Status refuse(Status status, const char *text) noexcept;
Status refuse_type_name(const char *name) noexcept;

}  // namespace ringbuf::capi
