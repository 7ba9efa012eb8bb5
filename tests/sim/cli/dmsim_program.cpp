// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/cli/dmsim_program.h"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <sys/wait.h>

#include "sim/language/lexer.h"

namespace test {

std::string DmsimProgram::path() {
  return DMSIM_PROGRAM;
}

void DmsimProgram::file(const std::string& name, const std::string& content) const {
  std::ofstream(path_of(name), std::ios::binary) << content;
}

std::string DmsimProgram::content_of(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(path_of(name), std::ios::binary).rdbuf();
  return text.str();
}

Ended DmsimProgram::shell(const std::string& line) const {
  file(".line", fmt::format("dmsim() {{ {} \"$@\"; }}\n{}\n", sim::shlex_quote(path()), line));
  const std::string command =
      fmt::format("cd {} && sh .line </dev/null >.out 2>.err", sim::shlex_quote(path_of("")));
  const int status = std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe): tests run one at a time
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content_of(".out"),
          content_of(".err")};
}

Ended DmsimProgram::run(const std::vector<std::string>& words, const std::string& redirections) const {
  std::string line = "dmsim";
  for (const std::string& word : words) line += " " + sim::shlex_quote(word);
  return shell(line + " " + redirections);
}

}  // namespace test
