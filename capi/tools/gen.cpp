// ringbuf gen: a ring with a test signal, at an exact rate.
#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "commands.hpp"
#include "element.hpp"
#include "feed.hpp"
#include "option.hpp"
#include "output.hpp"
#include "stop.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

constexpr double pi = 3.14159265358979323846;

struct GenOptions {
  std::string name;
  std::string signal = "sine";
  FeedOptions feed;
  double frequency = 440;
  double to_frequency = 0;
  std::optional<std::int64_t> sweep;
  double amplitude = 0.5;
  std::uint64_t seed = 1;
  std::optional<Amount> duration;
  std::optional<std::int64_t> block;
  bool fast = false;
};

// The value of each sample, from -1 to 1, by its index alone: the same for every block length. Noise depends on the order.
class Signal {
 public:
  Signal(const GenOptions &options, double rate, std::uint32_t channels)
      : options_(options), rate_(rate), channels_(channels), random_(options.seed) {}

  double value(std::int64_t index, std::uint32_t channel) {
    if (options_.signal == "silence") return 0;
    if (options_.signal == "noise") return options_.amplitude * noise_(random_);
    return options_.amplitude * std::sin(phase(index) + 2 * pi * channel / channels_);
  }

 private:
  double phase(std::int64_t index) const {
    if (options_.signal == "sine") {
      // Whole turns are left out before the multiplication by 2 pi, so that it stays exact for days.
      return 2 * pi * std::fmod(static_cast<double>(index) * options_.frequency / rate_, 1.0);
    }
    // From one frequency to the other in the time of a sweep, then again from the beginning.
    const double length = static_cast<double>(options_.sweep.value_or(10'000'000'000)) / 1e9;
    const double time = std::fmod(static_cast<double>(index) / rate_, length);
    const double slope = (options_.to_frequency - options_.frequency) / length;
    return 2 * pi * std::fmod(options_.frequency * time + slope * time * time / 2, 1.0);
  }

  const GenOptions &options_;
  double rate_;
  std::uint32_t channels_;
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> noise_{-1.0, 1.0};
};

int gen(GenOptions options) {
  catch_stop_signals();
  ringbuf_options_t base = default_options();
  base.sample_rate = 48000;
  const ringbuf_options_t planned = feed_options(options.feed, base);
  const double rate = planned.sample_rate;
  if (planned.data_type == RINGBUF_BYTES && options.signal != "counter" && options.signal != "silence") {
    throw Failure(exit_usage,
                  tool::format("opaque bytes have no {}; take counter or silence, or another --type", options.signal));
  }
  if (options.to_frequency == 0) options.to_frequency = rate / 2;
  Ring ring = create_feed(options.name, options.feed, base,
                          tool::format(R"({{"kind": "test", "ringbuf:signal": "{}"}})", options.signal));
  const Info info = ring.info();
  const Shape shape = shape_of(info);
  const std::int64_t block_ns = options.block.value_or(10'000'000);
  const auto block = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rate * static_cast<double>(block_ns) / 1e9),
                                               1, info.capacity);
  const std::uint64_t total = options.duration ? options.duration->samples(rate, "--duration") : UINT64_MAX;
  std::vector<std::byte> room(static_cast<std::size_t>(block) * shape.sample_bytes());
  Signal signal(options, rate, shape.channels);
  const Pacer pacer(rate);
  for (std::uint64_t done = 0; done < total && !stop_requested();) {
    const std::uint64_t count = std::min(block, total - done);
    const std::int64_t start = info.first_index + static_cast<std::int64_t>(done);
    if (options.signal == "counter") {
      fill_counter(shape, start, count, room.data());
    } else {
      std::byte *element = room.data();
      for (std::uint64_t i = 0; i < count; ++i) {
        for (std::uint32_t c = 0; c < shape.channels; ++c, element += shape.item_size) {
          store_element(shape.type, signal.value(start + static_cast<std::int64_t>(i), c), true, element);
        }
      }
    }
    if (!options.fast && !pacer.wait_until(done + count)) break;
    if (!put_all(ring, room.data(), count, shape.sample_bytes())) break;
    done += count;
  }
  return exit_ok;
}

}  // namespace

Run make_gen(CLI::App &app) {
  auto options = std::make_shared<GenOptions>();
  add_ring(app, options->name, "the new ring");
  add_option(app, "SIGNAL", options->signal, "sine, chirp, noise, counter or silence; default: sine")
      .one_of({"sine", "chirp", "noise", "counter", "silence"})
      .type_name("");
  add_feed(app, options->feed);
  get_option(app, "--rate").description("samples a second; default: 48000");
  get_option(app, "--type").description("data type of an element; default: float32");
  add_option(app, "--frequency", options->frequency, "of a sine, and where a chirp begins; default: 440")
      .type_name("HZ");
  add_option(app, "--to", options->to_frequency, "where a chirp ends; default: half the rate").type_name("HZ");
  add_duration(app, "--sweep", options->sweep, "how long a chirp takes, before it begins again; default: 10s");
  add_option(app, "--amplitude", options->amplitude, "1 is the full scale of integers; default: 0.5");
  add_option(app, "--seed", options->seed, "of the noise; default: 1");
  add_amount(app, "--duration", options->duration, "how much; default: until Ctrl-C");
  add_duration(app, "--block", options->block, "how much at once; default: 10ms");
  add_flag(app, "--as-fast-as-possible", options->fast, "not at the rate");
  examples(app,
           {"ringbuf gen hello", "ringbuf gen hello counter --type int16 --channels 8 --rate 250000 --duration 1min",
            "ringbuf gen hello chirp --frequency 20 --to 20000 --sweep 5s --capacity 30s"});
  return [options] { return gen(*options); };
}

}  // namespace tool
