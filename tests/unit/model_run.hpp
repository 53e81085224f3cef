// A ring and its readers, random operations on them, and the comparison of each answer with the model's.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../support/support.hpp"
#include "model.hpp"

namespace model {

using namespace ringbuf;

enum class Kind { raw, anonymous, named };
constexpr std::size_t max_readers_open = 6;
constexpr std::uint32_t places = 4;  // fewer than readers that want one
constexpr std::uint32_t channels = 3;

struct OpenReader {
  ringbuf::Reader reader;
  model::Reader model;
  bool observer = false;
};

class Comparison {
 public:
  Comparison(Kind kind, bool lossless, std::uint64_t seed) : kind_(kind), random_(seed) {
    options_.data_type = DataType::uint64;
    options_.channels = channels;
    options_.capacity = 1 + random_.below(random_.once_in(3) ? 4 : random_.once_in(4) ? 400 : 40);
    gappy_ = random_.once_in(3);
    options_.window = 1 + random_.below(options_.capacity);
    options_.lossless = lossless;
    options_.keep = true;  // so that a writer can resume what it has closed
    options_.max_readers = places;
    if (random_.once_in(2)) {
      constexpr std::array<std::int64_t, 5> firsts{1, 1'000'000'000, (std::int64_t{1} << 32) - 3, std::int64_t{1} << 62,
                                                   1'000'000'000'000};
      options_.first_index = firsts[static_cast<std::size_t>(random_.below(firsts.size()))];
    }
    model_.first_index = static_cast<std::uint64_t>(options_.first_index);
    model_.capacity = options_.capacity;
    model_.intent = intent_at_start(model_.first_index, options_.capacity);
    model_.window = options_.window;
    model_.lossless = lossless;
    if (kind_ == Kind::raw) {
      std::size_t bytes = 0;
      EXPECT_EQ(Writer::size(options_, bytes), Status::ok);
      memory_ = std::make_unique<test::Memory>(bytes);
      EXPECT_EQ(Writer::create_raw(writer_, memory_->begin(), memory_->bytes(), options_), Status::ok) << last_error();
    } else {
      const char *name = kind_ == Kind::named ? name_.c() : nullptr;
      EXPECT_EQ(Writer::create(writer_, name, options_), Status::ok) << last_error();
    }
  }

  void operate() {
    if (gappy_ && random_.once_in(4)) return skip();
    switch (random_.below(22)) {
      case 0:
      case 1:
      case 2:
        return put();
      case 3:
        return push();
      case 4:
      case 5:
        return reserve();
      case 6:
        return commit();
      case 7:
        return open_reader();
      case 8:
        return random_.once_in(3) ? close_reader() : void();
      case 9:
        return random_.once_in(4) ? hand_over() : void();
      case 10:
        return by_index(writer_);
      case 11:
        return writer_limits();
      case 12:
        return info();
      default:
        break;
    }
    OpenReader *reader = some_reader();
    if (reader == nullptr) return;
    switch (random_.below(8)) {
      case 0:
      case 1:
        return pop_many(*reader, random_.below(options_.capacity + 3));
      case 2:
        return pop(*reader);
      case 3:
        return next(*reader);
      case 4:
        return next_copy(*reader);
      case 5:
        return random_.once_in(3) ? seek(*reader) : usage(*reader);
      case 6:
        return usage(*reader);
      default:
        return by_index(reader->reader);
    }
  }

  // Whatever a reader may look at across the end is in the pocket as it is in the data.
  void check_pocket() {
    void *begin = nullptr;
    std::size_t bytes = 0;
    ASSERT_EQ(writer_.raw(begin, bytes), Status::ok);
    Info info{};
    ASSERT_EQ(writer_.info(info), Status::ok);
    const std::byte *data = static_cast<std::byte *>(begin) + info.geometry.data_offset;
    const std::byte *pocket = static_cast<std::byte *>(begin) + info.geometry.pocket_offset;
    const std::uint64_t sample_bytes = info.geometry.sample_bytes;
    for (std::uint64_t i = model_.oldest(); i < model_.written(); ++i) {
      if (model_.skipped(i)) continue;
      const std::uint64_t offset = model_.offset(i);
      expect_sample(data + offset * sample_bytes, i);
      if (offset < model_.window) expect_sample(pocket + offset * sample_bytes, i);
    }
  }

