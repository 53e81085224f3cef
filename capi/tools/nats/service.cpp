#include "service.hpp"

#include "failure.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

std::string subject_of(const char *role, const std::string &stream) {
  return tool::format("ringbuf-{}.{}", role, stream);
}

}  // namespace

Service::Service(Connection &connection, const char *role, const std::string &stream, std::function<Json()> answer)
    : connection_(connection), answer_(std::move(answer)) {
  const SignalsBlocked blocked;
  natsSubscription *made = nullptr;
  const natsStatus status =
      natsConnection_Subscribe(&made, connection_.get(), subject_of(role, stream).c_str(), asked, this);
  if (status != NATS_OK) throw Failure(exit_error, tool::format("the subject of a {}: {}", role, status_text(status)));
  subscription_.reset(made);
}

Service::~Service() {
  static_cast<void>(natsSubscription_SetOnCompleteCB(subscription_.get(), over, this));
  static_cast<void>(natsSubscription_Unsubscribe(subscription_.get()));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return over_; });
}

void Service::over(void *user) noexcept {
  auto &self = *static_cast<Service *>(user);
  const std::lock_guard lock(self.mutex_);
  self.over_ = true;
  self.changed_.notify_all();
}

void Service::asked(natsConnection *connection, natsSubscription *, natsMsg *message, void *user) noexcept {
  const Message owner(message);
  const char *reply = natsMsg_GetReply(message);
  if (reply == nullptr) return;
  try {
    const std::string text = one_line(static_cast<Service *>(user)->answer_());
    static_cast<void>(natsConnection_PublishString(connection, reply, text.c_str()));
  } catch (const std::exception &) {  // whoever asks gets no answer
  }
}

std::vector<Json> Service::ask(Connection &connection, const char *role, const std::string &stream,
                               std::int64_t wait_ns, std::size_t most) {
  const SignalsBlocked blocked;
  std::vector<Json> answers;
  natsInbox *inbox = nullptr;
  if (natsInbox_Create(&inbox) != NATS_OK) return answers;
  const std::string reply = inbox;
  natsInbox_Destroy(inbox);
  natsSubscription *made = nullptr;
  if (natsConnection_SubscribeSync(&made, connection.get(), reply.c_str()) != NATS_OK) return answers;
  const Subscription subscription(made);
  if (natsConnection_PublishRequestString(connection.get(), subject_of(role, stream).c_str(), reply.c_str(), "") !=
      NATS_OK) {
    return answers;
  }
  const std::int64_t end = monotonic_now() + wait_ns;
  while (answers.size() < most) {
    const std::int64_t left = (end - monotonic_now()) / 1'000'000;
    natsMsg *message = nullptr;
    if (left <= 0 || natsSubscription_NextMsg(&message, made, left) != NATS_OK) break;
    const Message owner(message);
    if (natsMsg_IsNoResponders(message)) break;
    Json answer =
        Json::parse(std::string(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))),
                    nullptr, false);
    if (answer.is_object()) answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace tool::nats
