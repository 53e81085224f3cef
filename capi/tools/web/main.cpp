// The program ringbuf-web, which `ringbuf web` runs: the rings of this machine in a browser.
#include <array>
#include <string_view>
#include <vector>

#include "command.hpp"
#include "failure.hpp"
#include "guard.hpp"
#include "manual.hpp"
#include "option.hpp"
#include "output.hpp"
#include "program.hpp"
#include "ring.hpp"
#include "server.hpp"
#include "text_format.hpp"

namespace tool {

namespace {

struct Options {
  std::string name;
  std::uint32_t port = 8790;
  std::string listen;
  std::vector<std::string> hosts;
  bool token = false;
  std::uint32_t clients = 32;
};

int serve(const Options &options) {
  web::ServerOptions server;
  constexpr std::uint32_t most_port = 65535;
  if (options.port > most_port) {
    throw Failure(exit_usage, tool::format("--port is {}, expected 0 to {}", options.port, most_port));
  }
  server.port = static_cast<std::uint16_t>(options.port);
  server.hosts = options.hosts;
  server.clients = options.clients;
  server.ring = options.name;
  if (!options.name.empty()) static_cast<void>(Ring::open(options.name, RINGBUF_OBSERVER | RINGBUF_LAZY));
  if (!options.listen.empty()) {
    server.address = options.listen;
    server.loopback = options.listen == "127.0.0.1" || options.listen == "::1";
  }
  if (options.token || !server.loopback) server.token = web::make_token();
  web::serve(server);
  return exit_ok;
}

Run make_web(CLI::App &app) {
  auto options = std::make_shared<Options>();
  add_option(app, "NAME", options->name, "the ring that the page shows first; default: the list of all rings")
      .type_name("");
  add_option(app, "--port", options->port, "TCP port; 0 is any that is free; default: 8790").type_name("PORT");
  add_option(app, "--listen", options->listen,
             "address to listen on, with a token; default: 127.0.0.1, for this machine alone")
      .type_name("ADDRESS");
  add_option(app, "--host", options->hosts, "a name by which browsers call this server, beside its address; repeatable")
      .type_name("HOST")
      .repeated();
  add_flag(app, "--token", options->token, "ask for a token on this machine, too");
  add_option(app, "--clients", options->clients, "pages that are served at once; default: 32")
      .positive()
      .type_name("N");
  examples(app, {"ringbuf web", "ringbuf web hello --port 9000", "ringbuf web --listen 192.168.1.5",
                 "ringbuf web --token --host rings.example.org"});
  return [options] { return serve(*options); };
}

constexpr std::array table{Command{"web", "show the rings of this machine in a browser", make_web}};

}  // namespace

std::span<const Command> commands() noexcept { return table; }

const Program &this_program() noexcept {
  static constexpr Program program{"ringbuf", "show the rings of this machine in a browser",
                                   "Shows the rings of this machine in a browser.", false};
  return program;
}

}  // namespace tool

// The program is its one command: `ringbuf-web WORD...` is `ringbuf web WORD...`.
int main(int argc, char **argv) {
  std::vector<char *> words(argv, argv + argc);
  std::string web = "web";
  std::string help = "help";
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "help" && argc > 2 && std::string_view(argv[2]) == "--man") {
    words = {argv[0], help.data(), argv[2], web.data()};
  } else if (first == "help") {
    words = {argv[0], help.data(), web.data()};
  } else if (first == "--version") {
    std::printf("ringbuf web %s\n", ringbuf_version());
    return 0;
  } else {
    words.insert(words.begin() + 1, web.data());
  }
  words.push_back(nullptr);
  return tool::run_program(static_cast<int>(words.size()) - 1, words.data());
}
