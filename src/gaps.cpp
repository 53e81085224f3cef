#include "gaps.hpp"

#include <algorithm>

#include "error.hpp"
#include "ringbuf/detail/index.hpp"

namespace ringbuf::detail {

Status look_for_gap(const GapTable &table, std::uint64_t start, std::uint64_t end, std::uint64_t written,
                    Stretch &found) noexcept {
  Stretch clear{0, written};
  Stretch first{};  // the oldest gap among [start, end)
  const std::uint64_t floor = protocol::load_gaps(table, [&](std::uint64_t from, std::uint64_t to) {
    if (to <= start) {
      clear.begin = to;
      return false;
    }
    if (from >= end) {
      clear.end = std::min(clear.end, from);
    } else {
      first = {from, std::min(to, written)};
    }
    return true;
  });
  if (start < floor) {
    found = {0, floor};
    return Status::overwritten;
  }
  if (first.end > start && start != end) {
    found = first;
    return Status::gap;
  }
  clear.begin = std::max(clear.begin, floor);
  found = start != end ? clear : Stretch{start, start};
  return Status::ok;
}

std::uint64_t past_gap(const GapTable &table, std::uint64_t index, const protocol::Counters &c) noexcept {
  Stretch found;
  if (index >= c.gap_end || index >= c.written) return index;
  return look_for_gap(table, index, index + 1, c.written, found) == Status::gap ? found.end : index;
}

protocol::Counters readable(const GapTable &table, protocol::Counters c, std::uint64_t capacity) noexcept {
  std::uint64_t oldest = oldest_index(c.intent, capacity);
  Stretch found;
  if (oldest >= c.gap_end || oldest >= c.written) return c;
  Status status = look_for_gap(table, oldest, oldest + 1, c.written, found);
  if (status == Status::overwritten) {
    oldest = std::min(found.end, c.written);
    status = look_for_gap(table, oldest, oldest + 1, c.written, found);
  }
  if (status == Status::gap) oldest = found.end;
  c.intent = std::max(c.intent, oldest + capacity);
  return c;
}

void visit_gaps(const GapTable &table, std::uint64_t oldest, std::uint64_t written,
                int (*visit)(std::int64_t start, std::int64_t end, void *user), void *user) noexcept {
  Stretch gaps[gaps_kept];
  std::size_t count = 0;
  const std::uint64_t floor = protocol::load_gaps(table, [&](std::uint64_t from, std::uint64_t to) {
    to = std::min(to, written);
    if (to <= oldest) return false;
    if (from < to) gaps[count++] = {from, to};
    return true;
  });
  while (count != 0) {
    const Stretch &gap = gaps[--count];
    if (gap.begin < floor) continue;
    if (visit(static_cast<std::int64_t>(gap.begin), static_cast<std::int64_t>(gap.end), user) != 0) break;
  }
}

Status repair_gaps(Header &header, protocol::Counters &c, std::uint64_t capacity) noexcept {
  const std::uint64_t end = protocol::newest_gap(header.gaps).end;
  if (c.gap_end > end || end > last_index - capacity) {
    return fail(Status::corrupt, "the ring's gaps contradict one another: they end at {} and at {}", c.gap_end, end);
  }
  if (end <= c.written) return Status::ok;
  const std::uint64_t limit = protocol::peek(header.writer.limit);
  c = {end, std::max(c.intent, end), end};
  protocol::publish_skip(header.writer, end, c.intent, std::max(limit, end));
  return Status::ok;
}

}  // namespace ringbuf::detail
