// SPDX-License-Identifier: GPL-2.0-or-later
// show_input TARGET FILE: what a target makes of an input, and what is wrong with it. Needs no fuzzer.
#include <algorithm>
#include <fmt/core.h>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz_target.h"

int main(int argc, char** argv) {
  const std::vector<fuzz::Target> targets = fuzz::targets();
  const auto target = std::find_if(targets.begin(), targets.end(), [&](const fuzz::Target& each) {
    return argc == 3 && each.name == argv[1];
  });
  if (target == targets.end()) {
    fmt::print(stderr, "usage: {} scenario|table|control|metadata|schedule FILE\n", argv[0]);
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const fuzz::Input input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    fmt::print(stderr, "cannot read {}\n", argv[2]);
    return 2;
  }
  const fuzz::Outcome outcome = target->run(input);
  fmt::print("{}", outcome.transcript);
  if (!outcome.finding.empty()) fmt::print("finding: {}\n", outcome.finding);
  return outcome.finding.empty() ? 0 : 1;
}
