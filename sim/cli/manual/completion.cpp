// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/manual/completion.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "sim/cli/options.h"
#include "sim/cli/program.h"

namespace sim::cli::manual {

namespace {

// The command of bash that completes the value of an option. What is neither a word of a list nor in the file
// system cannot be completed: ":" leaves it alone.
std::string value_completion(CLI::Option& option) {
  const std::vector<std::string> words = choices_of(option);
  if (!words.empty()) return fmt::format("_dmsim_words '{}'", fmt::join(words, " "));
  if (option.get_option_text() == "FILE") return "_dmsim_files";
  if (option.get_option_text() == "FOLDER") return "_dmsim_folders";
  return ":";
}

std::vector<CLI::Option*> options_of(const Program::Subcommand& subcommand) {
  std::vector<CLI::Option*> all = subcommand.app->get_options({});
  std::erase_if(all, [](const CLI::Option* option) { return option->get_positional(); });
  return all;
}

bool has_positionals(const Program::Subcommand& subcommand) {
  const std::vector<CLI::Option*> all = subcommand.app->get_options({});
  return std::any_of(all.begin(), all.end(), [](const CLI::Option* one) { return one->get_positional(); });
}

// "    replay:--junit) _dmsim_files; return ;;" for each option that takes a value.
std::string value_cases(const Program& program) {
  std::string cases;
  for (const Program::Subcommand* subcommand : program.listed()) {
    for (CLI::Option* option : options_of(*subcommand)) {
      if (option->get_items_expected_max() == 0) continue;
      for (const std::string& name : names_of(*option))
        cases +=
            fmt::format("    {}:{}) {}; return ;;\n", subcommand->page.name, name, value_completion(*option));
    }
  }
  return cases;
}

// "    replay) options='--quiet --seed'; _dmsim_files ;;": the options, and how what is no option is
// completed.
std::string subcommand_cases(const Program& program, const std::string& topics) {
  std::string cases;
  for (const Program::Subcommand* subcommand : program.listed()) {
    std::vector<std::string> names;
    for (const CLI::Option* option : options_of(*subcommand)) names.push_back(names_of(*option).back());
    const std::string rest = subcommand->page.name == "help" ? fmt::format("_dmsim_words '{}'", topics)
                             : has_positionals(*subcommand)  ? "_dmsim_files"
                                                             : ":";
    cases += fmt::format("    {}) options='{}'; {} ;;\n", subcommand->page.name, fmt::join(names, " "), rest);
  }
  return cases;
}

constexpr std::string_view script = R"bash(# bash completion for dmsim. Made by `dmsim manual`.

_dmsim_words() {{ mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }}
# readline completes these itself, and quotes what needs it.
_dmsim_files() {{ compopt -o default; }}
_dmsim_folders() {{ compopt -o dirnames; }}

_dmsim() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=$((COMP_CWORD - 1)) subcommand='' options='' i
  COMPREPLY=()
  # bash takes "--option=value" as three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ ${{COMP_WORDS[before]}} == = ]]; then
    before=$((before - 1))
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ ${{COMP_WORDS[i]}} != -* ]]; then
      subcommand=${{COMP_WORDS[i]}}
      break
    fi
  done
  case $subcommand:${{COMP_WORDS[before]}} in
{}  esac
  case $subcommand in
    '') options='--help --version'; _dmsim_words '{}' ;;
{}  esac
  if [[ $current == -* ]]; then
    _dmsim_words "$options"
  fi
}}
complete -F _dmsim dmsim
)bash";

}  // namespace

std::string bash_completion(const Program& program) {
  std::vector<std::string> words;
  for (const Program::Subcommand* subcommand : program.listed()) words.emplace_back(subcommand->page.name);
  const std::string subcommands = fmt::format("{}", fmt::join(words, " "));
  for (const Program::Topic& topic : program.topics()) words.push_back(topic.name);
  const std::string topics = fmt::format("{}", fmt::join(words, " "));
  return fmt::format(script, value_cases(program), subcommands, subcommand_cases(program, topics));
}

}  // namespace sim::cli::manual