 private:
  using Sample = std::array<std::uint64_t, channels>;

  static Sample sample_of(std::uint64_t value) { return {value, ~value, value * 3}; }

  void expect_sample(const std::byte *at, std::uint64_t index) const {
    const Sample right = sample_of(model_.samples[static_cast<std::size_t>(index - model_.first_index)]);
    EXPECT_EQ(std::memcmp(at, right.data(), sizeof right), 0) << "sample " << index;
  }
  void expect_samples(const void *at, std::uint64_t first, std::uint64_t count) const {
    for (std::uint64_t i = 0; i < count; ++i) {
      expect_sample(static_cast<const std::byte *>(at) + i * sizeof(Sample), first + i);
    }
  }

  std::vector<std::uint64_t> new_values(std::uint64_t count) {
    std::vector<std::uint64_t> values(static_cast<std::size_t>(count));
    for (auto &value : values) value = ++last_value_;
    return values;
  }
  static std::vector<Sample> samples_of(const std::vector<std::uint64_t> &values) {
    std::vector<Sample> samples;
    for (const std::uint64_t value : values) samples.push_back(sample_of(value));
    return samples;
  }

  std::vector<const model::Reader *> model_readers() const {
    std::vector<const model::Reader *> all;
    for (const auto &reader : readers_) all.push_back(&reader->model);
    return all;
  }
  OpenReader *some_reader() {
    return readers_.empty() ? nullptr : readers_[static_cast<std::size_t>(random_.below(readers_.size()))].get();
  }

  // --- The writer

  void put() {
    const std::uint64_t most = random_.once_in(8) ? 3 * options_.capacity : options_.capacity / 2 + 1;
    const auto values = new_values(random_.below(most + 1));
    const auto samples = samples_of(values);
    SCOPED_TRACE("put " + std::to_string(values.size()));
    EXPECT_EQ(writer_.put(samples.data(), samples.size()), model_.put(values, model_readers()));
    check_oldest();
  }

  void push() {
    const auto values = new_values(1);
    SCOPED_TRACE("push");
    EXPECT_EQ(writer_.push(sample_of(values[0]).data()), model_.put(values, model_readers()));
    check_oldest();
  }

  void skip() {
    const std::uint64_t most = random_.once_in(8) ? 2 * options_.capacity + 2 : random_.once_in(2) ? 1 : 3;
    const std::uint64_t count = random_.below(most + 1);
    SCOPED_TRACE("skip " + std::to_string(count));
    EXPECT_EQ(writer_.skip(count), model_.skip(count, model_readers()));
    check_oldest();
    std::vector<std::uint64_t> ends;
    EXPECT_EQ(writer_.gaps(
                  [](std::int64_t, std::int64_t end, void *all) {
                    static_cast<std::vector<std::uint64_t> *>(all)->push_back(static_cast<std::uint64_t>(end));
                    return 0;
                  },
                  &ends),
              Status::ok);
    std::vector<std::uint64_t> expected;
    for (const std::uint64_t end : model_.gaps) {
      if (end > model_.oldest()) expected.push_back(end);
    }
    EXPECT_EQ(ends, expected);
  }

  void check_oldest() {
    void *begin = nullptr;
    std::size_t bytes = 0;
    ASSERT_EQ(writer_.raw(begin, bytes), Status::ok);
    const std::uint64_t intent = protocol::peek(static_cast<Header *>(begin)->writer.intent);
    if (intent != 0) {
      EXPECT_TRUE(model_.may_be_intent(intent, model_readers()))
          << "the intent is " << intent << ", exactly it would be " << model_.intent;
      model_.intent = intent;
    }
    Info info{};
    ASSERT_EQ(writer_.info(info), Status::ok);
    EXPECT_EQ(info.oldest, model_.oldest());
  }

