// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/program.h"

#include <algorithm>
#include <fmt/format.h>
#include <new>
#include <string>
#include <vector>

#include "sim/cli/failure.h"
#include "sim/cli/options.h"
#include "sim/cli/version.h"
#include "sim/runtime/deterministic.h"
#include "sim/text/printable.h"
#include "sim/text/spelling.h"

namespace sim::cli {

namespace {

// Runs `body` and says how it failed, if it did.
template <class Body>
ExitStatus guarded(Console& console, Body body) {
  try {
    return body();
  } catch (const Failure& failure) {
    console.complain(failure.what());
    return failure.status();
  } catch (const MachineStopped& stopped) {
    console.complain(fmt::format("the machine stopped: {}", stopped.what()));
    return ExitStatus::stopped;
  } catch (const std::bad_alloc&) {
    console.complain("out of memory");
    return ExitStatus::failed;
  } catch (const std::exception& error) {
    console.complain(error.what());
    return ExitStatus::failed;
  }
}

// The suggestion for an option that `app` does not have.
std::string similar_option(const CLI::App& app, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (std::string& name : names_of(*option)) names.push_back(std::move(name));
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return did_you_mean(word.substr(0, word.find('=')), known);
}

}  // namespace

Program::Program(const std::string& name, const std::string& summary, std::string_view description)
    : app_(summary, name), summary_(summary), description_(description) {
  app_.require_subcommand(1);
  app_.set_version_flag("--version", fmt::format("{} {}", name, version()), "print the version");
}

CLI::App& Program::add(Page page, Action action) {
  CLI::App* app = app_.add_subcommand(std::string(page.name), std::string(page.summary));
  subcommands_.push_back({std::move(page), std::move(action), app});
  return *app;
}

const Program::Subcommand* Program::find(std::string_view name) const {
  const auto found = std::find_if(subcommands_.begin(), subcommands_.end(),
                                  [&](const Subcommand& one) { return one.page.name == name; });
  return found == subcommands_.end() ? nullptr : &*found;
}

std::vector<const Program::Subcommand*> Program::listed() const {
  std::vector<const Subcommand*> all;
  for (const Subcommand& one : subcommands_) {
    if (one.page.listed) all.push_back(&one);
  }
  return all;
}

const Program::Subcommand* Program::chosen() const {
  const auto found = std::find_if(subcommands_.begin(), subcommands_.end(),
                                  [](const Subcommand& one) { return one.app->parsed(); });
  return found == subcommands_.end() ? nullptr : &*found;
}

std::string Program::suggestion(std::string_view name) const {
  std::vector<std::string_view> known;
  for (const Subcommand* one : listed()) known.push_back(one->page.name);
  for (const Topic& topic : topics_) known.push_back(topic.name);
  return did_you_mean(name, known);
}

std::string Program::explained(const CLI::ParseError& error) const {
  const Subcommand* subcommand = chosen();
  const std::string name =
      subcommand == nullptr ? app_.get_name() : fmt::format("{} {}", app_.get_name(), subcommand->page.name);
  std::string text = error.what();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    const std::vector<std::string> left = (subcommand == nullptr ? &app_ : subcommand->app)->remaining();
    const std::string& first = left.front();
    text = first.starts_with('-')
               ? fmt::format("there is no option {}{}", in_quotes(first),
                             similar_option(subcommand == nullptr ? app_ : *subcommand->app, first))
               : fmt::format("{} is one argument too many", in_quotes(first));
  }
  return fmt::format("{}\nTry '{} --help'.", text, name);
}

void Program::print_help(Console& console) const {
  const Subcommand* subcommand = chosen();
  const manual::Document page = subcommand == nullptr ? overview() : document(*subcommand);
  console.out.write(manual::to_text(page, console.out.width()));
}

ExitStatus Program::perform(std::vector<std::string> words, Console& console) {
  if (words.empty()) {
    console.err.write(manual::to_text(overview(), console.err.width()));
    return ExitStatus::mistake;
  }
  if (!words[0].starts_with('-') && find(words[0]) == nullptr) {
    throw Mistake(fmt::format("there is no subcommand {}{}\nTry '{} --help'.", in_quotes(words[0]),
                              suggestion(words[0]), app_.get_name()));
  }
  std::reverse(words.begin(), words.end());  // as CLI11 has it
  try {
    app_.parse(words);
  } catch (const CLI::CallForHelp&) {
    print_help(console);
    return ExitStatus::ok;
  } catch (const CLI::CallForVersion& call) {
    console.out.print("{}\n", call.what());
    return ExitStatus::ok;
  } catch (const CLI::ParseError& error) {
    throw Mistake(explained(error));
  }
  return chosen()->action(console);
}

int Program::run(int argc, const char* const* argv) {
  reserve_standard_descriptors();
  ignore_file_size_signal();
  Console console;
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const ExitStatus status = guarded(console, [&] { return perform(words, console); });
  return static_cast<int>(console.finish(status));
}

manual::Document Program::document(const Subcommand& subcommand) const {
  return page_document(fmt::format("{} {}", app_.get_name(), subcommand.page.name), subcommand.page,
                       *subcommand.app);
}

manual::Document Program::overview() const {
  using namespace manual;
  const std::string& name = app_.get_name();
  Document document{name, summary_, {}};
  add_section(document, "Synopsis",
              {CodeBlock{"text",
                         {fmt::format("{} SUBCOMMAND [OPTION...] [ARGUMENT...]", name),
                          fmt::format("{} SUBCOMMAND --help", name), fmt::format("{} --version", name)}}});
  add_section(document, "Description", parse_markdown(description_).blocks);
  Table list{"subcommand", "what it does", {}};
  std::vector<Example> examples;
  for (const Subcommand* one : listed()) {
    list.rows.emplace_back(fmt::format("`{}`", one->page.name), one->page.summary);
    if (!one->page.examples.empty()) examples.push_back(one->page.examples.front());
  }
  add_section(document, "Subcommands", {std::move(list)});
  Table topics{fmt::format("topic of `{} help`", name), "what it is", {}};
  for (const Topic& topic : topics_)
    topics.rows.emplace_back(fmt::format("`{}`", topic.name), topic.document.summary);
  if (!topics.rows.empty())
    add_section(document, fmt::format("Topics of `{} help`", name), {std::move(topics)});
  add_section(document, "Exit status", {exits_table(name, {exit_meanings.begin(), exit_meanings.end()})});
  add_section(document, "Examples", examples_blocks(examples));
  return document;
}

}  // namespace sim::cli
