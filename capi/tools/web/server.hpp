// The HTTP and WebSocket server. Boost.Beast, which takes long to compile, is in server.cpp alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tool::web {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8790;  // 0: any
  bool loopback = true;
  std::vector<std::string> hosts;
  std::string token;  // empty: none is asked for
  std::uint32_t clients = 32;
  std::string ring;  // that the page shows first; empty: the list
};

// Serves until SIGINT or SIGTERM. Prints the URL once it listens. Failure if it cannot listen.
void serve(const ServerOptions &options);

}  // namespace tool::web
