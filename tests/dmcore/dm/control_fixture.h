// SPDX-License-Identifier: GPL-2.0-or-later
// What tests of the control interface share: a machine with one type of target and one disk.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tests/rig/control.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/probe_target.h"

namespace test {

class DmControl : public testing::Test {
 protected:
  DmControl() {
    EXPECT_TRUE(m.dm().register_target(probe_type("probe", probe)).ok());
    m.add_probe_disk(256);
  }
  // Runs as a process; returns what it logs.
  std::vector<std::string> logged(const std::function<void()>& body) {
    m.run(body);
    return m.logged();
  }
  // What list_devices tells.
  std::vector<std::string> names() {
    Control call;
    EXPECT_TRUE(call.run(m.dm(), dmcore::ioctl::Command::list_devices).ok());
    std::vector<std::string> found;
    const char* entry = call.out();
    for (;;) {
      dmcore::ioctl::NameListEntry head;
      std::memcpy(&head, entry, sizeof head);
      if (head.dev == 0) return found;
      found.emplace_back(entry + dmcore::ioctl::name_list_name_offset);
      if (head.next == 0) return found;
      entry += head.next;
    }
  }

  DmMachine m;
  Probe probe;
};

}  // namespace test
