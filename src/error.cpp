#include "error.hpp"

#include "ringbuf/data_type.hpp"
#include "ringbuf/detail/failure.hpp"

namespace ringbuf {

namespace {

struct Noted {
  detail::Detail detail = detail::Detail::none;
  Status status = Status::ok;
  const char *name = "";
  std::uint64_t values[5] = {};
};

thread_local char thread_text[512] = "";
thread_local Noted thread_noted{};

void format_noted(const Noted &n) noexcept {
  using detail::Detail;
  const auto &v = n.values;
  const auto s = [&](int i) { return static_cast<std::int64_t>(v[i]); };
  switch (n.detail) {
    case Detail::none:
      return;
    case Detail::availability:
      (void)fail(n.status,
                 "samples [{}, {}): {}; the next one to be written is {}, the oldest readable one {} (capacity {})",
                 s(0), s(1), status_message(static_cast<int>(n.status)), v[2], v[3] > v[4] ? v[3] - v[4] : 0, v[4]);
      return;
    case Detail::not_contiguous:
      (void)fail(n.status,
                 "{} samples at offset {} of {} run over the end by more than the pocket of {} samples (option window)",
                 v[0], v[1], v[2], v[3]);
      return;
    case Detail::full:
      (void)fail(n.status,
                 "count is {}, but the slowest reader leaves room for {} (the next sample is {}, capacity {})", v[0],
                 v[2], v[1], v[3]);
      return;
    case Detail::no_room:
      (void)fail(n.status,
                 "the message takes {} bytes with its header, but the slowest reader leaves {} (the next index is {}, "
                 "capacity {})",
                 v[0], v[2], v[1], v[3]);
      return;
    case Detail::empty:
      (void)fail(n.status, "nothing to read at position {}: the next sample to be written is {}", s(0), v[1]);
      return;
    case Detail::ended:
      (void)fail(n.status, "no sample comes at position {}: the next one would be {}, and {}", s(0), v[1],
                 status_message(static_cast<int>(n.status)));
      return;
    case Detail::overrun:
      (void)fail(n.status, "the reader was overrun: position {} moved to {}, {} samples were lost", v[0], v[1], v[2]);
      return;
    case Detail::too_many:
      (void)fail(n.status, "{} is {}, expected at most {}", n.name, v[0], v[1]);
      return;
    case Detail::null_argument:
      (void)fail(n.status, "{} is NULL", n.name);
      return;
    case Detail::wrong_role:
      (void)fail(n.status, "{}: {}", n.name, status_message(static_cast<int>(n.status)));
      return;
    case Detail::forked:
      (void)fail(n.status, "the handle was opened by the parent process; expected one opened by this process");
      return;
    case Detail::timeout:
      (void)fail(n.status, "waited for the samples before {}, the next one to be written is {}", v[0], v[1]);
      return;
    case Detail::interrupted:
      (void)fail(n.status,
                 "the wait for the samples before {} was ended by another thread; the next one to be written is {}",
                 v[0], v[1]);
      return;
    case Detail::closed_at_exit:
      (void)fail(n.status, "the ring was closed because the process exits");
      return;
    case Detail::bad_position:
      (void)fail(n.status, "{} is {}, expected {} to {}", n.name, s(0), v[1], v[2]);
      return;
    case Detail::incompatible: {
      const char *type = data_type_name(static_cast<std::uint32_t>(v[1]));
      (void)fail(n.status, "the elements given have {} bytes or another type, the ring's are {} of {} bytes", v[0],
                 type != nullptr ? type : "unknown", v[2]);
      return;
    }
    case Detail::gap:
      (void)fail(n.status, "samples [{}, {}): the writer has skipped [{}, {})", v[0], v[1], v[2], v[3]);
      return;
    case Detail::passed_gap:
      (void)fail(n.status, "the writer has skipped samples: position {} moved to {}, {} samples were lost", v[0], v[1],
                 v[1] - v[0]);
      return;
    case Detail::not_multiple:
      (void)fail(n.status, "{} elements are given, expected a multiple of the {} channels", v[0], v[1]);
      return;
  }
}

}  // namespace

// Nothing allocates.
Status fail_with(Status status, fmt::string_view format, fmt::format_args args) noexcept {
  thread_noted.detail = detail::Detail::none;
  try {
    *fmt::vformat_to_n(thread_text, sizeof thread_text - 1, format, args).out = '\0';
  } catch (...) {
    thread_text[0] = '\0';
  }
  return status;
}

Status detail::note(Status status, Detail detail, const char *name, std::uint64_t a, std::uint64_t b, std::uint64_t c,
                    std::uint64_t d, std::uint64_t e) noexcept {
  thread_noted = {detail, status, name, {a, b, c, d, e}};
  return status;
}

const char *last_error() noexcept {
  const Noted noted = thread_noted;
  format_noted(noted);
  return thread_text;
}

}  // namespace ringbuf
