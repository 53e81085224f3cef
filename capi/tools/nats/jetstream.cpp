#include "jetstream.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string_view>

#include "failure.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr std::int64_t request_ms = 2000;
constexpr std::int64_t create_ms = 15'000;  // a cluster may be electing
constexpr std::size_t most_block_bytes = 262'144;
constexpr std::size_t header_bytes = 4096;  // more than headers take
constexpr std::int64_t most_duplicates_ns = 120'000'000'000;

// Codes of errors that the server gives in JSON, which libnats has no names for.
constexpr int wrong_last_sequence = 10071;
constexpr int other_stream = 10060;
constexpr int message_too_large = 10054;
constexpr int not_yet = 10008;          // a cluster is electing
constexpr int too_few_servers = 10005;  // ... or has not found all of its servers

const char *header_of(void *message, const char *name) {
  const char *value = nullptr;
  return natsMsgHeader_Get(static_cast<natsMsg *>(message), name, &value) == NATS_OK ? value : nullptr;
}

std::string subject_of(const std::string &stream) { return tool::format("ringbuf.{}", stream); }

StreamState state_of(const jsStreamInfo &info) {
  StreamState state;
  state.name = info.Config->Name;
  state.bounds = {info.State.FirstSeq, info.State.LastSeq};
  if (info.State.Msgs == 0) state.bounds.first = info.State.LastSeq + 1;
  state.messages = info.State.Msgs;
  state.bytes = info.State.Bytes;
  state.max_bytes = std::max<std::int64_t>(0, info.Config->MaxBytes);
  state.max_age_ns = std::max<std::int64_t>(0, info.Config->MaxAge);
  state.oldest_ns = info.State.FirstTime;
  state.consumers = info.State.Consumers;
  state.replicas = static_cast<std::uint32_t>(info.Config->Replicas);
  if (info.Cluster != nullptr && info.Cluster->Leader != nullptr) state.leader = info.Cluster->Leader;
  state.in_memory = info.Config->Storage == js_MemoryStorage;
  state.discard_new = info.Config->Discard == js_DiscardNew;
  const std::string subject = subject_of(state.name) + ".>";
  for (int i = 0; i < info.Config->SubjectsLen; ++i) state.ours = state.ours || subject == info.Config->Subjects[i];
  return state;
}

std::unique_ptr<jsCtx, Destroy<jsCtx_Destroy>> context_of(natsConnection *connection) {
  jsOptions options;
  static_cast<void>(jsOptions_Init(&options));
  options.Wait = request_ms;
  jsCtx *context = nullptr;
  const natsStatus status = natsConnection_JetStream(&context, connection, &options);
  if (status != NATS_OK) throw Failure(exit_error, tool::format("JetStream: {}", status_text(status)));
  return std::unique_ptr<jsCtx, Destroy<jsCtx_Destroy>>(context);
}

}  // namespace

JetStream::JetStream(Connection &connection, std::string stream)
    : connection_(connection),
      stream_(std::move(stream)),
      subject_(subject_of(stream_)),
      context_(context_of(connection.get())) {
  natsInbox *inbox = nullptr;
  if (natsInbox_Create(&inbox) == NATS_OK) inbox_ = inbox;
  natsInbox_Destroy(inbox);
  const SignalsBlocked blocked;
  natsSubscription *answers = nullptr;
  const natsStatus status =
      natsConnection_Subscribe(&answers, connection_.get(), (inbox_ + ".>").c_str(), acknowledged, this);
  if (status != NATS_OK) throw Failure(exit_error, tool::format("an inbox for answers: {}", status_text(status)));
  answers_.reset(answers);
  connection_.on_change([this] {
    const std::lock_guard lock(mutex_);
    if (!outstanding_.empty()) fail("the connection was lost");
    changed_.notify_all();
    if (wake_) wake_();
  });
}

JetStream::~JetStream() {
  connection_.on_change({});
  // What is still on its way to acknowledged() must not find this object gone.
  static_cast<void>(natsSubscription_SetOnCompleteCB(answers_.get(), answers_are_over, this));
  static_cast<void>(natsSubscription_Unsubscribe(answers_.get()));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return answers_over_; });
}

void JetStream::answers_are_over(void *user) noexcept {
  auto &self = *static_cast<JetStream *>(user);
  const std::lock_guard lock(self.mutex_);
  self.answers_over_ = true;
  self.changed_.notify_all();
}

