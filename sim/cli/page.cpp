// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/page.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/cli/options.h"

namespace sim::cli {

namespace {

using manual::Block;
using manual::CodeBlock;
using manual::Document;
using manual::Table;

// "`-q`, `--quiet`", "`--seed N`".
std::string term_of(const CLI::Option& option) {
  if (option.get_positional()) return fmt::format("`{}`", option.get_name(true));
  const std::string& argument = option.get_option_text();
  return fmt::format("`{}{}{}`", fmt::join(names_of(option), "`, `"), argument.empty() ? "" : " ", argument);
}

std::string meaning_of(const CLI::Option& option) {
  std::string meaning = option.get_description();
  if (!option.get_default_str().empty()) meaning += fmt::format("; default: `{}`", option.get_default_str());
  const bool repeatable = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  if (repeatable && !option.get_positional() && option.get_expected_max() > 1)
    meaning += "; may be given more than once";
  return meaning;
}

std::string_view meaning_of(const ExitMeaning& exit) {
  if (!exit.meaning.empty()) return exit.meaning;
  const auto general = std::find_if(exit_meanings.begin(), exit_meanings.end(),
                                    [&](const ExitMeaning& one) { return one.status == exit.status; });
  return general->meaning;
}

Table options_table(const std::string& full_name, const CLI::App& app, bool positional) {
  Table table{fmt::format("{} of `{}`", positional ? "argument" : "option", full_name), "meaning", {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() == positional && option != app.get_help_ptr())
      table.rows.emplace_back(term_of(*option), meaning_of(*option));
  }
  return table;
}

}  // namespace

Table exits_table(const std::string& full_name, const std::vector<ExitMeaning>& exits) {
  Table table{fmt::format("exit status of `{}`", full_name), "meaning", {}};
  for (const ExitMeaning& exit : exits)
    table.rows.emplace_back(fmt::format("{}", static_cast<int>(exit.status)), meaning_of(exit));
  return table;
}

std::vector<Block> examples_blocks(const std::vector<Example>& examples) {
  if (examples.empty()) return {};
  CodeBlock block{"sh", {}};
  for (const Example& example : examples) {
    if (!block.lines.empty()) block.lines.emplace_back();
    block.lines.push_back(fmt::format("# {}", example.purpose));
    block.lines.emplace_back(example.command);
  }
  return {std::move(block)};
}

Document page_document(const std::string& full_name, const Page& page, const CLI::App& app) {
  Document document{full_name, std::string(page.summary), {}};
  Table arguments = options_table(full_name, app, true);
  Table options = options_table(full_name, app, false);
  const std::string_view dots = options.rows.empty() ? "" : " [OPTION...]";
  const std::string_view space = page.arguments.empty() ? "" : " ";
  add_section(document, "Synopsis",
              {CodeBlock{"text", {fmt::format("{}{}{}{}", full_name, dots, space, page.arguments)}}});
  add_section(document, "Description", manual::parse_markdown(page.description).blocks);
  if (!arguments.rows.empty()) add_section(document, "Arguments", {std::move(arguments)});
  if (!options.rows.empty()) add_section(document, "Options", {std::move(options)});
  add_section(document, "Exit status", {exits_table(full_name, page.exits)});
  add_section(document, "Examples", examples_blocks(page.examples));
  return document;
}

}  // namespace sim::cli
