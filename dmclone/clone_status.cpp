// SPDX-License-Identifier: GPL-2.0-or-later
// Status lines and messages.
#include <fmt/format.h>

#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Errno;
using dmcore::Status;
using dmcore::StatusType;

std::string CloneTarget::status(StatusType type, bool noflush) {
  switch (type) {
    case StatusType::info:
      return status_info(noflush);
    case StatusType::table:
      return status_table();
    case StatusType::ima:
      break;
  }
  return {};
}

// <metadata block size> <#used>/<#total metadata blocks> <region size> <#hydrated>/<#total regions>
// <#hydrating>
// <#features> <feature>* <#core args> <core arg>* <metadata mode>
std::string CloneTarget::status_info(bool noflush) {
  if (mode_.read() == MetadataMode::fail) return "Fail";
  // So that the status matches the metadata device. Errors show in the mode.
  if (!noflush && !suspended()) commit_metadata().ignore();

  const auto free_blocks = metadata_->free_metadata_blocks();
  if (!free_blocks.ok()) {
    log().err(log_prefix, "{}: dm_clone_get_free_metadata_block_count returned {}", device_name(),
              errno_value(free_blocks.error()));
    return "Error";
  }
  const auto blocks = metadata_->metadata_blocks();
  if (!blocks.ok()) {
    log().err(log_prefix, "{}: dm_clone_get_metadata_dev_size returned {}", device_name(),
              errno_value(blocks.error()));
    return "Error";
  }

  const auto hydrated = static_cast<std::uint32_t>(metadata_->nr_of_hydrated_regions());
  const auto hydrating = hydrations_in_flight_.read();
  std::string line = fmt::format("{} {}/{} {} {}/{} {} ", metadata_block_sectors, *blocks - *free_blocks,
                                 *blocks, region_size_, hydrated, nr_regions_, hydrating);
  line += status_flags();

  const auto threshold = hydration_threshold_.read();
  const auto batch_size = dialect_.from_regions(hydration_batch_size_.read(), region_size_);
  line += fmt::format("4 {} {} {} {} ", threshold_key, threshold, dialect_.batch_key, batch_size);
  switch (mode_.read()) {
    case MetadataMode::write:
      return line + "rw";
    case MetadataMode::read_only:
      return line + "ro";
    case MetadataMode::fail:
      return line + "Fail";
  }
  return line;
}

// emit_flags(). The flags are read anew for their names: a message meanwhile makes the count wrong, as in the
// kernel.
std::string CloneTarget::status_flags() const {
  unsigned count = 0;
  if (!flags_.test(CloneFlag::hydration_enabled)) ++count;
  if (!flags_.test(CloneFlag::discard_passdown)) ++count;
  std::string words = fmt::format("{} ", count);
  if (!flags_.test(CloneFlag::hydration_enabled)) words += fmt::format("{} ", no_hydration_feature);
  if (!flags_.test(CloneFlag::discard_passdown)) words += fmt::format("{} ", no_discard_passdown_feature);
  return words;
}

// The arguments as given: messages change the status line, not the table line.
std::string CloneTarget::status_table() const {
  std::string line = fmt::format("{} {} {}", metadata_device_->name, destination_->name, source_->name);
  for (const std::string& arg : table_args_) line += " " + arg;
  return line;
}

Status CloneTarget::set_threshold(const std::string& number) {
  DMCORE_TRY_ASSIGN(const std::uint64_t threshold, dialect_.parse_number(number));
  hydration_threshold_.set(threshold);
  return {};
}

Status CloneTarget::set_batch_size(const std::string& number) {
  DMCORE_TRY_ASSIGN(const std::uint64_t size, dialect_.parse_number(number));
  hydration_batch_size_.set(dialect_.to_regions(size, region_size_));
  return {};
}

Status CloneTarget::message(std::span<const std::string> argv, std::string&) {
  if (argv.empty()) return Errno::inval;
  const std::string& name = argv[0];

  if (dmcore::equal_ignoring_case(name, "enable_hydration")) {
    if (!flags_.test_and_set(CloneFlag::hydration_enabled)) wake_worker();
    return {};
  }
  if (dmcore::equal_ignoring_case(name, "disable_hydration")) {
    flags_.clear(CloneFlag::hydration_enabled);
    return {};
  }
  const bool has_value = argv.size() == 2;
  if (!has_value && !dialect_.logs_wrong_word_count) return Errno::inval;
  if (has_value && dmcore::equal_ignoring_case(name, threshold_key)) {
    DMCORE_TRY(set_threshold(argv[1]));
    wake_worker();  // if the threshold was below a region, hydration had stopped
    return {};
  }
  if (has_value && dmcore::equal_ignoring_case(name, dialect_.batch_key)) return set_batch_size(argv[1]);

  return log().fail(Errno::inval, log_prefix, "{}: Unsupported message `{}'", device_name(), name);
}

}  // namespace dmclone