void JetStream::unavailable(natsStatus status, int error) const {
  if (!connection_.connected()) throw Unavailable("the server is away");
  if (status == NATS_TIMEOUT || status == NATS_NO_RESPONDERS) {
    throw Unavailable("the server does not answer for the stream: none leads it now, or JetStream is off");
  }
  throw Unavailable(error != 0 ? tool::format("{} ({})", status_text(status), error) : status_text(status));
}

std::vector<StreamState> JetStream::list(Connection &connection) {
  const auto context = context_of(connection.get());
  jsStreamInfoList *found = nullptr;
  jsErrCode error{};
  const natsStatus status = js_Streams(&found, context.get(), nullptr, &error);
  const std::unique_ptr<jsStreamInfoList, Destroy<jsStreamInfoList_Destroy>> owner(found);
  std::vector<StreamState> all;
  if (status == NATS_NOT_FOUND) return all;
  if (status != NATS_OK) {
    throw Failure(exit_error, status == NATS_NO_RESPONDERS ? "the server has no JetStream: nats-server -js turns it on"
                                                           : tool::format("streams: {}", status_text(status)));
  }
  for (int i = 0; i < found->Count; ++i) {
    StreamState each = state_of(*found->List[i]);
    if (each.ours) all.push_back(std::move(each));
  }
  std::sort(all.begin(), all.end(), [](const StreamState &a, const StreamState &b) { return a.name < b.name; });
  return all;
}

std::optional<StreamState> JetStream::state() {
  jsStreamInfo *info = nullptr;
  jsErrCode error{};
  const natsStatus status = js_GetStreamInfo(&info, context_.get(), stream_.c_str(), nullptr, &error);
  if (status == NATS_NOT_FOUND) return std::nullopt;
  if (status != NATS_OK) unavailable(status, error);
  const std::unique_ptr<jsStreamInfo, Destroy<jsStreamInfo_Destroy>> owner(info);
  return state_of(*info);
}

void JetStream::create(const StreamOptions &options) {
  jsStreamConfig config;
  static_cast<void>(jsStreamConfig_Init(&config));
  const std::string subject = subject_ + ".>";
  std::array<const char *, 1> subjects{subject.c_str()};
  config.Name = stream_.c_str();
  config.Description = "a ring of samples; ringbuf nats";
  config.Subjects = subjects.data();
  config.SubjectsLen = static_cast<int>(subjects.size());
  config.MaxBytes = static_cast<std::int64_t>(options.bytes);
  config.MaxAge = options.max_age_ns;
  config.Storage = options.storage == Storage::memory ? js_MemoryStorage : js_FileStorage;
  config.Replicas = options.replicas;
  config.Discard = options.discard_new ? js_DiscardNew : js_DiscardOld;
  config.Duplicates = options.max_age_ns > 0 ? std::min(options.max_age_ns, most_duplicates_ns) : most_duplicates_ns;
  jsOptions wait;
  static_cast<void>(jsOptions_Init(&wait));
  wait.Wait = create_ms;
  jsErrCode error{};
  const natsStatus status = js_AddStream(nullptr, context_.get(), &config, &wait, &error);
  if (status == NATS_OK) return;
  if (status == NATS_NO_RESPONDERS) throw Unavailable("the server has no JetStream; nats-server -js turns it on");
  const std::string text = tool::format("it cannot be made: {}", status_text(status));
  if (status == NATS_TIMEOUT || error == not_yet || error == too_few_servers) throw Unavailable(text);
  throw Failure(exit_error, tool::format("stream \"{}\": {}", stream_, text));
}

// --- publishing -------------------------------------------------------------------------------------------------------

std::size_t JetStream::most_bytes() const {
  const std::int64_t most = natsConnection_GetMaxPayload(connection_.get());
  const auto room = most > static_cast<std::int64_t>(header_bytes) ? static_cast<std::size_t>(most) - header_bytes : 0;
  return std::min(most_block_bytes, room);
}

std::optional<Entry> JetStream::settle() {
  {
    const std::lock_guard lock(mutex_);
    ++epoch_;
    outstanding_.clear();
    progress_ = {};
    progress_.trouble = "not settled yet";
  }
  const auto now = state();
  if (!now) throw Unavailable("there is no such stream");
  std::optional<Entry> last;
  if (!now->bounds.empty()) {
    last = entry(now->bounds.last);
    if (!last) throw Unavailable("the stream is changing");
  }
  const std::lock_guard lock(mutex_);
  sequence_ = now->bounds.last;
  progress_.trouble.clear();
  progress_.stored = -1;
  return last;
}

