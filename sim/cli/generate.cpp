// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim generate: random scenarios, to standard output or one file for each seed.
#include "sim/generate/generate.h"

#include <fmt/format.h>
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/text_file.h"

namespace sim::cli {

namespace {

struct GenerateArguments {
  std::uint64_t seed = 1;
  std::uint64_t count = 1;
  std::string folder;
  std::string theme;
  bool list = false;
};

const Page generate_page = {
    .name = "generate",
    .summary = "write random scenarios whose outcome is certain",
    .arguments = "",
    .description =
        "The outcome of these scenarios depends neither on time nor on luck: a real kernel must print the "
        "same transcript. The same seed and theme give the same scenario.",
    .examples = {{"a random scenario on standard output", "dmsim generate --seed 5"},
                 {"a hundred of one theme, as files",
                  "mkdir out; dmsim generate --count 100 --theme plain-io --out out"},
                 {"generate and run", "dmsim generate --seed 5 | dmsim replay -"}},
    .exits = {{ExitStatus::ok, "written"},
              {ExitStatus::failed, "a file or standard output could not be written"},
              {ExitStatus::mistake, "the command line is wrong; nothing was written"}},
};

ExitStatus run_generate(const GenerateArguments& arguments, Console& console) {
  if (arguments.list) {
    for (const std::string_view name : generate::theme_names()) console.out.print("{}\n", name);
    return ExitStatus::ok;
  }
  for (std::uint64_t i = 0; i < arguments.count && console.out.error() == 0; ++i) {
    const std::uint64_t seed = arguments.seed + i;
    const std::string text = generate::generate_scenario(seed, arguments.theme);
    if (arguments.folder.empty()) {
      console.out.write(text);
    } else {
      write_text_file(fmt::format("{}/{}.dms", arguments.folder, seed), text);
    }
  }
  return ExitStatus::ok;
}

}  // namespace

void add_generate(Program& program) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App& app =
      program.add(generate_page, [arguments](Console& console) { return run_generate(*arguments, console); });
  add_number_option(app, "--seed", arguments->seed, "seed of the first one");
  add_number_option(app, "--count", arguments->count, "how many; each has the next seed", std::uint64_t{1});
  app.add_option("--out", arguments->folder, "write `SEED.dms` into this folder instead of standard output")
      ->option_text("FOLDER");
  std::vector<std::pair<std::string, std::string>> themes;
  for (const std::string_view name : generate::theme_names()) themes.emplace_back(name, name);
  add_choice_option(app, "--theme", arguments->theme, themes, "only scenarios of this theme")
      ->option_text("NAME");
  app.add_flag("--list", arguments->list, "list the themes instead");
}

}  // namespace sim::cli
