#include "repair.hpp"

#include "../text_format.hpp"
#include "sidecar.hpp"

namespace tool::formats {

std::uint64_t cut_to_samples(File& file, std::uint64_t header_bytes, std::uint64_t sample_bytes, Changes& changes) {
  if (file.size() < header_bytes) throw Error(tool::format("'{}' ends in its header", file.path()));
  const std::uint64_t samples = (file.size() - header_bytes) / sample_bytes;
  const std::uint64_t end = header_bytes + samples * sample_bytes;
  if (file.size() > end) {
    changes.push_back(
        tool::format("{}: removed the last {} bytes, a part of a sample", file.path(), file.size() - end));
    file.truncate(end);
  }
  return samples;
}

void finish_sidecar(const std::string& path, const std::string& sigmf_type, std::uint64_t samples, Changes& changes) {
  Sidecar sidecar = sidecar_parse(read_file(path), path);
  if (sidecar.stream.ring_id.empty()) throw Error(tool::format("'{}' is not of a recording of ringbuf", path));
  if (sidecar.finished && sidecar.samples == samples) return;
  changes.push_back(sidecar.finished ? tool::format("{}: {} samples, not {}", path, samples, sidecar.samples)
                                     : tool::format("{}: {} samples, and the recording has ended", path, samples));
  // The index after the last sample, and after a gap that follows it.
  std::int64_t end = sidecar.stream.first_index + static_cast<std::int64_t>(samples);
  std::vector<Gap> gaps;
  for (const Gap& gap : sidecar.gaps) {
    if (gap.start > end) break;
    end += gap.end - gap.start;
    gaps.push_back(gap);
  }
  sidecar.gaps = gaps;
  while (!sidecar.marks.empty() && sidecar.marks.back().index >= end) sidecar.marks.pop_back();
  sidecar.samples = samples;
  sidecar.finished = true;
  replace_file(path, sidecar_text(sidecar, sigmf_type));
}

}  // namespace tool::formats
