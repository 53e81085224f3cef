#include "checks.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace crash {

using ringbuf::Info;
using ringbuf::Reader;
using ringbuf::Status;

namespace {
std::uintmax_t big(std::uint64_t n) { return n; }
}  // namespace

bool Checks::expect(Status status, Status expected, const char* what) {
  if (status == expected) return true;
  s_.complain(who_case, "%s: %s instead of %s (%s)", what, text_of(status), text_of(expected), ringbuf::last_error());
  return false;
}

bool Checks::expect(bool condition, const char* what) {
  if (!condition) s_.complain(who_case, "%s", what);
  return condition;
}

// --- what must hold ------------------------------------------------------------------------------------------------

void Checks::check_sample(const History& h, const Sample& sample, std::uint64_t index, const char* when) {
  const std::uint64_t expected = h.epoch_of(index);
  if (is_whole(sample) && sample.index == index && sample.epoch == expected) return;
  s_.complain(who_case, "%s: wrong sample %ju of writer %ju: it is %ju of writer %ju%s", when, big(index),
              big(expected), big(sample.index), big(sample.epoch), is_whole(sample) ? "" : ", torn");
}

void Checks::check_samples(Ring& ring, const History& h, const char* when) {
  check_gaps(ring, h, when);
  Info info{};
  if (!expect(ring.info(info), Status::ok, "info")) return;
  const std::uint64_t promised = h.announced > capacity ? h.announced - capacity : 0;
  if (info.written < h.committed) {
    s_.complain(who_case, "%s: %ju samples are written, %ju were committed", when, big(info.written), big(h.committed));
  }
  if (info.written > h.announced) {
    s_.complain(who_case, "%s: %ju samples are written, %ju were put", when, big(info.written), big(h.announced));
  }
  for (std::uint64_t i = 0; i <= info.written; ++i) {
    Sample sample{};
    const auto at = static_cast<std::int64_t>(i);
    const Status status = ring.read(at, at + 1, &sample);
    if (status == Status::ok) {
      check_sample(h, sample, i, when);
    } else if (i >= promised && i < h.committed && h.gap_end(i) == i) {
      s_.complain(who_case, "%s: committed sample %ju is lost: %s", when, big(i), text_of(status));
    }
    const bool in_gap = h.gap_end(i) != i;
    const Status expected = i == info.written ? Status::not_yet
                            : in_gap          ? Status::gap
                            : i < info.oldest ? Status::overwritten
                                              : Status::ok;
    // The oldest sample is not in a gap. Before it a gap may still be known as such.
    const bool forgotten = in_gap && i < info.oldest && status == Status::overwritten;
    if (status != expected && !forgotten) {
      s_.complain(who_case, "%s: read of sample %ju of [%ju, %ju): %s", when, big(i), big(info.oldest),
                  big(info.written), text_of(status));
    }
  }
  // Windows, through the pocket and without.
  std::array<Sample, capacity> copies{};
  for (std::uint64_t start = info.oldest; start < info.written; ++start) {
    for (const std::uint64_t n : {std::uint64_t{2}, window, window + 1, capacity}) {
      if (start + n > info.written) continue;
      const auto first = static_cast<std::int64_t>(start);
      const auto last = static_cast<std::int64_t>(start + n);
      const std::byte* samples = nullptr;
      const Status viewed = ring.view(first, last, samples);
      if (h.touches_gap(start, start + n)) {
        expect(viewed, Status::gap, "view over a gap");
        expect(ring.check(first, last), Status::gap, "check over a gap");
        expect(ring.read(first, last, copies.data()), Status::gap, "read over a gap");
        continue;
      }
      if (viewed == Status::ok) {
        std::memcpy(copies.data(), samples, static_cast<std::size_t>(n) * sizeof(Sample));
        expect(ring.check(first, last), Status::ok, "check after view");
        for (std::size_t i = 0; i < n; ++i) check_sample(h, copies[i], start + i, "in a window");
      } else {
        const std::uint64_t head = capacity - start % capacity;
        expect(n > head && n - head > window, "a window is missing");
      }
      if (expect(ring.read(first, last, copies.data()), Status::ok, "read of several")) {
        for (std::size_t i = 0; i < n; ++i) check_sample(h, copies[i], start + i, "in a copy");
      }
    }
  }
}

void Checks::check_gaps(const Ring& ring, const History& h, const char* when) {
  Info info{};
  std::vector<std::pair<std::int64_t, std::int64_t>> gaps;
  const auto add = [](std::int64_t start, std::int64_t end, void* to) {
    static_cast<decltype(gaps)*>(to)->emplace_back(start, end);
    return 0;
  };
  if (!expect(ring.info(info), Status::ok, "info") || !expect(ring.gaps(add, &gaps), Status::ok, "gaps")) return;
  auto told = gaps.begin();
  for (std::uint64_t i = info.oldest; i < info.written; ++i) {
    const auto at = static_cast<std::int64_t>(i);
    while (told != gaps.end() && told->second <= at) ++told;
    const bool in_gap = told != gaps.end() && told->first <= at;
    if (in_gap != (h.gap_end(i) != i)) {
      s_.complain(who_case, "%s: the ring tells that index %ju is %sin a gap", when, big(i), in_gap ? "" : "not ");
    }
  }
}

