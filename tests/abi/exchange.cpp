// One side of an exchange between programs built for different machines: 32 and 64 bit, or different processors. What one
// build writes the other has to read bit by bit, and the other way round. exchange.sh runs the pairs.
//
//   exchange keep NAME       makes a ring with everything in it and leaves it there
//   exchange check NAME      reads it, compares everything, removes it
//   exchange produce NAME N  streams N samples through a lossless ring, as soon as its reader is there
//   exchange consume NAME N  reads them
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "ringbuf/ringbuf.hpp"

namespace {

using ringbuf::Status;

constexpr std::uint32_t channels = 3;
constexpr std::int64_t capacity = 1000;
constexpr std::int64_t window = 100;
constexpr std::int64_t total = 2500;
constexpr double sample_rate = 44100.5;
constexpr const char metadata[] = R"({"unit": "µV"})";

std::int32_t element(std::int64_t index, std::uint32_t channel) {
  const std::uint64_t mixed = (static_cast<std::uint64_t>(index) * channels + channel + 1) * 0x9e3779b97f4a7c15U;
  return static_cast<std::int32_t>(mixed >> 32);
}

std::vector<std::int32_t> samples(std::int64_t start, std::int64_t end) {
  std::vector<std::int32_t> rows;
  for (std::int64_t i = start; i < end; ++i) {
    for (std::uint32_t c = 0; c < channels; ++c) rows.push_back(element(i, c));
  }
  return rows;
}

void need(bool holds, const char *what) {
  if (holds) return;
  std::fprintf(stderr, "exchange (%zu bit): %s: %s\n", sizeof(void *) * 8, what, ringbuf::last_error());
  std::exit(1);
}
void need(Status status, const char *what) { need(status == Status::ok, what); }

void keep(const char *name) {
  ringbuf::Writer writer(name, {.data_type = ringbuf::DataType::int32,
                                .channels = channels,
                                .capacity = capacity,
                                .window = window,
                                .keep = true,
                                .sample_rate = sample_rate});
  need(writer.set_metadata(metadata, sizeof metadata), "set_metadata");
  for (std::int64_t i = 0; i < total; i += 50) {
    const auto rows = samples(i, i + 50);
    need(writer.put(std::span<const std::int32_t>(rows)), "put");
  }
}

void check(const char *name) {
  ringbuf::Reader reader(name, {.resync = ringbuf::Resync::oldest});
  ringbuf::Info info{};
  need(reader.info(info), "info");
  need(info.geometry.capacity == capacity && info.geometry.window == window && info.geometry.channels == channels &&
           info.geometry.sample_rate == sample_rate && info.written == total && info.oldest == total - capacity &&
           info.state == ringbuf::State::closed && info.generation == 1,
       "the geometry and the counters are the writer's");
  need(info.has_anchor && info.anchor.index == total - 1 && info.anchor.monotonic_ns > 0,
       "the anchor is the last put's");
  char text[sizeof metadata] = "";
  std::size_t size = 0;
  need(reader.metadata(text, sizeof text, size), "metadata");
  need(size == sizeof metadata && std::memcmp(text, metadata, size) == 0, "the metadata are the writer's");

  ringbuf::Window<std::int32_t> across;  // over the end of the data, which is at sample 2000
  need(reader.view(1950, 2050, across), "view");
  const auto expected = samples(1950, 2050);
  need(std::equal(expected.begin(), expected.end(), across.elements().begin(), across.elements().end()) &&
           across.valid(),
       "the window over the end is whole");
  std::vector<std::int32_t> rows(capacity * channels);
  std::uint64_t count = 0;
  need(reader.pop_many(rows.data(), capacity, count), "pop_many");
  need(count == capacity && rows == samples(total - capacity, total), "all samples are the writer's");
  need(reader.pop(rows.data()) == Status::closed, "then the stream has ended");
  reader.close();
  need(ringbuf::unlink(name), "unlink");
}

void produce(const char *name, std::int64_t count) {
  ringbuf::Writer writer(
      name, {.data_type = ringbuf::DataType::int32, .channels = channels, .capacity = capacity, .lossless = true});
  ringbuf::Info info{};
  // A reader says that it is there by its place; wait_space has nothing to wait for before.
  do {
    need(writer.info(info), "info");
  } while (info.readers == 0);
  for (std::int64_t i = 0; i < count;) {
    const std::int64_t n = std::min<std::int64_t>(1 + i % 77, count - i);
    need(writer.wait_space(static_cast<std::uint64_t>(n), -1), "wait_space");
    need(writer.put(std::span<const std::int32_t>(samples(i, i + n))), "put");
    i += n;
  }
}

void consume(const char *name, std::int64_t count) {
  ringbuf::Reader reader;
  while (ringbuf::Reader::open(reader, name) == Status::not_found) {
  }
  need(reader.is_open(), "open");
  std::int64_t expected = 0;
  ringbuf::Window<std::int32_t> one;
  Status status = Status::ok;
  while ((status = reader.next(1, 1, -1, one)) == Status::ok) {
    for (std::uint32_t c = 0; c < channels; ++c)
      need(one(0, c) == element(one.start(), c), "the sample is the writer's");
    need(one.start() == expected++, "the sample is the next one");
  }
  need(status == Status::closed && expected == count, "nothing is missing at the end of the stream");
}

}  // namespace

int main(int argc, char **argv) try {
  const std::string role = argc > 2 ? argv[1] : "";
  const char *name = argc > 2 ? argv[2] : "";
  const std::int64_t count = argc > 3 ? std::strtoll(argv[3], nullptr, 10) : 0;
  if (role == "keep") {
    keep(name);
  } else if (role == "check") {
    check(name);
  } else if (role == "produce") {
    produce(name, count);
  } else if (role == "consume") {
    consume(name, count);
  } else {
    std::fprintf(stderr, "usage: exchange keep|check NAME, exchange produce|consume NAME COUNT\n");
    return 2;
  }
  std::printf("%s (%zu bit): ok\n", role.c_str(), sizeof(void *) * 8);
  return 0;
} catch (const std::exception &e) {
  std::fprintf(stderr, "exchange: %s\n", e.what());
  return 1;
}
