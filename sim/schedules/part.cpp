// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/part.h"

#include <algorithm>
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

bool tables_overlap(Part part) {
  const auto is_load = [](const language::Command& command) {
    return is_dmsetup(command, "load") || is_dmsetup(command, "reload");
  };
  std::size_t program = 0;
  std::set<std::size_t> loading;
  std::set<std::size_t> creating;
  std::set<std::size_t> removing;
  std::set<std::size_t> changing;
  for (const language::Command& command : part) {
    if (!command.then) ++program;
    if (is_load(command)) loading.insert(program);
    if (is_dmsetup(command, "create")) creating.insert(program);
    if (is_dmsetup(command, "remove")) removing.insert(program);
    if (is_load(command) || is_dmsetup(command, "suspend") || is_dmsetup(command, "resume"))
      changing.insert(program);
  }
  changing.insert(creating.begin(), creating.end());
  changing.insert(removing.begin(), removing.end());

  if (!creating.empty() && !removing.empty() && (creating.size() > 1 || creating != removing)) return true;
  if (loading.empty()) return false;
  if (changing.size() > 1) return true;
  const auto load = std::find_if(part.begin(), part.end(), is_load);
  return load == part.begin() || std::next(load) == part.end() || !load->then || !std::next(load)->then ||
         !is_dmsetup(*std::prev(load), "suspend") || !is_dmsetup(*std::next(load), "resume") ||
         std::any_of(std::next(load), part.end(), is_load);
}

}  // namespace sim::schedules
