// SPDX-License-Identifier: GPL-2.0-or-later
// How a subcommand gives up.
#pragma once

#include <stdexcept>
#include <string>

#include "sim/cli/exit_status.h"

namespace sim::cli {

// Ends the program: what() goes to standard error behind "dmsim: ", without a newline at its end.
class Failure : public std::runtime_error {
 public:
  Failure(ExitStatus status, const std::string& text) : std::runtime_error(text), status_(status) {}
  [[nodiscard]] ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

// A mistake of the user's, in the command line or in an input.
class Mistake : public Failure {
 public:
  explicit Mistake(const std::string& text) : Failure(ExitStatus::mistake, text) {}
};

}  // namespace sim::cli
