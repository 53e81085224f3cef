#include "rings.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <sstream>

namespace kept {

namespace {

bool good(int code) {
  if (code != RINGBUF_OK) std::fprintf(stderr, "%s: %s\n", ringbuf_error_name(code), ringbuf_last_error());
  return code == RINGBUF_OK;
}

// Puts samples [begin, end), `chunk` at a time.
bool put(const KeptRing &ring, ringbuf_t *writer, std::uint64_t begin, std::uint64_t end, std::uint64_t chunk) {
  for (std::uint64_t i = begin; i < end;) {
    const std::uint64_t n = end - i < chunk ? end - i : chunk;
    std::string samples;
    for (std::uint64_t k = 0; k < n; ++k) samples += sample(ring, i + k);
    if (!good(ringbuf_put(writer, samples.data(), n))) return false;
    i += n;
  }
  return true;
}

bool create(const KeptRing &ring, const char *name, ringbuf_t *&writer) {
  return good(ringbuf_create(&writer, name, &ring.options)) &&
         good(ringbuf_set_metadata(writer, ring.metadata, std::strlen(ring.metadata)));
}

// In a process that ends without a word.
template <class Function>
bool crash(Function function) {
  const pid_t child = fork();
  if (child == 0) _exit(function() ? 0 : 1);
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

bool write_overwriting(const KeptRing &ring, const char *name) {
  ringbuf_t *writer = nullptr;
  return create(ring, name, writer) && good(ringbuf_set_metadata(writer, "replaced", 8)) &&
         good(ringbuf_set_metadata(writer, ring.metadata, std::strlen(ring.metadata))) &&
         put(ring, writer, 0, ring.written, 7) && good(ringbuf_close(writer));
}

bool write_lossless(const KeptRing &ring, const char *name) {
  ringbuf_t *writer = nullptr, *reader = nullptr;
  std::string items(40 * sample(ring, 0).size(), '\0');
  std::uint64_t count = 0;
  return create(ring, name, writer) && good(ringbuf_open(&reader, name, RINGBUF_FROM_OLDEST)) &&
         put(ring, writer, 0, 50, 5) && good(ringbuf_pop_many(reader, items.data(), 40, &count)) && count == 40 &&
         put(ring, writer, 50, ring.written, 10) && good(ringbuf_close(reader)) && good(ringbuf_close(writer));
}

// The writer dies with a reservation of 10 samples half filled in.
bool write_reserved(const KeptRing &ring, const char *name) {
  return crash([&] {
    ringbuf_t *writer = nullptr;
    void *room = nullptr;
    if (!create(ring, name, writer) || !put(ring, writer, 0, ring.written, 5) ||
        !good(ringbuf_reserve(writer, 10, &room))) {
      return false;
    }
    std::memset(room, 0xff, 5 * sample(ring, 0).size());
    return true;
  });
}

// The ring is full; writer and reader die together, the reader at position 3.
bool write_full(const KeptRing &ring, const char *name) {
  return crash([&] {
    ringbuf_t *writer = nullptr, *reader = nullptr;
    return create(ring, name, writer) && good(ringbuf_open(&reader, name, RINGBUF_FROM_OLDEST)) &&
           put(ring, writer, 0, 16, 4) && good(ringbuf_seek(reader, 3)) && put(ring, writer, 16, ring.written, 3);
  });
}

constexpr std::int64_t ms = 1'000'000;

// Samples 1000 to 1029 and 1037 to 1056, with stamps at both ends of each run.
bool write_gaps(const KeptRing &ring, const char *name) {
  ringbuf_t *writer = nullptr;
  return create(ring, name, writer) && put(ring, writer, 1000, 1030, 10) &&
         good(ringbuf_stamp(writer, 1000, 5000 * ms, 9000 * ms)) &&
         good(ringbuf_stamp(writer, 1029, 5029 * ms, 9029 * ms)) && good(ringbuf_skip(writer, 7)) &&
         put(ring, writer, 1037, ring.written, 10) && good(ringbuf_stamp(writer, 1056, 6056 * ms, 9056 * ms)) &&
         good(ringbuf_close(writer));
}

bool write_messages(const KeptRing &ring, const char *name) {
  ringbuf_t *writer = nullptr;
  if (!create(ring, name, writer)) return false;
  for (std::uint64_t k = 0; record_of_message(k) < ring.written; ++k) {
    const std::string bytes = message(k);
    if (!good(ringbuf_send_event(writer, static_cast<std::uint32_t>(k), -static_cast<std::int64_t>(k), bytes.data(),
                                 bytes.size()))) {
      return false;
    }
  }
  return good(ringbuf_close(writer));
}

void fill_index(std::uint64_t i, void *to) {
  const auto n = static_cast<std::int16_t>(i);
  std::memcpy(to, &n, sizeof n);
}

template <class T, std::size_t channels>
void fill(void *to, const T (&values)[channels]) {
  std::memcpy(to, values, sizeof values);
}

void fill_float32(std::uint64_t i, void *to) { fill(to, {static_cast<float>(2 * i), static_cast<float>(2 * i + 1)}); }
void fill_items(std::uint64_t i, void *to) {
  const auto n = static_cast<std::uint32_t>(i);
  fill(to, {n, ~n, 0xa5a5a5a5});
}
void fill_int16(std::uint64_t i, void *to) {
  const auto n = static_cast<std::int16_t>(3 * i);
  fill<std::int16_t>(to, {n, static_cast<std::int16_t>(n + 1), static_cast<std::int16_t>(-n)});
}
void fill_float64(std::uint64_t i, void *to) { fill(to, {0.5 * static_cast<double>(i)}); }

ringbuf_options_t options(std::uint32_t type, std::uint32_t channels, std::uint32_t item_size, std::uint64_t capacity,
                          std::uint64_t window, std::uint32_t flags, double sample_rate) {
  ringbuf_options_t o{};
  o.struct_size = sizeof o;
  o.data_type = type;
  o.channels = channels;
  o.item_size = item_size;
  o.capacity = capacity;
  o.window = window;
  o.flags = flags;
  o.max_readers = 4;
  o.metadata_bytes = 100;
  o.sample_rate = sample_rate;
  return o;
}

}  // namespace

std::string message(std::uint64_t k) {
  return std::string(static_cast<std::size_t>(k * 7 % 40), static_cast<char>('a' + k % 26));
}

std::uint64_t record_of_message(std::uint64_t k) {
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < k; ++i) at += (24 + message(i).size() + 7) / 8 * 8;
  return at;
}

const KeptRing &ring_with_gaps() {
  static const KeptRing ring = [] {
    ringbuf_options_t o = options(RINGBUF_INT16, 1, 0, 50, 10, RINGBUF_KEEP, 1000);
    o.first_index = 1000;
    return KeptRing{"gaps", o, "gaps and times", 1057, 1007, false, fill_index, write_gaps};
  }();
  return ring;
}

const KeptRing &ring_of_messages() {
  static const KeptRing ring{"messages",
                             options(RINGBUF_BYTES, 1, 0, 512, 40, RINGBUF_MESSAGES | RINGBUF_KEEP, 0),
                             "events",
                             record_of_message(30),
                             record_of_message(30) - 512,
                             false,
                             nullptr,
                             write_messages};
  return ring;
}

const std::vector<KeptRing> &kept_rings() {
  static const std::vector<KeptRing> rings = {
      {"overwriting", options(RINGBUF_FLOAT32, 2, 0, 100, 10, RINGBUF_KEEP, 48000),
       "{\"channels\":[\"left\",\"right\"]}", 1234, 1134, false, fill_float32, write_overwriting},
      {"lossless", options(RINGBUF_BYTES, 1, 12, 64, 1, RINGBUF_LOSSLESS | RINGBUF_KEEP, 0), "items of 12 bytes", 90,
       26, false, fill_items, write_lossless},
      {"reserved", options(RINGBUF_INT16, 3, 0, 50, 20, 0, 1000), "three channels", 75, 35, true, fill_int16,
       write_reserved},
      {"full", options(RINGBUF_FLOAT64, 1, 0, 16, 16, RINGBUF_LOSSLESS, 0), "", 19, 3, true, fill_float64, write_full},
  };
  return rings;
}

std::vector<Range> accidental_bytes(const KeptRing &ring) {
  std::vector<Range> ranges = {
      {136, 144},    // geometry: domain
      {168, 192},    // geometry: ring id, time of creation
      {320, 328},    // writer: limit, how far it has promised itself room
      {344, 360},    // writer: incarnation, owner
      {364, 372},    // writer: wake_sequence, asymmetric
      {384, 448},    // the time anchor, which is not made anew with every put
      {4104, 4108},  // space_sequence
  };
  if ((ring.options.flags & RINGBUF_MESSAGES) == 0) {
    ranges.push_back({8448, 24832});  // the time track
  } else {
    for (std::uint64_t k = 0; record_of_message(k) < ring.written; ++k) {
      const std::uint64_t time = record_of_message(k) + 16;  // when it was sent; never cut: all are multiples of 8
      const auto at = static_cast<std::size_t>(28672 + time % ring.options.capacity);
      ranges.push_back({at, at + 8});
      if (time % ring.options.capacity < 64) ranges.push_back({at + 512, at + 520});  // and in the pocket
    }
  }
  for (std::size_t place = 0; place < ring.options.max_readers; ++place) {
    const std::size_t begin = 4096 + 128 + place * 128;
    ranges.push_back({begin + 24, begin + 32});  // owner
    ranges.push_back({begin + 36, begin + 40});  // asymmetric
  }
  return ranges;
}

std::string sample(const KeptRing &ring, std::uint64_t index) {
  const std::size_t item =
      ring.options.item_size != 0 ? ring.options.item_size : ringbuf_type_size(ring.options.data_type);
  std::string bytes(item * ring.options.channels, '\0');
  ring.fill(index, bytes.data());
  return bytes;
}

namespace {
constexpr std::size_t line_bytes = 32;
}

std::string to_text(const std::string &bytes) {
  std::string text = std::to_string(bytes.size()) + " bytes; those not shown are zero\n";
  for (std::size_t at = 0; at < bytes.size(); at += line_bytes) {
    const std::string line = bytes.substr(at, line_bytes);
    if (line.find_first_not_of('\0') == std::string::npos) continue;
    char word[24];
    std::snprintf(word, sizeof word, "%06zx ", at);
    text += word;
    for (std::size_t i = 0; i < line.size(); ++i) {
      std::snprintf(word, sizeof word, i % 8 == 0 ? " %02x" : "%02x", static_cast<unsigned char>(line[i]));
      text += word;
    }
    text += '\n';
  }
  return text;
}

std::string to_bytes(const std::string &text) {
  std::istringstream lines(text);
  std::size_t size = 0;
  std::string line;
  if (!(lines >> size) || size % line_bytes != 0 || size > 1 << 20 || !std::getline(lines, line)) return {};
  std::string bytes(size, '\0');
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::size_t at = 0;
    if (!(words >> std::hex >> at) || at % line_bytes != 0 || at >= size) return {};
    std::string digits, word;
    while (words >> word) digits += word;
    if (digits.size() != 2 * line_bytes) return {};
    for (std::size_t i = 0; i < line_bytes; ++i) {
      unsigned value = 0;
      const char *digit = digits.data() + 2 * i;
      if (std::from_chars(digit, digit + 2, value, 16).ptr != digit + 2) return {};
      bytes[at + i] = static_cast<char>(value);
    }
  }
  return bytes;
}

}  // namespace kept
