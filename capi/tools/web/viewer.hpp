// One page's requests and the replies to them; the network is in server.cpp.
//
// A page asks for each thing that it shows, and each request has exactly one reply. A request for what is new waits until there is
// something new. So a page that is slow, or at the end of a slow line, asks less often; nothing is ever queued for it.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "describe.hpp"
#include "top.hpp"
#include "watched.hpp"

namespace tool::web {

// All rings of this machine, looked at once a second as long as somebody wants to know.
class RingList {
 public:
  // Looks if the last look is a second ago.
  void update();
  std::uint64_t number() const noexcept { return number_; }  // of the last look
  const Json &rings() const noexcept { return rings_; }

 private:
  Top top_;
  Json rings_ = Json::array();
  std::uint64_t number_ = 0;
  std::int64_t next_ns_ = 0;
};

struct Reply {
  bool binary = false;
  std::string bytes;
};

class Viewer {
 public:
  Viewer(AllWatched &rings, RingList &list) noexcept : rings_(rings), list_(list) {}

  // Takes a request. False if it is none: no JSON object with an "id".
  bool take(std::string_view text);
  // No more requests are to be read now: a page never has that many open.
  bool full() const noexcept;
  bool waits() const noexcept { return !pending_.empty(); }
  bool wants_list() const noexcept;
  // The next reply that can be given now.
  std::optional<Reply> next();

 private:
  struct Pending {
    Json request;
    std::int64_t since_ns;
  };
  std::optional<Reply> answer(const Pending &pending);
  std::optional<Reply> columns(const Pending &pending, Watched &ring);
  Reply pieces(const Json &request, Watched &ring);
  Reply raw(const Json &request, Watched &ring);

  AllWatched &rings_;
  RingList &list_;
  std::list<Pending> pending_;
};

}  // namespace tool::web
