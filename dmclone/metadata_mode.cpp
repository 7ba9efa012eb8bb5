// SPDX-License-Identifier: GPL-2.0-or-later
// What happens when the metadata cannot be written: the transaction is given up, and the clone goes on
// read-only with what was committed last; or it fails for good.
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

// The commit lock is held.
void CloneTarget::metadata_operation_failed(std::string_view operation, Status status) {
  log().err(log_prefix, "{}: Metadata operation `{}' failed: error = {}", device_name(), operation,
            errno_value(status.error()));
  abort_transaction();
  set_mode(MetadataMode::read_only);
  // Regions may be marked meanwhile by completing hydrations; that is harmless, since the mode forbids new
  // ones.
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

// The in-core bitmap holds regions of the transaction that was given up; the one on disk does not.
void CloneTarget::reload_bitmap() {
  if (mode_.read() == MetadataMode::fail) return;
  log().info(log_prefix, "{}: Reloading on-disk bitmap", device_name());
  if (!metadata_->reload_in_core_bitset().ok()) {
    log().err(log_prefix, "{}: Failed to reload on-disk bitmap", device_name());
    set_mode(MetadataMode::fail);
  }
}

}  // namespace dmclone
