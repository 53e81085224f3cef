// What the rows are.
#include "put.hpp"
#include "round_trip.hpp"
#include "stream.hpp"

namespace bench {

namespace {

void add_stream_rows(Registry &registry, std::size_t bytes, const std::string &what) {
  for (const bool can_lose : {false, true}) {
    const std::string how = can_lose ? ", overwriting; the reader checks after use, and may lose" : ", nothing lost";
    Row row{stream_row(bytes, can_lose), "puts of " + what + ", a reader uses them in place" + how,
            bytes < 64 ? Unit::ns : Unit::gigabytes_per_s, static_cast<double>(bytes), !can_lose};
    registry.add(row);
  }
}

}  // namespace

void add_rows(Registry &registry) {
  add_stream_rows(registry, 8192, "8 KiB (32 x 64 float32)");
  add_stream_rows(registry, 256, "256 B (1 x 64 float32)");
  add_stream_rows(registry, 2, "2 B (1 x int16)");
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
  registry.add({round_trip_row, "an item of 8 B there and back, both sides spin", Unit::ns, 8, false});
  for (const std::size_t bytes : {2, 8, 256}) {
    registry.add({put_row(bytes, "alone"), "a put of " + std::to_string(bytes) + " B, no reader", Unit::ns});
  }
}

}  // namespace bench
