// What an MCAP file of a recording has, read from its beginning to the last whole record of its data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mcap_file.hpp"
#include "recording.hpp"

namespace tool::formats::mcap {

struct ScannedBlock {
  std::uint64_t first = 0, count = 0;  // samples of the recording; or a message
  std::int64_t index = 0,
               end = 0;      // of the samples; or of the bytes that the message takes in the ring, head and padding too
  std::uint64_t offset = 0;  // in the file: of the samples, or of the content of the message
  std::uint64_t log_time = 0, size = 0;  // of the message; the size is that of its bytes
};

struct ScannedChunk {
  std::uint64_t records = 0;  // in the file: where they begin
  std::uint32_t crc = 0;
  std::vector<MessageEntry> messages;
  bool indexed = false;  // its message index follows it
};

struct Scan {
  Stream stream;
  std::string schema, channel;  // records
  std::vector<ChunkEntry> chunks;
  std::vector<ScannedChunk> details;  // one for each chunk
  std::vector<MetadataEntry> metadata;
  std::vector<ScannedBlock> blocks;
  std::vector<Gap> gaps;
  std::vector<TimeMark> marks;
  bool messages = false;  // not samples
  std::uint64_t samples = 0;
  std::optional<std::uint64_t> end;      // the samples that the recorder has counted at its end
  std::uint64_t data_end = 0;            // after the last whole record of the data
  std::optional<std::uint64_t> summary;  // where it begins: the data have their end
};

// Throws Error if the file is none of MCAP, no recording of ringbuf, or damaged before its end.
Scan scan(const File& file);

// Why the summary is not one of a whole file that ends as the scan says; empty: it is.
std::string summary_problem(const File& file, const Scan& scanned);

}  // namespace tool::formats::mcap
