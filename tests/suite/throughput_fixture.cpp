// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/throughput_fixture.h"

#include <algorithm>
#include <fmt/format.h>

namespace suite {

const std::vector<sector_t>& io_sizes() {
  static const std::vector<sector_t> sizes = {kib(64), kib(128), kib(256), kib(512), kib(1024)};
  return sizes;
}

const std::vector<sector_t>& region_sizes() {
  static const std::vector<sector_t> sizes = {kib(4), kib(64), kib(128), kib(256)};
  return sizes;
}

std::vector<std::string> texts_of(const std::vector<sector_t>& sizes) {
  std::vector<std::string> texts;
  std::transform(sizes.begin(), sizes.end(), std::back_inserter(texts), size_text);
  return texts;
}

void bring_into(CloneState state, CloneStack& stack) {
  if (state == CloneState::unhydrated) return;
  stack.enable_hydration();
  if (state == CloneState::hydrated) stack.wait_until_hydrated();
}

std::string benchmark_title(const std::string& test, const std::string& what, sector_t size) {
  return fmt::format("{}: {}\n  volume: {}\n  {}", test, what, size_text(size), describe_disks());
}

}  // namespace suite
