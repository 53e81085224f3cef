// What the rows are.
#include "large.hpp"
#include "life.hpp"
#include "message.hpp"
#include "put.hpp"
#include "round_trip.hpp"
#include "stream.hpp"
#include "wake.hpp"
#include "window.hpp"

namespace bench {

namespace {

void add_stream_row(Registry &registry, std::size_t bytes, bool can_lose, Use use = Use::light) {
  const std::string how = can_lose ? ", overwriting; the reader checks after use, and may lose" : ", nothing lost";
  const std::string reader = use == Use::light ? ", a reader uses them in place" : ", a reader sums all bytes in place";
  registry.add({stream_row(bytes, can_lose, use), "puts of " + std::to_string(bytes) + " B" + reader + how,
                bytes < 64 ? Unit::ns : Unit::gigabytes_per_s, static_cast<double>(bytes), !can_lose});
}

void add_put_rows(Registry &registry, std::size_t bytes, const std::string &company) {
  registry.add({put_row(bytes, company), "a put of " + std::to_string(bytes) + " B beside " + company, Unit::ns});
}

void add_large_rows(Registry &registry) {
  const std::string sample = "a put of 1024 float32 ";
  for (const std::size_t bytes : large_capacities(registry.large_bytes)) {
    registry.add({large_put_row(bytes), sample + "into a ring of " + std::to_string(bytes >> 20) + " MiB", Unit::ns});
  }
  for (const std::size_t readers : large_reader_counts) {
    registry.add({large_readers_row(readers), sample + "into 1 GiB beside so many idle readers", Unit::ns});
  }
  for (const std::uint64_t length : large_windows(registry.large_bytes).lengths) {
    registry.add({large_window_row(length),
                  "a window of " + std::to_string(length) + " x 1024 float32 of " +
                      std::to_string(registry.large_bytes >> 20) + " MiB beside 16 readers, found and validated",
                  Unit::ns});
  }
}

}  // namespace

void add_rows(Registry &registry) {
  for (const bool can_lose : {false, true}) {
    for (const std::size_t bytes : stream_sizes) {
      add_stream_row(registry, bytes, can_lose);
      if (bytes != 2) add_stream_row(registry, bytes, can_lose, Use::heavy);
    }
  }
  if (registry.plots) {
    for (const std::size_t bytes : stream_plot_sizes) add_stream_row(registry, bytes, false);
  }
  for (const std::size_t capacity : {1024, 65536}) {
    for (const std::size_t item : {8, 64}) {
      for (const std::size_t batch : {std::size_t{1}, queue_batch}) {
        registry.add({queue_row(item, batch, capacity),
                      "items of " + std::to_string(item) + " B" + (batch == 1 ? " one by one" : " in batches of 64") +
                          ", capacity " + std::to_string(capacity),
                      Unit::million_per_s});
      }
    }
  }
  registry.add({message_row, "messages of 100 B one by one, nothing lost", Unit::million_per_s});
  registry.add({round_trip_row, "an item of 8 B there and back, both sides spin", Unit::ns, 8, false});
  for (const std::int64_t every_us : single_items_us) {
    registry.add({single_item_row(every_us),
                  "from a put of 8 B to its pop, both sides spin, one every " + std::to_string(every_us) + " µs",
                  Unit::ns});
  }
  registry.add({wake_round_trip_row, "an item of 8 B there and back, both sides wait as they do, a spin first or not",
                Unit::us, 8, false});
  registry.add({wake_one_way_row, "an item of 8 B to a reader that sleeps", Unit::us, 8, false});
  for (const std::size_t bytes : {2, 8, 256}) {
    registry.add({put_row(bytes, "alone"), "a put of " + std::to_string(bytes) + " B, no reader", Unit::ns});
    add_put_rows(registry, bytes, "a sleeping reader");
  }
  for (const std::size_t bytes : {64, 512}) {
    registry.add({put_row(bytes, one_channel), "a put of " + std::to_string(bytes / 2) + " samples of int16, no reader",
                  Unit::ns});
  }
  for (const char *company : {"1 idle reader", "4 idle readers", "16 idle readers"}) {
    for (const char *kind : {"/overwriting", "/lossless"}) add_put_rows(registry, 8, std::string(company) + kind);
  }
  for (const std::uint64_t length : window_shape(registry.quick).lengths) {
    registry.add(
        {window_row(length), "a window of " + std::to_string(length) + " x 64 float32, found and validated", Unit::ns});
  }
  for (const std::size_t bytes : {std::size_t{8} << 10, std::size_t{4} << 20}) {
    registry.add({life_row(bytes), "create, open, close a ring of " + std::to_string(bytes / 1024) + " KiB", Unit::us});
  }
  if (registry.large_bytes != 0) add_large_rows(registry);
  registry.add({memory_row, "memory of a ring beside its data", Unit::bytes});
}

}  // namespace bench
