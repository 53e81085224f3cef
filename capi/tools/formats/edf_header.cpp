#include "edf_header.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>

#include "../text_format.hpp"
#include "recording.hpp"

namespace tool::formats::edf {
namespace {

constexpr std::array<const char*, 12> months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                             "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

std::tm utc(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts = {};
  ::gmtime_r(&time, &parts);
  return parts;
}

std::string trimmed(const std::string& text) {
  const std::size_t end = text.find_last_not_of(std::string(" \0", 2));
  return end == std::string::npos ? "" : text.substr(0, end + 1);
}

// Takes the fields of a header one after the other.
class Parser {
 public:
  Parser(std::string bytes, std::string path) : bytes_(std::move(bytes)), path_(std::move(path)) {}
  std::string text(std::size_t size) {
    std::string taken = trimmed(bytes_.substr(at_, size));
    at_ += size;
    return taken;
  }
  std::int64_t integer(std::size_t size, std::int64_t low, std::int64_t high, const char* what) {
    const std::string digits = text(size);
    char* end = nullptr;
    const long long value = std::strtoll(digits.c_str(), &end, 10);
    if (digits.empty() || *end != '\0' || value < low || value > high) {
      throw Error(tool::format("'{}' has a wrong header: {} is \"{}\"", path_, what, digits));
    }
    return value;
  }

 private:
  std::string bytes_, path_;
  std::size_t at_ = 0;
};

std::optional<std::int64_t> parse_start(const std::string& date, const std::string& time) {
  int day = 0, month = 0, year = 0, hour = 0, minute = 0, second = 0;
  if (std::sscanf(date.c_str(), "%d.%d.%d", &day, &month, &year) != 3 ||
      std::sscanf(time.c_str(), "%d.%d.%d", &hour, &minute, &second) != 3) {
    return std::nullopt;
  }
  std::tm parts = {};
  parts.tm_year = year < 85 ? year + 100 : year;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  return static_cast<std::int64_t>(::timegm(&parts));
}

}  // namespace

std::size_t Header::record_bytes() const {
  std::size_t samples = 0;
  for (const Signal& signal : signals) samples += signal.samples;
  return samples * item();
}

std::string annotations_label(bool bdf) { return bdf ? "BDF Annotations" : "EDF Annotations"; }

std::string field(const std::string& text, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::string two = text.substr(i, 2);
    if (two == "\xC2\xB5" || two == "\xCE\xBC") {  // the signs for micro
      out += 'u';
      ++i;
    } else if (byte >= 32 && byte < 127) {
      out += text[i];
    } else if ((byte & 0xC0) != 0x80) {
      out += '?';
    }
  }
  out.resize(size, ' ');
  return out;
}

std::string number(double value) {
  if (!std::isfinite(value)) return "";
  for (int digits = 7; digits >= 0; --digits) {
    std::string text = tool::format("{:.{}f}", value, digits);
    if (text.find('.') != std::string::npos) {
      text.erase(text.find_last_not_of('0') + 1);
      if (text.back() == '.') text.pop_back();
    }
    if (text == "-0") text = "0";
    if (text.size() <= 8) return text;
  }
  return "";
}

std::string count_text(std::int64_t records) { return field(std::to_string(records), 8); }

std::string start_text(const Header& header) {
  std::string equipment = header.equipment.empty() ? std::string("X") : header.equipment;
  for (char& c : equipment) c = c == ' ' ? '_' : c;
  if (!header.start_s) return field(tool::format("Startdate X X X {}", equipment), 80) + "01.01.85" + "00.00.00";
  const std::tm at = utc(*header.start_s);
  return field(tool::format("Startdate {:02}-{}-{:04} X X {}", at.tm_mday, months[static_cast<std::size_t>(at.tm_mon)],
                            at.tm_year + 1900, equipment),
               80) +
         tool::format("{:02}.{:02}.{:02}{:02}.{:02}.{:02}", at.tm_mday, at.tm_mon + 1, at.tm_year % 100, at.tm_hour,
                      at.tm_min, at.tm_sec);
}

std::string header_text(const Header& header) {
  std::string text = header.bdf ? "\xFF"
                                  "BIOSEMI"
                                : field("0", 8);
  text += field("X X X X", 80) + start_text(header) + field(std::to_string(header.bytes()), 8) +
          field(header.kind, 44) + count_text(header.records) + field(header.duration, 8) +
          field(std::to_string(header.signals.size()), 4);
  for (const Signal& signal : header.signals) text += field(signal.label, 16);
  text.append(80 * header.signals.size(), ' ');
  for (const Signal& signal : header.signals) text += field(signal.unit, 8);
  for (const Signal& signal : header.signals) text += field(signal.physical_min, 8);
  for (const Signal& signal : header.signals) text += field(signal.physical_max, 8);
  for (const Signal& signal : header.signals) text += field(std::to_string(signal.digital_min), 8);
  for (const Signal& signal : header.signals) text += field(std::to_string(signal.digital_max), 8);
  text.append(80 * header.signals.size(), ' ');
  for (const Signal& signal : header.signals) text += field(std::to_string(signal.samples), 8);
  return text.append(32 * header.signals.size(), ' ');
}

Header read_header(const File& file) {
  const auto read = [&](std::uint64_t at, std::size_t size) {
    std::string bytes(size, '\0');
    file.read_exactly(at, bytes.data(), size);
    return bytes;
  };
  std::string start(8, '\0');
  const bool there = file.read_at(0, start.data(), start.size()) == start.size();
  Header header;
  header.bdf = start ==
               "\xFF"
               "BIOSEMI";
  if (!there || (!header.bdf && trimmed(start) != "0")) {
    throw Error(tool::format("'{}' is no file of EDF or BDF", file.path()));
  }
  Parser main(read(0, 256), file.path());
  main.text(168);
  const std::string date = main.text(8);
  header.start_s = parse_start(date, main.text(8));
  const std::int64_t bytes = main.integer(8, 512, 99999999, "its length");
  header.kind = main.text(44).substr(0, 5);
  header.records = main.integer(8, -1, 99999999, "the number of records");
  header.duration = main.text(8);
  header.signals.resize(static_cast<std::size_t>(main.integer(4, 1, 9999, "the number of signals")));
  if (static_cast<std::size_t>(bytes) != header.bytes()) {
    throw Error(tool::format("'{}' has a header of {} bytes for {} signals, which take {}", file.path(), bytes,
                             header.signals.size(), header.bytes()));
  }
  Parser signals(read(256, header.bytes() - 256), file.path());
  for (Signal& signal : header.signals) signal.label = signals.text(16);
  signals.text(80 * header.signals.size());
  for (Signal& signal : header.signals) signal.unit = signals.text(8);
  for (Signal& signal : header.signals) signal.physical_min = signals.text(8);
  for (Signal& signal : header.signals) signal.physical_max = signals.text(8);
  constexpr std::int64_t most = 1 << 23;
  for (Signal& signal : header.signals) {
    signal.digital_min = static_cast<std::int32_t>(signals.integer(8, -most, most - 1, "a digital minimum"));
  }
  for (Signal& signal : header.signals) {
    signal.digital_max = static_cast<std::int32_t>(signals.integer(8, -most, most - 1, "a digital maximum"));
  }
  signals.text(80 * header.signals.size());
  for (Signal& signal : header.signals) {
    signal.samples = static_cast<std::uint32_t>(signals.integer(8, 1, 99999999, "the samples in a record"));
  }
  return header;
}

}  // namespace tool::formats::edf
