// SPDX-License-Identifier: GPL-2.0-or-later
// What a witness sees of the requests of programs.
#include "sim/host/io_witness.h"

#include <array>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "sim/host/host.h"
#include "sim/machine/machine.h"

namespace {

using testing::ElementsAre;

class RecordingWitness final : public sim::host::IoWitness {
 public:
  std::uint64_t begins(const Request& request) override {
    static constexpr std::array<const char*, 4> names = {"write", "discard", "flush", "read"};
    seen.push_back(fmt::format("{} {}+{} of {}{}", names.at(static_cast<std::size_t>(request.kind)),
                               request.sector, request.count, request.device,
                               request.durable ? ", FUA" : ""));
    return seen.size() - 1;
  }
  void ended(std::uint64_t id, bool ok, std::span<const std::byte> read) override {
    seen.push_back(fmt::format("{} {}, {} bytes", id, ok ? "done" : "failed", read.size()));
  }
  std::vector<std::string> seen;
};

// A disk of 16 sectors.
class WitnessedRequests : public testing::Test {
 protected:
  WitnessedRequests() { host_.add_disk({.name = "d", .size_bytes = 16 * dmcore::sector_size}).ignore(); }
  RecordingWitness witness_;
  sim::Machine machine_;
  sim::host::Host host_{machine_, {.directory = {}, .save_directory = {}, .witness = &witness_}};
};

TEST_F(WitnessedRequests, SeesWhatWasRead) {
  std::vector<std::byte> data(2 * dmcore::sector_size);
  host_.run([&] { EXPECT_TRUE(host_.read("d", 3, data).ok()); });
  EXPECT_THAT(witness_.seen, ElementsAre("read 3+2 of d", "0 done, 1024 bytes"));
}

TEST_F(WitnessedRequests, SeesAFuaWriteAndTheFlushAfterItAsTwo) {
  const std::vector<std::byte> data(2 * dmcore::sector_size);
  host_.run([&] { EXPECT_TRUE(host_.write("d", 3, data, true).ok()); });
  EXPECT_THAT(witness_.seen,
              ElementsAre("write 3+2 of d, FUA", "0 done, 0 bytes", "flush 0+0 of d", "2 done, 0 bytes"));
}

TEST_F(WitnessedRequests, SeesAFuaWriteThatPassesTheEndFail) {
  const std::vector<std::byte> data(4 * dmcore::sector_size);
  host_.run([&] { EXPECT_EQ(host_.write("d", 14, data, true).error(), dmcore::Errno::nospc); });
  EXPECT_THAT(witness_.seen, ElementsAre("write 14+4 of d, FUA", "0 failed, 0 bytes"));
}

}  // namespace
