// Copies that the C library may make with streaming stores: what a processor executes is looked at instruction by
// instruction, since a store that passes another one cannot be provoked.
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <regex>
#include <string>

#include "../support/forked.hpp"
#include "../support/support.hpp"

using namespace ringbuf;
using test::Forked;
using test::Line;

namespace {

constexpr std::uint64_t large = 16448;  // the least that glibc can be made to stream
constexpr std::uint64_t small = 16383;
constexpr std::uint64_t capacity = 40000;

// What a child's `act(writer)` did, a letter a change: I the intent, L the limit, F a store fence, D data or pocket, M a
// copy of the metadata, W `written`, V the version of the metadata.
class StreamingStores : public testing::Test {
 protected:
  template <class Prepare, class Act>
  std::string trace(Options options, Prepare &&prepare, Act &&act) {
    const test::Name name("streaming");
    Forked child([&](const Line &) {
      Writer writer;
      if (Writer::create(writer, name.c(), options) != Status::ok) return 1;
      if (prepare(writer) != Status::ok) return 2;
      if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) return 77;
      ::raise(SIGSTOP);
      const Status status = act(writer);
      ::raise(SIGSTOP);
      return status == Status::ok ? 0 : 3;
    });
    if (!stopped(child.pid())) {
      skipped_ = true;
      return "";
    }
    Reader reader;
    void *begin = nullptr;
    std::size_t bytes = 0;
    Info info{};
    EXPECT_EQ(Reader::open(reader, name.c(), {.observer = true}), Status::ok) << last_error();
    EXPECT_EQ(reader.raw(begin, bytes), Status::ok);
    EXPECT_EQ(reader.info(info), Status::ok);
    memory_ = static_cast<const std::byte *>(begin);
    geometry_ = info.geometry;

    std::string letters;
    Seen seen = look();
    for (;;) {
      const bool fence = at_store_fence(child.pid());
      if (::ptrace(PTRACE_SINGLESTEP, child.pid(), nullptr, nullptr) != 0) break;
      int status = 0;
      if (::waitpid(child.pid(), &status, 0) < 0 || !WIFSTOPPED(status) || WSTOPSIG(status) == SIGSTOP) break;
      const Seen now = look();
      const auto note = [&](bool changed, char letter) {
        if (changed && (letters.empty() || letters.back() != letter)) letters += letter;
      };
      note(now.limit != seen.limit, 'L');
      note(now.intent != seen.intent, 'I');
      note(fence, 'F');
      note(now.data != seen.data, 'D');
      note(now.metadata != seen.metadata, 'M');
      note(now.written != seen.written, 'W');
      note(now.version != seen.version, 'V');
      seen = now;
    }
    ::ptrace(PTRACE_DETACH, child.pid(), nullptr, nullptr);
    EXPECT_EQ(child.wait(), 0);
    return letters;
  }
  template <class Act>
  std::string trace(const Options &options, Act &&act) {
    return trace(
        options, [](Writer &) { return Status::ok; }, act);
  }

  void expect(const std::string &letters, const char *order) const {
    if (skipped_) GTEST_SKIP() << "this process may not trace its children (ptrace)";
    EXPECT_TRUE(std::regex_match(letters, std::regex(order))) << letters << ", expected " << order;
  }

  static Options options() { return {.data_type = DataType::uint8, .capacity = capacity, .window = 20000}; }
  const std::vector<std::byte> bytes_ = std::vector<std::byte>(capacity, std::byte{1});
  const std::vector<std::byte> other_ = std::vector<std::byte>(capacity, std::byte{2});

 private:
  struct Seen {
    std::uint64_t intent, limit, written, version, data, metadata;
  };

  static bool stopped(pid_t pid) {
    int status = 0;
    return ::waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status);
  }
  static bool at_store_fence(pid_t pid) {
    user_regs_struct registers{};
    if (::ptrace(PTRACE_GETREGS, pid, nullptr, &registers) != 0) return false;
    const long code = ::ptrace(PTRACE_PEEKTEXT, pid, registers.rip, nullptr);
    return (code & 0xf8ffff) == 0xf8ae0f;
  }
  // Every 61st byte, and the last one.
  std::uint64_t sum(std::uint64_t from, std::uint64_t to) const {
    std::uint64_t sum = std::to_integer<std::uint64_t>(memory_[to - 1]);
    for (; from < to; from += 61) sum += std::to_integer<std::uint64_t>(memory_[from]);
    return sum;
  }
  Seen look() const {
    const auto &header = *reinterpret_cast<const Header *>(memory_);
    return {header.writer.intent.load(),
            header.writer.limit.load(),
            header.writer.written.load(),
            header.metadata.version.load(),
            sum(geometry_.data_offset, geometry_.total_bytes),
            sum(geometry_.metadata_offset, geometry_.track_offset)};
  }

  const std::byte *memory_ = nullptr;
  Geometry geometry_{};
  bool skipped_ = false;
};

TEST_F(StreamingStores, OfAPutComeAfterTheIntentAndBeforeWritten) {
  expect(trace(options(), [&](Writer &w) { return w.put(bytes_.data(), large); }), "LI(F+D)+F+W");
  const auto into_the_middle = [&](Writer &w) { return w.put(bytes_.data(), 20000); };
  expect(trace(options(), into_the_middle, [&](Writer &w) { return w.put(other_.data(), large); }), "L?I(F+D)+F+W");
  const auto near_the_end = [&](Writer &w) { return w.put(bytes_.data(), capacity - 10); };
  expect(trace(options(), near_the_end, [&](Writer &w) { return w.put(other_.data(), large); }), "L?ID?(F+D)+F*W");
}

TEST_F(StreamingStores, OfAPutOfMoreThanTheCapacity) {
  const std::vector<std::byte> more(capacity + 10, std::byte{1});
  expect(trace(options(), [&](Writer &w) { return w.put(more.data(), more.size()); }), "L?IWL?I?(F+D)+F*W");
}

TEST_F(StreamingStores, OfAPutIntoALosslessRing) {
  Options lossless = options();
  lossless.lossless = true;
  lossless.window = 1;
  expect(trace(lossless, [&](Writer &w) { return w.put(bytes_.data(), large); }), "LI(F+D)+F*W");
}

TEST_F(StreamingStores, OfWhatIsReserved) {
  const auto act = [&](Writer &w) {
    std::byte *samples = nullptr;
    if (const Status status = w.reserve(large, samples); status != Status::ok) return status;
    std::memcpy(samples, bytes_.data(), large);
    return w.commit(large);
  };
  expect(trace(options(), act), "LI(F+D)+F+W");
}

TEST_F(StreamingStores, OfTheMetadata) {
  Options with_room = options();
  with_room.metadata_bytes = large;
  expect(trace(with_room, [&](Writer &w) { return w.set_metadata(bytes_.data(), large); }), "(F+M)+F+V");
}

TEST_F(StreamingStores, AreNotExpectedOfSmallerCopies) {
  Options plain = options();
  plain.window = 1;
  expect(trace(plain, [&](Writer &w) { return w.put(bytes_.data(), 100); }), "LIDW");
  const auto past_the_pocket = [&](Writer &w) { return w.put(bytes_.data(), 1); };
  for (const std::uint64_t size :
       {std::uint64_t{64}, std::uint64_t{100}, std::uint64_t{200}, std::uint64_t{300}, small}) {
    expect(trace(plain, past_the_pocket, [&](Writer &w) { return w.put(bytes_.data(), size); }), "L?IDW");
  }
}

}  // namespace
