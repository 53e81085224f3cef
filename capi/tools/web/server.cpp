#include "server.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <set>

#include "failure.hpp"
#include "guard.hpp"
#include "output.hpp"
#include "page.hpp"
#include "text_format.hpp"
#include "viewer.hpp"
#include "watched.hpp"

namespace tool::web {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using beast::error_code;

constexpr std::uint32_t most_header_bytes = 8192;
constexpr std::size_t most_request_bytes = 16384;    // of one message of a WebSocket
constexpr std::size_t most_connections_beside = 32;  // those that are no WebSocket
constexpr std::chrono::seconds patience{10};
constexpr std::chrono::milliseconds tick{16};

std::string_view plain(beast::string_view text) { return {text.data(), text.size()}; }

class Live;

// What all connections share. One thread runs it all.
struct Shared {
  explicit Shared(const ServerOptions &given) : options(given), guard(given.loopback, given.hosts, given.token) {}

  ServerOptions options;
  Guard guard;
  asio::io_context io{1};
  AllWatched rings;
  RingList list;
  std::set<Live *> live;
  std::size_t connections = 0;  // those that are no WebSocket
  asio::steady_timer timer{io};
  bool ticking = false;

  void start_ticking();
};

// A handler that starts the next operation is called by the event loop later, not by the operation: that is no recursion.
// NOLINTBEGIN(misc-no-recursion)

// --- a WebSocket: the requests of a viewer, and the replies ----------------------------------------------------------
class Live : public std::enable_shared_from_this<Live> {
 public:
  Live(Shared &shared, beast::tcp_stream stream)
      : shared_(shared), socket_(std::move(stream)), viewer_(shared.rings, shared.list) {
    shared_.live.insert(this);
  }
  Live(const Live &) = delete;
  Live &operator=(const Live &) = delete;
  ~Live() { shared_.live.erase(this); }

  void accept(const http::request<http::empty_body> &request) {
    auto timeout = websocket::stream_base::timeout::suggested(beast::role_type::server);
    timeout.handshake_timeout = patience;
    timeout.idle_timeout = std::chrono::seconds(60);  // then a ping, and the end if nothing comes
    timeout.keep_alive_pings = true;
    socket_.set_option(timeout);
    socket_.read_message_max(most_request_bytes);
    socket_.auto_fragment(false);
    socket_.binary(true);
    socket_.async_accept(request, [self = shared_from_this()](error_code error) {
      if (!error) self->read();
    });
  }

  bool waits() const noexcept { return viewer_.waits(); }
  bool wants_list() const noexcept { return viewer_.wants_list(); }

  // Sends the next reply, if there is one and none is on its way. It is made only now, so it is never old.
  void send() {
    if (writing_ || closing_) return;
    std::optional<Reply> reply = viewer_.next();
    if (!reply) return;
    reply_ = std::move(*reply);
    writing_ = true;
    socket_.binary(reply_.binary);
    socket_.async_write(asio::buffer(reply_.bytes), [self = shared_from_this()](error_code error, std::size_t) {
      self->writing_ = false;
      if (error) return;
      self->send();
      self->read();  // if the viewer had too many requests open
      self->shared_.start_ticking();
    });
  }

 private:
  void read() {
    if (reading_ || closing_ || viewer_.full()) return;
    reading_ = true;
    socket_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      self->reading_ = false;
      if (!error) self->take();
    });
  }

  void take() {
    const beast::flat_buffer::const_buffers_type data = buffer_.cdata();
    const bool taken = socket_.got_text() && viewer_.take({static_cast<const char *>(data.data()), data.size()});
    buffer_.consume(buffer_.size());
    if (!taken) {
      closing_ = true;
      socket_.async_close(websocket::close_reason(websocket::close_code::policy_error, "no request"),
                          [self = shared_from_this()](error_code) {});
      return;
    }
    send();
    shared_.start_ticking();
    read();
  }

  Shared &shared_;
  websocket::stream<beast::tcp_stream> socket_;
  beast::flat_buffer buffer_;
  Viewer viewer_;
  Reply reply_;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;
};

