// SPDX-License-Identifier: GPL-2.0-or-later
// The files of a clone, and how they get through a crash of the program or the host.
//
// The copy is DESTINATION.partial until it is complete; then it gets the name DESTINATION, in one step.
// With a metadata file it can be resumed. Both files end in a label (label_format.h), so that a later run
// knows what they are and that they belong together. Each step leaves them in a state that a later run
// understands:
//
//   1. the metadata file, blank, is labelled `prepared`
//   2. DESTINATION.partial, blank, is labelled
//   3. the metadata file is labelled `copying`; the machine runs
//   4. everything is on DESTINATION.partial: the metadata file is labelled `complete`
//   5. DESTINATION.partial loses its label and gets the name DESTINATION; the metadata file is removed
//
// The machine's disks are such that a kill of the program loses nothing: what the machine has written is in
// the host's page cache. Against a crash of the host, a flush of a disk is an fdatasync() of its file, so the
// order that the clone target keeps between destination and metadata holds there, too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dmcore/kernel/types.h"

#include "sim/clone/label.h"
#include "sim/clone/paths.h"
#include "sim/store/file_store.h"

namespace sim::clone {

class Files {
 public:
  // Where a run begins.
  enum class Start : std::uint8_t {
    anew,
    resumed,
    complete,  // an earlier run has copied everything; finish() is what is left
  };

  // Checks, opens and locks the files; makes and labels those that are missing. Throws Refused, or Failed if
  // the host does.
  Files(const FileNames& names, dmcore::sector_t region_size);
  // If the copy is not complete and nothing could resume it, it is removed.
  ~Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  [[nodiscard]] Start start() const { return start_; }
  [[nodiscard]] bool resumable() const { return metadata_ != nullptr; }
  [[nodiscard]] const Paths& paths() const { return paths_; }
  [[nodiscard]] std::uint64_t source_bytes() const { return source_->size(); }
  // Of the clone: the last one may be there in part only, and is filled with zeroes.
  [[nodiscard]] dmcore::sector_t sectors() const;

  // What the machine's disks keep their bytes in. They must not outlive this.
  std::unique_ptr<Store> source_disk();
  std::unique_ptr<Store> destination_disk();
  std::unique_ptr<Store> metadata_disk();

  // Makes the copy, which is complete, DESTINATION. No disk may be in use any more.
  void finish();

 private:
  // What a file holds.
  struct Content {
    bool blank = true;  // nothing but zeroes; or there is no file
    std::optional<Label> label;
  };
  // Removes a file at its end, unless it was disarmed.
  struct Removal {
    ~Removal();
    std::string path = {};  // empty: disarmed
  };

  [[nodiscard]] Content content_of(const FileStore* file) const;
  [[nodiscard]] Start decide(const Content& metadata, const Content& partial) const;
  void check_label(const Label& label) const;
  void begin_anew(const Content& metadata);
  void publish();

  Paths paths_;
  Label wanted_;                      // what is to be cloned; the token is missing
  std::uint64_t metadata_bytes_ = 0;  // of the metadata disk
  Start start_ = Start::anew;
  std::unique_ptr<FileStore> source_;
  std::unique_ptr<FileStore> partial_;   // null: it has become DESTINATION
  std::unique_ptr<FileStore> metadata_;  // null: none was asked for
  Removal removal_;                      // of a partial copy that nothing could resume
};

}  // namespace sim::clone
