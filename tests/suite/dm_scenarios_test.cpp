// SPDX-License-Identifier: GPL-2.0-or-later
// The fundamental dm scenarios of thin-provisioning-tools' functional tests: what every device-mapper device
// does. Here they are scenarios too, in this project's language.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "sim/scenario/replay.h"

#include "tests/suite/options.h"

namespace suite {
namespace {

namespace scenario = sim::scenario;

// Named as the original names its scenarios: (dm create-device) and so on.
class dm : public testing::Test {  // NOLINT(readability-identifier-naming)
 protected:
  // The scenario runs to its end, and every `expect` in it is met.
  static void expect_passes(const std::string& text) {
    scenario::ReplayOptions replay_options;
    replay_options.schedule = options().schedule;
    const scenario::ReplayResult result = scenario::replay("disk loop0 1G\n" + text, replay_options);
    EXPECT_TRUE(result.outcome == scenario::ReplayOutcome::ok) << result.complaint << result.transcript;
  }

  // So many targets of random sizes, one after the other on the disk and in the table.
  std::string linear_table(unsigned targets) {
    std::string table;
    std::uint64_t begin = 0;
    for (unsigned i = 0; i < targets; ++i) {
      const std::uint64_t length = 8 * (1 + random_() % 1023);
      table += fmt::format("{}{} {} linear /dev/loop0 {}", i == 0 ? "" : "\n", begin, length, allocated_);
      begin += length;
      allocated_ += length;
    }
    return table;
  }

  // `expect` lines for what shows a table: each line's length and type.
  static std::string expect_similar(const std::string& table) {
    static constexpr std::string_view parameters = " /dev/";
    std::string text;
    for (std::size_t at = 0; at < table.size();) {
      const std::size_t end = std::min(table.find('\n', at), table.size());
      const std::string line = table.substr(at, end - at);
      text += fmt::format("expect '(^|\\n){} '\n", line.substr(0, line.find(parameters)));
      at = end + 1;
    }
    return text;
  }

 private:
  std::mt19937_64 random_{1};
  std::uint64_t allocated_ = 0;
};

TEST_F(dm, create_interface) {
  expect_passes(R"(
    dmsetup version
    expect 'Driver version: +4\.47\.0'
    dmsetup ls
    expect '^No devices found$'
  )");
}

TEST_F(dm, create_device) {
  expect_passes(R"(
    dmsetup create foo --uuid uuidd --notable
    dmsetup info -c --noheadings -o name,uuid,segments foo
    expect '^foo:uuidd:0$'
    dmsetup remove foo
    dmsetup info foo
    expect '^exit 1$'
  )");
}

TEST_F(dm, duplicate_name_fails) {
  expect_passes(R"(
    dmsetup create foo --uuid uuid1 --notable
    dmsetup create foo --uuid uuid2 --notable
    expect '^exit 1$'
    dmsetup info -c --noheadings -o name,uuid
    expect '^foo:uuid1$'
    dmsetup remove foo
  )");
}

TEST_F(dm, duplicate_uuid_fails) {
  expect_passes(R"(
    dmsetup create foo --uuid uuid --notable
    dmsetup create bar --uuid uuid --notable
    expect '^exit 1$'
    dmsetup info -c --noheadings -o name,uuid
    expect '^foo:uuid$'
    dmsetup remove foo
  )");
}

TEST_F(dm, load_single_target) {
  expect_passes(R"(
    dmsetup create foo --uuid uuid --notable
    dmsetup load foo --table '0 102400 linear /dev/loop0 0'
    dmsetup table --inactive foo
    expect '^0 102400 linear 7:0 0$'
    dmsetup remove foo
  )");
}

TEST_F(dm, load_many_targets) {
  const std::string table = linear_table(32);
  expect_passes(fmt::format(R"(
    dmsetup create foo --uuid uuid --notable
    dmsetup load foo --table '{}'
    dmsetup info -c --noheadings -o segments,tables_loaded --inactive foo
    expect '^32:Inactive$'
    dmsetup table --inactive foo
    {}
    dmsetup remove foo
  )",
                            table, expect_similar(table)));
}

TEST_F(dm, resume_works) {
  expect_passes(fmt::format(R"(
    dmsetup create foo --uuid uuid --notable
    dmsetup load foo --table '{}'
    dmsetup resume foo
    dmsetup info -c --noheadings -o tables_loaded,suspended,segments foo
    expect '^Live:Active:8$'
    write foo 0 8 X
    read foo 0 8
    expect '^0-7 X$'
    read loop0 0 8
    expect '^0-7 X$'
    dmsetup remove foo
  )",
                            linear_table(8)));
}

TEST_F(dm, suspend_resume_cycle) {
  expect_passes(fmt::format(R"(
    dmsetup create foo --uuid uuid --table '{}'
    dmsetup suspend foo
    dmsetup info -c --noheadings -o suspended foo
    expect '^Suspended$'
    write foo 0 8 X &
    read loop0 0 8
    expect '^0-7 zero$'
    dmsetup resume foo
    dmsetup info -c --noheadings -o suspended foo
    expect '^Active$'
    wait
    read loop0 0 8
    expect '^0-7 X$'
    dmsetup remove foo
  )",
                            linear_table(8)));
}

TEST_F(dm, reload_table) {
  const std::string first = linear_table(16);
  const std::string second = linear_table(8);
  expect_passes(fmt::format(R"(
    dmsetup create foo --uuid uuid --table '{}'
    dmsetup table foo
    {}
    dmsetup suspend foo
    dmsetup load foo --table '{}'
    dmsetup resume foo
    dmsetup info -c --noheadings -o segments foo
    expect '^8$'
    dmsetup table foo
    {}
    dmsetup remove foo
  )",
                            first, expect_similar(first), second, expect_similar(second)));
}

TEST_F(dm, list_devices) {
  expect_passes(fmt::format(R"(
    dmsetup create foo --uuid uuid --table '{}'
    dmsetup create bar --uuid uuid2 --table '{}'
    dmsetup ls
    expect '(^|\n)foo\s'
    expect '(^|\n)bar\s'
    dmsetup remove bar
    dmsetup remove foo
  )",
                            linear_table(4), linear_table(4)));
}

TEST_F(dm, get_status) {
  const std::string table = linear_table(4);
  expect_passes(fmt::format(R"(
    dmsetup create foo --uuid uuid --table '{}'
    dmsetup status foo
    {}
    dmsetup remove foo
  )",
                            table, expect_similar(table)));
}

TEST_F(dm, get_table) {
  const std::string table = linear_table(4);
  expect_passes(fmt::format(R"(
    dmsetup create foo --uuid uuid --table '{}'
    dmsetup table foo
    {}
    dmsetup remove foo
  )",
                            table, expect_similar(table)));
}

}  // namespace
}  // namespace suite