// While somebody waits for something, all rings that are looked at are updated at the pace of a screen.
void Shared::start_ticking() {
  if (ticking) return;
  if (std::none_of(live.begin(), live.end(), [](const Live *each) { return each->waits(); }) && rings.empty()) return;
  ticking = true;
  timer.expires_after(tick);
  timer.async_wait([this](error_code error) {
    ticking = false;
    if (error) return;
    rings.update();
    if (std::any_of(live.begin(), live.end(), [](const Live *each) { return each->wants_list(); })) list.update();
    for (Live *each : std::vector<Live *>(live.begin(), live.end())) each->send();
    start_ticking();
  });
}

// --- HTTP: the page's files -------------------------------------------------------------------------------------------
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared &shared, tcp::socket socket) : shared_(shared), stream_(std::move(socket)) {
    ++shared_.connections;
  }
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;
  ~Connection() { --shared_.connections; }

  void read() {
    parser_.emplace();
    parser_->header_limit(most_header_bytes);
    parser_->body_limit(std::uint64_t{0});
    stream_.expires_after(patience);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) return self->answer();
      // Whoever has gone, or has said nothing for long, gets no answer.
      if (error == http::error::end_of_stream || error == beast::error::timeout ||
          error.category() == boost::system::system_category() ||
          error.category() == asio::error::get_misc_category()) {
        return self->close();
      }
      self->refuse(status_of(error), "The request is not understood.\n", true);
    });
  }

 private:
  using Response = http::response<http::span_body<const char>>;

  static http::status status_of(error_code error) {
    if (error == http::error::header_limit) return http::status::request_header_fields_too_large;
    if (error == http::error::body_limit || error == http::error::unexpected_body)
      return http::status::payload_too_large;
    return http::status::bad_request;
  }

  void answer() {
    const auto &request = parser_->get();
    const std::string_view host = plain(request[http::field::host]);
    const std::string_view target = plain(request.target());
    if (request.count(http::field::host) != 1 || !shared_.guard.host_allowed(host)) {
      return refuse(http::status::misdirected_request,
                    "This server is not called by that name; `ringbuf web --host NAME` gives it one.\n");
    }
    const bool authorized = !shared_.guard.needs_token() ||
                            shared_.guard.token_in_cookie(plain(request[http::field::cookie])) ||
                            shared_.guard.token_in_authorization(plain(request[http::field::authorization]));
    const bool upgrade = websocket::is_upgrade(request);
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      return refuse(http::status::method_not_allowed, "Only GET and HEAD are understood.\n");
    }
    if (!authorized) {
      if (!upgrade && path_of(target) == "/" && shared_.guard.token_in_query(target)) return welcome();
      return refuse(http::status::forbidden, "The token is missing: `ringbuf web` has printed a URL with it.\n");
    }
    if (upgrade) return become_live(host, target);
    if (path_of(target) == "/" && target != "/") return redirect("");  // a token that is known already
    const auto files = page_files();
    const auto file =
        std::find_if(files.begin(), files.end(), [&](const PageFile &each) { return each.path == path_of(target); });
    if (file == files.end()) return refuse(http::status::not_found, "There is no such page.\n");
    send(http::status::ok, file->type, file->content);
  }

  void become_live(std::string_view host, std::string_view target) {
    const auto &request = parser_->get();
    if (!Guard::origin_allowed(plain(request[http::field::origin]), host)) {
      return refuse(http::status::forbidden, "Another site's page has no business here.\n");
    }
    if (path_of(target) != "/live") return refuse(http::status::not_found, "There is no such page.\n");
    if (shared_.live.size() >= shared_.options.clients) {
      return refuse(http::status::service_unavailable, "Too many pages are served already.\n");
    }
    stream_.expires_never();
    std::make_shared<Live>(shared_, std::move(stream_))->accept(request);
  }

  // The token moves from the URL, which a person passes on, into a cookie.
  void welcome() {
    redirect(tool::format("{}={}; HttpOnly; SameSite=Strict; Path=/", cookie_name, shared_.guard.token()));
  }

  void redirect(const std::string &cookie) {
    begin(http::status::see_other, "text/plain; charset=utf-8", "Go to /\n");
    response_.set(http::field::location, "/");
    if (!cookie.empty()) response_.set(http::field::set_cookie, cookie);
    finish();
  }

  void refuse(http::status status, std::string_view sentence, bool last = false) {
    begin(status, "text/plain; charset=utf-8", sentence);
    if (status == http::status::method_not_allowed) response_.set(http::field::allow, "GET, HEAD");
    if (last) response_.keep_alive(false);
    finish();
  }

  void send(http::status status, std::string_view type, std::string_view content) {
    begin(status, type, content);
    finish();
  }

  void begin(http::status status, std::string_view type, std::string_view content) {
    response_ = Response(status, 11);
    head_ = parser_->is_header_done() && parser_->get().method() == http::verb::head;
    response_.keep_alive(parser_->is_header_done() && parser_->get().keep_alive());
    const auto set = [this](http::field field, std::string_view value) {
      response_.set(field, beast::string_view(value.data(), value.size()));
    };
    set(http::field::content_type, type);
    set(http::field::cache_control, "no-store");
    set(http::field::x_frame_options, "DENY");
    response_.set("Content-Security-Policy",
                  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set("Referrer-Policy", "no-referrer");
    response_.set("Cross-Origin-Opener-Policy", "same-origin");
    response_.set("Cross-Origin-Resource-Policy", "same-origin");
    response_.body() = beast::span<const char>(content.data(), content.size());
    response_.content_length(content.size());
  }

  void finish() {
    const auto written = [self = shared_from_this()](error_code error, std::size_t) {
      if (error || !self->response_.keep_alive()) return self->close();
      self->read();
    };
    stream_.expires_after(patience);
    serializer_.emplace(response_);
    if (head_) {
      http::async_write_header(stream_, *serializer_, written);
    } else {
      http::async_write(stream_, *serializer_, written);
    }
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  Shared &shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{std::size_t{2} * most_header_bytes};
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
  std::optional<http::response_serializer<http::span_body<const char>>> serializer_;
  bool head_ = false;
};

// NOLINTEND(misc-no-recursion)

void accept_next(Shared &shared, tcp::acceptor &acceptor) {
  acceptor.async_accept([&](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error && shared.connections < most_connections_beside) {
      socket.set_option(tcp::no_delay(true), error);
      std::make_shared<Connection>(shared, std::move(socket))->read();
    }
    accept_next(shared, acceptor);
  });
}

