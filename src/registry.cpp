// The open segments of this process. At exit the registry finishes those that are still open. A forked child disowns
// its copies.
//
// The registry is locked for moments only. Under its lock no slow system call is made, and no code of the program
// runs. Fork handlers of the program are the exception: the thread that forks then owns the registry (LibraryLock).
//
// Invariants
//   R1  A segment is registered before it has a descriptor and until it has none. While it is being opened its role
//       is none. Exit then finishes nothing of it. A forked child, in which the opening thread does not exist, frees
//       its memory and descriptors.
//   R2  A descriptor gets its first lock only after it was noted in a registered segment, and if no fork began
//       between its opening and its noting (note_object). So a child knows all its copies of descriptors with locks,
//       and gives them up. A child that was forked before the lock was taken has no copy of the descriptor, or gives
//       its copy up.
//   R3  Locks are released explicitly, not by closing, before their descriptor leaves the registry. A copy of the
//       descriptor in a child that is forked afterwards holds no lock.
//   R4  One thread finishes a segment, at close or at exit: the one that exchanges its access from open to closed,
//       with the registry locked. It finishes the segment without the lock. Meanwhile the segment is not freed
//       (`finishing`).
#include "registry.hpp"

#include <new>
#include <thread>
#include <utility>

#include "error.hpp"
#include "poll.hpp"

