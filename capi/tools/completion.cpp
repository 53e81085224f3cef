// ringbuf completion: scripts for shells, from the commands and their options.
#include <memory>

#include "commands.hpp"
#include "output.hpp"
#include "ring.hpp"
#include "text_format.hpp"
#include "tree.hpp"

namespace tool {

namespace {

std::string joined(const std::vector<std::string> &words, const char *between) {
  std::string text;
  for (const std::string &word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// In single quotes, for all three shells.
std::string in_quotes(const std::string &text) {
  std::string result = "'";
  for (const char each : text) {
    if (each == '\'') {
      result += "'\\''";
    } else {
      result += each;
    }
  }
  result += '\'';
  return result;
}

// Whether the positional argument is the name of a ring.
bool is_ring(const OptionDescription &option) { return option.positional && option.name == "NAME"; }

// Options with their values: what follows is no ring then.
std::string bash() {
  std::string text =
      "# bash completion of ringbuf: `ringbuf completion bash` made it\n"
      "_ringbuf() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
      "  local options='' values='' words='' rings='' IFS=$' \\t\\n'\n"
      "  COMPREPLY=()\n";
  std::vector<std::string> names{"help"};
  for (const auto &each : describe_commands()) names.push_back(each.name);
  text += tool::format("  local commands={}\n", in_quotes(joined(names, " ")));
  text +=
      "  if ((COMP_CWORD == 1)); then\n"
      "    COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))\n"
      "    return\n"
      "  fi\n"
      "  case $command in\n"
      "    help) words=$commands ;;\n";
  for (const auto &command : describe_commands()) {
    std::vector<std::string> options;
    std::vector<std::string> values;
    std::vector<std::string> words;
    std::string choices;
    bool rings = false;
    for (const auto &option : command.options) {
      rings = rings || is_ring(option);
      if (option.positional) {
        for (const auto &each : option.choices) words.push_back(each);
        continue;
      }
      options.push_back(option.name);
      if (option.value.empty()) continue;
      values.push_back(option.name);
      if (!option.choices.empty()) {
        choices += tool::format("      [[ $previous != {} ]] || words={}\n", option.name,
                                in_quotes(joined(option.choices, " ")));
      }
    }
    text += tool::format("    {})\n      options={}\n      values={}\n      words={}\n      rings={}\n{}      ;;\n",
                         command.name, in_quotes(joined(options, " ")), in_quotes(joined(values, " ")),
                         in_quotes(joined(words, " ")), rings ? "yes" : "''", choices);
  }
  text +=
      "  esac\n"
      "  if [[ $current == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
      "  elif [[ \" $values \" == *\" $previous \"* && -z $words ]]; then\n"
      "    COMPREPLY=($(compgen -f -- \"$current\"))\n"
      "  else\n"
      "    [[ -z $rings || \" $values \" == *\" $previous \"* ]] || words+=\" $(ringbuf completion rings "
      "2>/dev/null)\"\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "    [[ -n $rings || -n $words ]] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
      "  fi\n"
      "}\n"
      "complete -F _ringbuf ringbuf\n";
  return text;
}

// Without what has a meaning in a specification of _arguments.
std::string zsh_text(const std::string &text) {
  std::string result;
  for (const char each : text) {
    if (each == ':' || each == '[' || each == ']' || each == '\\') result += '\\';
    result += each;
  }
  return result;
}

std::string zsh() {
  std::string text =
      "#compdef ringbuf\n"
      "# zsh completion of ringbuf: `ringbuf completion zsh` made it\n"
      "_ringbuf_rings() {\n"
      "  local -a rings\n"
      "  rings=(${(f)\"$(ringbuf completion rings 2>/dev/null)\"})\n"
      "  compadd -a rings\n"
      "}\n"
      "_ringbuf() {\n"
      "  local -a commands\n"
      "  commands=(\n    'help:show how a command is used'\n";
  for (const auto &each : describe_commands()) {
    text += tool::format("    {}\n", in_quotes(tool::format("{}:{}", each.name, zsh_text(each.summary))));
  }
  text +=
      "  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $command in\n"
      "    help) _describe command commands ;;\n";
  for (const auto &command : describe_commands()) {
    text += tool::format("    {})\n      _arguments", command.name);
    for (const auto &option : command.options) {
      std::string action = option.choices.empty() ? "_files" : tool::format("({})", joined(option.choices, " "));
      if (is_ring(option)) action = "_ringbuf_rings";
      std::string specification;
      if (option.positional) {
        specification = tool::format("{}:{}:{}", option.repeated ? "*" : "", zsh_text(option.name), action);
      } else if (option.value.empty()) {
        specification = tool::format("{}[{}]", option.name, zsh_text(option.text));
      } else {
        specification =
            tool::format("{}[{}]:{}:{}", option.name, zsh_text(option.text), zsh_text(option.value), action);
      }
      text += " \\\n        " + in_quotes(specification);
    }
    text += "\n      ;;\n";
  }
  text +=
      "  esac\n"
      "}\n"
      "_ringbuf \"$@\"\n";
  return text;
}

std::string fish() {
  std::string text = "# fish completion of ringbuf: `ringbuf completion fish` made it\ncomplete -c ringbuf -f\n";
  text += "complete -c ringbuf -n __fish_use_subcommand -a help -d 'show how a command is used'\n";
  std::vector<std::string> names;
  for (const auto &command : describe_commands()) {
    names.push_back(command.name);
    text += tool::format("complete -c ringbuf -n __fish_use_subcommand -a {} -d {}\n", command.name,
                         in_quotes(command.summary));
    const std::string seen = tool::format("complete -c ringbuf -n '__fish_seen_subcommand_from {}'", command.name);
    for (const auto &option : command.options) {
      const std::string choices = in_quotes(joined(option.choices, " "));
      if (is_ring(option)) {
        text += seen + " -a '(ringbuf completion rings 2>/dev/null)'\n";
      } else if (option.positional) {
        text += option.choices.empty() ? seen + " -F\n" : tool::format("{} -a {}\n", seen, choices);
      } else {
        text += tool::format("{} -l {} -d {}", seen, option.name.substr(2), in_quotes(option.text));
        if (!option.value.empty()) text += option.choices.empty() ? " -r -F" : tool::format(" -x -a {}", choices);
        text += '\n';
      }
    }
  }
  text +=
      tool::format("complete -c ringbuf -n '__fish_seen_subcommand_from help' -a {}\n", in_quotes(joined(names, " ")));
  return text;
}

int completion(const std::string &shell) {
  if (shell == "bash") out(bash());
  if (shell == "zsh") out(zsh());
  if (shell == "fish") out(fish());
  if (shell == "rings") {
    for (const auto &each : list_rings()) out(each.name + "\n");
  }
  return exit_ok;
}

}  // namespace

Run make_completion(CLI::App &app) {
  auto shell = std::make_shared<std::string>();
  add_option(app, "SHELL", *shell, "bash, zsh or fish; or rings, for the names that there are")
      .required()
      .one_of({"bash", "zsh", "fish", "rings"})
      .type_name("");
  examples(app, {"ringbuf completion bash > ~/.local/share/bash-completion/completions/ringbuf",
                 "ringbuf completion zsh > ~/.zfunc/_ringbuf",
                 "ringbuf completion fish > ~/.config/fish/completions/ringbuf.fish"});
  return [shell] { return completion(*shell); };
}

}  // namespace tool