  void reserve() {
    const std::uint64_t count = random_.below(options_.capacity + 2);
    SCOPED_TRACE("reserve " + std::to_string(count));
    std::byte *at = nullptr;
    const Status answer = writer_.reserve(count, at);
    EXPECT_TRUE(model_.may_answer_reserve(count, model_readers(), answer)) << testing::PrintToString(answer);
    if (answer != Status::ok) return;
    model_.reserve(count);
    check_oldest();
    in_place_ = new_values(count);
    const auto samples = samples_of(in_place_);
    std::memcpy(at, samples.data(), samples.size() * sizeof(Sample));
  }

  void commit() {
    const std::uint64_t count = random_.once_in(5) ? model_.reserved + 1 : random_.below(model_.reserved + 1);
    SCOPED_TRACE("commit " + std::to_string(count) + " of " + std::to_string(model_.reserved));
    auto values = in_place_;
    values.resize(static_cast<std::size_t>(count));
    EXPECT_EQ(writer_.commit(count), model_.commit(values));
  }

  void writer_limits() {
    std::uint64_t space = 0;
    EXPECT_EQ(writer_.space(space), Status::ok);
    const std::uint64_t room = model_.room(model_readers());
    EXPECT_EQ(space, room);
    EXPECT_EQ(writer_.wait_space(room, test::forever), Status::ok);
    EXPECT_EQ(writer_.wait_space(room + 1, 0),
              room + 1 > options_.capacity ? Status::invalid_argument : Status::timeout);
  }

  // The writer leaves, which its readers learn, and another one takes over.
  void hand_over() {
    SCOPED_TRACE("hand over");
    std::intptr_t handle = -1;
    if (kind_ == Kind::anonymous) {
      if (readers_.empty()) return;  // nobody else would hold the memory
      ASSERT_EQ(readers_.front()->reader.share(handle), Status::ok) << last_error();
    }
    ringbuf::Reader keeper;  // without a reader the memory of a named ring may go with its writer
    if (kind_ == Kind::named) {
      OpenOptions observe;
      observe.observer = true;
      ASSERT_EQ(ringbuf::Reader::open(keeper, name_.c(), observe), Status::ok) << last_error();
    }
    writer_.close();
    writer_.close();
    model_.ended = true;
    if (OpenReader *reader = some_reader()) {
      pop_many(*reader, 1);
      next(*reader);
    }
    switch (kind_) {
      case Kind::raw:
        ASSERT_EQ(Writer::resume_raw(writer_, memory_->begin(), memory_->bytes()), Status::ok) << last_error();
        break;
      case Kind::anonymous:
        ASSERT_EQ(Writer::resume_fd(writer_, handle), Status::ok) << last_error();
        break;
      case Kind::named:
        ASSERT_EQ(Writer::resume(writer_, name_.c()), Status::ok) << last_error();
        break;
    }
    model_.ended = false;
    model_.reserved = 0;
    ++generation_;
  }

  void info() {
    Info info{};
    ASSERT_EQ(writer_.info(info), Status::ok);
    EXPECT_EQ(info.written, model_.written());
    EXPECT_EQ(info.oldest, model_.oldest());
    EXPECT_EQ(info.state, State::live);
    EXPECT_EQ(info.generation, generation_);
    EXPECT_EQ(info.readers, registered());
    EXPECT_EQ(writer_.written(), model_.written());
  }

  // --- Readers

  std::uint32_t registered() const {
    std::uint32_t count = 0;
    for (const auto &reader : readers_) count += reader->reader.is_registered() ? 1 : 0;
    return count;
  }

