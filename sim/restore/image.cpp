// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/restore/image.h"

#include "dmclone/metadata.h"

#include "sim/host/disk_files.h"
#include "sim/store/memory_store.h"

namespace sim::restore {

using dmclone::CloneMetadata;
using dmcore::Status;

namespace {

Status mark_and_commit(CloneMetadata& metadata, const std::vector<metadata::RegionRange>& ranges) {
  for (const metadata::RegionRange& range : ranges)
    DMCORE_TRY(metadata.cond_set_range(range.begin, range.length));
  DMCORE_TRY(metadata.pre_commit());
  return metadata.commit();
}

}  // namespace

Image::Image(dmcore::sector_t size)
    : machine_(std::make_unique<Machine>()),
      disk_(machine_->add_disk("loop0", std::make_unique<MemoryStore>(dmcore::to_bytes(size)), {})) {}

Status Image::write(dmcore::sector_t target, dmcore::sector_t region_size, const Commits& commits,
                    const std::function<void()>& committed) {
  Status status;
  machine_->run([&] {
    auto metadata = CloneMetadata::open(machine_->kernel(), disk_, target, region_size);
    status = metadata.status();
    if (!metadata.ok()) return;
    for (const auto& ranges : commits) {
      if (status = mark_and_commit(**metadata, ranges); !status.ok()) break;
      if (committed) committed();
    }
    (*metadata)->close();
  });
  return status;
}

Status Image::save(const std::string& path) {
  return host::save_disk(disk_, path);
}

}  // namespace sim::restore
