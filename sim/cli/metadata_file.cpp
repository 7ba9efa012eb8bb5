// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/metadata_file.h"

#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include "sim/cli/failure.h"
#include "sim/text/printable.h"

namespace sim::cli {

using dmcore::Errno;

namespace fs = std::filesystem;

namespace {

std::string words_for(Errno error) {
  return std::generic_category().message(static_cast<int>(error));
}

}  // namespace

// Some of the words are FileStore's.
std::string why_not_inspected(Errno error) {
  if (error == Errno::busy) return "in use, and could change while it is read";
  if (error == Errno::inval) return "neither a file nor a block device";
  return words_for(error);
}

std::unique_ptr<FileStore> open_metadata(const std::string& file) {
  auto store = FileStore::open_to_inspect(file);
  if (!store.ok()) throw Mistake(fmt::format("{}: {}", printable(file), why_not_inspected(store.error())));
  return std::move(*store);
}

void refuse_output(const std::string& file, const std::string& input) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw Mistake(
        fmt::format("{}: is no file; write a file, check it, and copy it to the device", printable(file)));
  }
  if (fs::equivalent(file, input, ignored))
    throw Mistake(fmt::format("{}: is the input, which stays as it is", printable(file)));
}

void save(restore::Image& image, const std::string& file) {
  const dmcore::Status status = image.save(file);
  if (status.ok()) return;
  throw Failure(ExitStatus::failed,
                fmt::format("cannot write {}: {}", printable(file),
                            status.error() == Errno::busy ? "in use as a disk" : words_for(status.error())));
}

}  // namespace sim::cli
