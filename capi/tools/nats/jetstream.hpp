// A journal that is a stream of NATS JetStream: the subject `ringbuf.STREAM.ring` has the descriptions, `ringbuf.STREAM.data` the
// samples and the ends.
//
// Each entry is published with the sequence number that the one before it has in the stream, and the server refuses it if another
// one is there. So entries never change their order, and nothing follows an entry that is lost. Acknowledgements are counted here,
// not by libnats, which gives up on some of them without a word.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "connection.hpp"
#include "journal.hpp"

namespace tool::nats {

enum class Storage { file, memory };

// What a new stream is made with.
struct StreamOptions {
  std::uint64_t bytes = std::uint64_t{1} << 30;
  std::int64_t max_age_ns = 0;  // 0: no limit
  Storage storage = Storage::file;
  std::uint32_t replicas = 1;
  bool discard_new = false;  // a full stream refuses what is new; otherwise it discards the oldest
};

// What is known of a stream without reading it.
struct StreamState {
  std::string name;
  Bounds bounds;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::int64_t max_bytes = 0;   // 0: no limit
  std::int64_t max_age_ns = 0;  // 0: no limit
  std::int64_t oldest_ns = 0;   // when the first entry was stored, since 1970
  std::int64_t consumers = 0;
  std::uint32_t replicas = 1;
  std::string leader;  // of a cluster: the name of the server that takes entries now
  bool in_memory = false;
  bool discard_new = false;
  bool ours = false;  // it has the subjects of a journal
};

class JetStream : public Journal {
 public:
  JetStream(Connection &connection, std::string stream);
  ~JetStream() override;

  // All streams of the server that are journals.
  static std::vector<StreamState> list(Connection &connection);

  // Nothing if there is no such stream. Throws Unavailable.
  std::optional<StreamState> state();
  void create(const StreamOptions &options);  // throws Unavailable, too

  const std::string &name() const noexcept override { return stream_; }
  std::optional<Entry> settle() override;
  void publish(const Entry &entry, const std::string &identity) override;
  Progress progress() override;
  void wait_progress(std::int64_t timeout_ns) override;
  void on_progress(std::function<void()> wake) override;
  std::size_t most_bytes() const override;
  Bounds bounds() override;
  std::optional<Entry> entry(std::uint64_t sequence) override;
  std::optional<Entry> description() override;
  void read_from(std::uint64_t sequence, bool descriptions_only) override;
  std::optional<Entry> next(std::int64_t timeout_ns) override;
  void release(std::uint64_t sequence) override;

 private:
  struct Outstanding {
    std::uint64_t sequence;
    std::int64_t end;
    bool stored;
  };
  static void acknowledged(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                           void *user) noexcept;
  static void answers_are_over(void *user) noexcept;
  void acknowledge(std::uint64_t epoch, std::uint64_t sequence, const std::string &answer);
  void fail(const std::string &trouble);  // with mutex_ held
  Entry parse(Message message) const;
  std::optional<Entry> take(natsStatus status, natsMsg *message, int error) const;
  [[noreturn]] void unavailable(natsStatus status, int error) const;

  Connection &connection_;
  std::string stream_;
  std::string subject_;
  std::string inbox_;
  std::unique_ptr<jsCtx, Destroy<jsCtx_Destroy>> context_;
  Subscription answers_;
  Subscription entries_;
  std::uint64_t entries_changes_ = 0;  // of the connection, when entries_ was made

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> wake_;
  Progress progress_;
  std::deque<Outstanding> outstanding_;
  std::uint64_t epoch_ = 0;  // of settle(): answers to what was published before it do not count
  std::uint64_t sequence_ = 0;
  bool answers_over_ = false;
};

}  // namespace tool::nats
