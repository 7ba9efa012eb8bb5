// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/lvm_name.h"

namespace sim::libdm {
namespace {

// Takes the part before a single hyphen off `text`; doubled hyphens stand for one.
std::string take_part(std::string_view& text) {
  std::string part;
  std::size_t i = 0;
  for (; i < text.size(); i++) {
    if (text[i] == '-' && i + 1 < text.size()) {
      if (text[i + 1] != '-') break;
      i++;
    }
    part += text[i];
  }
  text.remove_prefix(i < text.size() ? i + 1 : text.size());
  return part;
}

}  // namespace

SplitName split_lvm_name(std::string_view subsystem, std::string_view name) {
  SplitName result;
  result.subsystem = subsystem;
  if (subsystem != "LVM") return result;
  result.vg_name = take_part(name);
  result.lv_name = take_part(name);
  result.lv_layer = take_part(name);
  return result;
}

}  // namespace sim::libdm
