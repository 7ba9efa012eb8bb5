// SPDX-License-Identifier: GPL-2.0-or-later
// Errors of the metadata: the transaction is aborted, and the clone becomes read-only, with the state of the
// last commit; or it fails permanently.
#include <array>

#include "dmcore/dm/table.h"

#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Status;

void CloneTarget::set_mode(MetadataMode mode) {
  constexpr std::array<std::string_view, 3> names = {"read-write", "read-only", "fail"};
  const MetadataMode old = mode_.read();
  if (old == MetadataMode::fail) mode = MetadataMode::fail;

  if (mode == MetadataMode::write) {
    metadata_->set_read_write();
  } else {
    metadata_->set_read_only();
  }
  mode_.set(mode);
  if (mode != old) {
    table().event();
    log().info(log_prefix, "{}: Switching to {} mode", device_name(), names[static_cast<std::size_t>(mode)]);
  }
}

// __metadata_operation_failed(): commit_lock_ is held.
void CloneTarget::metadata_operation_failed(std::string_view operation, Status status) {
  log().err(log_prefix, "{}: Metadata operation `{}' failed: error = {}", device_name(), operation,
            errno_value(status.error()));
  abort_transaction();
  set_mode(MetadataMode::read_only);
  // Hydrations that complete meanwhile do not mark regions: the metadata are read-only.
  reload_bitmap();
}

void CloneTarget::abort_transaction() {
  if (!metadata_writable()) return;
  log().err(log_prefix, "{}: Aborting current metadata transaction", device_name());
  if (!metadata_->abort().ok()) {
    log().err(log_prefix, "{}: Failed to abort metadata transaction", device_name());
    set_mode(MetadataMode::fail);
  }
}

// The in-core bitmap has regions of the aborted transaction.
void CloneTarget::reload_bitmap() {
  if (mode_.read() == MetadataMode::fail) return;
  log().info(log_prefix, "{}: Reloading on-disk bitmap", device_name());
  if (!metadata_->reload_in_core_bitset().ok()) {
    log().err(log_prefix, "{}: Failed to reload on-disk bitmap", device_name());
    set_mode(MetadataMode::fail);
  }
}

}  // namespace dmclone
