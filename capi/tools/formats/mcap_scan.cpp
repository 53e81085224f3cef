#include "mcap_scan.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "../text_format.hpp"
#include "mcap_messages.hpp"
#include "mcap_samples.hpp"
#include "ringbuf.h"
#include "sidecar.hpp"

namespace tool::formats::mcap {
namespace {

constexpr std::uint64_t most_metadata = std::uint64_t{1} << 28;  // a record that is larger is not of ringbuf

struct Head {
  std::uint8_t kind = 0;
  std::uint64_t length = 0;  // with the head
};

class Scanner {
 public:
  explicit Scanner(const File& file) : file_(file) {}

  Scan run() {
    std::array<char, magic.size()> start{};
    if (file_.read_at(0, start.data(), start.size()) != start.size() ||
        std::string_view(start.data(), start.size()) != magic) {
      throw Error(tool::format("'{}' is no MCAP file", file_.path()));
    }
    std::uint64_t at = start.size();
    try {
      for (Head head; read_head(at, file_.size(), head); at += head.length) {
        if (head.kind == static_cast<std::uint8_t>(Kind::data_end)) {
          scan_.summary = at + head.length;
          break;
        }
        take(at, head);
        scan_.data_end = at + head.length;
      }
    } catch (const Error& error) {
      throw Error(tool::format("'{}' at byte {}: {}", file_.path(), at, error.what()));
    }
    if (scan_.channel.empty()) {
      throw Error(tool::format("'{}' is no recording of ringbuf: it has no channel with the schema {}", file_.path(),
                               schema_name));
    }
    find_gaps();
    return std::move(scan_);
  }

 private:
  // False: the record is not whole.
  bool read_head(std::uint64_t at, std::uint64_t end, Head& head) const {
    std::array<char, record_head> bytes{};
    if (end - at < bytes.size() || file_.read_at(at, bytes.data(), bytes.size()) != bytes.size()) return false;
    Fields fields({bytes.data(), bytes.size()});
    head.kind = fields.u8();
    const std::uint64_t length = fields.u64();
    if (head.kind == 0) throw Error("no record of MCAP begins there");
    head.length = record_head + length;
    return length <= end - at - record_head;
  }

  std::string content(std::uint64_t at, const Head& head) const {
    if (head.length > most_metadata) throw Error("a record is too large for one of ringbuf");
    std::string bytes(static_cast<std::size_t>(head.length), '\0');
    file_.read_exactly(at, bytes.data(), bytes.size());
    return bytes;
  }

  void take(std::uint64_t at, const Head& head) {
    switch (static_cast<Kind>(head.kind)) {
      case Kind::schema:
        take_schema(content(at, head));
        break;
      case Kind::channel:
        take_channel(content(at, head));
        break;
      case Kind::metadata:
        take_metadata(at, content(at, head));
        break;
      case Kind::chunk:
        take_chunk(at, head);
        break;
      case Kind::message_index:
        take_index(content(at, head), head.length);
        break;
      case Kind::message:
        throw Error("a message is in no chunk, as none of ringbuf is");
      default:
        break;
    }
  }

  void take_schema(const std::string& record) {
    Fields fields(std::string_view(record).substr(record_head));
    const std::uint16_t id = fields.u16();
    const std::string name = fields.text();
    if ((name != schema_name && name != messages_schema_name) || fields.text() != "ros2msg") return;
    scan_.messages = name == messages_schema_name;
    schema_id_ = id;
    scan_.schema = record;
  }

  void take_channel(const std::string& record) {
    Fields fields(std::string_view(record).substr(record_head));
    const std::uint16_t id = fields.u16();
    if (fields.u16() != schema_id_ || scan_.schema.empty()) return;
    if (id != channel_id || !scan_.channel.empty()) throw Error("there is more than one channel of samples");
    if (!described_) throw Error("nothing says which ring the samples are of");
    if (scan_.messages != ((scan_.stream.flags & RINGBUF_MESSAGES) != 0))
      throw Error("its schema is not that of its ring");
    scan_.channel = record;
  }

