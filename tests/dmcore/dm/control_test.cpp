// SPDX-License-Identifier: GPL-2.0-or-later
// The control interface as a door: versions, sizes, names, and buffers of any content.
#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <set>

#include "tests/dmcore/dm/control_fixture.h"

namespace {

using namespace dmcore;
using ioctl::Command;
using test::Control;
using test::DmControl;
using testing::ContainerEq;
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

constexpr std::uint32_t commands = 18;

// Buffers that a command may understand, most of them with some bytes changed.
class AnyBuffer {
 public:
  explicit AnyBuffer(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  bool chance() { return below(2) != 0; }

  // One past the last command is unknown. The buffer has its own size, so that a sanitizer sees every access
  // outside.
  Control make(std::uint32_t command) {
    const std::uint32_t room = below(200);
    Control call(sizeof(ioctl::IoctlHeader) + 1 + room);
    const std::uint32_t shorter = chance() ? below(16) : 0;
    call.header().data_size = static_cast<std::uint32_t>(call.buffer().size()) - shorter;
    if (below(4) != 0) call.name(command == number(Command::get_target_version) && chance() ? "probe" : "a");
    fill_payload(command, call, room);
    if (chance()) change_bytes(call.buffer());
    // No device has had as many events: dev_wait does not wait.
    if (command == number(Command::dev_wait)) call.header().event_nr = UINT32_MAX;
    return call;
  }

  static constexpr std::uint32_t number(Command command) { return static_cast<std::uint32_t>(command); }

 private:
  void fill_payload(std::uint32_t command, Control& call, std::uint32_t room) {
    if (below(4) == 0) {
      for (std::size_t i = sizeof(ioctl::IoctlHeader); i < call.buffer().size(); ++i) {
        const std::uint32_t zero_often = below(3);
        call.buffer()[i] = std::byte{static_cast<unsigned char>(zero_often * below(128))};
      }
      return;
    }
    if (room < 100) return;
    if (command == number(Command::table_load)) {
      const dmcore::sector_t length = 8 * below(3);
      call.table({{0, length, "probe", chance() ? "7:0" : ""}});
    }
    if (command == number(Command::dev_rename)) call.payload(chance() ? "a" : "other");
    if (command == number(Command::dev_set_geometry)) call.payload(chance() ? "1 2 3 0" : "1 2 300 0");
    if (command == number(Command::target_message))
      call.payload(chance() ? "@cancel_deferred_remove" : "hello", sizeof(ioctl::TargetMessage));
  }

  void change_bytes(std::vector<std::byte>& bytes) {
    // Once in a while the version, without which nothing else is read.
    const auto first =
        static_cast<std::uint32_t>(below(8) == 0 ? 0 : offsetof(ioctl::IoctlHeader, data_size));
    for (std::uint32_t changes = 1 + below(5); changes != 0; --changes) {
      std::byte& byte = bytes[first + below(static_cast<std::uint32_t>(bytes.size()) - first)];
      byte = std::byte{static_cast<unsigned char>(below(256))};
    }
  }

  std::mt19937 random_;
};

// How a command can end that finds such buffers, all of which must have been met. EINVAL is also what a
// buffer of another version or an impossible size gives.
std::set<Errno> endings_of(std::uint32_t command) {
  using enum Errno;
  switch (static_cast<Command>(command)) {
    // These look at the header only, and need no device.
    case Command::version:
    case Command::remove_all:
    case Command::dev_arm_poll:
      return {ok, inval};
    // Nor these, but they copy the whole buffer, which can be shorter than it says.
    case Command::list_devices:
    case Command::list_versions:
    case Command::get_target_version:
      return {ok, inval, fault};
    // The name or the minor number is in use; ENXIO: the minor number cannot be had.
    case Command::dev_create:
      return {ok, inval, busy, nxio};
    // The header names no device, from here on.
    case Command::dev_remove:
    case Command::dev_suspend:
    case Command::dev_status:
    case Command::table_clear:
      return {ok, inval, nxio};
    case Command::dev_wait:
    case Command::table_deps:
    case Command::table_status:
    case Command::target_message:
    case Command::dev_set_geometry:
      return {ok, inval, nxio, fault};
    case Command::dev_rename:
      return {ok, inval, nxio, fault, busy};
    // The device under the table does not exist, or its number is too large.
    case Command::table_load:
      return {ok, inval, nxio, fault, nodev, overflow};
  }
  return {inval, notty};  // no command
}

TEST_F(DmControl, SurvivesAnyBuffer) {
  AnyBuffer any(1);
  std::array<std::set<Errno>, commands + 1> endings;
  m.run([&] {
    for (int round = 0; round < 20000; ++round) {
      if (m.dm().devices().by_name("a") == nullptr) m.create("a", "U").ignore();
      const std::uint32_t command = any.below(commands + 1);
      Control call = any.make(command);
      const std::vector<std::byte> before = call.buffer();
      const Status status = m.dm().control(command, call.buffer());
      endings.at(command).insert(status.error());
      // The kernel copies nothing but the version back for these two.
      const bool version_only =
          command == AnyBuffer::number(Command::version) || command == AnyBuffer::number(Command::remove_all);
      expect_orderly_answer(status, version_only, before, call.buffer());
      ASSERT_FALSE(HasFailure()) << "round " << round << ", command " << command;
    }
    EXPECT_TRUE(Control().run(m.dm(), Command::remove_all).ok());
    EXPECT_THAT(names(), IsEmpty());
    EXPECT_EQ(m.probe_disk(0).open_count(), 0U);
  });
  for (std::uint32_t command = 0; command <= commands; ++command)
    EXPECT_THAT(endings[command], ContainerEq(endings_of(command))) << "command " << command;
}

}  // namespace
