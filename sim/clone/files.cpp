// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/clone/files.h"

#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <variant>

#include "sim/clone/failure.h"
#include "sim/store/host_error.h"
#include "sim/store/last_error.h"
#include "sim/store/memory_store.h"
#include "sim/store/resized_store.h"
#include "sim/store/store_image.h"
#include "sim/tables/metadata_size.h"

namespace sim::clone {

using dmcore::Errno;
using dmcore::Status;

namespace {

// The data may be confidential; DESTINATION gets its permissions at the end.
constexpr ::mode_t partial_mode = 0600;

void check(const std::string& path, Status status) {
  if (!status.ok()) throw Failed(describe(HostError{path, status.error()}));
}

void check_call(const std::string& path, int result) {
  check(path, result == 0 ? Status() : Status(last_host_error()));
}

// Null if there is no such file.
std::unique_ptr<FileStore> open_existing(const std::string& path, bool read_only = false) {
  auto store = FileStore::open(path, read_only);
  if (store.ok()) return *std::move(store);
  if (store.error() == Errno::noent) return nullptr;
  throw Refused(describe(HostError{path, store.error()}));
}

std::unique_ptr<FileStore> create(const std::string& path) {
  auto store = FileStore::create(path, 0);
  check(path, store.status());
  return *std::move(store);
}

// Makes a file of this size that holds nothing but zeroes and is blank at every moment.
void make_blank(const std::string& path, FileStore& file, std::uint64_t size_bytes) {
  check(path, file.resize(0));
  check(path, file.resize(size_bytes));
}

void put_label(const std::string& path, FileStore& file, const Label& label) {
  check(path, write_label(file, label));
  check(path, file.sync());
}

// Makes a file's name survive a crash of the host. Some file systems cannot be asked to.
void sync_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

std::uint64_t change_time_ns(const std::string& path) {
  struct stat status {};
  check_call(path, ::stat(path.c_str(), &status));
  constexpr std::uint64_t ns_per_s = 1'000'000'000;
  return static_cast<std::uint64_t>(status.st_mtim.tv_sec) * ns_per_s +
         static_cast<std::uint64_t>(status.st_mtim.tv_nsec);
}

std::uint64_t metadata_disk_bytes(dmcore::sector_t sectors, dmcore::sector_t region_size) {
  const auto size = tables::metadata_size(sectors, region_size);
  if (const auto* refusal = std::get_if<std::string>(&size)) {
    throw Refused(fmt::format("a clone of {} sectors with --region-size {} is refused: {}", sectors,
                              region_size, *refusal));
  }
  return dmcore::to_bytes(std::get<tables::MetadataSize>(size).sectors_to_commit());
}

}  // namespace

Files::Removal::~Removal() {
  if (!path.empty()) ::unlink(path.c_str());
}

Files::Files(const FileNames& names, dmcore::sector_t region_size) : paths_(check_names(names)) {
  source_ = open_existing(paths_.source, true);
  if (source_ == nullptr) throw Refused(describe(HostError{paths_.source, Errno::noent}));
  if (source_bytes() == 0)
    throw Refused(fmt::format("{} is empty: there is nothing to clone", paths_.source));
  wanted_ = {.source_bytes = source_bytes(),
             .source_mtime_ns = change_time_ns(paths_.source),
             .region_size = region_size};
  metadata_bytes_ = metadata_disk_bytes(sectors(), region_size);

  if (!paths_.metadata.empty()) metadata_ = open_existing(paths_.metadata);
  partial_ = open_existing(paths_.partial);
  const Content metadata = content_of(metadata_.get());
  start_ = decide(metadata, content_of(partial_.get()));
  if (start_ != Start::anew) return;
  try {
    begin_anew(metadata);
  } catch (const Failed&) {
    // Files that were only just created hold nothing yet.
    ::unlink(paths_.partial.c_str());
    if (metadata.blank && !paths_.metadata.empty()) ::unlink(paths_.metadata.c_str());
    throw;
  }
}

dmcore::sector_t Files::sectors() const {
  return (source_bytes() + dmcore::sector_size - 1) / dmcore::sector_size;
}

Files::Content Files::content_of(const FileStore* file) const {
  if (file == nullptr) return {};
  const std::string name(file->name());
  const auto label = read_label(*file);
  check(name, label.status());
  if (label->has_value()) return {.blank = false, .label = *label};
  const auto blank = is_blank(*file);
  check(name, blank.status());
  return {.blank = *blank, .label = {}};
}

// Whether the metadata file is one of the clone that is asked for.
void Files::check_label(const Label& label) const {
  const auto refuse = [this](const std::string& why) {
    throw Refused(fmt::format("--metadata {} {}; remove it and {} to begin again", paths_.metadata, why,
                              paths_.partial));
  };
  if (label.source_bytes != wanted_.source_bytes) {
    refuse(fmt::format("belongs to a clone of {} bytes, and {} has {}", label.source_bytes, paths_.source,
                       wanted_.source_bytes));
  }
  if (label.region_size != wanted_.region_size) {
    refuse(fmt::format("belongs to a clone with --region-size {}, and this one has {}", label.region_size,
                       wanted_.region_size));
  }
  if (label.source_mtime_ns != wanted_.source_mtime_ns) {
    refuse(fmt::format("belongs to a clone that was begun before {} was changed: the copy would be a mixture",
                       paths_.source));
  }
}

Files::Start Files::decide(const Content& metadata, const Content& partial) const {
  if (!metadata.blank && !metadata.label)
    throw Refused(
        fmt::format("--metadata {} is no metadata file of a clone, and not empty", paths_.metadata));
  if (metadata.label) check_label(*metadata.label);
  const LabelState state = metadata.label ? metadata.label->state : LabelState::prepared;

  const bool unlabelled = !partial.blank && !partial.label;
  // It loses its label before it gets its name.
  const bool may_be_unlabelled =
      state == LabelState::complete && partial_ != nullptr && partial_->size() == wanted_.source_bytes;
  if (unlabelled && !may_be_unlabelled) {
    throw Refused(fmt::format(
        "{} is in the way: it is no unfinished copy of a clone, so it is not overwritten", paths_.partial));
  }
  const bool of_other_clone = partial.label && partial.label->has_metadata() &&
                              (!metadata.label || partial.label->token != metadata.label->token);
  if (of_other_clone) {
    throw Refused(
        fmt::format("{} is the unfinished copy of a clone with {} --metadata file: name that to resume "
                    "it, or remove it to begin again",
                    paths_.partial, paths_.metadata.empty() ? "a" : "another"));
  }
  if (state == LabelState::prepared) return Start::anew;
  if (state == LabelState::copying && !(partial.label && partial.label->has_metadata())) {
    throw Refused(fmt::format(
        "--metadata {} belongs to an unfinished copy, and {} is not that: remove it to begin again",
        paths_.metadata, paths_.partial));
  }
  if (state == LabelState::complete && partial_ == nullptr && !std::filesystem::exists(paths_.destination)) {
    throw Refused(fmt::format(
        "--metadata {} belongs to a copy that is complete, and {} is not there: remove it to begin again",
        paths_.metadata, paths_.destination));
  }
  return state == LabelState::copying ? Start::resumed : Start::complete;
}

void Files::begin_anew(const Content& metadata) {
  const bool resumable = !paths_.metadata.empty();
  Label label = wanted_;
  if (metadata.label) {
    label.token = metadata.label->token;
  } else if (resumable) {
    label.token = new_token();
    if (metadata_ == nullptr) metadata_ = create(paths_.metadata);
    make_blank(paths_.metadata, *metadata_, metadata_bytes_ + label_bytes);
    put_label(paths_.metadata, *metadata_, label);
    sync_folder_of(paths_.metadata);
  }

  if (partial_ == nullptr) partial_ = create(paths_.partial);
  if (!resumable) removal_.path = paths_.partial;
  check_call(paths_.partial, ::chmod(paths_.partial.c_str(), partial_mode));
  // The label must not be torn by a kill: it lies in one page of the host.
  make_blank(paths_.partial, *partial_, dmcore::round_up(source_bytes(), label_bytes) + label_bytes);
  label.state = LabelState::copying;
  put_label(paths_.partial, *partial_, label);
  if (!resumable) return;
  sync_folder_of(paths_.partial);
  put_label(paths_.metadata, *metadata_, label);
}

std::unique_ptr<Store> Files::source_disk() {
  return std::make_unique<ResizedStore>(*source_, dmcore::to_bytes(sectors()));
}

std::unique_ptr<Store> Files::destination_disk() {
  return std::make_unique<ResizedStore>(*partial_, dmcore::to_bytes(sectors()));
}

std::unique_ptr<Store> Files::metadata_disk() {
  if (metadata_ == nullptr) return std::make_unique<MemoryStore>(metadata_bytes_);
  return std::make_unique<ResizedStore>(*metadata_, metadata_->size() - label_bytes);
}

void Files::finish() {
  if (start_ != Start::complete) {
    check(paths_.partial, partial_->sync());
    if (metadata_ != nullptr) {
      const auto label = read_label(*metadata_);
      check(paths_.metadata, label.status());
      Label complete = label->value();
      complete.state = LabelState::complete;
      put_label(paths_.metadata, *metadata_, complete);
    }
  }
  if (partial_ != nullptr) publish();
  if (metadata_ == nullptr) return;
  check_call(paths_.metadata, ::unlink(paths_.metadata.c_str()));
  sync_folder_of(paths_.metadata);
}

void Files::publish() {
  check(paths_.partial, partial_->resize(source_bytes()));
  check(paths_.partial, partial_->sync());
  check_call(paths_.partial, ::chmod(paths_.partial.c_str(), paths_.mode));
  check_call(paths_.destination, ::rename(paths_.partial.c_str(), paths_.destination.c_str()));
  removal_.path.clear();
  sync_folder_of(paths_.destination);
}

}  // namespace sim::clone