namespace ringbuf::detail {

namespace {

// All of these outlive the static objects of the program. An object with a destructor is never destroyed.
std::mutex &registry_mutex() noexcept {
  static ImmortalMutex immortal;
  return immortal.mutex;
}
constinit Segment *first_segment = nullptr;
constinit std::uint64_t forks = 0;  // the number of forks that have begun
constinit bool exited = false;      // exit has begun to finish what is open

// The thread that forks, from our handler before the fork to our handler after it. Relaxed is enough: a thread
// compares it only with itself, and each thread sees its own stores.
constinit std::atomic<const void *> forking_thread{nullptr};
constinit int nested_forks = 0;

const void *this_thread() noexcept {
  static thread_local const char mark = 0;
  return &mark;
}

struct RegistryLock : LibraryLock {
  RegistryLock() noexcept : LibraryLock(registry_mutex()) {}
};

// --- Parent or child ------------------------------------------------------------------------------------------------
//
// Words that are zero in a child (os::forgetful_memory) tell a child with memory of its own that it is one. The
// process has one word, the home word. Each handle has one, which its hot path loads anyway. So a child that no fork
// handler was called for notices, too. A child that shares our memory (vfork, clone with CLONE_VM) sees the words as
// its parent does. Only its process number tells. That is asked only where a system call does not matter.

constexpr std::size_t words_in_a_page = 512;

using Word = std::atomic<Access>;

// A page of words, and a bit for each that is in use. The bits lie in other memory, because a child forgets the
// words.
struct WordPage {
  WordPage *next;
  Word *words;
  std::uint64_t used[words_in_a_page / 64];
};
constinit WordPage first_page{};
constinit Word home_without_forgetting{Access::forked};
constinit std::atomic<Word *> home{nullptr};  // the home word; set once
constinit std::uint64_t home_number = 0;      // the number of this process

bool make_page(WordPage &page) noexcept {
  void *memory = os::forgetful_memory(words_in_a_page * sizeof(Word));
  if (memory == nullptr) return false;
  page = {nullptr, new (memory) Word[words_in_a_page]{}, {}};
  return true;
}

// Called with the registry locked. Null: there is no such memory, and the segment has to use its own word.
Word *take_word() noexcept {
  WordPage *page = &first_page;
  if (page->words == nullptr) return nullptr;
  for (;; page = page->next) {
    for (std::size_t i = 0; i < words_in_a_page; ++i) {
      std::uint64_t &used = page->used[i / 64];
      const std::uint64_t bit = std::uint64_t{1} << i % 64;
      if ((used & bit) != 0) continue;
      used |= bit;
      return &page->words[i];
    }
    if (page->next != nullptr) continue;
    auto *made = new (std::nothrow) WordPage;
    if (made == nullptr || !make_page(*made)) {
      delete made;
      return nullptr;
    }
    page->next = made;
  }
}

void give_word_back(const Word *word) noexcept {
  for (WordPage *page = &first_page; page != nullptr; page = page->next) {
    if (word < page->words || word >= page->words + words_in_a_page) continue;
    const auto i = static_cast<std::size_t>(word - page->words);
    page->used[i / 64] &= ~(std::uint64_t{1} << i % 64);
    return;
  }
}

void remove_from_list(Segment &segment) noexcept {
  if (segment.previous != nullptr) segment.previous->next = segment.next;
  if (segment.next != nullptr) segment.next->previous = segment.previous;
  if (first_segment == &segment) first_segment = segment.next;
  segment.previous = segment.next = nullptr;
}

// In a child: disowns all open segments, which are the parent's.
void disown_all() noexcept {
  for (Segment *s = first_segment; s != nullptr;) {
    Segment *next = s->next;
    s->access->store(Access::forked, std::memory_order_relaxed);
    s->finishing = false;
    os::detach(s->object);
    // The segment was being opened by a thread that does not exist in the child.
    if (s->role == Role::none) {
      if (!s->is_raw()) os::unmap(s->region);
      os::close(s->object);
      remove_from_list(*s);
    }
    s = next;
  }
  exited = false;
  home_number = os::process_number();
  home.load(std::memory_order_relaxed)->store(Access::open, std::memory_order_release);
}

// Whether the home word says that this is a child that has not arrived yet. Acquire; partner: the release in
// disown_all.
bool is_new_child() noexcept {
  const Word *word = home.load(std::memory_order_acquire);
  return word != nullptr && word->load(std::memory_order_acquire) != Access::open;
}

// Disowns all in a child that no fork handler was called for. No thread of the child holds the registry, although the
// copy of the mutex may be locked. If several threads come here, the exchange lets one do it. The others wait until
// disown_all stores the home word.
void arrive_in_new_child() noexcept {
  Word &word = *home.load(std::memory_order_relaxed);
  Access seen = Access::forked;
  if (!word.compare_exchange_strong(seen, Access::closed, std::memory_order_acquire)) {
    while (word.load(std::memory_order_acquire) != Access::open) std::this_thread::yield();
    return;
  }
  new (&registry_mutex()) std::mutex;
  forget_polling(false);
  forking_thread.store(nullptr, std::memory_order_relaxed);
  nested_forks = 0;
  disown_all();
}

void before_fork() {
  if (forking_thread.load(std::memory_order_relaxed) == this_thread()) {
    ++nested_forks;
    return;
  }
  registry_mutex().lock();
  lock_polling();
  ++forks;
  forking_thread.store(this_thread(), std::memory_order_relaxed);
}
void after_fork_in_parent() {
  if (nested_forks != 0) {
    --nested_forks;
    return;
  }
  forking_thread.store(nullptr, std::memory_order_relaxed);
  unlock_polling();
  registry_mutex().unlock();
}
void after_fork_in_child() {
  // A fork handler of the program has called the library before, which has disowned all then.
  if (forking_thread.load(std::memory_order_relaxed) != this_thread()) return;
  nested_forks = 0;
  forget_polling(true);
  disown_all();
  forking_thread.store(nullptr, std::memory_order_relaxed);
  unlock_polling();
  registry_mutex().unlock();
}

void settle() noexcept {
  static const bool done = [] {
    home_number = os::process_number();
    Word *word = &home_without_forgetting;
    if (make_page(first_page)) word = take_word();
    word->store(Access::open, std::memory_order_relaxed);
    home.store(word, std::memory_order_release);
    os::on_fork(before_fork, after_fork_in_parent, after_fork_in_child);
    return true;
  }();
  (void)done;
}

// --- At exit --------------------------------------------------------------------------------------------------------

// Windows calls a DLL at exit after it has ended all other threads, wherever they were. If one of them held the
// registry, the list may be inconsistent. Segments that are not finished then end with the process, as in a crash.
bool lock_at_exit() noexcept {
  constexpr std::int64_t patience_ns = 1'000'000'000;
  const std::int64_t give_up_ns = os::monotonic_ns() + patience_ns;
  while (!registry_mutex().try_lock()) {
    if (os::monotonic_ns() > give_up_ns) return false;
    std::this_thread::yield();
  }
  return true;
}

// The exchange of R4. Called with the registry locked.
bool claim(Segment &segment) noexcept {
  Access open = Access::open;
  if (segment.role == Role::none || !segment.access->compare_exchange_strong(open, Access::closed)) return false;
  segment.finishing = true;
  return true;
}

Segment *claim_any() noexcept {
  for (Segment *s = first_segment; s != nullptr; s = s->next) {
    if (claim(*s)) return s;
  }
  return nullptr;
}

// Finishes all segments at exit. Their memory stays, because other threads may still use their handles.
struct AtExit {
  ~AtExit() {
    if (home.load(std::memory_order_relaxed) == nullptr || is_new_child() || home_number != os::process_number())
      return;
    if (!lock_at_exit()) return;
    exited = true;
    while (Segment *segment = claim_any()) {
      registry_mutex().unlock();
      finish(*segment, Ending::exit);
      registry_mutex().lock();
      segment->finishing = false;
    }
    registry_mutex().unlock();
  }
};
const AtExit at_exit;

}  // namespace

Status arrive() noexcept {
  settle();
  // A fork handler of the program may call us in the child before our handler runs. Without forgetful memory only the
  // process number tells.
  const std::uint64_t number = os::process_number();
  if (home_number != number && forking_thread.load(std::memory_order_relaxed) == this_thread()) {
    home.load(std::memory_order_relaxed)->store(Access::forked, std::memory_order_relaxed);
  }
  if (is_new_child()) arrive_in_new_child();
  if (home_number == number) return Status::ok;
  return fail(Status::forked, "this process shares the memory of the one that it was made by");
}

Status register_segment(Segment &segment) noexcept {
  const RegistryLock lock;
  if (exited) return note(Status::closed, Detail::closed_at_exit);
  if (Word *word = take_word(); word != nullptr) segment.access = word;
  segment.access->store(Access::open, std::memory_order_relaxed);
  segment.next = first_segment;
  if (first_segment != nullptr) first_segment->previous = &segment;
  first_segment = &segment;
  segment.registered = true;
  return Status::ok;
}

std::uint64_t forks_begun() noexcept {
  const RegistryLock lock;
  return forks;
}

Status note_object(Segment &segment, os::Object &object, std::uint64_t forks_before) noexcept {
  constexpr int attempts = 16;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    {
      const RegistryLock lock;
      if (forks == forks_before) {
        std::swap(segment.object, object);
        return Status::ok;
      }
      forks_before = forks;
    }
    if (const Status status = os::renew(object); status != Status::ok) return status;
  }
  // Other threads keep forking. To open an open object again takes a moment only, so it is done under the lock.
  const RegistryLock lock;
  if (const Status status = os::renew(object); status != Status::ok) return status;
  std::swap(segment.object, object);
  return Status::ok;
}

