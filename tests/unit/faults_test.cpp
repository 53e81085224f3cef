// What becomes of rings when a call of the operating system fails, or when another process comes in between two calls:
// each call of each operation in turn, on the in-memory backend (tests/support/backend), so that it is the same every time.
#include <gtest/gtest.h>

#if defined(__unix__)
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "../support/backend/memory.hpp"
#include "../support/support.hpp"
#include "os_support.hpp"

using namespace ringbuf;
using os::memory::Acting;
using os::memory::Call;
using os::memory::census;
using os::memory::Census;
using test::Checked;
using test::Owned;

namespace {

constexpr std::uint64_t capacity = 8;
constexpr std::uint64_t put_before = 3;

// Writers whose process is dead, whom nobody closes.
std::vector<std::unique_ptr<Writer>> &dead_writers() {
  static auto &all = *new std::vector<std::unique_ptr<Writer>>;
  return all;
}

// A ring with samples whose writer has died.
void leave_a_dead_ring(const test::Name &name) {
  os::memory::Process process;
  {
    const Acting acting(process);
    auto writer = std::make_unique<Writer>();
    ASSERT_EQ(Writer::create(*writer, name.c(), test::checked_options(capacity)), Status::ok) << last_error();
    const auto samples = test::checked_samples(0, put_before);
    ASSERT_EQ(writer->put(samples.data(), put_before), Status::ok);
    dead_writers().push_back(std::move(writer));
  }
  process.kill();
}

// Somebody can still become its writer, and finds its samples.
void expect_resumable(const test::Name &name) {
  Writer writer;
  ASSERT_EQ(Writer::resume(writer, name.c()), Status::ok) << last_error();
  EXPECT_EQ(writer.written(), put_before);
  Checked sample{};
  ASSERT_EQ(writer.read(0, 1, &sample), Status::ok);
  EXPECT_TRUE(sample.is(0));
}

class Faults : public testing::Test {
 protected:
  ~Faults() override {
    os::memory::before_each_call(nullptr);
    os::memory::set_room(room);
    os::memory::become_owner(true);
  }

  static constexpr std::uint64_t room = std::uint64_t{1} << 30;

  // Runs `operate`, each time from `prepare`, with its first call failing, then its second, and so on until it has no
  // such call any more. A failure is passed on, and leaves everything as it was, says `check` as well; after that the
  // operation works.
  template <class Prepare, class Operate, class Check>
  static void fail_each_call(Prepare prepare, Operate operate, Check check) {
    for (const Status status : {Status::system, Status::no_memory, Status::no_space}) {
      for (int chosen = 0;; ++chosen) {
        const test::Name name("faults");
        SCOPED_TRACE(std::string(status_name(static_cast<int>(status))) + " at call " + std::to_string(chosen));
        prepare(name);
        const Census before = census();
        int calls = 0;
        std::optional<Call> failed;
        os::memory::before_each_call([&](Call call) {
          if (calls++ != chosen) return Status::ok;
          failed = call;
          return status;
        });
        const Status result = operate(name);
        os::memory::before_each_call(nullptr);
        if (!failed) {
          ASSERT_EQ(result, Status::ok) << last_error();
          ASSERT_GT(chosen, 0) << "it makes no calls";
          break;
        }
        if (result == Status::ok) continue;  // it could do without
        ASSERT_EQ(result, status) << last_error();
        ASSERT_EQ(census(), before);
        check(name);
        if (HasFatalFailure()) return;
        EXPECT_EQ(operate(name), Status::ok) << last_error();
      }
    }
  }
  template <class Prepare, class Operate>
  static void fail_each_call(Prepare prepare, Operate operate) {
    fail_each_call(prepare, operate, [](const test::Name &) {});
  }
};

const auto nothing_to_prepare = [](const test::Name &) {};

TEST_F(Faults, CreateOfANewRing) {
  fail_each_call(nothing_to_prepare, [](const test::Name &name) {
    Writer writer;
    const Status status = Writer::create(writer, name.c(), test::checked_options(capacity));
    os::memory::before_each_call(nullptr);
    Reader reader;
    EXPECT_EQ(Reader::open(reader, name.c()), status == Status::ok ? Status::ok : Status::not_found);
    return status;
  });
}

TEST_F(Faults, CreateOfAnAnonymousRing) {
  fail_each_call(nothing_to_prepare, [](const test::Name &) {
    Writer writer;
    return Writer::create(writer, nullptr, test::checked_options(capacity));
  });
}

TEST_F(Faults, CreateInPlaceOfADeadRing) {
  fail_each_call(
      leave_a_dead_ring,
      [](const test::Name &name) {
        Writer writer;
        return Writer::create(writer, name.c(), test::checked_options(capacity));
      },
      [](const test::Name &name) {
        expect_resumable(name);
        leave_a_dead_ring(name);
      });
}

TEST_F(Faults, ResumeOfADeadRing) {
  fail_each_call(
      leave_a_dead_ring,
      [](const test::Name &name) {
        Writer writer;
        const Status status = Writer::resume(writer, name.c());
        if (status == Status::ok) {
          EXPECT_EQ(writer.written(), put_before);
        }
        return status;
      },
      [](const test::Name &) {});
}

TEST_F(Faults, OpenOfALosslessRing) {
  Writer writer;
  fail_each_call(
      [&](const test::Name &name) {
        ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity, 1, true)), Status::ok);
      },
      [](const test::Name &name) {
        Reader reader;
        return Reader::open(reader, name.c());
      },
      [&](const test::Name &) {
        Info info{};
        ASSERT_EQ(writer.info(info), Status::ok);
        EXPECT_EQ(info.readers, 0u);
      });
}

