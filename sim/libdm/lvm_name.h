// SPDX-License-Identifier: GPL-2.0-or-later
// Names of mapped devices as LVM composes them: "vg-lv-layer", with a hyphen inside a part doubled.
#pragma once

#include <string>
#include <string_view>

namespace sim::libdm {

struct SplitName {
  std::string subsystem;
  std::string vg_name;
  std::string lv_name;
  std::string lv_layer;
};

// Takes a name of the subsystem "LVM" apart; of any other one only the subsystem is known.
SplitName split_lvm_name(std::string_view subsystem, std::string_view name);

}  // namespace sim::libdm
