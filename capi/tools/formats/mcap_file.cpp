#include "mcap_file.hpp"

#include <algorithm>
#include <utility>

#include "ringbuf.h"

namespace tool::formats::mcap {
namespace {

std::string metadata_record(const std::string& name, const Map& map) {
  std::string bytes;
  Builder record(bytes);
  record.begin(Kind::metadata);
  record.text(name);
  record.map(map);
  record.end();
  return bytes;
}

struct Group {
  Kind kind;
  std::uint64_t begin, length;
};

}  // namespace

std::string message_index(const std::vector<MessageEntry>& messages) {
  std::string bytes;
  Builder record(bytes);
  record.begin(Kind::message_index);
  record.u16(channel_id);
  record.u32(std::uint64_t{16} * messages.size());
  for (const MessageEntry& message : messages) {
    record.u64(message.log_time);
    record.u64(message.offset);
  }
  record.end();
  return bytes;
}

DataFile::DataFile(File file, std::string schema, std::string channel, const std::string& description)
    : file_(std::move(file)), schema_(std::move(schema)), channel_(std::move(channel)) {
  std::string bytes(magic);
  Builder record(bytes);
  record.begin(Kind::header);
  record.text("");
  record.text(std::string("ringbuf ") + ringbuf_version());
  record.end();
  const std::string described = metadata_record("ringbuf", {{"description", description}});
  metadata_.push_back({bytes.size(), described.size(), "ringbuf"});
  bytes += described + schema_ + channel_;
  data_end_ = bytes.size();
  bytes += summary();
  file_.append(bytes.data(), bytes.size());
}

DataFile::DataFile(File file, std::string schema, std::string channel, std::uint64_t data_end,
                   std::vector<ChunkEntry> chunks, std::vector<MetadataEntry> metadata)
    : file_(std::move(file)),
      schema_(std::move(schema)),
      channel_(std::move(channel)),
      data_end_(data_end),
      chunks_(std::move(chunks)),
      metadata_(std::move(metadata)) {}

void DataFile::truncate() {
  if (file_.size() > data_end_) file_.truncate(data_end_);
}

void DataFile::append_metadata(const std::string& name, const Map& map) {
  const std::string bytes = metadata_record(name, map);
  truncate();
  file_.append(bytes.data(), bytes.size());
  metadata_.push_back({data_end_, bytes.size(), name});
  data_end_ = file_.size();
}

void DataFile::append_chunk(const std::string& records, const std::vector<MessageEntry>& messages,
                            std::uint64_t samples) {
  ChunkEntry chunk;
  chunk.begin = data_end_;
  chunk.size = records.size();
  chunk.messages = messages.size();
  chunk.samples = samples;
  chunk.start_time = chunk.end_time = messages.front().log_time;
  for (const MessageEntry& message : messages) {
    chunk.start_time = std::min(chunk.start_time, message.log_time);
    chunk.end_time = std::max(chunk.end_time, message.log_time);
  }
  std::string head;
  Builder record(head);
  record.begin(Kind::chunk);
  record.u64(chunk.start_time);
  record.u64(chunk.end_time);
  record.u64(records.size());
  record.u32(crc_of(records.data(), records.size()));
  record.text("");
  record.u64(records.size());
  chunk.length = head.size() + records.size();
  patch(head.data() + 1, chunk.length - record_head, 8);
  const std::string index = message_index(messages);
  chunk.index_length = index.size();

  truncate();
  file_.append(head.data(), head.size());
  file_.append(records.data(), records.size());
  file_.append(index.data(), index.size());
  chunks_.push_back(chunk);
  data_end_ = file_.size();
}

void DataFile::write_summary() {
  truncate();
  const std::string bytes = summary();
  file_.append(bytes.data(), bytes.size());
}

bool DataFile::drop_chunk() {
  if (chunks_.empty()) return false;
  data_end_ = chunks_.back().begin;
  chunks_.pop_back();
  while (!metadata_.empty() && metadata_.back().begin >= data_end_) metadata_.pop_back();
  truncate();
  return true;
}

std::string DataFile::summary() const {
  std::string bytes;
  Builder record(bytes);
  record.begin(Kind::data_end);
  record.u32(0);  // the data have no CRC as a whole; each chunk has its own
  record.end();
  const std::size_t begin = bytes.size();

  std::vector<Group> groups;
  std::size_t group = begin;
  const auto end_group = [&](Kind kind) {
    if (bytes.size() > group) groups.push_back({kind, data_end_ + group, bytes.size() - group});
    group = bytes.size();
  };
  bytes += schema_;
  end_group(Kind::schema);
  bytes += channel_;
  end_group(Kind::channel);

  std::uint64_t messages = 0, start_time = 0, end_time = 0;
  for (const ChunkEntry& chunk : chunks_) {
    start_time = messages == 0 ? chunk.start_time : std::min(start_time, chunk.start_time);
    end_time = std::max(end_time, chunk.end_time);
    messages += chunk.messages;
  }
  record.begin(Kind::statistics);
  record.u64(messages);
  record.u16(1);
  record.u32(1);
  record.u32(0);
  record.u32(metadata_.size());
  record.u32(chunks_.size());
  record.u64(start_time);
  record.u64(end_time);
  record.u32(10);
  record.u16(channel_id);
  record.u64(messages);
  record.end();
  end_group(Kind::statistics);

  for (const ChunkEntry& chunk : chunks_) {
    record.begin(Kind::chunk_index);
    record.u64(chunk.start_time);
    record.u64(chunk.end_time);
    record.u64(chunk.begin);
    record.u64(chunk.length);
    record.u32(10);
    record.u16(channel_id);
    record.u64(chunk.begin + chunk.length);
    record.u64(chunk.index_length);
    record.text("");
    record.u64(chunk.size);
    record.u64(chunk.size);
    record.end();
  }
  end_group(Kind::chunk_index);

  for (const MetadataEntry& entry : metadata_) {
    record.begin(Kind::metadata_index);
    record.u64(entry.begin);
    record.u64(entry.length);
    record.text(entry.name);
    record.end();
  }
  end_group(Kind::metadata_index);

  const std::size_t offsets = bytes.size();
  for (const Group& each : groups) {
    record.begin(Kind::summary_offset);
    record.u8(static_cast<unsigned>(each.kind));
    record.u64(each.begin);
    record.u64(each.length);
    record.end();
  }
  // The CRC takes the summary and the footer up to the CRC.
  record.begin(Kind::footer);
  record.u64(data_end_ + begin);
  record.u64(data_end_ + offsets);
  record.u32(0);
  record.end();
  const std::size_t crc_at = bytes.size() - 4;
  patch(bytes.data() + crc_at, crc_of(bytes.data() + begin, crc_at - begin), 4);
  bytes += magic;
  return bytes;
}

}  // namespace tool::formats::mcap
