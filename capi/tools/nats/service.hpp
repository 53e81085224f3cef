// Who pushes into a stream, and who pulls from it: each of them answers questions on a subject of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "connection.hpp"
#include "describe.hpp"

namespace tool::nats {

// How long one that begins to push or pull waits for the answers of others.
constexpr std::int64_t ask_ns = 500'000'000;

class Service {
 public:
  // `answer` is called by a thread of libnats.
  Service(Connection &connection, const char *role, const std::string &stream, std::function<Json()> answer);
  Service(const Service &) = delete;
  Service &operator=(const Service &) = delete;
  ~Service();

  // What those of a stream, or with "*" of all streams, answer within that time.
  static std::vector<Json> ask(Connection &connection, const char *role, const std::string &stream,
                               std::int64_t wait_ns, std::size_t most);

 private:
  static void asked(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *user) noexcept;
  static void over(void *user) noexcept;

  Connection &connection_;
  std::function<Json()> answer_;
  Subscription subscription_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
};

}  // namespace tool::nats
