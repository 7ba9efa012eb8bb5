// SPDX-License-Identifier: GPL-2.0-or-later
// A program of subcommands: dmsim, or one like it with target types of its own.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/output.h"
#include "sim/cli/page.h"

namespace sim::cli {

class Program {
 public:
  // Throws Failure to give up.
  using Action = std::function<ExitStatus(Console&)>;

  struct Subcommand {
    Page page;
    Action action;
    CLI::App* app;
  };
  // A page of help that is not about a subcommand.
  struct Topic {
    std::string name;
    int section;  // of its manual page
    manual::Document document;
  };

  // `summary` is a phrase: what the program is. `description` is Markdown.
  Program(const std::string& name, const std::string& summary, std::string_view description = {});

  // Adds a subcommand; its options are then added to what is returned. `action` runs after they were read.
  CLI::App& add(Page page, Action action);

  void add_topic(Topic topic) { topics_.push_back(std::move(topic)); }

  // For main(): reads the command line, runs what it says and returns the exit status. Whatever goes wrong,
  // output that cannot be written included, is said on standard error.
  int run(int argc, const char* const* argv);

  [[nodiscard]] const std::string& name() const { return app_.get_name(); }
  // The subcommands of the overview, in the order in which they were added.
  [[nodiscard]] std::vector<const Subcommand*> listed() const;
  [[nodiscard]] const std::vector<Topic>& topics() const { return topics_; }
  // Null if there is none.
  [[nodiscard]] const Subcommand* find(std::string_view name) const;
  // The page of the program itself, and of a subcommand.
  [[nodiscard]] manual::Document overview() const;
  [[nodiscard]] manual::Document document(const Subcommand& subcommand) const;
  // "; did you mean ...?" for the name of a subcommand or a topic that there is not, or nothing.
  [[nodiscard]] std::string suggestion(std::string_view name) const;

 private:
  ExitStatus perform(std::vector<std::string> words, Console& console);
  [[nodiscard]] const Subcommand* chosen() const;
  [[nodiscard]] std::string explained(const CLI::ParseError& error) const;
  void print_help(Console& console) const;

  CLI::App app_;
  std::string summary_;
  std::string description_;
  std::vector<Subcommand> subcommands_;
  std::vector<Topic> topics_;
};

}  // namespace sim::cli
