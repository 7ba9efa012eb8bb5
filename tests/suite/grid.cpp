// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/grid.h"

#include <algorithm>
#include <fmt/format.h>

#include "tests/suite/options.h"

namespace suite {

namespace {

std::string describe(const sim::DiskTiming& timing) {
  const auto us = [](dmcore::Duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  };
  constexpr std::uint64_t mebibyte = 1U << 20U;
  std::string text = fmt::format("read_latency={}us write_latency={}us flush_latency={}us",
                                 us(timing.read_latency), us(timing.write_latency), us(timing.flush_latency));
  if (timing.bytes_per_second != 0) text += fmt::format(" bandwidth={}M", timing.bytes_per_second / mebibyte);
  return text;
}

}  // namespace

double seconds(dmcore::Duration time) {
  return std::chrono::duration<double>(time).count();
}

Grid::Grid(std::string title, std::string corner, std::vector<std::string> columns)
    : title_(std::move(title)) {
  row(std::move(corner), std::move(columns));
}

void Grid::row(std::string label, std::vector<std::string> cells) {
  cells.insert(cells.begin(), std::move(label));
  rows_.push_back(std::move(cells));
}

void Grid::print() const {
  std::string text = fmt::format("\n{}\n", title_);
  for (const std::vector<std::string>& cells : rows_) {
    std::string line = "  ";
    for (std::size_t column = 0; column < cells.size(); ++column) {
      std::size_t width = 0;
      for (const auto& other : rows_) {
        if (column < other.size()) width = std::max(width, other[column].size());
      }
      line += column == 0 ? fmt::format("{:<{}}", cells[column], width)
                          : fmt::format("  {:>{}}", cells[column], width);
    }
    text += line + "\n";
  }
  fmt::print("{}\n", text);
}

std::string size_text(sector_t sectors) {
  if (sectors >= gib(1) && sectors % gib(1) == 0) return fmt::format("{} GiB", sectors / gib(1));
  if (sectors >= mib(1) && sectors % mib(1) == 0) return fmt::format("{} MiB", sectors / mib(1));
  return fmt::format("{} KiB", sectors / kib(1));
}

std::string throughput_text(sector_t sectors, dmcore::Duration time) {
  const double mebibytes = static_cast<double>(sectors) / static_cast<double>(mib(1));
  return time.count() == 0 ? "infinite" : fmt::format("{:.1f}", mebibytes / seconds(time));
}

std::string seconds_text(dmcore::Duration time) {
  return fmt::format("{:.3f}", seconds(time));
}

std::string describe_disks() {
  return fmt::format("fast disk: {}\n  slow disk: {}", describe(options().fast), describe(options().slow));
}

}  // namespace suite
