// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim generate: random scenarios, to standard output or one file for each seed.
#include "sim/cli/generate.h"

#include <fmt/core.h>
#include <fstream>
#include <memory>

#include "sim/generate/generate.h"

namespace sim::cli {

namespace {

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t count = 1;
  std::string folder;
  std::string theme;
  bool list = false;
};

int run(const Arguments& arguments) {
  constexpr int cannot_write = 2;
  if (arguments.list) {
    for (const std::string_view name : generate::theme_names()) fmt::print("{}\n", name);
    return 0;
  }
  for (std::uint64_t seed = arguments.seed; seed - arguments.seed < arguments.count; seed++) {
    const std::string text = generate::generate_scenario(seed, arguments.theme);
    if (text.empty()) {
      fmt::print(stderr, "dmsim: there is no theme '{}'; --list shows them\n", arguments.theme);
      return cannot_write;
    }
    if (arguments.folder.empty()) {
      fmt::print("{}", text);
      continue;
    }
    const std::string path = fmt::format("{}/{}.dms", arguments.folder, seed);
    std::ofstream file(path);
    file << text;
    if (!file.flush()) {
      fmt::print(stderr, "dmsim: cannot write {}\n", path);
      return cannot_write;
    }
  }
  return 0;
}

}  // namespace

void add_generate(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("generate", "write random scenarios whose outcome is certain");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--seed", arguments->seed, "the first one's seed (1)");
  command->add_option("--count", arguments->count, "how many, each with the next seed (1)");
  command->add_option("--out", arguments->folder, "a folder: SEED.dms in it, instead of standard output");
  command->add_option("--theme", arguments->theme, "only scenarios of this theme");
  command->add_flag("--list", arguments->list, "name the themes");
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace sim::cli