TEST_F(Faults, OpenAndResumeByDescriptor) {
  for (const bool as_writer : {false, true}) {
    std::optional<Writer> writer;
    std::intptr_t handle = -1;
    std::intptr_t kept = -1;
    os::Object keeper;
    fail_each_call(
        [&](const test::Name &) {
          writer.emplace();
          ASSERT_EQ(Writer::create(*writer, nullptr, test::checked_options(capacity)), Status::ok);
          ASSERT_EQ(writer->share(handle), Status::ok);
          os::close(keeper);
          ASSERT_EQ(os::open_handle(keeper, handle), Status::ok);
          ASSERT_EQ(os::share(keeper, kept), Status::ok);
          if (as_writer) writer.reset();
        },
        [&](const test::Name &) {
          Writer next;
          Reader reader;
          return as_writer ? Writer::resume_fd(next, kept) : Reader::open_fd(reader, kept);
        });
    os::close(keeper);
  }
}

TEST_F(Faults, Share) {
  const Census before = census();
  Writer writer;
  fail_each_call(
      [&](const test::Name &) {
        ASSERT_EQ(Writer::create(writer, nullptr, test::checked_options(capacity)), Status::ok);
      },
      [&](const test::Name &) {
        std::intptr_t handle = -1;
        return writer.share(handle);
      });
  writer.close();
  EXPECT_EQ(census(), before);
}

TEST_F(Faults, UnlinkOfALiveRing) {
  Writer writer;
  fail_each_call(
      [&](const test::Name &name) {
        ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity)), Status::ok);
      },
      [](const test::Name &name) { return ringbuf::unlink(name.c()); });
}

TEST_F(Faults, List) {
  Writer writer;
  fail_each_call(
      [&](const test::Name &name) {
        ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity)), Status::ok);
      },
      [](const test::Name &name) {
        struct Search {
          const std::string &name;
          bool found;
        } search{name.text(), false};
        const Status status = ringbuf::list(
            [](const char *each, const Info &, void *user) {
              auto &wanted = *static_cast<Search *>(user);
              wanted.found = wanted.found || wanted.name == each;
              return true;
            },
            &search);
        EXPECT_TRUE(status != Status::ok || search.found);
        return status;
      });
}