tcp::acceptor listen(Shared &shared) {
  const ServerOptions &options = shared.options;
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    throw Failure(exit_usage, tool::format("--listen is \"{}\", expected an address such as 0.0.0.0", options.address));
  }
  tcp::acceptor acceptor(shared.io);
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    throw Failure(exit_error, tool::format("{} port {}: {}; --port chooses another", options.address, options.port,
                                           error.message()));
  }
  return acceptor;
}

std::string url_of(const ServerOptions &options, const tcp::acceptor &acceptor) {
  const tcp::endpoint endpoint = acceptor.local_endpoint();
  const std::string host = endpoint.address().is_v6() ? tool::format("[{}]", endpoint.address().to_string())
                                                      : endpoint.address().to_string();
  std::string url = tool::format("http://{}:{}/", host, endpoint.port());
  if (!options.token.empty()) url += tool::format("?token={}", options.token);
  if (!options.ring.empty()) url += tool::format("#ring={}", options.ring);
  return url;
}

}  // namespace

void serve(const ServerOptions &options) {
  Shared shared(options);
  tcp::acceptor acceptor = listen(shared);
  asio::signal_set signals(shared.io, SIGINT, SIGTERM);
  signals.async_wait([&](error_code, int) { shared.io.stop(); });
  accept_next(shared, acceptor);
  out(url_of(options, acceptor) + "\n");
  flush();
  shared.io.run();
}

}  // namespace tool::web
