// The structs of the C interface: their versions, told by struct_size, and their conversion for the core.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ringbuf.h"
#include "ringbuf/ring.hpp"

namespace ringbuf::capi {

Status init_options(ringbuf_options_t *options, std::size_t struct_size) noexcept;

// Converts the options of the caller, whose version may differ from ours. Checks everything that the core does not
// check.
Status take_options(const ringbuf_options_t *options, Options &taken) noexcept;

// Converts the flags of ringbuf_open. `also` is the flag that is allowed besides: RINGBUF_AS_WRITER, RINGBUF_ANY_SHAPE.
Status take_flags(std::uint32_t flags, std::uint32_t also, OpenOptions &taken) noexcept;

// The fields of ringbuf_info_t that belong to the handle, not to the ring.
struct Asker {
  std::int64_t position;
  std::uint64_t overruns;
  std::uint64_t lost;
};

// Converts a clock of enum ringbuf_clock.
Status take_clock(std::uint32_t clock, Clock &taken) noexcept;

Status check_info(const ringbuf_info_t *info) noexcept;
// `to` has the version of its caller.
void give_info(const Info &info, const Asker &asker, ringbuf_info_t *to) noexcept;

Status check_message(const ringbuf_message_t *message) noexcept;
void give_message(const Message &message, ringbuf_message_t *to) noexcept;

Status refuse_null(Status status, const char *argument) noexcept;
Status refuse(Status status, const char *text) noexcept;
Status refuse_type_name(const char *name) noexcept;

}  // namespace ringbuf::capi
