// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/text_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <system_error>

#include "sim/cli/failure.h"
#include "sim/store/complete_file.h"

namespace sim::cli {

std::string read_text_file(const std::string& path) {
  const auto close_file = [](FILE* file) {
    if (file != stdin) std::fclose(file);
  };
  const std::unique_ptr<FILE, decltype(close_file)> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"),
                                                         close_file);
  std::string text;
  if (file != nullptr) {
    std::array<char, 65536> chunk{};
    std::size_t got = 0;
    while ((got = std::fread(chunk.data(), 1, chunk.size(), file.get())) != 0) text.append(chunk.data(), got);
    if (std::ferror(file.get()) == 0) return text;
  }
  throw Mistake(fmt::format("{}: {}", path, std::generic_category().message(errno)));
}

void write_text_file(const std::string& path, const std::string& text) {
  FILE* file = std::fopen(path.c_str(), "wb");
  bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  int error = errno;
  // What was in a buffer is written now; a disk may be full only then.
  if (file != nullptr && std::fclose(file) != 0 && written) {
    error = errno;
    written = false;
  }
  if (!written)
    throw Failure(ExitStatus::failed,
                  fmt::format("cannot write {}: {}", path, std::generic_category().message(error)));
}

void write_complete_file(const std::string& path, const std::string& text) {
  dmcore::Status status;
  auto file = CompleteFile::begin(path);
  if (file.ok()) {
    std::fwrite(text.data(), 1, text.size(), file->stream());  // finish() sees what has failed
    status = file->finish();
  } else {
    status = file.error();
  }
  if (!status.ok()) {
    throw Failure(ExitStatus::failed,
                  fmt::format("cannot write {}: {}", path,
                              std::generic_category().message(static_cast<int>(status.error()))));
  }
}

}  // namespace sim::cli
