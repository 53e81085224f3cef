#include "options.hpp"

#include <fmt/format.h>
#include <getopt.h>
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

namespace demo {
namespace {

constexpr const char* default_folder = "/usr/share/sounds/alsa";

constexpr const char* help = R"(usage: ringbuf_demo [OPTION...] [WAV...]

Streams a recording through a ring buffer in shared memory, and checks that all of it arrives. One process writes;
three others read at the same time: a meter slides a window over the samples and shows the levels, a checker reads
them by index and computes their checksum, and a third pops the events (a voice begins, a voice ends) that the writer
finds, from a ring of their own.

Each channel of each WAV file is a channel of the ring; shorter files are padded with silence. Without files, the
speech recordings of Debian's alsa-utils (/usr/share/sounds/alsa) are taken; where these are not, a signal is
generated: beeps in eight channels.

  --speed X       times real time; 0 is as fast as it goes (20)
  --repeat N      stream the recording N times (60, some seconds at the default speed)
  --type TYPE     int16 or float32 (int16 if all files are 16 bit PCM, else float32)
  --window MS     length of the meter's window (50)
  --capacity S    seconds of recording that the ring holds (2)
  --overwriting   the writer does not wait for readers that are too slow; what they lose is counted
  --name NAME     what the names of the rings begin with (ringbuf-demo-PID)
  --help          this text

By default the rings are lossless: a reader that is late holds the writer back, so that nothing can be lost.

Exit status: 0 if everything arrived as it was recorded; 1 if anything was lost, differs or failed; 2 if the
command line or the files will not do.
)";

// Whether all of it is a number.
template <class Number>
bool parse(std::string_view text, Number& value) {
#ifndef __cpp_lib_to_chars  // g++ 10 has it for integers alone
  if constexpr (std::is_floating_point_v<Number>) {
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    return in >> std::noskipws >> value && in.peek() == std::istringstream::traits_type::eof();
  } else
#endif
  {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  }
}

template <class Number>
Number parse_number(std::string_view option, std::string_view text, Number least, Number most) {
  Number value{};
  // Written so that a NaN is refused too.
  if (!parse(text, value) || !(value >= least && value <= most))
    throw UsageError{fmt::format("--{} takes a number from {} to {}, not '{}'", option, least, most, text)};
  return value;
}

SampleType parse_type(std::string_view text) {
  if (text == "int16") return SampleType::int16;
  if (text == "float32") return SampleType::float32;
  throw UsageError{fmt::format("--type takes int16 or float32, not '{}'", text)};
}

}  // namespace

Options parse_options(int argc, char** argv) {
  enum Id { speed = 1, repeat, type, window, capacity, overwriting, name, help_id, corrupt, recordings, role };
  static const option known[] = {
      {"speed", required_argument, nullptr, speed},
      {"repeat", required_argument, nullptr, repeat},
      {"type", required_argument, nullptr, type},
      {"window", required_argument, nullptr, window},
      {"capacity", required_argument, nullptr, capacity},
      {"overwriting", no_argument, nullptr, overwriting},
      {"name", required_argument, nullptr, name},
      {"help", no_argument, nullptr, help_id},
      {"corrupt", required_argument, nullptr, corrupt},        // for tests: spoil the sample of this index
      {"recordings", required_argument, nullptr, recordings},  // for tests: another default folder
      {"role", required_argument, nullptr, role},              // what the demo passes to itself
      {nullptr, 0, nullptr, 0},
  };
  Options options;
  options.run = fmt::format("ringbuf-demo-{}", getpid());
  options.recordings = default_folder;
  for (int id; (id = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    const std::string_view value = optarg != nullptr ? optarg : "";
    switch (id) {
      case speed:
        options.speed = parse_number("speed", value, 0.0, 1e6);
        break;
      case repeat:
        options.repeat = parse_number("repeat", value, std::int64_t{1}, std::int64_t{1'000'000});
        break;
      case type:
        options.type = parse_type(value);
        break;
      case window:
        options.window_seconds = parse_number("window", value, 1.0, 10'000.0) / 1000;
        break;
      case capacity:
        options.capacity_seconds = parse_number("capacity", value, 0.01, 3600.0);
        break;
      case overwriting:
        options.overwriting = true;
        break;
      case name:
        options.run = value;
        break;
      case help_id:
        fmt::print("{}", help);
        std::exit(EXIT_SUCCESS);
      case corrupt:
        options.corrupt = parse_number("corrupt", value, std::int64_t{0}, INT64_MAX);
        break;
      case recordings:
        options.recordings = value;
        break;
      case role:
        options.role = value;
        break;
      default:
        throw UsageError{"try --help"};  // getopt_long has said what is wrong
    }
  }
  options.files.assign(argv + optind, argv + argc);
  return options;
}

}  // namespace demo
