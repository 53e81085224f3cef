#include <algorithm>
#include <array>

#include "../text_format.hpp"
#include "mcap.hpp"
#include "mcap_messages.hpp"
#include "mcap_scan.hpp"

namespace tool::formats::mcap {
namespace {

class McapReader final : public Reader {
 public:
  explicit McapReader(const std::string& path) : file_(File::open(path)), scan_(scan(file_)) {
    stream = scan_.stream;
    samples = scan_.samples;
    gaps = scan_.gaps;
    marks = scan_.marks;
    finished = scan_.end.has_value();
    told = scan_.end;
  }

  std::vector<std::string> check() override {
    std::vector<std::string> problems;
    std::string records;
    for (std::size_t i = 0; i < scan_.chunks.size(); ++i) {
      const ScannedChunk& chunk = scan_.details[i];
      records.resize(static_cast<std::size_t>(scan_.chunks[i].size));
      file_.read_exactly(chunk.records, records.data(), records.size());
      if (chunk.crc != 0 && crc_of(records.data(), records.size()) != chunk.crc) {
        problems.push_back(tool::format("the CRC of the chunk at byte {} is another one", scan_.chunks[i].begin));
      }
      if (!chunk.indexed) problems.push_back(tool::format("the chunk at byte {} has no index", scan_.chunks[i].begin));
    }
    if (std::string problem = summary_problem(file_, scan_); !problem.empty()) problems.push_back(std::move(problem));
    return problems;
  }

  Message message(std::uint64_t number) override {
    if (!scan_.messages || number >= scan_.blocks.size())
      throw Error(tool::format("'{}' has no message {}", file_.path(), number));
    const ScannedBlock& block = scan_.blocks[static_cast<std::size_t>(number)];
    std::array<char, content_head> head{};
    file_.read_exactly(block.offset, head.data(), head.size());
    std::uint64_t size = 0;
    Message message = parse_content({head.data(), head.size()}, size);
    if (size != block.size) throw Error(tool::format("'{}' has changed", file_.path()));
    message.realtime_ns = static_cast<std::int64_t>(block.log_time);
    message.bytes.resize(static_cast<std::size_t>(size));
    file_.read_exactly(block.offset + head.size(), message.bytes.data(), message.bytes.size());
    return message;
  }

  std::uint64_t indices() const override {
    if (!scan_.messages) return samples;
    std::uint64_t count = 0;
    for (const ScannedBlock& block : scan_.blocks) count += static_cast<std::uint64_t>(block.end - block.index);
    return count;
  }

  void read(std::uint64_t first, std::uint64_t count, void* to) override {
    auto* bytes = static_cast<char*>(to);
    const std::size_t size = stream.sample_bytes();
    auto block = std::upper_bound(scan_.blocks.begin(), scan_.blocks.end(), first,
                                  [](std::uint64_t value, const ScannedBlock& each) { return value < each.first; });
    if (block != scan_.blocks.begin()) --block;
    while (count > 0) {
      if (block == scan_.blocks.end()) throw Error(tool::format("'{}' has no sample {}", file_.path(), first));
      const std::uint64_t skip = first - block->first;
      const std::uint64_t part = std::min(count, block->count - skip);
      file_.read_exactly(block->offset + skip * size, bytes, static_cast<std::size_t>(part) * size);
      bytes += part * size;
      first += part;
      count -= part;
      ++block;
    }
  }

 private:
  File file_;
  Scan scan_;
};

}  // namespace

std::unique_ptr<Reader> open(const std::string& path) { return std::make_unique<McapReader>(path); }

}  // namespace tool::formats::mcap
