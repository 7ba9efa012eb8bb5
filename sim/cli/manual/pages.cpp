// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/manual/pages.h"

#include <fmt/format.h>

#include "sim/cli/manual/completion.h"
#include "sim/cli/manual/vim_syntax.h"
#include "sim/cli/program.h"
#include "sim/cli/version.h"

namespace sim::cli::manual {

namespace {

struct ManualPage {
  std::string name;
  int section;
  Document document;
};

// In the order in which they refer to each other.
std::vector<ManualPage> pages(const Program& program) {
  std::vector<ManualPage> all = {{program.name(), 1, program.overview()}};
  for (const Program::Subcommand* subcommand : program.listed()) {
    all.push_back(
        {fmt::format("{}-{}", program.name(), subcommand->page.name), 1, program.document(*subcommand)});
  }
  for (const Program::Topic& topic : program.topics()) {
    all.push_back({fmt::format("{}-{}", program.name(), topic.name), topic.section, topic.document});
  }
  return all;
}

std::vector<std::string> references(const std::vector<ManualPage>& all, const ManualPage& from) {
  std::vector<std::string> found;
  for (const ManualPage& page : all) {
    if (page.name != from.name) found.push_back(fmt::format("{}({})", page.name, page.section));
  }
  return found;
}

}  // namespace

std::vector<File> installed_files(const Program& program) {
  const std::string source = fmt::format("{} {}", program.name(), version());
  std::vector<File> files = {
      {fmt::format("bash-completion/completions/{}", program.name()), bash_completion(program)},
      {"vim/vimfiles/syntax/dms.vim", vim_syntax()},
      {"vim/vimfiles/ftdetect/dms.vim", std::string(vim_ftdetect)},
  };
  const std::vector<ManualPage> all = pages(program);
  for (const ManualPage& page : all) {
    files.push_back({fmt::format("man/man{}/{}.{}", page.section, page.name, page.section),
                     to_man(page.document, {page.name, page.section, source, references(all, page)})});
  }
  return files;
}

}  // namespace sim::cli::manual
