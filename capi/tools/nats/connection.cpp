#include "connection.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "failure.hpp"
#include "feed.hpp"
#include "text.hpp"
#include "text_format.hpp"

namespace tool::nats {

namespace {

constexpr const char *default_server = "nats://127.0.0.1:4222";
constexpr std::int64_t retry_ms = 200;
constexpr std::int64_t ping_ms = 5000;     // a connection that is cut without a word is found out after three of them
constexpr std::int64_t write_ms = 10'000;  // longer than that no write waits for a server that reads nothing
constexpr std::int64_t connect_ms = 2000;

// Whether another try may succeed. A connection that breaks while it begins is a protocol error for libnats.
bool may_come(natsStatus status) {
  return status == NATS_NO_SERVER || status == NATS_TIMEOUT || status == NATS_IO_ERROR ||
         status == NATS_PROTOCOL_ERROR || status == NATS_CONNECTION_CLOSED;
}

std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void set(natsStatus status, const char *what) {
  if (status != NATS_OK) throw Failure(exit_usage, tool::format("{}: {}", what, status_text(status)));
}

std::vector<std::string> servers_of(const ServerOptions &options) {
  std::string text = options.server;
  if (text.empty()) text = environment("NATS_URL");
  if (text.empty()) text = default_server;
  std::vector<std::string> servers;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string each = text.substr(at, comma - at);
    at = comma + 1;
    if (each.find('@') != std::string::npos) {
      throw Failure(exit_usage,
                    "--server has a user or a password in it, which others could see; give them by the environment, as "
                    "RINGBUF_NATS_USER and RINGBUF_NATS_PASSWORD, or give --creds");
    }
    if (each.empty()) throw Failure(exit_usage, tool::format("--server is \"{}\", expected nats://HOST:PORT", text));
    if (each.find("://") == std::string::npos) each.insert(0, "nats://");
    servers.push_back(each);
  }
  return servers;
}

}  // namespace

std::string status_text(natsStatus status) {
  natsStatus last = NATS_OK;
  const char *detail = nats_GetLastError(&last);
  const std::string text = natsStatus_GetText(status);
  return last == status && detail != nullptr && *detail != '\0' && text != detail ? tool::format("{}: {}", text, detail)
                                                                                  : text;
}

void add_server(CLI::App &app, ServerOptions &options) {
  add_option(app, "--server", options.server,
             "address of a server, or of several with commas; default: $NATS_URL, else nats://127.0.0.1:4222")
      .type_name("URL");
  add_option(app, "--creds", options.credentials, "file with the credentials of a user").type_name("FILE");
  add_flag(app, "--tls", options.tls, "encrypt; a server whose URL begins with tls:// is asked for that anyway");
  add_option(app, "--tls-ca", options.tls_ca, "certificates of those that vouch for the server").type_name("FILE");
  const Argument certificate = add_option(app, "--tls-cert", options.tls_cert, "own certificate").type_name("FILE");
  add_option(app, "--tls-key", options.tls_key, "own key").type_name("FILE").needs(certificate);
  add_duration(app, "--wait", options.wait,
               "how long to wait at the start for a server, and for its stream; default: not at all");
}

SignalsBlocked::SignalsBlocked() noexcept {
  sigset_t both;
  static_cast<void>(sigemptyset(&both));
  static_cast<void>(sigaddset(&both, SIGINT));
  static_cast<void>(sigaddset(&both, SIGTERM));
  static_cast<void>(::pthread_sigmask(SIG_BLOCK, &both, &before_));
}

SignalsBlocked::~SignalsBlocked() { static_cast<void>(::pthread_sigmask(SIG_SETMASK, &before_, nullptr)); }

