// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/explore/cases.h"

#include <fmt/format.h>

#include "sim/cli/options.h"
#include "sim/cli/text_file.h"
#include "sim/generate/concurrent.h"
#include "sim/generate/power_cut.h"

namespace sim::cli {

Shard parse_shard(const std::string& option, const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) throw CLI::ValidationError(option, "a part is written as `2/5`");
  constexpr std::uint64_t parts_max = 1'000'000;
  Shard shard;
  shard.count = whole_number(option, text.substr(slash + 1), 1, parts_max);
  shard.index = whole_number(option, text.substr(0, slash), 1, shard.count);
  return shard;
}

ExploreCases::ExploreCases(const Request& request) : request_(request) {
  std::uint64_t all = request.files.size();
  if (request.every != 0) {
    const auto add = [this](const std::string& scenario) { texts_.push_back(scenario); };
    if (request.concurrent) {
      generate::every_concurrent_workload(request.every, add);
    } else {
      generate::every_power_cut_workload(request.every, add);
    }
    all = texts_.size();
  } else if (request.files.empty()) {
    all = request.generate;
  }
  const std::uint64_t before = request.shard.index - 1;
  size_ = all > before ? (all - before + request.shard.count - 1) / request.shard.count : 0;
}

std::string ExploreCases::name(std::uint64_t index) const {
  if (request_.every != 0) return fmt::format("workload {}", number(index));
  if (generated()) return fmt::format("seed {}", seed(index));
  return request_.files[number(index)];
}

std::string ExploreCases::text(std::uint64_t index) const {
  if (request_.every != 0) return texts_[number(index)];
  if (generated() && request_.concurrent)
    return generate::random_concurrent_workload(seed(index), request_.operations);
  if (generated()) return generate::random_power_cut_workload(seed(index), request_.operations);
  return read_text_file(request_.files[number(index)]);
}

std::string ExploreCases::identity() const {
  std::string text = fmt::format("{} {} {} {} {}/{}", request_.generate, request_.seed, request_.operations,
                                 request_.every, request_.shard.index, request_.shard.count);
  for (const std::string& file : request_.files) text += "\n" + file;
  return text;
}

}  // namespace sim::cli
