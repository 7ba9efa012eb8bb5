// SPDX-License-Identifier: GPL-2.0-or-later
// What is fuzzed: functions that take any bytes and must take them well.
//
// The same functions are driven in two ways: by libFuzzer (libfuzzer_entry.cpp; the preset `fuzz`), which
// looks for new inputs, and by fuzz_test.cpp in the default tests, with the seeds, the inputs that once were
// taken badly, and a short random run.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/generate/random.h"

namespace fuzz {

using Input = std::vector<std::uint8_t>;

// What came of an input. What the sanitizers or the standard library complain of ends the process instead.
struct Outcome {
  std::string transcript;  // what there was to be seen: the same each time for the same input
  std::string finding;     // empty, or what is wrong with the program
  // What it covered besides code, as numbers: libFuzzer keeps an input that has a new one.
  std::vector<std::uint32_t> features = {};
};

struct Target {
  std::string_view name;
  Outcome (*run)(std::span<const std::uint8_t> input);
  // Good inputs to begin with.
  std::vector<Input> (*seeds)();
  // Changes an input in a way that its format knows; null if that of any bytes will do.
  void (*mutate)(Input& input, sim::generate::Random& random);
};

// For the lists of tests.
inline void PrintTo(const Target& target, std::ostream* out) {
  *out << target.name;
}

Target scenario_target();
Target table_target();
Target control_target();
Target metadata_target();
Target schedule_target();

// All of them.
std::vector<Target> targets();

inline std::string_view as_text(std::span<const std::uint8_t> input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};  // NOLINT: bytes as text
}
inline Input as_input(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace fuzz
