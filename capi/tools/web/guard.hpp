// Who may ask the server for something, and from which pages.
//
// Any page that a browser shows may send requests to this machine. Three things keep them out. The Host header is one of ours:
// otherwise the name of a foreign site that resolves to this machine (DNS rebinding) would be that site's own origin. The Origin of
// a WebSocket is that host: browsers connect to any. And beyond the loopback address a token is asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tool::web {

class Guard {
 public:
  // `loopback`: only this machine can connect. `hosts`: further names by which the server is called, without a port.
  Guard(bool loopback, std::vector<std::string> hosts, std::string token)
      : loopback_(loopback), hosts_(std::move(hosts)), token_(std::move(token)) {}

  bool host_allowed(std::string_view host) const;
  // The origin is this server, as the browser calls it.
  static bool origin_allowed(std::string_view origin, std::string_view host);

  bool needs_token() const noexcept { return !token_.empty(); }
  const std::string &token() const noexcept { return token_; }
  bool token_in_query(std::string_view target) const;
  bool token_in_cookie(std::string_view cookies) const;
  bool token_in_authorization(std::string_view value) const;  // "Bearer TOKEN"

 private:
  bool same(std::string_view given) const noexcept;

  bool loopback_;
  std::vector<std::string> hosts_;
  std::string token_;
};

// The path of a target, without its query.
std::string_view path_of(std::string_view target) noexcept;
// 32 hexadecimal digits that nobody can guess. Failure if the system has none.
std::string make_token();

inline constexpr const char *cookie_name = "ringbuf-token";

}  // namespace tool::web
