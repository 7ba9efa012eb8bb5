// SPDX-License-Identifier: GPL-2.0-or-later
// The scenario that is being written, and what its writer must remember about it.
#pragma once

#include <cstdint>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <vector>

#include "sim/generate/random.h"

namespace sim::generate {

// A block device of the scenario, as a user of it sees it. Sizes are in sectors.
struct Device {
  std::string name;
  std::uint64_t sectors = 0;
  std::uint64_t unit = 8;       // where something happens in it: region, chunk or table borders
  std::uint64_t alignment = 1;  // logical block size
  bool mapped = true;           // no disk

  [[nodiscard]] std::string path() const { return (mapped ? "/dev/mapper/" : "/dev/") + name; }
};

struct DiskKind {
  std::uint64_t alignment = 1;
  bool discard = true;
  std::uint64_t discard_max = 0;  // sectors of one discard, in multiples of 8; 0: no such limit
  bool read_only = false;
};

// Sectors of one I/O.
struct Span {
  std::uint64_t sector = 0;
  std::uint64_t count = 0;
};

class Bench {
 public:
  explicit Bench(std::uint64_t seed) : random(seed) {}

  Random random;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t commands() const { return commands_; }

  // Writes one command.
  template <typename... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    line(fmt::format(format, std::forward<Args>(args)...));
  }
  void line(std::string_view command);
  void comment(std::string_view words);

  Device disk(std::uint64_t sectors, const DiskKind& kind = {});
  // Fills a disk so that one sees where each sector comes from.
  void stamp(const Device& device, char letter);

  void create(std::string_view name, std::string_view table, std::string_view options = {});
  // Another table for a device that exists: load, suspend, resume. Nothing may be in flight to it unless
  // `noflush`.
  void swap_table(std::string_view name, std::string_view table, bool noflush = false);

  // A pattern to write: a letter, a stamp, zeroes.
  std::string pattern();
  // Sectors in or about the device, with a liking for the borders of its units.
  Span span(const Device& device, std::uint64_t count_max = 4096);
  // The same, all inside the device and at least one sector.
  Span inner_span(const Device& device, std::uint64_t count_max = 4096);

 private:
  std::string text_;
  std::size_t commands_ = 0;
  unsigned next_loop_ = 0;
};

// A table of one target that covers `sectors`.
std::string table(std::uint64_t sectors, std::string_view target);

}  // namespace sim::generate
