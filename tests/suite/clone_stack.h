// SPDX-License-Identifier: GPL-2.0-or-later
// A clone device with what is beneath it: metadata and destination are linear volumes on the fast disk, the
// source is one on the slow disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/rig/clone.h"
#include "tests/suite/rig.h"

namespace suite {

// Sizes are in sectors.
struct CloneStackOptions {
  sector_t size = gib(1);
  sector_t metadata_size = mib(4);
  sector_t region_size = kib(4);
  bool format = true;  // wipes the metadata's superblock first
  bool discard_passdown = true;
  bool hydration = true;
  std::vector<std::pair<std::string, std::string>> core_args{};
};

sim::host::Table linear_table(sector_t size, const std::string& path, sector_t offset);

class CloneStack {
 public:
  using Body = std::function<void()>;

  CloneStack(Rig& rig, CloneStackOptions options) : rig_(rig), options_(std::move(options)) {}

  // The devices exist while `body` runs, and for a second at least. Throws test::Failure if one cannot be
  // made.
  void activate_support_devs(const Body& body);
  // Inside activate_support_devs().
  void activate_top_level(const Body& body);
  // Both.
  void activate(const Body& body);

  // Paths; valid while the devices are.
  [[nodiscard]] const std::string& metadata() const { return metadata_; }
  [[nodiscard]] const std::string& destination() const { return destination_; }
  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const std::string& clone() const { return clone_; }
  [[nodiscard]] const CloneStackOptions& options() const { return options_; }

  void enable_hydration() { message("enable_hydration"); }
  void set_hydration_threshold(std::uint64_t regions);
  void set_hydration_batch_size(std::uint64_t regions);
  [[nodiscard]] sim::host::CloneStatus status();
  // Sleeps on the device's events, as `dmsetup wait` does, until its status says so. The clone sends its
  // event with the commit that follows, which may be a second later.
  void wait_until_hydrated();

 private:
  void message(const std::string& words);
  [[nodiscard]] sim::host::Table table() const;
  void at_least_a_second(const Body& body);

  Rig& rig_;
  CloneStackOptions options_;
  std::string metadata_;
  std::string destination_;
  std::string source_;
  std::string clone_;
  std::string clone_name_;
};

}  // namespace suite