void JetStream::publish(const Entry &entry, const std::string &identity) {
  std::uint64_t expected = 0;
  std::uint64_t epoch = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!progress_.trouble.empty()) return;
    expected = sequence_++;
    epoch = epoch_;
    outstanding_.push_back({expected + 1, entry.end(), false});
    progress_.outstanding = outstanding_.size();
  }
  natsMsg *made = nullptr;
  const std::string subject = subject_ + (entry.kind == EntryKind::ring ? ".ring" : ".data");
  const std::string answer = tool::format("{}.{}.{}", inbox_, epoch, expected + 1);
  natsStatus status = natsMsg_Create(&made, subject.c_str(), answer.c_str(),
                                     static_cast<const char *>(static_cast<const void *>(entry.payload.data())),
                                     static_cast<int>(entry.payload.size()));
  const Message message(made);
  const auto set = [&](const std::string &name, const std::string &value) {
    if (status == NATS_OK) status = natsMsgHeader_Set(message.get(), name.c_str(), value.c_str());
  };
  for (const auto &[name, value] : headers_of(entry)) set(name, value);
  set("Nats-Expected-Stream", stream_);
  set("Nats-Expected-Last-Sequence", std::to_string(expected));
  if (!identity.empty()) set("Nats-Msg-Id", identity);
  if (status == NATS_OK) status = natsConnection_PublishMsg(connection_.get(), message.get());
  if (status == NATS_OK) return;
  if (status == NATS_MAX_PAYLOAD) {
    throw Failure(exit_error,
                  tool::format("stream \"{}\": an entry of {} bytes is more than the server takes (max_payload)",
                               stream_, entry.payload.size()));
  }
  const std::lock_guard lock(mutex_);
  fail(status_text(status));
}

void JetStream::fail(const std::string &trouble) {
  if (progress_.trouble.empty()) progress_.trouble = trouble;
}

void JetStream::acknowledged(natsConnection *, natsSubscription *, natsMsg *message, void *user) noexcept {
  const Message owner(message);
  auto &self = *static_cast<JetStream *>(user);
  try {
    // INBOX.EPOCH.SEQUENCE
    std::string_view subject = natsMsg_GetSubject(message);
    if (subject.size() <= self.inbox_.size()) return;
    subject.remove_prefix(self.inbox_.size() + 1);
    const std::size_t point = subject.find('.');
    if (point == std::string_view::npos) return;
    const auto epoch = parse_integer(subject.substr(0, point));
    const auto sequence = parse_integer(subject.substr(point + 1));
    if (!epoch || !sequence) return;
    const std::string text =
        natsMsg_IsNoResponders(message)
            ? std::string()
            : std::string(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message)));
    self.acknowledge(static_cast<std::uint64_t>(*epoch), static_cast<std::uint64_t>(*sequence), text);
  } catch (const std::exception &) {  // without this answer the time limit finds out
  }
}

void JetStream::acknowledge(std::uint64_t epoch, std::uint64_t sequence, const std::string &answer) {
  using nlohmann::json;
  const json found = json::parse(answer, nullptr, false);
  const json error = found.is_object() && found.contains("error") ? found["error"] : json();
  const std::lock_guard lock(mutex_);
  if (epoch != epoch_) return;
  if (!found.is_object()) {
    fail(answer.empty() ? "no server leads the stream now" : "the answer of the server is not understood");
  } else if (error.is_object()) {
    const int code = error.value("err_code", 0);
    const std::string text = error.value("description", "an error without a description");
    // "maximum bytes exceeded", "maximum messages exceeded", "insufficient resources"
    if (text.find("maximum") != std::string::npos || text.find("insufficient") != std::string::npos)
      progress_.full = true;
    fail(code == wrong_last_sequence                         ? "another entry is there"
         : code == other_stream || code == message_too_large ? tool::format("the stream is of another kind: {}", text)
                                                             : text);
  } else if (found.value("seq", std::uint64_t{0}) != sequence || found.value("duplicate", false)) {
    progress_.duplicate = found.value("duplicate", false);
    fail("the stream had that entry already");
  } else {
    for (Outstanding &each : outstanding_) {
      if (each.sequence == sequence) each.stored = true;
    }
    while (!outstanding_.empty() && outstanding_.front().stored) {
      progress_.stored = outstanding_.front().end;
      outstanding_.pop_front();
    }
    progress_.outstanding = outstanding_.size();
  }
  changed_.notify_all();
  if (wake_) wake_();
}

Progress JetStream::progress() {
  const std::lock_guard lock(mutex_);
  return progress_;
}

