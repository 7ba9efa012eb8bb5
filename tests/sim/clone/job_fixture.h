// SPDX-License-Identifier: GPL-2.0-or-later
// Clones between stores, without files.
#pragma once

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "sim/clone/failure.h"
#include "sim/clone/job.h"
#include "sim/store/resized_store.h"

#include "tests/support/failing_store.h"

namespace test {

// Remembers what it was told.
class RecordingListener final : public sim::clone::Listener {
 public:
  void begun(const std::string& table_text, const sim::clone::Progress&) override { table = table_text; }
  void progress(const sim::clone::Progress& now) override { reports.push_back(now); }
  void output(const sim::language::Command& command, const std::vector<std::string>& lines) override {
    for (const std::string& line : lines) printed.push_back(std::to_string(command.where.line) + ": " + line);
  }
  bool interrupted() override { return interrupt && interrupt(); }

  std::string table;
  std::vector<sim::clone::Progress> reports;
  std::vector<std::string> printed;
  std::function<bool()> interrupt;
};

class CloneJobTest : public testing::Test {
 protected:
  static constexpr std::uint64_t size = 1 << 20;
  static constexpr std::uint64_t regions = size / 4096;

  CloneJobTest()
      : source_(std::make_unique<FailingStore>(size, "source.img")),
        destination_(std::make_unique<FailingStore>(size, "copy.img")),
        metadata_(std::make_unique<FailingStore>(1 << 20, "metadata.img")) {
    // Not even a second of virtual time passes otherwise, and no commit is due.
    settings_.source.bytes_per_second = 256 << 10;
    std::vector<std::byte> pattern(size);
    for (std::size_t i = 0; i < size; ++i) pattern[i] = static_cast<std::byte>(i / 512 * 7 + i % 512);
    EXPECT_TRUE(source_->write(0, pattern).ok());
  }

  // Makes a machine of its own for each run; the disks stay.
  sim::clone::Summary run(const std::string& workload = {}) {
    sim::clone::Job job(settings_, {view(*source_), view(*destination_), view(*metadata_)}, listener_);
    return job.run(sim::clone::parse_workload("work.dms", workload));
  }
  // Why a run failed.
  std::string failure(const std::string& workload = {}) {
    try {
      run(workload);
    } catch (const sim::clone::Failed& failed) {
      return failed.what();
    }
    return "not failed";
  }
  // The destination's bytes, or the source's.
  static std::vector<std::byte> bytes_of(const sim::Store& store) {
    std::vector<std::byte> bytes(size);
    EXPECT_TRUE(store.read(0, bytes).ok());
    return bytes;
  }

  // For a machine that does not own it.
  static std::unique_ptr<sim::Store> view(sim::Store& store) {
    return std::make_unique<sim::ResizedStore>(store, store.size());
  }

  sim::clone::Settings settings_;
  RecordingListener listener_;
  std::unique_ptr<FailingStore> source_;
  std::unique_ptr<FailingStore> destination_;
  std::unique_ptr<FailingStore> metadata_;
};

}  // namespace test
