// ringbuf bench: a short measurement on this machine, between two processes or two threads.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "commands.hpp"
#include "describe.hpp"
#include "option.hpp"
#include "output.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

constexpr std::int64_t default_time_ns = 400'000'000;
constexpr std::int64_t longest_time_ns = 60'000'000'000;
constexpr std::uint64_t item_bytes = 8;
constexpr std::uint64_t block_bytes = 8192;
constexpr std::uint64_t line_bytes = 64;

struct BenchOptions {
  bool threads = false;
  bool json = false;
  std::optional<std::int64_t> time;
};

struct Row {
  const char *key;
  std::string what;
  double items_per_second = 0;
  double bytes_per_second = 0;  // 0: no throughput
  double round_trip_ns = 0;     // 0: no round trip
};

void check(int code) {
  if (code != RINGBUF_OK) throw Failure(exit_error, ringbuf_last_error());
}

// Memory that a child shares with its parent.
class Shared {
 public:
  explicit Shared(std::size_t bytes)
      : bytes_(bytes), at_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (at_ == MAP_FAILED)
      throw Failure(exit_error, tool::format("no {} bytes of memory: {}", bytes, std::strerror(errno)));
  }
  Shared(const Shared &) = delete;
  Shared &operator=(const Shared &) = delete;
  ~Shared() { ::munmap(at_, bytes_); }

  void *at() const noexcept { return at_; }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::size_t bytes_;
  void *at_;
};

// A ring in shared memory without a name, so that nothing is left of it: lossless, of items that are opaque.
class BenchRing {
 public:
  BenchRing(std::uint64_t sample_bytes, std::uint64_t capacity) : options_(default_options()) {
    options_.data_type = RINGBUF_BYTES;
    options_.item_size = static_cast<std::uint32_t>(sample_bytes);
    options_.capacity = capacity;
    options_.flags = RINGBUF_LOSSLESS;
    std::size_t bytes = 0;
    check(ringbuf_size(&options_, &bytes));
    memory_ = std::make_unique<Shared>(bytes);
  }

  using Handle = std::unique_ptr<ringbuf_t, void (*)(ringbuf_t *)>;
  Handle writer() const {
    ringbuf_t *ring = nullptr;
    check(ringbuf_create_raw(&ring, memory_->at(), memory_->bytes(), &options_));
    return {ring, close};
  }
  // Waits for the writer.
  Handle reader() const {
    ringbuf_t *ring = nullptr;
    int code = RINGBUF_NOT_INITIALIZED;
    while (code == RINGBUF_NOT_INITIALIZED) {
      code = ringbuf_open_raw(&ring, memory_->at(), memory_->bytes(), RINGBUF_FROM_OLDEST);
      if (code == RINGBUF_NOT_INITIALIZED) std::this_thread::yield();
    }
    check(code);
    return {ring, close};
  }

 private:
  static void close(ringbuf_t *ring) { static_cast<void>(ringbuf_close(ring)); }

  ringbuf_options_t options_;
  std::unique_ptr<Shared> memory_;
};

