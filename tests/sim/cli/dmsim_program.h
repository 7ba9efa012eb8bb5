// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the dmsim that was built, as a shell does.
#pragma once

#include <string>
#include <vector>

#include "tests/support/host_command.h"

namespace test {

struct Ended {
  int status = -1;  // 128 + N if signal N ended it
  std::string out;
  std::string err;
};

// Runs it in a folder of its own, which is empty at first.
class DmsimProgram {
 public:
  // Where the program is.
  [[nodiscard]] static std::string path();

  // Writes a file there.
  void file(const std::string& name, const std::string& content) const;
  [[nodiscard]] std::string content_of(const std::string& name) const;
  [[nodiscard]] std::string path_of(const std::string& name) const { return folder_.path_of(name); }

  // `redirections` in a shell's notation may send the streams elsewhere.
  [[nodiscard]] Ended run(const std::vector<std::string>& words, const std::string& redirections = {}) const;
  // A line for sh, in which "dmsim" is the program; its status and what it printed.
  [[nodiscard]] Ended shell(const std::string& line) const;

 private:
  ScratchFolder folder_;
};

}  // namespace test