// A writer that closes properly, at whatever moment of the look, is never taken for one that died.
TEST_F(Faults, ListOfARingThatIsBeingClosed) {
  for (int chosen = 0;; ++chosen) {
    SCOPED_TRACE("before call " + std::to_string(chosen));
    const test::Name name("closing");
    Options options = test::checked_options(capacity);
    options.keep = true;
    Writer writer;
    ASSERT_EQ(Writer::create(writer, name.c(), options), Status::ok);
    int calls = 0;
    bool closed = false;
    os::memory::before_each_call([&](Call) {
      if (!closed && calls++ == chosen) {
        closed = true;
        writer.close();
      }
      return Status::ok;
    });
    struct Search {
      const std::string &name;
      State state;
    } search{name.text(), State::none};
    const Status status = ringbuf::list(
        [](const char *each, const Info &info, void *user) {
          auto &wanted = *static_cast<Search *>(user);
          if (wanted.name == each) wanted.state = info.state;
          return true;
        },
        &search);
    os::memory::before_each_call(nullptr);
    EXPECT_EQ(status, Status::ok);
    EXPECT_TRUE(search.state == State::live || search.state == State::closed) << static_cast<int>(search.state);
    if (!closed) {
      EXPECT_EQ(search.state, State::live);
      return;
    }
    EXPECT_EQ(ringbuf::unlink(name.c()), Status::ok);
  }
}

// Closing does what can be done: the stream ends, and nothing stays open. If the name cannot be removed, it stands for a
// ring that has ended, which the next one replaces.
TEST_F(Faults, CloseAlwaysCloses) {
  const Census before = census();
  const test::Name name("close");
  Writer writer;
  Reader reader;
  ASSERT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity)), Status::ok);
  ASSERT_EQ(Reader::open(reader, name.c()), Status::ok);
  os::memory::before_each_call([](Call) { return Status::system; });
  writer.close();
  Checked sample{};
  EXPECT_EQ(reader.pop(&sample), Status::closed);
  reader.close();
  os::memory::before_each_call(nullptr);
  Census after = census();
  EXPECT_EQ(after.names, before.names + 1);
  EXPECT_EQ(after.memories, before.memories + 1);
  after.names = before.names;
  after.memories = before.memories;
  after.bytes = before.bytes;
  EXPECT_EQ(after, before);
  EXPECT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity)), Status::ok) << last_error();
  writer.close();
  EXPECT_EQ(census(), before);
}

TEST_F(Faults, WhatDoesNotFitLeavesTheDeadRing) {
  const test::Name name("room");
  leave_a_dead_ring(name);
  const Census before = census();
  os::memory::set_room(0);
  Writer writer;
  EXPECT_EQ(Writer::create(writer, nullptr, test::checked_options(capacity)), Status::no_space);
  EXPECT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity)), Status::no_space)
      << "the dead ring's memory would not do";
  EXPECT_EQ(census(), before);
  expect_resumable(name);
}

TEST_F(Faults, ADeadRingGivesItsRoomToItsSuccessor) {
  std::size_t bytes = 0;
  ASSERT_EQ(Writer::size(test::checked_options(capacity), bytes), Status::ok);
  const test::Name name("room");
  os::memory::set_room(census().bytes + bytes);
  leave_a_dead_ring(name);
  Writer writer;
  {
    Reader reader;
    ASSERT_EQ(Reader::open(reader, name.c()), Status::ok);
    EXPECT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity)), Status::no_space)
        << "a reader keeps the memory";
  }
  EXPECT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity)), Status::ok) << last_error();
  EXPECT_EQ(writer.written(), 0u);
}

