#include "guard.hpp"

#include <arpa/inet.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "describe.hpp"
#include "failure.hpp"
#include "text_format.hpp"

namespace tool::web {

namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_address(const std::string &host) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

// "name:8790", "name", "[::1]:8790": the name. Empty if it is none.
std::string host_name_of(std::string_view host) {
  std::string_view name = host;
  std::string_view port;
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return {};
    name = host.substr(1, end - 1);
    port = host.substr(end + 1);
  } else if (const auto colon = host.find(':'); colon != std::string_view::npos) {
    name = host.substr(0, colon);
    port = host.substr(colon);
  }
  if (!port.empty() && (port[0] != ':' || port.find_first_not_of("0123456789", 1) != std::string_view::npos)) return {};
  return std::string(name);
}

}  // namespace

bool Guard::host_allowed(std::string_view host) const {
  const std::string name = host_name_of(host);
  if (name.empty()) return false;
  if (same_letters(name, "localhost") || name == "127.0.0.1" || name == "::1") return true;
  // An address needs no name server, so nobody can rebind it.
  if (!loopback_ && is_address(name)) return true;
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const std::string &each) { return same_letters(each, name); });
}

bool Guard::origin_allowed(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {  // https: a proxy's
    if (origin.starts_with(scheme) && same_letters(origin.substr(scheme.size()), host)) return !host.empty();
  }
  return false;
}

// Takes as long for a token that is nearly right as for any other.
bool Guard::same(std::string_view given) const noexcept {
  if (given.size() != token_.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(token_[i]));
  }
  return difference == 0;
}

bool Guard::token_in_query(std::string_view target) const {
  const auto begin = target.find('?');
  if (begin == std::string_view::npos) return false;
  std::string_view rest = target.substr(begin + 1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    constexpr std::string_view key = "token=";
    if (rest.substr(0, end).starts_with(key)) return same(rest.substr(0, end).substr(key.size()));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

bool Guard::token_in_cookie(std::string_view cookies) const {
  const std::string key = tool::format("{}=", cookie_name);
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    std::string_view each = cookies.substr(0, end);
    while (each.starts_with(' ')) each.remove_prefix(1);
    if (each.starts_with(key) && same(each.substr(key.size()))) return true;
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
  }
  return false;
}

bool Guard::token_in_authorization(std::string_view value) const {
  constexpr std::string_view scheme = "Bearer ";
  return value.starts_with(scheme) && same(value.substr(scheme.size()));
}

std::string_view path_of(std::string_view target) noexcept { return target.substr(0, target.find('?')); }

std::string make_token() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Failure(exit_error, "the system has no random numbers for a token");
  }
  return hex(bytes.data(), bytes.size());
}

}  // namespace tool::web
