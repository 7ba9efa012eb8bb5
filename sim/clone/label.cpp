// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/clone/label.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "dmcore/persistent/checksum.h"

namespace sim::clone {

using dmcore::Result;
using dmcore::Status;

namespace {

using Bytes = std::array<std::byte, label_bytes>;

bool is_state(std::uint64_t number) {
  return number >= static_cast<std::uint64_t>(LabelState::prepared) &&
         number <= static_cast<std::uint64_t>(LabelState::complete);
}

}  // namespace

Token new_token() {
  Token token{};
  std::random_device random;
  std::generate(token.begin(), token.end(), [&random] { return static_cast<std::uint8_t>(random()); });
  return token;
}

Result<std::optional<Label>> read_label(const Store& store) {
  if (store.size() < label_bytes) return std::optional<Label>();
  Bytes bytes;
  DMCORE_TRY(store.read(store.size() - label_bytes, bytes));
  LabelDisk disk;
  std::memcpy(&disk, bytes.data(), sizeof(disk));
  if (disk.magic != label_magic || disk.version != label_version || !is_state(disk.state) ||
      disk.csum != dmcore::block_checksum(bytes, label_csum_xor)) {
    return std::optional<Label>();
  }
  return std::optional(Label{.token = disk.token,
                             .state = static_cast<LabelState>(disk.state.value()),
                             .source_bytes = disk.source_bytes,
                             .source_mtime_ns = disk.source_mtime_ns,
                             .region_size = disk.region_size});
}

Status write_label(Store& store, const Label& label) {
  LabelDisk disk{.csum = 0,
                 .version = label_version,
                 .magic = label_magic,
                 .token = label.token,
                 .state = static_cast<std::uint64_t>(label.state),
                 .source_bytes = label.source_bytes,
                 .source_mtime_ns = label.source_mtime_ns,
                 .region_size = label.region_size};
  Bytes bytes{};
  std::memcpy(bytes.data(), &disk, sizeof(disk));
  disk.csum = dmcore::block_checksum(bytes, label_csum_xor);
  std::memcpy(bytes.data(), &disk, sizeof(disk));
  return store.write(store.size() - label_bytes, bytes);
}

}  // namespace sim::clone