// Runs `here`, and `there` at the same time in a child or in a thread. What either of them throws is thrown.
void both(bool threads, const std::function<void()> &here, const std::function<void()> &there) {
  if (threads) {
    std::exception_ptr error;
    std::thread other([&] {
      try {
        there();
      } catch (...) {
        error = std::current_exception();
      }
    });
    try {
      here();
    } catch (...) {
      other.join();
      throw;
    }
    other.join();
    if (error) std::rethrow_exception(error);
    return;
  }
  flush();
  const ::pid_t child = ::fork();
  if (child < 0) throw Failure(exit_error, tool::format("no process can be made: {}", std::strerror(errno)));
  if (child == 0) {
    int code = exit_ok;
    try {
      there();
    } catch (const std::exception &failure) {
      say(tool::format("ringbuf bench: {}", failure.what()));
      code = exit_error;
    }
    ::_exit(code);
  }
  std::exception_ptr error;
  try {
    here();
  } catch (...) {
    error = std::current_exception();
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (error) std::rethrow_exception(error);
  if (status != 0) throw Failure(exit_error, "the other process has failed");
}

// Looks again for a while, and lets others have the processor now and then. After that it is better to sleep.
class Patience {
 public:
  bool rest() noexcept {
    if (++tries_ % 1024 == 0) std::this_thread::yield();
    return tries_ < 16384;
  }

 private:
  unsigned tries_ = 0;
};

// A writer puts `step` items at a time for so long. A reader takes them until the stream ends.
Row throughput(const BenchOptions &options, std::int64_t time_ns, Row row, std::uint64_t sample_bytes,
               std::uint64_t step, std::uint64_t capacity, const std::function<bool(ringbuf_t *)> &take) {
  const BenchRing ring(sample_bytes, capacity);
  const Shared shared(sizeof(std::int64_t));
  auto *end_ns = static_cast<std::int64_t *>(shared.at());  // written by the reader, read when it has ended
  std::uint64_t count = 0;
  std::int64_t begin_ns = 0;
  both(
      options.threads,
      [&] {
        const auto writer = ring.writer();
        const std::vector<std::byte> items(static_cast<std::size_t>(sample_bytes * step), std::byte{1});
        check(ringbuf_wait_readers(writer.get(), 1, -1));
        begin_ns = monotonic_now();
        for (std::uint64_t puts = 0; puts % 256 != 0 || monotonic_now() - begin_ns < time_ns; ++puts) {
          Patience patience;
          int code = ringbuf_put(writer.get(), items.data(), step);
          while (code == RINGBUF_FULL) {
            if (!patience.rest()) check(ringbuf_wait_space(writer.get(), capacity / 4, -1));
            code = ringbuf_put(writer.get(), items.data(), step);
          }
          check(code);
          count += step;
        }
      },
      [&] {
        const auto reader = ring.reader();
        while (take(reader.get())) {
        }
        *end_ns = monotonic_now();
      });
  const double seconds = static_cast<double>(*end_ns - begin_ns) / 1e9;
  row.items_per_second = static_cast<double>(count) / seconds;
  row.bytes_per_second = row.items_per_second * static_cast<double>(sample_bytes);
  return row;
}

// Whether the stream goes on after that code. A wait for the next sample, if there is none.
bool goes_on(ringbuf_t *reader, int code) {
  if (code == RINGBUF_CLOSED) return false;
  if (code != RINGBUF_EMPTY) {
    check(code);
    return true;
  }
  std::int64_t position = 0;
  check(ringbuf_tell(reader, &position));
  const int waited = ringbuf_wait(reader, position + 1, -1);
  if (waited != RINGBUF_CLOSED) check(waited);
  return true;
}

Row copies(const BenchOptions &options, std::int64_t time_ns, Row row, std::uint64_t sample_bytes, std::uint64_t step,
           std::uint64_t capacity) {
  const std::uint64_t batch = std::max<std::uint64_t>(1, 65536 / sample_bytes);
  auto room = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(batch * sample_bytes));
  return throughput(options, time_ns, std::move(row), sample_bytes, step, capacity, [room, batch](ringbuf_t *reader) {
    Patience patience;
    std::uint64_t count = 0;
    int code = ringbuf_pop_many(reader, room->data(), batch, &count);
    while (code == RINGBUF_EMPTY && patience.rest()) code = ringbuf_pop_many(reader, room->data(), batch, &count);
    return goes_on(reader, code);
  });
}

// A reader looks at a word of each cache line of a block, in the ring itself.
Row in_place(const BenchOptions &options, std::int64_t time_ns, Row row) {
  return throughput(options, time_ns, std::move(row), block_bytes, 1, 256, [](ringbuf_t *reader) {
    const void *samples = nullptr;
    std::int64_t start = 0;
    const int code = ringbuf_next(reader, 1, 1, -1, &samples, &start);
    if (code == RINGBUF_CLOSED) return false;
    check(code);
    std::uint64_t sum = 0;
    for (std::uint64_t at = 0; at < block_bytes; at += line_bytes) {
      std::uint64_t word = 0;
      std::memcpy(&word, static_cast<const std::byte *>(samples) + at, sizeof word);
      sum += word;
    }
    check(ringbuf_check(reader, start, start + 1));
    if (sum == 0) throw Failure(exit_error, "a block has arrived empty");
    return true;
  });
}

// The next item; `sleeps`: waits for it in the system.
bool receive(ringbuf_t *reader, bool sleeps, std::uint64_t &item) {
  Patience patience;
  for (;;) {
    const int code = ringbuf_pop(reader, &item);
    if (code == RINGBUF_OK) return true;
    if (code == RINGBUF_CLOSED) return false;
    if (code != RINGBUF_EMPTY) check(code);
    if (sleeps) {
      if (!goes_on(reader, code)) return false;
    } else {
      static_cast<void>(patience.rest());
    }
  }
}