  void take_metadata(std::uint64_t at, const std::string& record) {
    Fields fields(std::string_view(record).substr(record_head));
    MetadataEntry entry{at, record.size(), fields.text()};
    for (const auto& [key, value] : fields.map()) {
      std::istringstream lines(value);
      if (entry.name == "ringbuf" && key == "description") {
        scan_.stream = sidecar_parse(value, file_.path()).stream;
        if (scan_.stream.sample_bytes() == 0) throw Error("the description does not say of what type the samples are");
        described_ = true;
      } else if (entry.name == "ringbuf.gaps" && key == "start_end_lost") {
        for (Gap gap; lines >> gap.start >> gap.end >> gap.lost;) told_.push_back(gap);
      } else if (entry.name == "ringbuf.times" && key == "index_monotonic_realtime") {
        for (TimeMark mark; lines >> mark.index >> mark.monotonic_ns >> mark.realtime_ns;) scan_.marks.push_back(mark);
      } else if (entry.name == "ringbuf.end" && key == "samples") {
        std::uint64_t samples = 0;
        if (lines >> samples) scan_.end = samples;
      }
    }
    scan_.metadata.push_back(std::move(entry));
  }

  void take_chunk(std::uint64_t at, const Head& head) {
    std::array<char, 8 + 8 + 8 + 4 + 4> start{};
    file_.read_exactly(at + record_head, start.data(), start.size());
    Fields fields({start.data(), start.size()});
    ChunkEntry chunk;
    chunk.begin = at;
    chunk.length = head.length;
    chunk.start_time = fields.u64();
    chunk.end_time = fields.u64();
    chunk.size = fields.u64();
    ScannedChunk detail;
    detail.crc = fields.u32();
    if (fields.u32() != 0) throw Error("the chunk is compressed: 'mcap decompress' makes a file without compression");
    detail.records = at + record_head + start.size() + 8;
    if (detail.records + chunk.size != at + head.length) throw Error("the chunk has another length than it says");
    if (scan_.channel.empty()) throw Error("a chunk stands before the channel of the samples");

    Head message;
    for (std::uint64_t offset = 0; offset < chunk.size; offset += message.length) {
      if (!read_head(detail.records + offset, detail.records + chunk.size, message)) {
        throw Error("a chunk ends within a message");
      }
      if (message.kind != static_cast<std::uint8_t>(Kind::message))
        throw Error("a chunk has other records than messages");
      const std::uint64_t samples = take_message(detail, offset, message);
      chunk.samples += samples;
    }
    chunk.messages = detail.messages.size();
    scan_.chunks.push_back(chunk);
    scan_.details.push_back(std::move(detail));
  }

  std::uint64_t take_message(ScannedChunk& chunk, std::uint64_t offset, const Head& head) {
    if (scan_.messages) return take_content(chunk, offset, head);
    std::array<char, message_head + block_head> bytes{};
    if (head.length < bytes.size()) throw Error("a message is too short");
    const std::uint64_t begin = chunk.records + offset;
    file_.read_exactly(begin, bytes.data(), bytes.size());
    Fields fields(std::string_view(bytes.data(), bytes.size()).substr(record_head));
    if (fields.u16() != channel_id) throw Error("a message is of no channel of ringbuf");
    fields.take(4);
    chunk.messages.push_back({fields.u64(), offset});
    fields.take(8 + cdr_head + 8);
    ScannedBlock block;
    block.index = static_cast<std::int64_t>(fields.u64());
    const std::uint32_t channels = fields.u32();
    const std::uint64_t elements = elements_in_sample(scan_.stream);
    const std::uint64_t count = fields.u32();
    block.first = scan_.samples;
    block.count = count / elements;
    block.end = block.index + static_cast<std::int64_t>(block.count);
    block.offset = begin + bytes.size();
    if (channels != scan_.stream.channels || count % elements != 0 ||
        head.length - bytes.size() != block.count * scan_.stream.sample_bytes()) {
      throw Error("a message has another number of samples than its length says");
    }
    scan_.samples += block.count;
    scan_.blocks.push_back(block);
    return block.count;
  }

