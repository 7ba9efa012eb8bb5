// SPDX-License-Identifier: GPL-2.0-or-later
// An Output that a test can read back.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <unistd.h>

#include "sim/cli/output.h"

namespace test {

class CapturedOutput {
 public:
  CapturedOutput() : file_(std::tmpfile()), output_(dup(fileno(file_))) {}
  ~CapturedOutput() { std::fclose(file_); }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  [[nodiscard]] sim::cli::Output& output() { return output_; }
  // All that reached the file so far.
  [[nodiscard]] std::string text() const {
    std::string text;
    std::array<char, 4096> buffer{};
    off_t at = 0;
    while (const ssize_t got = pread(fileno(file_), buffer.data(), buffer.size(), at)) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
      at += got;
    }
    return text;
  }

 private:
  std::FILE* file_;
  sim::cli::Output output_;
};

}  // namespace test