Row round_trip(const BenchOptions &options, std::int64_t time_ns, Row row, bool sleeps) {
  const BenchRing there(item_bytes, 1024);
  const BenchRing back(item_bytes, 1024);
  // The median of short runs: a moment in which another process has the processor does not count.
  constexpr std::uint64_t run = 64;
  std::vector<double> runs_ns;
  both(
      options.threads,
      [&] {
        const auto writer = there.writer();
        const auto reader = back.reader();
        check(ringbuf_wait_readers(writer.get(), 1, -1));
        std::uint64_t sent = 0;
        const std::int64_t begin_ns = monotonic_now();
        for (std::int64_t now = begin_ns; now - begin_ns < time_ns;) {
          const std::int64_t run_begin_ns = now;
          for (std::uint64_t k = 0; k < run; ++k) {
            std::uint64_t item = ++sent;
            check(ringbuf_push(writer.get(), &item));
            if (!receive(reader.get(), sleeps, item)) throw Failure(exit_error, "the other side has ended");
            if (item != sent) throw Failure(exit_error, "another item has come back");
          }
          now = monotonic_now();
          runs_ns.push_back(static_cast<double>(now - run_begin_ns) / static_cast<double>(run));
        }
      },
      [&] {
        const auto writer = back.writer();
        const auto reader = there.reader();
        check(ringbuf_wait_readers(writer.get(), 1, -1));
        for (std::uint64_t item = 0; receive(reader.get(), sleeps, item);) check(ringbuf_push(writer.get(), &item));
      });
  const auto middle = runs_ns.begin() + static_cast<std::ptrdiff_t>(runs_ns.size() / 2);
  std::nth_element(runs_ns.begin(), middle, runs_ns.end());
  row.round_trip_ns = *middle;
  row.items_per_second = 1e9 / row.round_trip_ns;
  return row;
}

int bench(const BenchOptions &options) {
  const std::int64_t time_ns = options.time.value_or(default_time_ns);
  if (time_ns <= 0 || time_ns > longest_time_ns) {
    throw Failure(exit_usage, tool::format("--time is {}, expected more than 0 and at most 1min",
                                           human_duration(static_cast<double>(time_ns) / 1e9)));
  }
  std::vector<Row> rows;
  rows.push_back(
      copies(options, time_ns, {"items", "items of 8 B, a put each, taken in batches"}, item_bytes, 1, 65536));
  rows.push_back(copies(options, time_ns, {"blocks", "blocks of 8 KiB, copied out"}, block_bytes, 1, 256));
  rows.push_back(in_place(options, time_ns, {"in_place", "blocks of 8 KiB, looked at in place"}));
  rows.push_back(
      round_trip(options, time_ns, {"round_trip", "round trip of 8 B, both sides look all the time"}, false));
  rows.push_back(round_trip(options, time_ns, {"round_trip_asleep", "round trip of 8 B, both sides sleep"}, true));
  const char *mode = options.threads ? "threads" : "processes";
  if (options.json) {
    Json json;
    json["version"] = ringbuf_version();
    json["mode"] = mode;
    json["processors"] = std::thread::hardware_concurrency();
    json["seconds"] = static_cast<double>(time_ns) / 1e9;
    for (const Row &row : rows) {
      Json each;
      each["what"] = row.what;
      each["items_per_second"] = row.items_per_second;
      if (row.bytes_per_second > 0) each["bytes_per_second"] = row.bytes_per_second;
      if (row.round_trip_ns > 0) each["round_trip_ns"] = row.round_trip_ns;
      json["rows"][row.key] = each;
    }
    out(one_line(json));
    return exit_ok;
  }
  out(tool::format("ringbuf {}, two {}, {} processors\n\n", ringbuf_version(), mode,
                   std::thread::hardware_concurrency()));
  for (const Row &row : rows) {
    const std::string result =
        row.round_trip_ns > 0
            ? tool::format("{:>14}", row.round_trip_ns < 1e4 ? tool::format("{:.0f} ns", row.round_trip_ns)
                                                             : tool::format("{:.1f} us", row.round_trip_ns / 1e3))
            : tool::format("{:>12}/s  {:>12}/s", human_count(row.items_per_second), human_bytes(row.bytes_per_second));
    out(tool::format("{:<48}{}\n", row.what, result));
  }
  return exit_ok;
}

}  // namespace

Run make_bench(CLI::App &app) {
  auto options = std::make_shared<BenchOptions>();
  add_flag(app, "--threads", options->threads, "between two threads; default: two processes");
  add_duration(app, "--time", options->time, "for each of the five rows; default: 400ms");
  add_flag(app, "--json", options->json, "one JSON object");
  examples(app, {"ringbuf bench", "ringbuf bench --threads --time 1s --json"});
  return [options] { return bench(*options); };
}

}  // namespace tool
