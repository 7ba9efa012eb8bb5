// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/clone_status.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace sim::host {
namespace {

// Takes one word of a status after the other. What is wrong shows in ok() at the end.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : rest_(text) {}

  // Everything so far was there, and nothing is left.
  [[nodiscard]] bool ok() const { return ok_ && rest_.find_first_not_of(' ') == std::string_view::npos; }

  std::string_view word() {
    const auto first = std::min(rest_.find_first_not_of(' '), rest_.size());
    rest_.remove_prefix(first);
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(word.size());
    if (word.empty()) ok_ = false;
    return word;
  }

  std::uint64_t number() { return to_number(word()); }

  // "6/1024"
  std::pair<std::uint64_t, std::uint64_t> ratio() {
    const std::string_view text = word();
    const auto slash = std::min(text.find('/'), text.size());
    const std::uint64_t part = to_number(text.substr(0, slash));
    return {part, to_number(text.substr(std::min(slash + 1, text.size())))};
  }

  // A number, and so many words.
  std::vector<std::string> list() {
    std::vector<std::string> items;
    for (std::uint64_t left = number(); ok_ && left > 0; --left) items.emplace_back(word());
    return items;
  }

 private:
  std::uint64_t to_number(std::string_view digits) {
    std::uint64_t value = 0;
    const char* const last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, value);
    if (error != std::errc() || end != last) ok_ = false;
    return value;
  }

  std::string_view rest_;
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