void JetStream::wait_progress(std::int64_t timeout_ns) {
  std::unique_lock lock(mutex_);
  const std::size_t before = outstanding_.size();
  changed_.wait_for(lock, std::chrono::nanoseconds(timeout_ns),
                    [&] { return outstanding_.size() != before || !progress_.trouble.empty(); });
}

void JetStream::on_progress(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

// --- reading ----------------------------------------------------------------------------------------------------------

Entry JetStream::parse(Message message) const {
  const auto *data = static_cast<const std::byte *>(static_cast<const void *>(natsMsg_GetData(message.get())));
  const std::span<const std::byte> payload(data, static_cast<std::size_t>(natsMsg_GetDataLength(message.get())));
  std::uint64_t sequence = natsMsg_GetSequence(message.get());
  std::int64_t stored = natsMsg_GetTime(message.get());
  std::uint64_t pending = 0;
  jsMsgMetaData *found = nullptr;
  if (natsMsg_GetMetaData(&found, message.get()) == NATS_OK) {
    sequence = found->Sequence.Stream;
    stored = found->Timestamp;
    pending = found->NumPending;
  }
  jsMsgMetaData_Destroy(found);
  Entry entry =
      parse_entry(header_of, message.get(), payload, tool::format("stream \"{}\", entry {}", stream_, sequence));
  entry.sequence = sequence;
  entry.stored_ns = stored;
  entry.pending = pending;
  entry.owner =
      std::shared_ptr<void>(message.release(), [](void *owned) { natsMsg_Destroy(static_cast<natsMsg *>(owned)); });
  return entry;
}

std::optional<Entry> JetStream::take(natsStatus status, natsMsg *message, int error) const {
  if (status == NATS_NOT_FOUND) return std::nullopt;
  if (status != NATS_OK) unavailable(status, error);
  return parse(Message(message));
}

Bounds JetStream::bounds() {
  const auto now = state();
  if (!now) throw Unavailable("there is no such stream");
  return now->bounds;
}

std::optional<Entry> JetStream::entry(std::uint64_t sequence) {
  natsMsg *message = nullptr;
  jsErrCode error{};
  const natsStatus status = js_GetMsg(&message, context_.get(), stream_.c_str(), sequence, nullptr, &error);
  return take(status, message, error);
}

std::optional<Entry> JetStream::description() {
  natsMsg *message = nullptr;
  jsErrCode error{};
  const std::string subject = subject_ + ".ring";
  const natsStatus status = js_GetLastMsg(&message, context_.get(), stream_.c_str(), subject.c_str(), nullptr, &error);
  return take(status, message, error);
}

void JetStream::read_from(std::uint64_t sequence, bool descriptions_only) {
  const SignalsBlocked blocked;
  entries_.reset();
  entries_changes_ = connection_.changes();
  jsSubOptions options;
  static_cast<void>(jsSubOptions_Init(&options));
  options.Stream = stream_.c_str();
  options.Ordered = true;
  options.Config.DeliverPolicy = js_DeliverByStartSequence;
  options.Config.OptStartSeq = std::max<std::uint64_t>(1, sequence);
  const std::string subject = subject_ + (descriptions_only ? ".ring" : ".>");
  natsSubscription *made = nullptr;
  jsErrCode error{};
  const natsStatus status = js_SubscribeSync(&made, context_.get(), subject.c_str(), nullptr, &options, &error);
  if (status != NATS_OK) unavailable(status, error);
  entries_.reset(made);
}

std::optional<Entry> JetStream::next(std::int64_t timeout_ns) {
  if (!entries_) throw Unavailable("nothing is read yet");
  natsMsg *message = nullptr;
  const std::int64_t milliseconds = std::max<std::int64_t>(1, timeout_ns / 1'000'000);
  const natsStatus status = natsSubscription_NextMsg(&message, entries_.get(), milliseconds);
  if (status == NATS_OK) return parse(Message(message));
  // A server that was away has forgotten who reads.
  if (status == NATS_TIMEOUT && (entries_changes_ == connection_.changes() || !connection_.connected()))
    return std::nullopt;
  entries_.reset();
  throw Unavailable(status == NATS_TIMEOUT ? "the connection was lost" : status_text(status));
}

void JetStream::release(std::uint64_t sequence) {
  if (sequence <= 1) return;  // the server takes 1 for all there is
  jsOptions options;
  static_cast<void>(jsOptions_Init(&options));
  options.Wait = request_ms;
  options.Stream.Purge.Sequence = sequence;
  jsErrCode error{};
  const natsStatus status = js_PurgeStream(context_.get(), stream_.c_str(), &options, &error);
  if (status != NATS_OK) unavailable(status, error);
}

}  // namespace tool::nats
