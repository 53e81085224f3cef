#include "../text_format.hpp"
#include "mcap.hpp"
#include "mcap_scan.hpp"

namespace tool::formats::mcap {

Changes repair(const std::string& path) {
  Changes changes;
  File file = File::open_to_repair(path);
  Scan scanned = scan(file);
  if (scanned.end && summary_problem(file, scanned).empty()) return changes;
  const std::uint64_t size = file.size();
  const bool unindexed = !scanned.details.empty() && !scanned.details.back().indexed;
  std::string index;
  if (unindexed) {
    // Nothing but a part of its index follows the last chunk.
    ChunkEntry& chunk = scanned.chunks.back();
    index = message_index(scanned.details.back().messages);
    chunk.index_length = index.size();
    file.truncate(chunk.begin + chunk.length);
    file.append(index.data(), index.size());
    scanned.data_end = file.size();
    changes.push_back(tool::format("{}: the index of the last chunk was added", path));
  } else if (!scanned.summary && size > scanned.data_end) {
    changes.push_back(tool::format("{}: removed the last {} bytes, a part of a record", path, size - scanned.data_end));
  }
  DataFile data(std::move(file), std::move(scanned.schema), std::move(scanned.channel), scanned.data_end,
                std::move(scanned.chunks), std::move(scanned.metadata));
  if (!scanned.end) {
    data.append_metadata("ringbuf.end", {{"samples", std::to_string(scanned.samples)}});
    changes.push_back(tool::format("{}: {} {}, and the recording has ended", path, scanned.samples,
                                   scanned.messages ? "messages" : "samples"));
  }
  data.write_summary();
  changes.push_back(tool::format("{}: the index at its end was written", path));
  return changes;
}

}  // namespace tool::formats::mcap