  void open_reader() {
    if (readers_.size() == max_readers_open) return;
    OpenOptions how;
    how.from_newest = random_.once_in(2);
    how.observer = random_.once_in(4);
    how.resync = std::array{Resync::middle, Resync::oldest, Resync::newest,
                            Resync::lap}[static_cast<std::size_t>(random_.below(4))];
    SCOPED_TRACE("open a reader");
    auto opened = std::make_unique<OpenReader>();
    const bool place_free = registered() < places;
    Status status = Status::ok;
    std::intptr_t handle = -1;
    switch (kind_) {
      case Kind::raw:
        status = ringbuf::Reader::open_raw(opened->reader, memory_->begin(), memory_->bytes(), how);
        break;
      case Kind::anonymous:
        ASSERT_EQ(writer_.share(handle), Status::ok) << last_error();
        status = ringbuf::Reader::open_fd(opened->reader, handle, how);
        break;
      case Kind::named:
        status = ringbuf::Reader::open(opened->reader, name_.c(), how);
        break;
    }
    if (options_.lossless && !how.observer && !place_free) {
      EXPECT_EQ(status, Status::too_many_readers);
      return;
    }
    ASSERT_EQ(status, Status::ok) << last_error();
    EXPECT_EQ(opened->reader.is_registered(), !how.observer && place_free);
    opened->observer = how.observer;
    model::Reader &m = opened->model;
    m.guarded = options_.lossless && !how.observer;
    m.resync = how.resync;
    m.position = static_cast<std::uint64_t>(opened->reader.tell());
    m.released = m.position;
    const bool moving = !options_.lossless && !model_.ended && model_.not_overwritten() != model_.first_index;
    const std::uint64_t safe = model_.not_overwritten() + (moving ? model_.capacity / 8 : 0);
    const std::uint64_t first = std::min(std::max(model_.oldest(), safe), model_.written());
    const std::uint64_t wanted = how.from_newest ? model_.written() : model_.past_gap(first);
    if (m.guarded) {
      // What the writer has already promised itself is no longer there for one who joins: at most all that may be
      // written now.
      EXPECT_GE(m.position, wanted);
      EXPECT_LE(m.position, model_.written());
    } else {
      EXPECT_EQ(m.position, wanted);
    }
    readers_.push_back(std::move(opened));
  }

  void close_reader() {
    if (readers_.empty()) return;
    readers_.erase(readers_.begin() + static_cast<std::ptrdiff_t>(random_.below(readers_.size())));
  }

  void expect_same(const OpenReader &r) const {
    EXPECT_EQ(r.reader.tell(), static_cast<std::int64_t>(r.model.position));
    EXPECT_EQ(r.reader.overruns(), r.model.overruns);
    EXPECT_EQ(r.reader.lost(), r.model.lost);
  }

  void pop_many(OpenReader &r, std::uint64_t max) {
    SCOPED_TRACE("pop_many " + std::to_string(max) + " at " + std::to_string(r.model.position));
    std::vector<Sample> items(static_cast<std::size_t>(max) + 1);
    const std::uint64_t from = r.model.position;
    std::uint64_t expected_count = 0;
    const Status expected = model_.pop_many(r.model, max, expected_count);
    std::uint64_t count = 12345;
    EXPECT_EQ(r.reader.pop_many(items.data(), max, count), expected);
    ASSERT_EQ(count, expected_count);
    expect_samples(items.data(), from, count);
    expect_same(r);
  }

  void pop(OpenReader &r) {
    SCOPED_TRACE("pop at " + std::to_string(r.model.position));
    Sample item{};
    const std::uint64_t from = r.model.position;
    std::uint64_t count = 0;
    const Status expected = model_.pop_many(r.model, 1, count);
    ASSERT_EQ(r.reader.pop(item.data()), expected);
    if (expected == Status::ok) expect_samples(item.data(), from, 1);
    expect_same(r);
  }

  void next(OpenReader &r) {
    const std::uint64_t size = random_.below(options_.capacity + 2);
    const std::uint64_t step = random_.once_in(6) ? size + random_.below(3) : random_.below(size + 1);
    SCOPED_TRACE("next " + std::to_string(size) + " by " + std::to_string(step) + " at " +
                 std::to_string(r.model.position));
    const std::uint64_t from = r.model.position;
    const Status expected = model_.next(r.model, size, step);
    Window<std::uint64_t> window;
    ASSERT_EQ(r.reader.next(size, step, 0, window), expected);
    if (expected == Status::ok) {
      EXPECT_EQ(window.start(), static_cast<std::int64_t>(from));
      EXPECT_EQ(window.size(), size);
      expect_samples(window.elements().data(), from, size);
      EXPECT_TRUE(window.valid());
    }
    expect_same(r);
  }

