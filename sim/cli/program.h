// SPDX-License-Identifier: GPL-2.0-or-later
// A program of subcommands: dmsim, or one like it with target types of its own.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
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

  // `summary` is a phrase: what the program is.
  Program(const std::string& name, const std::string& summary);

  // Adds a subcommand; its options are then added to what is returned. `action` runs after they were read.
  CLI::App& add(Page page, Action action);

  // For main(): reads the command line, runs what it says and returns the exit status. Whatever goes wrong,
  // output that cannot be written included, is said on standard error.
  int run(int argc, const char* const* argv);

  // Null if there is none.
  [[nodiscard]] const Subcommand* find(std::string_view name) const;
  // The page of the program itself, and of a subcommand.
  [[nodiscard]] manual::Document overview() const;
  [[nodiscard]] manual::Document document(const Subcommand& subcommand) const;
  // "; did you mean ...?" for the name of a subcommand that there is not, or nothing.
  [[nodiscard]] std::string suggestion(std::string_view name) const;

 private:
  ExitStatus perform(std::vector<std::string> words, Console& console);
  [[nodiscard]] const Subcommand* chosen() const;
  [[nodiscard]] std::string explained(const CLI::ParseError& error) const;
  void print_help(Console& console) const;

  CLI::App app_;
  std::string summary_;
  std::vector<Subcommand> subcommands_;
};

}  // namespace sim::cli
