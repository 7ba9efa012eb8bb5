// SPDX-License-Identifier: GPL-2.0-or-later
// The forms in which real machines print their tables and devices.
#include <gtest/gtest.h>

#include "sim/tables/report.h"

namespace {

using namespace sim::tables;

const ListedDevice* find(const DeviceList& list, const std::string& name) {
  for (const ListedDevice& device : list.devices) {
    if (device.name == name) return &device;
  }
  return nullptr;
}

void expect_device(const DeviceList& list, const std::string& name, std::optional<std::uint32_t> major,
                   std::uint32_t minor) {
  SCOPED_TRACE(name);
  const ListedDevice* device = find(list, name);
  ASSERT_NE(device, nullptr);
  EXPECT_EQ(device->major, major);
  EXPECT_EQ(device->minor, minor);
}

TEST(TablesLists, DmsetupLs) {
  const DeviceList list = parse_device_list("l", "vg0-db--meta\t(252:12)\nmy\\x20vol\t(252:3)\n");
  expect_device(list, "vg0-db--meta", 252, 12);
  expect_device(list, "my\\x20vol", 252, 3);
  EXPECT_TRUE(list.notes.empty());
}

TEST(TablesLists, DmsetupInfoColumns) {
  const DeviceList list = parse_device_list("l",
                                            "Name             Maj Min Stat Open Targ Event  UUID\n"
                                            "vg0-root         254   0 L--w    1    1      0 LVM-x\n"
                                            "vg0-old          254   7 LIsr    0    2      0 \n");
  expect_device(list, "vg0-root", 254, 0);
  expect_device(list, "vg0-old", 254, 7);
  EXPECT_FALSE(find(list, "vg0-root")->read_only);
  EXPECT_TRUE(find(list, "vg0-old")->read_only);
  EXPECT_TRUE(find(list, "vg0-old")->inactive_table);
}

TEST(TablesLists, LsblkBytes) {
  const DeviceList list = parse_device_list("l",
                                            "NAME         MAJ:MIN RM        SIZE RO TYPE  MOUNTPOINTS\n"
                                            "sda            8:0    0 64424509440  1 disk  \n"
                                            "└─sda3         8:3    0 63374884864  0 part  \n"
                                            "  └─vg0-root 253:0    0 21474836480  0 lvm   /\n"
                                            "                                             /home\n");
  expect_device(list, "vg0-root", 253, 0);
  EXPECT_TRUE(find(list, "vg0-root")->mapped);
  EXPECT_TRUE(find(list, "sda")->read_only);
  EXPECT_EQ(find(list, "sda3")->sectors, 63374884864U / 512);
  EXPECT_FALSE(find(list, "sda3")->rounded);
  EXPECT_TRUE(list.notes.empty());
}

TEST(TablesLists, ProcPartitions) {
  const DeviceList list = parse_device_list(
      "l", "major minor  #blocks  name\n\n   8        0   62914560 sda\n 253        1    4194304 dm-1\n");
  expect_device(list, "sda", 8, 0);
  EXPECT_EQ(find(list, "sda")->sectors, 125829120U);
  EXPECT_TRUE(find(list, "dm-1")->mapped);
}

TEST(TablesLists, LinksOfDevMapper) {
  const DeviceList list =
      parse_device_list("l",
                        "total 0\ncrw------- 1 root root 10, 236 Jan  5 09:12 control\n"
                        "lrwxrwxrwx 1 root root       7 Jan  5 09:12 vg0-db--meta -> ../dm-12\n");
  ASSERT_EQ(list.devices.size(), 1U);
  expect_device(list, "vg0-db--meta", std::nullopt, 12);
  EXPECT_TRUE(list.notes.empty());
}

TEST(TablesLists, AnUnreadableLineIsToldWithItsPlace) {
  const DeviceList list = parse_device_list("l", "a\t(253:0)\nCommand failed.\n");
  ASSERT_EQ(list.notes.size(), 1U);
  EXPECT_TRUE(format_note(list.notes[0]).starts_with("l:2: error: ")) << format_note(list.notes[0]);
}

TEST(TablesForms, ANamelessTableIsCalledLikeItsFile) {
  const TableFile file = parse_tables("dir/root.txt", "0 8 zero\n8 8 error\n");
  ASSERT_EQ(file.devices.size(), 1U);
  EXPECT_EQ(file.devices[0].name, "root");
  EXPECT_EQ(file.devices[0].length(), 16U);
}

TEST(TablesForms, VerboseBlocksTellNumbersAndUuids) {
  const TableFile file = parse_tables("t",
                                      "Name:              vg0-root\nState:             ACTIVE (READ-ONLY)\n"
                                      "Read Ahead:        256\nTables present:    LIVE\n"
                                      "Open count:        1\nEvent number:      0\n"
                                      "Major, minor:      252, 9\nNumber of targets: 1\n"
                                      "UUID: LVM-abc\n\n0 8 linear 8:3 2048\n\n");
  ASSERT_EQ(file.devices.size(), 1U);
  const TableDevice& device = file.devices[0];
  EXPECT_EQ(device.major, 252U);
  EXPECT_EQ(device.minor, 9U);
  EXPECT_EQ(device.uuid, "LVM-abc");
  EXPECT_TRUE(device.read_only);
  EXPECT_EQ(device.lines.size(), 1U);
}

TEST(TablesForms, ConciseListsTellMinorsUuidsAndFlags) {
  const TableFile file = parse_tables("t", "a\\,b,LVM-1,4,ro,0 8 linear 8:3 0,8 8 zero;c,,,rw,0 8 error\n");
  ASSERT_EQ(file.devices.size(), 2U);
  EXPECT_EQ(file.devices[0].name, "a,b");
  EXPECT_EQ(file.devices[0].uuid, "LVM-1");
  EXPECT_EQ(file.devices[0].minor, 4U);
  EXPECT_TRUE(file.devices[0].read_only);
  EXPECT_EQ(file.devices[0].lines.size(), 2U);
  EXPECT_FALSE(file.devices[1].read_only);
}

Request request_for(const std::string& text, const std::string& list = "") {
  Request request;
  request.name = "t";
  request.text = text;
  if (!list.empty()) request.lists.emplace_back("l", list);
  return request;
}

TEST(TablesOptions, DeviceSettlesWhatIsAmbiguous) {
  Request request = request_for("a: 0 8 linear 253:5 0\nb: 0 8 zero\nc: 0 8 zero\n");
  request.stack.said.push_back({dmcore::DevT{253, 5}, "c"});
  EXPECT_EQ(understand(request).devices[0].lines[0].uses[0].referent.index, 2U);
}

TEST(TablesOptions, DmMajorMakesANumberAMappedDevice) {
  Request request = request_for("a: 0 16 linear 252:0 0\nb: 0 8 linear 253:16 0\nc: 0 16 zero\n");
  request.stack.dm_major = 252;
  const Stack stack = understand(request);
  EXPECT_EQ(stack.dm_major, 252U);
  ASSERT_EQ(stack.disks.size(), 1U);
  EXPECT_EQ(stack.disks[0].name, "vdb");
}

TEST(TablesOptions, LeaveOutLeavesForeignTargetsOut) {
  Request request = request_for("t: 0 8 thin 253:1 7\nb: 0 8 zero\n");
  EXPECT_FALSE(understand(request).devices[0].left_out);
  request.stack.leave_out = true;
  EXPECT_TRUE(understand(request).devices[0].left_out);
  EXPECT_FALSE(understand(request).devices[1].left_out);
}

TEST(TablesForeign, ACryptDeviceStandsOnTheDeviceWithItsData) {
  const Stack stack = understand(request_for("luks: 0 8 crypt aes-xts-plain64 :64:logon:k 0 8:3 4096\n"));
  EXPECT_EQ(stack.devices[0].lines[0].target.type, "linear");
  EXPECT_EQ(stack.devices[0].lines[0].target.params, "8:3 4096");
}

TEST(TablesDisks, AListTellsSizeAndReadOnlyDisks) {
  const Stack stack = understand(
      request_for("a: 0 8 linear 8:0 0\n", "NAME=\"sda\" MAJ:MIN=\"8:0\" SIZE=\"1048576\" RO=\"1\"\n"));
  ASSERT_EQ(stack.disks.size(), 1U);
  EXPECT_TRUE(stack.disks[0].read_only);
  EXPECT_EQ(stack.disks[0].sectors, 2048U);
}

}  // namespace