TEST_F(Faults, WhoMayOnlyReadObserves) {
  const test::Name name("readable");
  Options options = test::checked_options(capacity, 1, true);
  options.mode = 0644;
  Writer writer;
  ASSERT_EQ(Writer::create(writer, name.c(), options), Status::ok);
  os::memory::become_owner(false);
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name.c()), Status::ok) << last_error();
  EXPECT_FALSE(reader.is_registered());
  Writer other;
  EXPECT_EQ(Writer::resume(other, name.c()), Status::permission);
  EXPECT_EQ(Writer::create(other, name.c(), options), Status::exists);
  writer.close();
  os::memory::become_owner(true);
  options.mode = 0600;
  ASSERT_EQ(Writer::create(writer, name.c(), options), Status::ok);
  os::memory::become_owner(false);
  EXPECT_EQ(Reader::open(reader, name.c()), Status::permission);
}

TEST_F(Faults, WhoMayOnlyReadADeadRingCannotReplaceIt) {
  const test::Name name("readable");
  {
    Options options = test::checked_options(capacity);
    options.mode = 0644;
    options.keep = true;
    const Writer writer(name.c(), options);
  }
  os::memory::become_owner(false);
  Writer writer;
  EXPECT_EQ(Writer::create(writer, name.c(), test::checked_options(capacity)), Status::exists);
  EXPECT_NE(std::string(last_error()).find("another user"), std::string::npos) << last_error();
}

// --- What stands for a death ---------------------------------------------------------------------------------------

// At whatever step of falling asleep: a played death that a sleeper misses is a test that never ends.
TEST(PlayedProcess, SleepsNoLongerWhenItIsKilled) {
  const test::Name name("death");
  Owned object;
  ASSERT_EQ(os::create(object, name.c(), os::page_bytes(), 0600), Status::ok) << last_error();
  const test::Mapped mapped(object);
  const auto sleep_as = [&](const os::memory::Process &process) {
    const Acting acting(process);
    os::wait(object, &test::word_at(mapped.region, 0), 0, test::hour_ns);
    EXPECT_FALSE(os::process_alive(os::process_token()));
  };
  os::memory::Process dead;
  dead.kill();
  sleep_as(dead);
  os::memory::Process dying;
  std::thread sleeper([&] { sleep_as(dying); });
  dying.kill();
  sleeper.join();
}

// --- Another process in between ------------------------------------------------------------------------------------

// Another process, which does by itself, all at once, what a create does.
class Rival {
 public:
  // A ring's bytes, to be the rival's.
  Rival() {
    const Writer writer(nullptr, test::checked_options(capacity));
    void *begin = nullptr;
    std::size_t bytes = 0;
    EXPECT_EQ(writer.raw(begin, bytes), Status::ok);
    image_.assign(static_cast<std::byte *>(begin), static_cast<std::byte *>(begin) + bytes);
  }

  // Replaces the ring of that name unless somebody writes it; returns whether it has the name now.
  bool create(const char *name) {
    const Acting acting(process_);
    Owned old;
    if (os::open(old, name) == Status::ok) {
      if (os::try_lock(old, os::writer_lock) != Status::ok || os::naming(old, name) != os::Naming::ours) return false;
      if (os::unlink_own(old, name) != Status::ok) return false;
    }
    os::close(own_);
    EXPECT_EQ(os::create(own_, name, image_.size(), 0600), Status::ok);
    const test::Mapped mapped(own_);
    std::memcpy(mapped.region.begin, image_.data(), image_.size());
    EXPECT_EQ(os::try_lock(own_, os::writer_lock), Status::ok);
    return os::publish(own_, name) == Status::ok;
  }
  // Takes the name away.
  bool unlink(const char *name) { return test::unlink_name(name) == Status::ok; }

 private:
  os::memory::Process process_;
  Owned own_;
  std::vector<std::byte> image_;
};

