// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/part.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <variant>

namespace sim::schedules {

Part part_of(Part commands) {
  const auto alone = std::find_if(commands.begin(), commands.end(),
                                  [](const language::Command& command) { return !command.background; });
  return {commands.begin(), alone == commands.end() ? alone : std::next(alone)};
}

bool is_dmsetup(const language::Command& command, std::string_view name) {
  const auto* dmsetup = std::get_if<language::DmsetupCommand>(&command.body);
  if (dmsetup == nullptr) return false;
  const auto word = std::find_if(dmsetup->arguments.begin(), dmsetup->arguments.end(),
                                 [](const std::string& argument) { return !argument.starts_with('-'); });
  return word != dmsetup->arguments.end() && word->starts_with(name);
}

const std::string* device_of(const language::Command& command) {
  const auto device = [](const auto& body) -> const std::string* {
    if constexpr (requires { body.device; }) return &body.device;
    return nullptr;
  };
  return std::visit(device, command.body);
}

namespace {

bool is_load(const language::Command& command) {
  return is_dmsetup(command, "load") || is_dmsetup(command, "reload");
}

// The numbers of the programs that have such a command.
template <class Wanted>
std::set<std::size_t> programs_that(Part part, Wanted wanted) {
  std::set<std::size_t> programs;
  std::size_t program = 0;
  for (const language::Command& command : part) {
    if (!command.then) ++program;
    if (wanted(command)) programs.insert(program);
  }
  return programs;
}

}  // namespace

bool creates_under_removal(Part part) {
  const auto creating = programs_that(part, [](const auto& each) { return is_dmsetup(each, "create"); });
  const auto removing = programs_that(part, [](const auto& each) { return is_dmsetup(each, "remove"); });
  return !creating.empty() && !removing.empty() && (creating.size() > 1 || creating != removing);
}

bool loads_early(Part part) {
  const auto load = std::find_if(part.begin(), part.end(), is_load);
  if (load == part.end()) return false;
  const auto changing = programs_that(part, [](const language::Command& command) {
    constexpr std::array<std::string_view, 4> changes = {"suspend", "resume", "create", "remove"};
    return is_load(command) || std::any_of(changes.begin(), changes.end(),
                                           [&](std::string_view name) { return is_dmsetup(command, name); });
  });
  if (changing.size() > 1) return true;
  return load == part.begin() || std::next(load) == part.end() || !load->then || !std::next(load)->then ||
         !is_dmsetup(*std::prev(load), "suspend") || !is_dmsetup(*std::next(load), "resume") ||
         std::any_of(std::next(load), part.end(), is_load);
}

}  // namespace sim::schedules
