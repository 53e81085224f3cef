#include "../text_format.hpp"
#include "edf.hpp"
#include "edf_header.hpp"

namespace tool::formats::edf {

Changes repair(const std::string& path, bool bdf) {
  Changes changes;
  File file = File::open_to_repair(path);
  const std::unique_ptr<Reader> reader = open(path, bdf);
  const Header header = read_header(file);
  const std::uint64_t record = header.record_bytes();
  const std::uint64_t records = (file.size() - header.bytes()) / record;
  const std::uint64_t end = header.bytes() + records * record;
  if (file.size() > end) {
    changes.push_back(tool::format("{}: removed the last {} bytes, a part of a record", path, file.size() - end));
    file.truncate(end);
  }
  if (header.records != static_cast<std::int64_t>(records)) {
    const std::string text = count_text(static_cast<std::int64_t>(records));
    file.write_at(count_at, text.data(), text.size());
    changes.push_back(tool::format("{}: {} records in the header, not {}", path, records, header.records));
  }
  // A recorder that has ended has filled the last record up, and the description says how many samples are real.
  const std::uint64_t samples = reader->told.value_or(records * reader->samples_in_record());
  finish_sidecar(path + ".json", "", samples, changes);
  return changes;
}

}  // namespace tool::formats::edf