class Between : public Faults {
 protected:
  // Runs `operate` with `rival` before its first call, then before its second, and so on; `check(result, had)` hears
  // what the two said.
  template <class Prepare, class Operate, class Act, class Check>
  static void at_each_call(Prepare prepare, Operate operate, Act act, Check check) {
    for (int chosen = 0;; ++chosen) {
      SCOPED_TRACE("before call " + std::to_string(chosen));
      const test::Name name("between");
      Rival rival;
      prepare(name);
      int calls = 0;
      bool acted = false;
      bool had = false;
      bool acting = false;
      os::memory::before_each_call([&](Call) {
        if (acting || calls++ != chosen) return Status::ok;
        acting = acted = true;
        had = act(rival, name.c());
        acting = false;
        return Status::ok;
      });
      Writer writer;
      const Status result = operate(writer, name);
      os::memory::before_each_call(nullptr);
      if (acted) check(result, had, name);
      writer.close();
      (void)ringbuf::unlink(name.c());
      if (HasFatalFailure() || !acted) return;
    }
  }
};

const auto create_it = [](Writer &writer, const test::Name &name) {
  return Writer::create(writer, name.c(), test::checked_options(capacity));
};
const auto resume_it = [](Writer &writer, const test::Name &name) { return Writer::resume(writer, name.c()); };
const auto rival_creates = [](Rival &rival, const char *name) { return rival.create(name); };
const auto rival_unlinks = [](Rival &rival, const char *name) { return rival.unlink(name); };

// The ring of that name is written by somebody.
void expect_live(const test::Name &name) {
  Reader reader;
  ASSERT_EQ(Reader::open(reader, name.c()), Status::ok) << last_error();
  Info info{};
  ASSERT_EQ(reader.info(info), Status::ok);
  EXPECT_EQ(info.state, State::live);
}

TEST_F(Between, TwoWhoCreateANewRing) {
  at_each_call(nothing_to_prepare, create_it, rival_creates, [](Status result, bool had, const test::Name &name) {
    EXPECT_EQ(result, had ? Status::exists : Status::ok) << last_error();
    expect_live(name);
  });
}

TEST_F(Between, TwoWhoReplaceADeadRing) {
  at_each_call(leave_a_dead_ring, create_it, rival_creates, [](Status result, bool had, const test::Name &name) {
    EXPECT_EQ(result, had ? Status::exists : Status::ok) << last_error();
    expect_live(name);
  });
}

TEST_F(Between, OneResumesWhatTheOtherReplaces) {
  at_each_call(leave_a_dead_ring, resume_it, rival_creates, [](Status result, bool had, const test::Name &name) {
    EXPECT_EQ(result, had ? Status::busy : Status::ok) << last_error();
    expect_live(name);
  });
}

// Whoever creates has the name in the end, unless it is taken away when he has it already.
TEST_F(Between, OneCreatesAndTheOtherUnlinks) {
  const auto unlinks_the_dead = [](Rival &rival, const char *name) {
    Owned object;
    std::uint64_t written = 0;
    return os::open(object, name) == Status::ok &&
           os::read(object, offsetof(Header, writer), &written, sizeof written) == Status::ok && written != 0 &&
           rival.unlink(name);
  };
  at_each_call(leave_a_dead_ring, create_it, unlinks_the_dead, [](Status result, bool, const test::Name &name) {
    EXPECT_EQ(result, Status::ok) << last_error();
    expect_live(name);
  });
}

TEST_F(Between, OneResumesWhatTheOtherUnlinks) {
  at_each_call(leave_a_dead_ring, resume_it, rival_unlinks, [](Status result, bool had, const test::Name &) {
    EXPECT_TRUE(had);
    EXPECT_TRUE(result == Status::ok || result == Status::not_found) << last_error();
  });
}

TEST_F(Between, AReaderOpensOneOfTwoRings) {
  at_each_call(
      leave_a_dead_ring,
      [](Writer &, const test::Name &name) {
        Reader reader;
        const Status status = Reader::open(reader, name.c());
        // It has the dead one, or the new one; the dead one's samples are there.
        if (status == Status::ok) {
          Checked sample{};
          const Status popped = reader.pop(&sample);
          EXPECT_TRUE((popped == Status::ok && sample.is(0)) || popped == Status::empty) << last_error();
        }
        return status;
      },
      rival_creates,
      [](Status result, bool had, const test::Name &name) {
        EXPECT_TRUE(had);
        EXPECT_EQ(result, Status::ok) << last_error();
        expect_live(name);
      });
}

