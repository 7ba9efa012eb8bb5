// SPDX-License-Identifier: GPL-2.0-or-later
// What libFuzzer calls. DMSIM_FUZZ_TARGET is the function that returns the target.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/fuzz_target.h"

// What libFuzzer reads after each input beside its own counters of code: it looks for the section by this
// name, and clears it before the next input. Nothing here reads it, so that the compiler would leave it
// out.
namespace {
constexpr std::size_t counters = 1U << 14U;
// NOLINTNEXTLINE(*-avoid-c-arrays): its interface
[[gnu::used, gnu::section("__libfuzzer_extra_counters")]] std::uint8_t extra_counters[counters];
}  // namespace

// libFuzzer's own changes of bytes.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::Target target = fuzz::DMSIM_FUZZ_TARGET();
  const fuzz::Outcome outcome = target.run({data, size});
  for (const std::uint32_t feature : outcome.features) extra_counters[feature % counters] = 1;
  if (outcome.finding.empty()) return 0;
  std::fprintf(stderr, "finding: %s\n%s\n", outcome.finding.c_str(), outcome.transcript.c_str());
  std::abort();
}

// Half of the changes are the format's own.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  static const fuzz::Target target = fuzz::DMSIM_FUZZ_TARGET();
  sim::generate::Random random(seed);
  if (target.mutate == nullptr || random.chance(50)) return LLVMFuzzerMutate(data, size, max_size);
  fuzz::Input input(data, data + size);
  target.mutate(input, random);
  if (input.size() > max_size) input.resize(max_size);
  std::memcpy(data, input.data(), input.size());
  return input.size();
}
