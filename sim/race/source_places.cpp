// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/race/source_places.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <string_view>
#include <unistd.h>

// Where the program was loaded; the linker defines it.
extern "C" const char __executable_start;  // NOLINT(bugprone-reserved-identifier)

namespace sim::race::source_places {

namespace {

// DMSIM_SOURCE_DIR ends in a slash; what is searched for races calls it /dmsim/ (race.cmake). ccache has the
// compiler name files relative to the build folder.
std::string without_source_dir(std::string_view file) {
  std::string name = std::filesystem::path(file).lexically_normal().string();
  for (const std::string_view here : {std::string_view(DMSIM_SOURCE_DIR), std::string_view("/dmsim/")}) {
    if (name.starts_with(here)) name.erase(0, here.size());
  }
  return name;
}

std::string program() {
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  return length <= 0 ? std::string() : std::string(path.data(), static_cast<std::size_t>(length));
}

std::vector<std::string> output_of(const std::string& command) {
  std::vector<std::string> found;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) return found;
  std::string line;
  for (int c = std::getc(pipe.get()); c != EOF; c = std::getc(pipe.get())) {
    if (c == '\n') {
      found.push_back(std::move(line));
      line.clear();
    } else {
      line += static_cast<char>(c);
    }
  }
  return found;
}

}  // namespace

std::uint32_t number(const void* return_address) {
  const auto distance = reinterpret_cast<std::uintptr_t>(return_address) -
                        reinterpret_cast<std::uintptr_t>(&__executable_start);
  return distance <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(distance) : 0;
}

std::vector<std::string> lines(std::span<const std::uint32_t> numbers) {
  // -i: a pair of lines, function and file:line, for each function that was inlined. Addresses one byte back
  // are within the call.
  std::string command = fmt::format("addr2line -C -f -i -e '{}'", program());
  for (const std::uint32_t number : numbers) {
    if (number != 0) command += fmt::format(" {:#x}", number - 1);
  }
  const std::vector<std::string> output = output_of(command);
  std::vector<std::string> found;
  for (std::size_t i = 0; i + 1 < output.size(); i += 2) {
    std::string_view place = output[i + 1];
    place = place.substr(0, place.find(" (discriminator"));
    if (place.starts_with("/usr/") || place.starts_with("??")) continue;
    found.push_back(fmt::format("{} ({})", output[i], without_source_dir(place)));
  }
  if (found.empty()) {
    for (const std::uint32_t number : numbers) found.push_back(fmt::format("program + {:#x}", number));
  }
  return found;
}

}  // namespace sim::race::source_places