// --- beside others ---------------------------------------------------------------------------------------------------

// std::atomic<bool>::wait, which g++ 10 does not have.
class Event {
 public:
  void set() {
    {
      const std::lock_guard lock(mutex_);
      is_set_ = true;
    }
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

// A thread that is held up in its n-th call of the system.
class HeldUp {
 public:
  HeldUp(int call, std::function<void()> operate) : left_(call) {
    os::memory::before_each_call([this](Call) {
      if (std::this_thread::get_id() != thread_.load() || left_-- != 0) return Status::ok;
      held_.set();
      released_.wait();
      return Status::ok;
    });
    worker_ = std::thread([this, operate = std::move(operate)] {
      thread_ = std::this_thread::get_id();
      operate();
      done_ = true;
      held_.set();
    });
    held_.wait();
  }
  HeldUp(const HeldUp &) = delete;
  HeldUp &operator=(const HeldUp &) = delete;
  ~HeldUp() { join(); }
  // Whether it is in the middle; false: it has fewer calls.
  bool is_in_between() const { return !done_; }
  void join() {
    released_.set();
    if (worker_.joinable()) worker_.join();
    os::memory::before_each_call(nullptr);
  }

 private:
  int left_;
  std::atomic<std::thread::id> thread_{};
  std::atomic<bool> done_{false};
  Event held_, released_;
  std::thread worker_;
};

// Whatever call one thread is stopped in, opening, making, taking over or closing: the rings of all others go on. Where they
// do not, this test does not end.
TEST_F(Faults, OthersGoOnBesideAThreadThatIsHeldUpInAnyCall) {
  const test::Name held_name;
  const test::Name other_name;
  const std::function<void()> create = [&] {
    Writer writer;
    EXPECT_EQ(Writer::create(writer, held_name.c(), test::checked_options(capacity)), Status::ok) << last_error();
  };
  const std::function<void()> open = [&] {
    Reader reader;
    EXPECT_EQ(Reader::open(reader, other_name.c()), Status::ok) << last_error();
  };
  const std::function<void()> create_over_a_dead_one = [&] {
    leave_a_dead_ring(held_name);
    create();
  };
  const std::function<void()> resume = [&] {
    leave_a_dead_ring(held_name);
    Writer writer;
    EXPECT_EQ(Writer::resume(writer, held_name.c()), Status::ok) << last_error();
  };
  Writer other;
  ASSERT_EQ(Writer::create(other, other_name.c(), test::checked_options(capacity)), Status::ok);
  int held_up = 0;
  for (const auto &operate : {create, open, create_over_a_dead_one, resume}) {
    for (int call = 0;; ++call) {
      HeldUp thread(call, operate);
      if (!thread.is_in_between()) break;
      ++held_up;
      Reader reader;
      EXPECT_EQ(Reader::open(reader, other_name.c()), Status::ok) << last_error();
      reader.close();
      Writer anonymous;
      EXPECT_EQ(Writer::create(anonymous, nullptr, test::checked_options(capacity)), Status::ok) << last_error();
      anonymous.close();
      thread.join();
    }
  }
  EXPECT_GT(held_up, 16);
}

#if defined(__unix__)
// At exit the rings that are open end well, although another thread is in the middle of making one.
TEST_F(Faults, AtExitOpenRingsAreClosedBesideOneThatIsBeingMade) {
  std::size_t bytes = 0;
  ASSERT_EQ(Writer::size(test::checked_options(capacity), bytes), Status::ok);
  void *memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    auto *writer = new Writer;
    if (Writer::create_raw(*writer, memory, bytes, test::checked_options(capacity)) != Status::ok) ::_exit(1);
    new HeldUp(0, [] {
      Writer never;
      (void)Writer::create(never, nullptr, test::checked_options(capacity));
    });
    std::exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(protocol::load_state(static_cast<const Header *>(memory)->writer), State::closed);
  ::munmap(memory, bytes);
}
#endif

}  // namespace
