#include "edf_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "../text_format.hpp"
#include "channels.hpp"
#include "raw.hpp"
#include "ringbuf.h"

namespace tool::formats::edf {
namespace {

constexpr std::uint32_t most_channels = 639;           // EDFlib reads 640 signals, one of them the annotations
constexpr std::size_t most_record_bytes = 10'000'000;  // EDFlib reads 10 MiB in EDF, 15 MiB in BDF
constexpr std::uint32_t time_bytes = 60;               // of the annotations in a record: its own time
constexpr std::uint32_t least_annotation_bytes = 1020;

std::pair<std::int32_t, std::int32_t> digital_limits(std::uint32_t data_type) {
  switch (data_type) {
    case RINGBUF_INT8:
      return {-128, 127};
    case RINGBUF_UINT8:
      return {0, 255};
    case RINGBUF_INT16:
      return {-32768, 32767};
    case RINGBUF_UINT16:
      return {0, 65535};
    default:
      return {-8388608, 8388607};
  }
}

std::string type_refusal(const Stream& stream, bool bdf) {
  const char* type = ringbuf_type_name(stream.data_type);
  switch (stream.data_type) {
    case RINGBUF_INT8:
    case RINGBUF_UINT8:
    case RINGBUF_INT16:
      return "";
    case RINGBUF_UINT16:
    case RINGBUF_INT32:
      return bdf ? "" : tool::format("EDF has integers of 16 bits, not {}: use --format bdf", type);
    default:
      return tool::format("{} has integers of {} bits, not {}: use --format sigmf, npy or raw", bdf ? "BDF" : "EDF",
                          bdf ? 24 : 16, type != nullptr ? type : "bytes");
  }
}

// The longest record to a second whose duration 6 decimals say exactly; one sample of a slow ring takes longer.
bool plan_record(const Stream& stream, std::size_t room, Plan& plan) {
  const double rate = stream.sample_rate;
  const std::size_t most_fit = room / stream.channels;
  const auto most =
      static_cast<std::uint64_t>(std::max(1.0, std::min(std::floor(rate), static_cast<double>(most_fit))));
  for (std::uint64_t samples = most; samples > 0; --samples) {
    const double us = static_cast<double>(samples) / rate * 1e6;
    const double rounded = std::round(us);
    if (rounded < 1 || std::fabs(us - rounded) > 1e-9 * us) continue;
    const std::string text = number(rounded / 1e6);
    if (text.empty() || std::fabs(std::strtod(text.c_str(), nullptr) * 1e6 - rounded) > 1e-3) continue;
    plan.samples = static_cast<std::uint32_t>(samples);
    plan.duration_us = static_cast<std::int64_t>(rounded);
    plan.header.duration = text;
    return true;
  }
  return false;
}

constexpr double small_error = 1e-7, most_error = 1e-4;

// How far the scale that the limits tell in 8 characters is from the true one; infinite if they do not fit.
double set_limits(Signal& signal, double scale, double offset) {
  signal.physical_min = number(signal.digital_min * scale + offset);
  signal.physical_max = number(signal.digital_max * scale + offset);
  if (signal.physical_min.empty() || signal.physical_max.empty()) return std::numeric_limits<double>::infinity();
  const double low = std::strtod(signal.physical_min.c_str(), nullptr);
  const double high = std::strtod(signal.physical_max.c_str(), nullptr);
  const double told = (high - low) / (static_cast<double>(signal.digital_max) - signal.digital_min);
  return std::fabs(told / scale - 1);
}

// Volts are given in mV, uV or nV where that has more digits. False: no unit tells the scale well enough.
bool calibrate(Signal& signal, const Channel& channel) {
  signal.unit = channel.unit == "1" ? "" : channel.unit;
  double error = set_limits(signal, channel.scale, channel.offset);
  if (channel.unit == "V" || channel.unit == "mV") {
    for (const auto& [unit, factor] : {std::pair("mV", 1e3), std::pair("uV", 1e6), std::pair("nV", 1e9)}) {
      const double by = channel.unit == "mV" ? factor / 1e3 : factor;
      if (by <= 1 || error <= small_error) continue;
      Signal other = signal;
      other.unit = unit;
      const double better = set_limits(other, channel.scale * by, channel.offset * by);
      if (better < error) {
        signal = other;
        error = better;
      }
    }
  }
  return error <= most_error;
}

}  // namespace

Plan plan(const Stream& stream, bool bdf) {
  const char* format = bdf ? "BDF" : "EDF";
  Plan plan;
  plan.header.bdf = bdf;
  plan.header.kind = bdf ? "BDF+C" : "EDF+C";
  plan.refusal = messages_refusal(stream);
  if (plan.refusal.empty()) plan.refusal = type_refusal(stream, bdf);
  if (!plan.refusal.empty()) return plan;
  if (stream.channels > most_channels) {
    plan.refusal = tool::format("readers of {} take {} channels, not {}: use --format sigmf, npy or raw", format,
                                most_channels, stream.channels);
    return plan;
  }
  std::uint32_t annotation_bytes = time_bytes;
  if (stream.longest_annotation > 0) {
    annotation_bytes = std::max(least_annotation_bytes, (stream.longest_annotation + 64) / 6 * 6 + 6);
  }
  const std::size_t room =
      (most_record_bytes - std::min<std::size_t>(most_record_bytes, annotation_bytes)) / plan.header.item();
  if (!(stream.sample_rate > 0)) {
    plan.refusal = tool::format("{} takes a known sample rate: use --format sigmf, npy or raw", format);
  } else if (room < stream.channels) {
    plan.refusal = tool::format("messages of up to {} bytes do not fit into {}", stream.longest_annotation, format);
  } else if (!plan_record(stream, room, plan)) {
    plan.refusal = tool::format(
        "{} takes sample rates at which whole samples take a time of 6 decimals or less, to a second: not {} Hz; use "
        "--format sigmf, npy or raw",
        format, stream.sample_rate);
  }
  if (!plan.refusal.empty()) return plan;

  const auto [low, high] = digital_limits(stream.data_type);
  for (const Channel& channel : channels_of(stream)) {
    Signal signal;
    signal.label = channel.name;
    if (signal.label == annotations_label(bdf)) signal.label[3] = '_';
    signal.digital_min = low;
    signal.digital_max = high;
    signal.samples = plan.samples;
    if (!calibrate(signal, channel)) {
      plan.refusal = tool::format(
          "channel \"{}\" reaches from {} to {} \"{}\", which {} cannot say in 8 characters: give it a larger or "
          "smaller "
          "unit in the metadata, or use --format sigmf, npy or raw",
          channel.name, low * channel.scale + channel.offset, high * channel.scale + channel.offset, channel.unit,
          format);
      return plan;
    }
    plan.header.signals.push_back(std::move(signal));
  }
  Signal annotations;
  annotations.label = annotations_label(bdf);
  annotations.physical_min = std::string("-1");  // GCC 12 warns where a literal is assigned here
  annotations.physical_max = std::string("1");
  annotations.digital_min = bdf ? -8388608 : -32768;
  annotations.digital_max = bdf ? 8388607 : 32767;
  annotations.samples = annotation_bytes / static_cast<std::uint32_t>(plan.header.item());
  plan.header.signals.push_back(std::move(annotations));
  return plan;
}

}  // namespace tool::formats::edf
