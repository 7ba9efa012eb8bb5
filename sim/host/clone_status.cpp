// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/clone_status.h"

#include <algorithm>
#include <tuple>

#include "sim/text/split.h"

namespace sim::host {
namespace {

// Takes one word of a status after the other. What is wrong shows in ok() at the end.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : words_(words_of(text)) {}

  // Everything so far was there, and nothing is left.
  [[nodiscard]] bool ok() const { return ok_ && next_ == words_.size(); }

  std::string_view word() {
    if (next_ < words_.size()) return words_[next_++];
    ok_ = false;
    return {};
  }

  std::uint64_t number() { return value_of(word()); }

  // "6/1024"
  std::pair<std::uint64_t, std::uint64_t> ratio() {
    const std::string_view text = word();
    const auto slash = std::min(text.find('/'), text.size());
    const std::uint64_t part = value_of(text.substr(0, slash));
    return {part, value_of(text.substr(std::min(slash + 1, text.size())))};
  }

  // A number, and so many words.
  std::vector<std::string> list() {
    std::vector<std::string> items;
    for (std::uint64_t left = number(); ok_ && left > 0; --left) items.emplace_back(word());
    return items;
  }

 private:
  std::uint64_t value_of(std::string_view digits) {
    const std::optional<std::uint64_t> value = whole_number(digits);
    ok_ = ok_ && value;
    return value.value_or(0);
  }

  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
  bool ok_ = true;
};

std::optional<CloneStatus::Mode> mode_of(std::string_view word) {
  using Mode = CloneStatus::Mode;
  if (word == "rw") return Mode::read_write;
  if (word == "ro") return Mode::read_only;
  if (word == "Fail") return Mode::fail;
  if (word == "Error") return Mode::error;
  return std::nullopt;
}

}  // namespace

std::optional<CloneStatus> CloneStatus::parse(std::string_view params) {
  CloneStatus status;
  if (params == "Fail" || params == "Error") {
    status.mode = *mode_of(params);
    return status;
  }
  WordReader reader(params);
  status.metadata_block_sectors = reader.number();
  std::tie(status.metadata_blocks_used, status.metadata_blocks) = reader.ratio();
  status.region_sectors = reader.number();
  std::tie(status.hydrated_regions, status.regions) = reader.ratio();
  status.hydrating_regions = reader.number();
  status.features = reader.list();
  const std::vector<std::string> arguments = reader.list();
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    status.core_arguments.emplace_back(arguments[i], arguments[i + 1]);
  }
  const auto mode = mode_of(reader.word());
  if (!reader.ok() || arguments.size() % 2 != 0 || !mode) return std::nullopt;
  status.mode = *mode;
  return status;
}

bool CloneStatus::has_feature(std::string_view name) const {
  return std::find(features.begin(), features.end(), name) != features.end();
}

}  // namespace sim::host
