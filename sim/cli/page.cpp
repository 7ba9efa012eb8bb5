// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/page.h"

#include <algorithm>
#include <fmt/format.h>

namespace sim::cli {

namespace {

using manual::Block;
using manual::CodeBlock;
using manual::Document;
using manual::Heading;
using manual::Paragraph;
using manual::Table;

// "`-q`, `--quiet`", "`--seed N`".
std::string term_of(const CLI::Option& option) {
  if (option.get_positional()) return fmt::format("`{}`", option.get_name(true));
  std::string names;
  for (const std::string& name : option.get_snames())
    names += fmt::format("{}`-{}", names.empty() ? "" : "`, ", name);
  for (const std::string& name : option.get_lnames())
    names += fmt::format("{}`--{}", names.empty() ? "" : "`, ", name);
  const std::string& argument = option.get_option_text();
  return fmt::format("{}{}{}`", names, argument.empty() ? "" : " ", argument);
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

std::vector<Block> paragraphs(std::string_view description) {
  std::vector<Block> blocks;
  while (!description.empty()) {
    const std::size_t end = description.find("\n\n");
    std::string text(description.substr(0, end));
    std::replace(text.begin(), text.end(), '\n', ' ');
    blocks.emplace_back(Paragraph{std::move(text)});
    description.remove_prefix(end == std::string_view::npos ? description.size() : end + 2);
  }
  return blocks;
}

Table options_table(const std::string& full_name, const CLI::App& app, bool positional) {
  Table table{fmt::format("{} of `{}`", positional ? "argument" : "option", full_name), "meaning", {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() == positional && option != app.get_help_ptr())
      table.rows.emplace_back(term_of(*option), meaning_of(*option));
  }
  return table;
}

CodeBlock examples_block(const std::vector<Example>& examples) {
  CodeBlock block{"sh", {}};
  for (const Example& example : examples) {
    if (!block.lines.empty()) block.lines.emplace_back();
    block.lines.push_back(fmt::format("# {}", example.purpose));
    block.lines.emplace_back(example.command);
  }
  return block;
}

}  // namespace

Table exits_table(const std::string& full_name, const std::vector<ExitMeaning>& exits) {
  Table table{fmt::format("exit status of `{}`", full_name), "meaning", {}};
  for (const ExitMeaning& exit : exits)
    table.rows.emplace_back(fmt::format("{}", static_cast<int>(exit.status)), meaning_of(exit));
  return table;
}

Document page_document(const std::string& full_name, const Page& page, const CLI::App& app) {
  Document document{full_name, std::string(page.summary), {}};
  std::vector<Block>& blocks = document.blocks;
  const auto section = [&](std::string title, Block block) {
    blocks.emplace_back(Heading{2, std::move(title)});
    blocks.push_back(std::move(block));
  };
  Table arguments = options_table(full_name, app, true);
  Table options = options_table(full_name, app, false);
  const std::string_view dots = options.rows.empty() ? "" : " [OPTION...]";
  section("Synopsis", CodeBlock{"text", {fmt::format("{}{} {}", full_name, dots, page.arguments)}});
  blocks.emplace_back(Heading{2, "Description"});
  for (Block& block : paragraphs(page.description)) blocks.push_back(std::move(block));
  if (!arguments.rows.empty()) section("Arguments", std::move(arguments));
  if (!options.rows.empty()) section("Options", std::move(options));
  section("Exit status", exits_table(full_name, page.exits));
  section("Examples", examples_block(page.examples));
  return document;
}

}  // namespace sim::cli