  void next_copy(OpenReader &r) {
    const std::uint64_t size = random_.below(options_.capacity + 2);
    const std::uint64_t step = random_.once_in(6) ? size + random_.below(3) : random_.below(size + 1);
    SCOPED_TRACE("next_copy " + std::to_string(size) + " by " + std::to_string(step) + " at " +
                 std::to_string(r.model.position));
    const std::uint64_t from = r.model.position;
    const Status expected = model_.next_copy(r.model, size, step);
    std::vector<Sample> samples(static_cast<std::size_t>(size) + 1);
    std::int64_t start = -1;
    ASSERT_EQ(r.reader.next_copy(size, step, 0, samples.data(), start), expected);
    EXPECT_EQ(start, expected == Status::ok ? static_cast<std::int64_t>(from) : -1);
    if (expected == Status::ok) expect_samples(samples.data(), from, size);
    expect_same(r);
  }

  void usage(OpenReader &r) {
    std::uint64_t count = 0;
    EXPECT_EQ(r.reader.usage(count), Status::ok);
    EXPECT_EQ(count, model_.usage(r.model));
  }

  void seek(OpenReader &r) {
    const auto written = static_cast<std::int64_t>(model_.written());
    const std::int64_t to = random_.between(written - static_cast<std::int64_t>(options_.capacity) - 3, written + 2);
    SCOPED_TRACE("seek " + std::to_string(to) + " from " + std::to_string(r.model.position));
    r.model.released = r.model.position;
    const Status expected = model_.seek(r.model, to);
    const Status answer = r.reader.seek(to);
    // The writer may have promised itself samples that a guarded reader would go back to.
    const bool promised =
        r.model.guarded && answer == Status::overwritten && to < static_cast<std::int64_t>(r.model.position);
    EXPECT_EQ(answer, promised ? Status::overwritten : expected);
    if (answer == Status::ok) r.model.position = r.model.released = static_cast<std::uint64_t>(to);
    expect_same(r);
  }

  void by_index(ringbuf::Ring &ring) {
    const auto written = static_cast<std::int64_t>(model_.written());
    const auto capacity = static_cast<std::int64_t>(options_.capacity);
    const std::int64_t start = random_.between(written - capacity - 3, written + 1);
    const std::int64_t end =
        random_.once_in(10) ? start - 1 : random_.between(start, written + (random_.once_in(5) ? 2 : 0));
    SCOPED_TRACE("[" + std::to_string(start) + ", " + std::to_string(end) + ")");
    EXPECT_EQ(ring.check(start, end), model_.check(start, end));
    EXPECT_EQ(ring.wait(end, 0), end < options_.first_index ? Status::bad_index
                                 : end <= written           ? Status::ok
                                                            : Status::timeout);
    Window<std::uint64_t> window;
    const Status viewed = ring.view(start, end, window);
    EXPECT_EQ(viewed, model_.view(start, end));
    if (viewed == Status::ok) {
      expect_samples(window.elements().data(), static_cast<std::uint64_t>(start), window.size());
      EXPECT_TRUE(window.valid());
    }
    std::vector<Sample> copy(end > start ? static_cast<std::size_t>(end - start) : 1);
    const Status read = ring.read(start, end, copy.data());
    EXPECT_EQ(read, model_.check(start, end));
    if (read == Status::ok) {
      expect_samples(copy.data(), static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end - start));
    }
  }

  Kind kind_;
  test::Random random_;
  Options options_;
  test::Name name_{"model"};
  std::unique_ptr<test::Memory> memory_;
  Writer writer_;
  model::Ring model_;
  std::vector<std::unique_ptr<OpenReader>> readers_;
  std::vector<std::uint64_t> in_place_;
  bool gappy_ = false;  // the writer skips often
  std::uint64_t last_value_ = 0;
  std::uint64_t generation_ = 1;
};

}  // namespace model
