// An MCAP file whose data grow: the summary is written after the data, and removed before more data come.
//
// Invariant: up to data_end() the file has whole records, and they are never changed. So the death of the process leaves a
// file that can be read from the beginning to data_end(), at any moment; and that can be read by its index, unless the process
// died between the removal of a summary and the end of the next one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "file.hpp"
#include "mcap_records.hpp"

namespace tool::formats::mcap {

inline constexpr unsigned channel_id = 1;

// A message within a chunk: what the index of the messages says.
struct MessageEntry {
  std::uint64_t log_time = 0;
  std::uint64_t offset = 0;  // of its record, in the chunk
};

struct ChunkEntry {
  std::uint64_t begin = 0;   // of the file's bytes: where the chunk's record begins
  std::uint64_t length = 0;  // of that record
  std::uint64_t start_time = 0, end_time = 0;
  std::uint64_t size = 0;  // of the messages' records
  std::uint64_t index_length = 0;
  std::uint64_t messages = 0;
  std::uint64_t samples = 0;
};

struct MetadataEntry {
  std::uint64_t begin = 0, length = 0;
  std::string name;
};

class DataFile {
 public:
  // A new file: header, schema and channel, with the summary of an empty one. `description`: the metadata "ringbuf".
  DataFile(File file, std::string schema, std::string channel, const std::string& description);
  // A file whose records have been read, to be made whole.
  DataFile(File file, std::string schema, std::string channel, std::uint64_t data_end, std::vector<ChunkEntry> chunks,
           std::vector<MetadataEntry> metadata);

  std::uint64_t data_end() const { return data_end_; }
  std::uint64_t size() const { return file_.size(); }
  const File& file() const { return file_; }
  const std::vector<ChunkEntry>& chunks() const { return chunks_; }
  bool has_summary() const { return file_.size() > data_end_; }

  void append_metadata(const std::string& name, const Map& map);
  // `records`: the messages, as records.
  void append_chunk(const std::string& records, const std::vector<MessageEntry>& messages, std::uint64_t samples);
  // The bytes that a chunk takes in the file, without its records.
  static std::uint64_t chunk_overhead(std::size_t messages) { return 9 + 40 + 9 + 6 + 16 * messages; }
  void write_summary();
  // The bytes after data_end() that write_summary() takes.
  std::uint64_t summary_bytes() const { return summary().size(); }
  // Removes the summary, and what an append that failed may have left.
  void truncate();
  // Removes the last chunk and all after it. False: there is none.
  bool drop_chunk();
  void close() { file_.close(); }

 private:
  std::string summary() const;

  File file_;
  std::string schema_, channel_;  // records
  std::uint64_t data_end_ = 0;
  std::vector<ChunkEntry> chunks_;
  std::vector<MetadataEntry> metadata_;
};

std::string message_index(const std::vector<MessageEntry>& messages);

}  // namespace tool::formats::mcap
