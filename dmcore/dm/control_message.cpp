// SPDX-License-Identifier: GPL-2.0-or-later
// Messages to the target at a sector, or to the core.
#include <algorithm>

#include "dmcore/dm/control.h"

namespace dmcore {

namespace {

bool is_for_core(const std::vector<std::string>& words) {
  return words[0].starts_with('@');
}

// message_for_md(), without statistics (@stats_...), which do not exist here.
Status core_message(ControlCall& call, MappedDevice& md, const std::vector<std::string>& words) {
  if (equal_ignoring_case(words[0], "@cancel_deferred_remove")) {
    if (words.size() != 1) {
      return call.fail(Errno::inval, "Invalid arguments for @cancel_deferred_remove");
    }
    return md.cancel_deferred_remove();
  }
  return call.fail(Errno::inval, "Unsupported message sent to DM core: {}", words[0]);
}

Status message_for_target(ControlCall& call, MappedDevice& md, sector_t sector,
                          const std::vector<std::string>& words, std::string& result) {
  const MappedDevice::LiveTable table(md);
  if (!table) {
    return call.fail(Errno::inval, "The device has no table.");
  }
  if (md.deleting()) return Errno::nxio;
  Target* target = table->find_target(sector);
  if (target == nullptr) {
    return call.fail(Errno::inval, "Target message sector outside device.");
  }
  if (!target->type->has_message) {
    return call.fail(Errno::inval, "Target type does not support messages");
  }
  return target->message(words, result);
}

// As in the kernel, a result that fills the room may have been truncated, and counts as too long.
void write_answer(ControlCall& call, std::span<std::byte> room, const std::string& answer) {
  call.set_flag(ioctl::flag_data_out, true);
  if (answer.size() + 1 >= room.size()) {
    call.set_flag(ioctl::flag_buffer_full, true);
    return;
  }
  std::copy_n(answer.c_str(), answer.size() + 1,
              reinterpret_cast<char*>(room.data()));  // NOLINT: text as bytes
  call.set_result_size(answer.size() + 1);
}

}  // namespace

Status target_message(ControlCall& call) {
  const std::size_t start = call.header().data_start;
  const std::optional<std::string_view> text = call.payload_text(sizeof(ioctl::TargetMessage));
  const std::span<std::byte> room = call.result_buffer();
  const DeviceReference md(call.find_device());
  if (!md) return Errno::nxio;
  if (!text) {
    return call.fail(Errno::inval, "Invalid target message parameters.");
  }
  const std::vector<std::string> words = split_args(*text);
  if (words.empty()) {
    return call.fail(Errno::inval, "Empty message received.");
  }
  std::string answer;
  if (is_for_core(words)) {
    DMCORE_TRY(core_message(call, *md, words));
  } else {
    const sector_t sector = call.record_at<ioctl::TargetMessage>(start).sector;
    DMCORE_TRY(message_for_target(call, *md, sector, words, answer));
  }
  call.report_device(*md);
  if (!answer.empty()) write_answer(call, room, answer);
  return {};
}

}  // namespace dmcore
