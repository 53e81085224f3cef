// A connection to a NATS server: its options, and what it tells by callbacks.
#pragma once

#include <nats/nats.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "option.hpp"

namespace tool::nats {

struct ServerOptions {
  std::string server;  // empty: the environment's, or this machine
  std::string credentials;
  bool tls = false;
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  std::optional<std::int64_t> wait;
};

void add_server(CLI::App &app, ServerOptions &options);

// Frees what libnats has made.
template <auto destroy>
struct Destroy {
  template <class Type>
  void operator()(Type *object) const noexcept {
    static_cast<void>(destroy(object));
  }
};
using Message = std::unique_ptr<natsMsg, Destroy<natsMsg_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, Destroy<natsSubscription_Destroy>>;

// Threads that are made meanwhile block the signals that end a command: see stop.hpp.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept;
  SignalsBlocked(const SignalsBlocked &) = delete;
  SignalsBlocked &operator=(const SignalsBlocked &) = delete;
  ~SignalsBlocked();

 private:
  sigset_t before_{};
};

class Connection {
 public:
  // Throws Failure if no server answers within the time that the options give, or none lets us in.
  Connection(const ServerOptions &options, const std::string &name);
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;
  ~Connection();

  natsConnection *get() const noexcept { return connection_.get(); }
  std::string url() const;
  bool connected() const noexcept;
  // How often the connection was lost, or made again.
  std::uint64_t changes() const noexcept { return events_->changes.load(); }
  // Called by a thread of libnats at each such change.
  void on_change(std::function<void()> changed);

  // Publishes `text` and waits for the answer; nothing if nobody answers.
  std::optional<std::string> request(const std::string &subject, const std::string &text,
                                     std::int64_t timeout_ms) const;

 private:
  // libnats may call back after the connection is destroyed, so this is never freed.
  struct Events {
    std::atomic<std::uint64_t> changes{0};
    std::mutex mutex;
    std::function<void()> on_change;
  };
  static void changed(natsConnection *connection, void *user) noexcept;

  Events *events_;
  std::unique_ptr<natsConnection, Destroy<natsConnection_Destroy>> connection_;
};

// "Timeout (no answer ...)": the text of a status, with what libnats adds to it.
std::string status_text(natsStatus status);

}  // namespace tool::nats
