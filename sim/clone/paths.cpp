// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/clone/paths.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>

#include "sim/clone/failure.h"

namespace sim::clone {

namespace fs = std::filesystem;

namespace {

constexpr ::mode_t permission_bits = 0777;

// What the host knows of a name, links followed.
struct File {
  std::string role;  // what the person calls it: "SOURCE"
  std::string path;
  std::optional<struct stat> status;  // nothing: there is no such file
};

std::string_view kind_of(::mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFBLK:
      return "a block device";
    case S_IFCHR:
      return "a character device";
    case S_IFIFO:
      return "a pipe";
    case S_IFSOCK:
      return "a socket";
    default:
      return "no file";
  }
}

[[noreturn]] void refuse(const std::string& path, int error) {
  throw Refused(fmt::format("{}: {}", path, std::generic_category().message(error)));
}

File look_at(std::string role, const std::string& path) {
  File file{std::move(role), path, {}};
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) refuse(path, errno);
    return file;
  }
  if (!S_ISREG(status.st_mode)) {
    throw Refused(
        fmt::format("{} is {}; dmsim clone copies regular files only", path, kind_of(status.st_mode)));
  }
  file.status = status;
  return file;
}

bool same_file(const File& a, const File& b) {
  if (a.status && b.status)
    return a.status->st_dev == b.status->st_dev && a.status->st_ino == b.status->st_ino;
  if (a.status || b.status) return false;
  std::error_code error;
  const fs::path first = fs::weakly_canonical(a.path, error);
  return !error && first == fs::weakly_canonical(b.path, error);
}

// Where a file is to be renamed to: replacing a symbolic link instead of what it names would be a surprise.
std::string behind_links(const std::string& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  const fs::path target = fs::canonical(path, error);
  if (error) throw Refused(fmt::format("{}: this symbolic link leads to no file", path));
  return target.string();
}

::mode_t process_umask() {
  const ::mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

}  // namespace

Paths check_names(const FileNames& names) {
  const std::string destination = behind_links(names.destination);
  std::array files = {look_at("SOURCE", names.source), look_at("DESTINATION", names.destination),
                      look_at("the unfinished DESTINATION", destination + ".partial"),
                      look_at("--metadata", names.metadata.empty() ? names.source : names.metadata)};
  if (!files[0].status) refuse(names.source, ENOENT);
  const std::size_t used = names.metadata.empty() ? files.size() - 1 : files.size();
  for (std::size_t i = 0; i < used; ++i) {
    for (std::size_t j = i + 1; j < used; ++j) {
      if (!same_file(files[i], files[j])) continue;
      throw Refused(fmt::format("{} ({}) and {} ({}) are the same file", files[i].path, files[i].role,
                                files[j].path, files[j].role));
    }
  }
  // As cp does it.
  const ::mode_t mode =
      files[1].status ? files[1].status->st_mode : files[0].status->st_mode & ~process_umask();
  return {names.source, destination, destination + ".partial", names.metadata, mode & permission_bits};
}

}  // namespace sim::clone
