// SPDX-License-Identifier: GPL-2.0-or-later
// The control interface as a door: versions, sizes, names, and buffers of any content.
#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include "tests/dmcore/dm/control_fixture.h"

namespace {

using namespace dmcore;
using ioctl::Command;
using test::Control;
using test::DmControl;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(DmControl, TellsItsVersion) {
  m.run([&] {
    Control call;
    EXPECT_TRUE(call.run(m.dm(), Command::version).ok());
    EXPECT_THAT(call.header().version, ElementsAre(4, 47, 0));
  });
}

TEST_F(DmControl, RefusesCallersOfAnotherVersionButTellsThem) {
  Control call;
  call.header().version[1] = 48;
  EXPECT_THAT(logged([&] { EXPECT_EQ(call.run(m.dm(), Command::list_devices), Errno::inval); }),
              ElementsAre("ioctl: ioctl interface mismatch: kernel(4.47.0), user(4.48.0), cmd(2)"));
  EXPECT_EQ(call.header().version[1], 47U);
}

TEST_F(DmControl, RefusesUnknownCommands) {
  Control call;
  EXPECT_THAT(logged([&] { EXPECT_EQ(m.dm().control(18, call.buffer()), Errno::notty); }),
              ElementsAre("ioctl: dm_ctl_ioctl: unknown command 0xc138fd12"));
}

TEST_F(DmControl, RefusesImpossibleSizes) {
  Control call;
  call.header().data_size = 304;
  EXPECT_THAT(logged([&] { EXPECT_EQ(call.run(m.dm(), Command::dev_status), Errno::inval); }),
              ElementsAre("ioctl: Invalid data size in the ioctl structure: 304"));
  call.header().data_size = 1073741825;
  EXPECT_THAT(logged([&] { EXPECT_EQ(call.run(m.dm(), Command::table_load), Errno::inval); }),
              ElementsAre("ioctl: Invalid data size in the ioctl structure: 1073741825"));
}

TEST_F(DmControl, FaultsOnABufferShorterThanItSays) {
  Control call(400);
  call.header().data_size = 401;
  m.run([&] {
    EXPECT_EQ(call.run(m.dm(), Command::list_devices), Errno::fault);
    std::vector<std::byte> tiny(8);
    EXPECT_EQ(m.dm().control(0, tiny), Errno::fault);
  });
}

TEST_F(DmControl, RefusesNameAndUuidTogether) {
  EXPECT_THAT(logged([&] {
                EXPECT_EQ(Control().name("a").uuid("b").run(m.dm(), Command::dev_status), Errno::inval);
              }),
              ElementsAre("ioctl: only supply one of name or uuid, cmd(7)"));
}

TEST_F(DmControl, RefusesANameAndANumberTogether) {
  Control call;
  call.name("a").header().dev = 0xfd00;
  EXPECT_THAT(logged([&] { EXPECT_EQ(call.run(m.dm(), Command::dev_status), Errno::nxio); }),
              ElementsAre("ioctl: Invalid ioctl structure: name a, dev fd00"));
}

TEST_F(DmControl, WipesSecretsFromTheCallersBuffer) {
  m.run([&] {
    ASSERT_TRUE(m.create("a").ok());
    Control call(512);
    call.name("a").table({{0, 8, "probe", "7:0 secret"}}).header().flags = ioctl::flag_secure_data;
    call.header().target_count = 0;  // fails, and so nothing is copied back
    EXPECT_EQ(call.run(m.dm(), Command::table_load), Errno::inval);
    EXPECT_EQ(call.buffer(), std::vector<std::byte>(512));
  });
}

// What a call may do to its caller's buffer: the version always comes back; an answer ends where its size
// says, inside the buffer; nothing else changes, except that secrets are wiped.
void expect_orderly_answer(const Status& status, bool version_only, const std::vector<std::byte>& before,
                           const std::vector<std::byte>& after) {
  ioctl::IoctlHeader asked;
  ioctl::IoctlHeader answer;
  std::memcpy(&asked, before.data(), ioctl::minimum_data_size);
  std::memcpy(&answer, after.data(), ioctl::minimum_data_size);
  const bool secret = (asked.flags & ioctl::flag_secure_data) != 0;
  // A secret request is wiped, its version too, before the answer is copied, which there may not be.
  if (!secret) {
    EXPECT_THAT(answer.version,
                ElementsAre(ioctl::version_major, ioctl::version_minor, ioctl::version_patch));
  }
  std::size_t written = sizeof answer.version;
  if (status.ok() && !version_only) {
    EXPECT_GE(answer.data_size, ioctl::minimum_data_size);
    EXPECT_LE(answer.data_size, after.size());
    written = std::min<std::size_t>(answer.data_size, after.size());
  }
  for (std::size_t i = written; i < after.size(); ++i) {
    if (after[i] == before[i] || (secret && after[i] == std::byte{0})) continue;
    FAIL() << "byte " << i << " changed, of which " << written << " belong to the answer";
  }
}

TEST_F(DmControl, SurvivesAnyBuffer) {
  std::mt19937 random(1);
  std::array<int, 19> accepted{};
  std::array<int, 19> refused{};
  const auto any = [&](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
  m.run([&] {
    for (int round = 0; round < 20000; ++round) {
      if (m.dm().devices().by_name("a") == nullptr) m.create("a", "U").ignore();
      // In a buffer of its own size, so that a sanitizer sees every step outside.
      Control call(305 + any(200) + 8);
      std::vector<std::byte>& bytes = call.buffer();
      call.header().data_size = static_cast<std::uint32_t>(bytes.size()) - any(3) * any(9);
      if (any(4) != 0) call.name("a");
      for (std::size_t i = 312; i < bytes.size(); ++i)
        bytes[i] = std::byte{static_cast<unsigned char>(any(3) * any(128))};
      if (any(2) == 0 && bytes.size() > 400) call.table({{0, any(3) * 8, "probe", any(2) != 0 ? "7:0" : ""}});
      for (std::uint32_t changes = any(6); changes != 0; --changes) {
        bytes[12 + any(static_cast<std::uint32_t>(bytes.size()) - 12)] =
            std::byte{static_cast<unsigned char>(random())};
      }
      const std::uint32_t command = any(19);
      if (command == static_cast<std::uint32_t>(Command::dev_wait)) continue;
      const std::vector<std::byte> before = bytes;
      const Status status = m.dm().control(command, bytes);
      ++(status.ok() ? accepted : refused).at(command);
      // The kernel copies nothing but the version back for these two.
      const bool version_only = command == static_cast<std::uint32_t>(Command::version) ||
                                command == static_cast<std::uint32_t>(Command::remove_all);
      expect_orderly_answer(status, version_only, before, bytes);
      ASSERT_FALSE(HasFailure()) << "round " << round << ", command " << command;
    }
    EXPECT_TRUE(Control().run(m.dm(), Command::remove_all).ok());
    EXPECT_THAT(names(), IsEmpty());
    EXPECT_EQ(m.probe_disk(0).open_count(), 0U);
  });
  // Most commands must have been reached in both ways, or nothing was shown.
  const auto reached = [](const std::array<int, 19>& times) {
    return std::count_if(times.begin(), times.end(), [](int n) { return n > 0; });
  };
  EXPECT_GE(reached(accepted), 15);
  EXPECT_GE(reached(refused), 16);
}

}  // namespace
