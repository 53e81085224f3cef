#include "record_annotations.hpp"

#include <algorithm>

#include "describe.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

std::uint32_t flags_from(bool oldest) {
  std::uint32_t flags = RINGBUF_OBSERVER | RINGBUF_RESYNC_OLDEST;
  if (!oldest) flags |= RINGBUF_FROM_NEWEST;
  return flags;
}

}  // namespace

AnnotationSource::AnnotationSource(const std::string &name, bool oldest) : ring_(Ring::open(name, flags_from(oldest))) {
  if ((ring_.info().flags & RINGBUF_MESSAGES) == 0) {
    throw Failure(exit_usage, tool::format("--annotations takes a ring of messages; {} holds samples", name));
  }
  const Json metadata = parse_metadata(ring_.metadata());
  if (metadata.contains("beside") && metadata["beside"].is_string()) {
    beside_ = metadata["beside"].get<std::string>();
  }
}

std::uint32_t AnnotationSource::longest() const {
  constexpr std::uint64_t most = 1U << 30;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(most, 2 * ring_.info().window + 16));
}

std::vector<Annotation> AnnotationSource::take() {
  std::vector<Annotation> found;
  for (;;) {
    const void *bytes = nullptr;
    std::size_t size = 0;
    std::int64_t start = 0;
    const int code = ringbuf_receive(ring_.get(), 0, &bytes, &size, &start);
    if (code == RINGBUF_OVERWRITTEN) continue;  // counted in lost()
    if (code == RINGBUF_TIMEOUT || code == RINGBUF_INTERRUPTED || code == RINGBUF_CLOSED || code == RINGBUF_STALE)
      break;
    ring_.check(code);
    const std::string copy(static_cast<const char *>(bytes), size);
    ringbuf_message_t head{};
    head.struct_size = sizeof head;
    if (ringbuf_message(ring_.get(), start, &head) != RINGBUF_OK ||
        ringbuf_check(ring_.get(), start, start + static_cast<std::int64_t>(size)) != RINGBUF_OK) {
      damaged_ += size;
      continue;
    }
    Annotation annotation;
    if (!beside_.empty()) annotation.index = head.tag;
    annotation.monotonic_ns = head.monotonic_ns;
    annotation.kind = head.kind;
    annotation.text = copy;
    found.push_back(std::move(annotation));
  }
  return found;
}

std::uint64_t AnnotationSource::lost() const {
  std::uint64_t skipped = 0;
  for (const Gap &gap : ring_.gaps()) skipped += static_cast<std::uint64_t>(gap.end - gap.start);
  const std::uint64_t missed = ring_.info().lost;
  return damaged_ + (missed > skipped ? missed - skipped : 0);
}

}  // namespace tool