void Checks::check_metadata(const Ring& ring, const History& h) {
  char text[metadata_bytes];
  std::size_t size = 0;
  if (!expect(ring.metadata(text, sizeof text, size), Status::ok, "metadata")) return;
  const std::string found(text, size);
  if (found == metadata_text(h.metadata_set) || found == metadata_text(h.metadata_said)) return;
  s_.complain(who_case, "metadata are \"%s\", neither number %u nor %u", found.c_str(), h.metadata_set.load(),
              h.metadata_said.load());
}

void Checks::check_anchor(const Ring& ring, const History& h) {
  Info info{};
  if (!expect(ring.info(info), Status::ok, "info")) return;
  expect(info.has_anchor || h.committed == 0, "there is no time anchor");
  if (!info.has_anchor) return;
  for (std::uint32_t i = 0; i < h.put_count; ++i) {
    const History::Put& put = h.puts[i];
    const ringbuf::protocol::Time& a = info.anchor;
    if (a.index == put.newest && a.monotonic_ns >= put.monotonic_before && a.monotonic_ns <= put.monotonic_after &&
        a.realtime_ns >= put.realtime_before && a.realtime_ns <= put.realtime_after) {
      return;
    }
  }
  s_.complain(who_case, "the time anchor (%ju, %jd ns, %jd ns) is no put's", big(info.anchor.index),
              std::intmax_t{info.anchor.monotonic_ns}, std::intmax_t{info.anchor.realtime_ns});
}

void Checks::check_names() {
  const auto there = names_there(plan_.name);
  const auto listed = names_listed(plan_.name);
  expect(there == listed, "there is a name that ringbuf::list does not show");
}

void Checks::check_places(const Medium& medium, int taken, const char* when) {
  std::vector<std::unique_ptr<Reader>> readers;
  for (auto i = static_cast<std::uint32_t>(taken); i < places; ++i) {
    auto reader = std::make_unique<Reader>();
    const Status status = medium.open(*reader);
    if (status != Status::ok || !reader->is_registered()) {
      s_.complain(who_case, "%s: place %u of %u has leaked: %s", when, i + 1, places, text_of(status));
      return;
    }
    readers.push_back(std::move(reader));
  }
  Reader one_more;
  const Status status = medium.open(one_more);
  if (plan_.lossless) {
    expect(status, Status::too_many_readers, "open of one reader too many");
  } else {
    expect(status == Status::ok && !one_more.is_registered(), "a reader too many has got a place");
  }
}

std::uint64_t Checks::end_of(const Ring& ring) const {
  Info info{};
  if (ring.info(info) != Status::ok) return 0;
  return plan_.lossless ? info.written : std::max(info.written, info.oldest);
}

// --- our own reader ------------------------------------------------------------------------------------------------

void Checks::got(Held& held, const Sample& sample, std::uint64_t index) {
  if (index != held.next) {
    s_.complain(who_case, "a reader got sample %ju instead of %ju", big(index), big(held.next));
  }
  check_sample(s_.history(), sample, index, "consumed");
  held.next = index + 1;
}

bool Checks::take(Held& held, std::uint64_t at_most, std::int64_t timeout_ns, Status& status) {
  std::array<Sample, 3> items{};
  const auto position = static_cast<std::uint64_t>(held.reader.tell());
  std::uint64_t count = 0;
  const std::uint64_t most = std::min<std::uint64_t>(at_most, items.size());
  const Status there = held.reader.check(held.reader.tell(), held.reader.tell() + 1);
  switch (timeout_ns != 0 ? 0 : held.turn++ % 3) {
    case 0: {
      const std::byte* at = nullptr;
      std::int64_t start = 0;
      status = held.reader.next(1, 1, timeout_ns, at, start);
      if (status != Status::ok) break;
      std::memcpy(items.data(), at, sizeof(Sample));
      status = held.reader.check(start, start + 1);
      count = 1;
      break;
    }
    case 1:
      status = held.reader.pop(items.data());
      count = 1;
      break;
    default:
      status = held.reader.pop_many(items.data(), most, count);
  }
  const std::uint64_t gap_end = std::min(s_.history().gap_end(position), held.reader.written());
  const bool in_gap = gap_end > position;
  if (status == Status::overwritten && (in_gap || !plan_.lossless)) {
    held.next = static_cast<std::uint64_t>(held.reader.tell());
    // Unless the writer has overrun the gap as well.
    if (in_gap && (plan_.lossless || there == Status::gap) && held.next != gap_end) {
      s_.complain(who_case, "a gap from %ju on ended at %ju", big(position), big(held.next));
    }
    if (there == Status::ok) s_.complain(who_case, "a reader was told that sample %ju is lost", big(position));
    return true;
  }
  if (status != Status::ok) return false;
  for (std::size_t i = 0; i < count; ++i) got(held, items[i], position + i);
  return true;
}

void Checks::drain_to(Held& held, std::uint64_t end) {
  Status status = Status::ok;
  while (held.next < end && take(held, end - held.next, 0, status)) {
  }
  if (held.next != end) {
    s_.complain(who_case, "a reader got samples up to %ju instead of %ju: %s", big(held.next), big(end),
                text_of(status));
  }
  // What next() handed out is spared until the next call.
  std::uint64_t none = 0;
  (void)held.reader.pop_many(nullptr, 0, none);
}

Status Checks::drain_to_the_end(Held& held) {
  Status status = Status::ok;
  while (take(held, 3, stuck_ns, status)) {
  }
  return status;
}

}  // namespace crash
