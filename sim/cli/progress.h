// SPDX-License-Identifier: GPL-2.0-or-later
// How far long work has come: a line that is rewritten in place on a terminal, one line for each 10 %
// elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sim/cli/output.h"

namespace sim::cli {

// Shows nothing in the first second, so that short work leaves no trace. What cannot be written is no error.
// One thread.
class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  // How it is shown; tests say so themselves.
  struct Display {
    bool terminal = false;
    std::function<unsigned()> width;  // columns, asked each time: a window may be resized
    Clock clock = std::chrono::steady_clock::now;
    std::chrono::milliseconds silent_for{1000};
  };

  // `to` is standard error, as a rule: what a program prints as its result stays clean.
  explicit Progress(Output& to)
      : Progress(to, {.terminal = to.is_terminal(), .width = [&to] { return to.width(); }}) {}
  Progress(Output& to, Display display) : to_(to), display_(std::move(display)) {}
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `total` of 0: not known. `unit` in the plural: "files".
  void start(std::uint64_t total, std::string_view unit);
  // May be called as often as one likes: a terminal sees ten a second at most. `text` may say more, such as
  // what is being worked on.
  void update(std::uint64_t done, std::string_view text = {});
  // Takes the line off the terminal; the next update() shows it again. Before anything else is printed there.
  void clear();
  // The same for good.
  void finish();

 private:
  [[nodiscard]] unsigned percent(std::uint64_t done) const;
  void draw(std::uint64_t done, std::string_view text);
  void print_line(std::uint64_t done, std::string_view text);

  Output& to_;
  Display display_;
  bool running_ = false;
  bool drawn_ = false;
  std::uint64_t total_ = 0;
  std::string unit_;
  std::chrono::steady_clock::time_point next_;
  unsigned tens_ = 0;  // of percent, that lines were printed for
};

}  // namespace sim::cli