void note_region(Segment &segment, const os::Region &region) noexcept {
  const RegistryLock lock;
  segment.region = region;
}

void give_up_object(Segment &segment) noexcept {
  if (!segment.object.is_open()) return;
  os::unlock_all(segment.object);
  os::Object object;
  {
    const RegistryLock lock;
    std::swap(object, segment.object);
  }
  os::close(object);
}

Status open_for_use(Segment &segment, Role role) noexcept {
  const RegistryLock lock;
  segment.role = role;
  return exited ? note(Status::closed, Detail::closed_at_exit) : Status::ok;
}

LibraryLock::LibraryLock(std::mutex &mutex) noexcept
    : locked_(forking_thread.load(std::memory_order_relaxed) != this_thread() ? &mutex : nullptr) {
  if (locked_ != nullptr) locked_->lock();
}

Status exchange_rings(Segment &one, Segment &other) noexcept {
  const RegistryLock lock;
  if (exited) return note(Status::closed, Detail::closed_at_exit);
  const PollingPaused paused(one);
  std::swap<SegmentOfRing>(one, other);
  one.hot.access = one.access;
  other.hot.access = other.access;
  return Status::ok;
}

bool claim_segment(Segment &segment) noexcept {
  for (;;) {
    {
      const RegistryLock lock;
      if (!segment.finishing) return claim(segment);
    }
    std::this_thread::yield();
  }
}

void unregister_segment(Segment &segment) noexcept {
  const RegistryLock lock;
  remove_from_list(segment);
  segment.registered = false;
  if (segment.access != &segment.own_access) give_word_back(segment.access);
}

}  // namespace ringbuf::detail
