// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/progress.h"

#include <algorithm>
#include <fmt/format.h>

namespace sim::cli {

namespace {

constexpr std::chrono::milliseconds redraw_interval{100};

// The longest beginning of a UTF-8 text that takes no more than so many columns, a column for each character.
std::string_view cut_to(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_character = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins_character && used++ == columns) return text.substr(0, i);
  }
  return text;
}

// Control characters would move the cursor.
std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return out;
}

}  // namespace

void Progress::start(std::uint64_t total, std::string_view unit) {
  finish();
  running_ = true;
  total_ = total;
  unit_ = unit;
  tens_ = 0;
  next_ = display_.clock() + display_.silent_for;
}

unsigned Progress::percent(std::uint64_t done) const {
  // Not done * 100 / total_, which overflows for bytes.
  const double part = static_cast<double>(std::min(done, total_)) / static_cast<double>(total_);
  return total_ == 0 ? 0 : static_cast<unsigned>(part * 100);
}

void Progress::update(std::uint64_t done, std::string_view text) {
  if (!running_ || display_.clock() < next_) return;
  if (display_.terminal) {
    next_ = display_.clock() + redraw_interval;
    draw(done, text);
  } else if (percent(done) / 10 > tens_) {
    tens_ = percent(done) / 10;
    print_line(done, text);
  }
}

void Progress::draw(std::uint64_t done, std::string_view text) {
  // The last column stays free: a terminal may begin a new line when it is written to.
  const std::size_t columns = std::max(display_.width(), 2U) - 1;
  std::string line = total_ == 0 ? fmt::format("{} {}", done, unit_)
                                 : fmt::format("{:3} %  {}/{} {}", percent(done), done, total_, unit_);
  if (!text.empty()) line += "  " + printable(text);
  // As wide as what is next to it leaves, whatever that says: a bar that changes its width flickers.
  constexpr std::size_t beside_bar = 40;
  constexpr std::size_t bar_min = 10;
  constexpr std::size_t bar_max = 30;
  if (total_ != 0 && columns >= beside_bar + bar_min) {
    const std::size_t bar = std::min(bar_max, columns - beside_bar);
    line = fmt::format("[{:<{}}] {}", std::string(bar * percent(done) / 100, '#'), bar, line);
  }
  to_.write_progress(fmt::format("\r{}\033[K", cut_to(line, columns)));
  drawn_ = true;
}

void Progress::print_line(std::uint64_t done, std::string_view text) {
  to_.write_progress(fmt::format("{:3} %  {}/{} {}{}{}\n", percent(done), done, total_, unit_,
                                 text.empty() ? "" : "  ", printable(text)));
}

void Progress::clear() {
  if (!drawn_) return;
  to_.write_progress("\r\033[K");
  drawn_ = false;
}

void Progress::finish() {
  clear();
  running_ = false;
}

}  // namespace sim::cli