Connection::Connection(const ServerOptions &given, const std::string &name) : events_(new Events) {
  const SignalsBlocked blocked;
  const std::vector<std::string> servers = servers_of(given);
  std::vector<const char *> urls;
  urls.reserve(servers.size());
  for (const std::string &each : servers) urls.push_back(each.c_str());
  natsOptions *made = nullptr;
  set(natsOptions_Create(&made), "libnats");
  const std::unique_ptr<natsOptions, Destroy<natsOptions_Destroy>> options(made);
  set(natsOptions_SetServers(made, urls.data(), static_cast<int>(urls.size())), "--server");
  set(natsOptions_SetName(made, name.c_str()), "libnats");
  const std::string user = environment("RINGBUF_NATS_USER");
  const std::string password = environment("RINGBUF_NATS_PASSWORD");
  if (!user.empty()) set(natsOptions_SetUserInfo(made, user.c_str(), password.c_str()), "RINGBUF_NATS_USER");
  if (!given.credentials.empty()) {
    set(natsOptions_SetUserCredentialsFromFiles(made, given.credentials.c_str(), nullptr), "--creds");
  }
  const bool tls_url =
      std::any_of(servers.begin(), servers.end(), [](const auto &each) { return each.starts_with("tls:"); });
  if (given.tls || tls_url || !given.tls_ca.empty() || !given.tls_cert.empty()) {
    set(natsOptions_SetSecure(made, true), "--tls");
    if (!given.tls_ca.empty()) set(natsOptions_LoadCATrustedCertificates(made, given.tls_ca.c_str()), "--tls-ca");
    if (!given.tls_cert.empty()) {
      const std::string &key = given.tls_key.empty() ? given.tls_cert : given.tls_key;
      set(natsOptions_LoadCertificatesChain(made, given.tls_cert.c_str(), key.c_str()), "--tls-cert, --tls-key");
    }
  }
  set(natsOptions_SetTimeout(made, connect_ms), "libnats");
  set(natsOptions_SetMaxReconnect(made, -1), "libnats");
  set(natsOptions_SetReconnectWait(made, retry_ms), "libnats");
  set(natsOptions_SetReconnectJitter(made, retry_ms / 2, retry_ms / 2), "libnats");
  set(natsOptions_SetPingInterval(made, ping_ms), "libnats");
  set(natsOptions_SetWriteDeadline(made, write_ms), "libnats");
  set(natsOptions_SetSendAsap(made, true), "libnats");
  set(natsOptions_SetDisconnectedCB(made, changed, events_), "libnats");
  set(natsOptions_SetReconnectedCB(made, changed, events_), "libnats");
  // Errors of subscriptions are those of their calls, too; without a handler libnats prints them.
  set(natsOptions_SetErrorHandler(
          made, [](natsConnection *, natsSubscription *, natsStatus, void *) {}, nullptr),
      "libnats");

  const std::int64_t end = monotonic_now() + given.wait.value_or(0);
  for (;;) {
    natsConnection *connection = nullptr;
    const natsStatus status = natsConnection_Connect(&connection, made);
    if (status == NATS_OK) {
      connection_.reset(connection);
      return;
    }
    if (!may_come(status) || monotonic_now() >= end || !sleep_until(monotonic_now() + retry_ms * 1'000'000)) {
      std::string text;
      for (const std::string &each : servers) text += (text.empty() ? "" : ", ") + each;
      throw Failure(exit_error,
                    tool::format("{}: {}{}", text, status_text(status),
                                 status == NATS_NO_SERVER ? "; is nats-server running there? --wait waits for it"
                                 : status == NATS_CONNECTION_AUTH_FAILED
                                     ? "; RINGBUF_NATS_USER and RINGBUF_NATS_PASSWORD, or --creds, say who we are"
                                     : ""));
    }
  }
}

Connection::~Connection() {
  on_change({});
  if (connection_) natsConnection_Close(connection_.get());
}

std::string Connection::url() const {
  std::string text(512, '\0');
  if (natsConnection_GetConnectedUrl(connection_.get(), text.data(), text.size()) != NATS_OK) return "";
  text.resize(std::char_traits<char>::length(text.c_str()));
  return text;
}

bool Connection::connected() const noexcept {
  return natsConnection_Status(connection_.get()) == NATS_CONN_STATUS_CONNECTED;
}

void Connection::on_change(std::function<void()> changed) {
  const std::lock_guard lock(events_->mutex);
  events_->on_change = std::move(changed);
}

void Connection::changed(natsConnection *, void *user) noexcept {
  auto &events = *static_cast<Events *>(user);
  ++events.changes;
  const std::lock_guard lock(events.mutex);
  if (events.on_change) events.on_change();
}

std::optional<std::string> Connection::request(const std::string &subject, const std::string &text,
                                               std::int64_t timeout_ms) const {
  const SignalsBlocked blocked;
  natsMsg *reply = nullptr;
  if (natsConnection_RequestString(&reply, connection_.get(), subject.c_str(), text.c_str(), timeout_ms) != NATS_OK) {
    return std::nullopt;
  }
  const Message owner(reply);
  return std::string(natsMsg_GetData(reply), static_cast<std::size_t>(natsMsg_GetDataLength(reply)));
}

}  // namespace tool::nats
