#include "manual.hpp"

#include <algorithm>

#include "failure.hpp"
#include "program.hpp"
#include "ringbuf.h"
#include "text_format.hpp"
#include "tree.hpp"

namespace tool {

namespace {

// Text of a line in mdoc: no macro, no escape, no end of a sentence in the middle of a line.
std::string plain(const std::string &text) {
  std::string result;
  for (const char each : text) {
    if (each == '\\') {
      result += "\\e";
    } else if (each == '-') {
      result += "\\-";
    } else {
      result += each;
    }
  }
  if (!result.empty() && (result[0] == '.' || result[0] == '\'')) result.insert(0, "\\&");
  return result;
}

// An argument of a macro.
std::string word(const std::string &text) { return tool::format("\"{}\"", plain(text)); }

constexpr const char *codes =
    ".Sh EXIT STATUS\n"
    ".Bl -tag -width 3n -compact\n"
    ".It 0\nAll went well.\n"
    ".It 1\nAn error; the message on stderr says which.\n"
    ".It 2\nThe command line is not understood.\n"
    ".It 3\nNo ring has that name.\n"
    ".It 4\nThe time given has passed.\n"
    ".It 5\nThe writer died, or a newer ring has the name.\n"
    ".It 6\nSamples were lost.\n"
    ".El\n";

std::string head(const std::string &title, const std::string &name, const std::string &summary) {
  std::string upper = title;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char each) { return each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each; });
  return tool::format(".Dd $Mdocdate$\n.Dt {} 1\n.Os ringbuf {}\n.Sh NAME\n.Nm {}\n.Nd {}\n.Sh SYNOPSIS\n", upper,
                      ringbuf_version(), name, plain(summary));
}

std::string overview_page() {
  const Program &program = this_program();
  const std::string file = file_name(program.words);
  std::string text = head(file, file, program.summary);
  text += program.extensions ? std::string(".Nm\n") : tool::format(".Nm {}\n", program.words);
  text +=
      ".Ar command\n.Op Ar options\n"
      ".Sh DESCRIPTION\n"
      "Data goes to stdout, words to stderr.\n";
  text += tool::format(".Nm {}\n.Cm help Ar command\nshows the options of a command.\n", program.words);
  if (program.extensions) {
    text += "Where no command has a name,\n.Nm\nruns the program\n.Nm ringbuf Ns - Ns Ar name\nof the path.\n";
  }
  text += ".Bl -tag -width completion\n";
  for (const auto &each : describe_commands()) {
    text += tool::format(".It Xr {}-{} 1\n{}\n", file, each.name, plain(each.summary));
  }
  return text + ".El\n" + codes + ".Sh SEE ALSO\n" + (program.extensions ? "" : ".Xr ringbuf 1 ,\n") +
         ".Xr ringbuf 7\n";
}

std::string command_page(const CommandDescription &command) {
  const Program &program = this_program();
  const std::string file = file_name(program.words) + "-" + command.name;
  std::string text = head(file, file, command.summary);
  text += tool::format(".Nm {} {}\n.Op Ar options\n", program.words, command.name);
  for (const auto &option : command.options) {
    if (!option.positional) continue;
    text += option.required ? tool::format(".Ar {}{}\n", option.name, option.repeated ? " ..." : "")
                            : tool::format(".Op Ar {}\n", option.name);
  }
  text += ".Sh DESCRIPTION\n.Bl -tag -width Ds\n";
  for (const auto &option : command.options) {
    if (option.positional) {
      text += tool::format(".It Ar {}\n", word(option.name));
    } else {
      text += tool::format(".It Fl {}", word(option.name.substr(1)));
      if (!option.value.empty()) text += tool::format(" Ar {}", word(option.value));
      text += '\n';
    }
    text += plain(option.text) + "\n";
  }
  text += std::string(".El\n") + codes + ".Sh EXAMPLES\n.Bd -literal\n";
  for (const auto &line : command.examples) text += plain(line) + "\n";
  return text + tool::format(".Ed\n.Sh SEE ALSO\n.Xr {} 1 ,\n.Xr ringbuf 7\n", file_name(program.words));
}

}  // namespace

std::string man_page(const std::string &name) {
  if (name.empty()) return overview_page();
  for (const auto &each : describe_commands()) {
    if (each.name == name) return command_page(each);
  }
  throw Failure(exit_usage, tool::format("there is no command \"{}\"", name));
}

}  // namespace tool
