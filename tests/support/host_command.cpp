// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/host_command.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>

#include "sim/language/lexer.h"

namespace test {

std::string run_host_command(const std::vector<std::string>& words,
                             const std::vector<std::string>& environment) {
  std::string line = "PATH=$PATH:/usr/sbin:/sbin";
  for (const std::string& one : environment) {
    const auto equals = one.find('=') + 1;
    line += " " + one.substr(0, equals) + sim::shlex_quote(one.substr(equals));
  }
  for (const std::string& word : words) line += " " + sim::shlex_quote(word);
  line += " 2>&1 </dev/null";

  std::FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) throw HostCommandFailed("no process for " + line);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), got);
  const int status = pclose(pipe);
  if (status != 0) throw HostCommandFailed(fmt::format("{}: status {}\n{}", line, status, output));
  return output;
}

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "dmsim-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw HostCommandFailed("no folder for temporary files: " + name);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace test