  // A message of a ring of messages.
  std::uint64_t take_content(ScannedChunk& chunk, std::uint64_t offset, const Head& head) {
    std::array<char, message_head + content_head> bytes{};
    if (head.length < bytes.size()) throw Error("a message is too short");
    const std::uint64_t begin = chunk.records + offset;
    file_.read_exactly(begin, bytes.data(), bytes.size());
    const std::string_view view(bytes.data(), bytes.size());
    Fields fields(view.substr(record_head));
    if (fields.u16() != channel_id) throw Error("a message is of no channel of ringbuf");
    fields.take(4);
    ScannedBlock block;
    block.log_time = fields.u64();
    chunk.messages.push_back({block.log_time, offset});
    const Message message = parse_content(view.substr(message_head), block.size);
    constexpr std::int64_t before = 24;  // the head of a message in a ring
    block.index = message.index - before;
    block.end = message.index + static_cast<std::int64_t>((block.size + 7) / 8 * 8);
    block.first = scan_.samples++;
    block.count = 1;
    block.offset = begin + message_head;
    if (message.index < before || head.length - bytes.size() != block.size)
      throw Error("a message has another number of bytes than its length says");
    scan_.blocks.push_back(block);
    return 1;
  }

  void take_index(const std::string& record, std::uint64_t length) {
    if (scan_.chunks.empty() || scan_.details.back().indexed) throw Error("a message index follows no chunk");
    if (record != message_index(scan_.details.back().messages))
      throw Error("the message index is not that of its chunk");
    scan_.chunks.back().index_length = length;
    scan_.details.back().indexed = true;
  }

  // The indices of the blocks tell the gaps, the metadata what was lost in them; and the gap at the end, if there is one.
  void find_gaps() {
    std::int64_t next = scan_.stream.first_index;
    for (const ScannedBlock& block : scan_.blocks) {
      if (block.index < next)
        throw Error(tool::format("'{}' has indices that go back at {}", file_.path(), block.index));
      if (block.index > next) add_gap(next, block.index);
      next = block.end;
    }
    std::int64_t end = next;
    for (const Gap& gap : told_) {
      if (gap.start == end) end = gap.end;
    }
    if (end > next) add_gap(next, end);
    scan_.marks.erase(std::remove_if(scan_.marks.begin(), scan_.marks.end(),
                                     [&](const TimeMark& mark) { return mark.index > std::max(next, end); }),
                      scan_.marks.end());
  }

  void add_gap(std::int64_t start, std::int64_t end) {
    Gap gap{start, end, 0};
    for (const Gap& told : told_) {
      if (told.start >= start && told.end <= end) gap.lost += told.lost;
    }
    scan_.gaps.push_back(gap);
  }

  const File& file_;
  Scan scan_;
  std::vector<Gap> told_;
  std::uint16_t schema_id_ = 0;
  bool described_ = false;
};

}  // namespace

Scan scan(const File& file) { return Scanner(file).run(); }

std::string summary_problem(const File& file, const Scan& scanned) {
  if (!scanned.summary) return "the file has no index at its end";
  const std::uint64_t tail = footer_bytes + magic.size();
  if (file.size() < *scanned.summary + tail || file.size() - *scanned.summary > most_metadata)
    return "the index at the end is not whole";
  std::string bytes(static_cast<std::size_t>(file.size() - *scanned.summary), '\0');
  file.read_exactly(*scanned.summary, bytes.data(), bytes.size());
  const std::string_view view = bytes;
  if (view.substr(view.size() - magic.size()) != magic) return "the index at the end is not whole";
  const std::size_t footer = bytes.size() - static_cast<std::size_t>(tail);
  Fields fields(view.substr(footer));
  if (fields.u8() != static_cast<std::uint8_t>(Kind::footer) || fields.u64() != footer_bytes - record_head)
    return "the index at the end has no footer";
  if (fields.u64() != *scanned.summary) return "the footer does not say where the index begins";
  fields.take(8);
  const std::uint32_t crc = fields.u32();
  if (crc != 0 && crc != crc_of(bytes.data(), footer + footer_bytes - 4)) return "the CRC of the index is another one";
  return "";
}

}  // namespace tool::formats::mcap
