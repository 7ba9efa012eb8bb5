// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/clone_stack.h"

#include <fmt/format.h>
#include <sstream>

namespace suite {

namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// Takes one word of a status after the other.
class StatusReader {
 public:
  explicit StatusReader(const std::string& line) : line_(line), words_(words_of(line)) {}

  std::string word() {
    if (next_ == words_.size()) throw CommandFailed("too few words in the status: " + line_);
    return words_[next_++];
  }
  std::uint64_t number() { return std::stoull(word()); }
  std::pair<std::uint64_t, std::uint64_t> ratio() {
    const std::string text = word();
    const auto slash = text.find('/');
    if (slash == std::string::npos) throw CommandFailed("no ratio in the status: " + line_);
    return {std::stoull(text.substr(0, slash)), std::stoull(text.substr(slash + 1))};
  }
  std::vector<std::string> list() {
    std::vector<std::string> found(number());
    for (std::string& one : found) one = word();
    return found;
  }

 private:
  const std::string& line_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

}  // namespace

CloneStatus CloneStatus::parse(const std::string& line) {
  StatusReader reader(line);
  reader.word();  // begin
  reader.word();  // length
  if (reader.word() != "clone") throw CommandFailed("not a clone's status: " + line);
  CloneStatus status;
  const std::string first = reader.word();
  if (first == "Fail" || first == "Error") {
    status.mode = first;
    return status;
  }
  status.metadata_block_size = std::stoull(first);
  std::tie(status.metadata_used, status.metadata_total) = reader.ratio();
  status.region_size = reader.number();
  std::tie(status.hydrated_regions, status.regions) = reader.ratio();
  status.hydrating_regions = reader.number();
  status.features = reader.list();
  status.core_args = reader.list();
  status.mode = reader.word();
  return status;
}

std::string linear_table(sector_t size, const std::string& path, sector_t offset) {
  return fmt::format("0 {} linear {} {}", size, path, offset);
}

std::string clone_table(sector_t size, const std::string& metadata, const std::string& destination,
                        const std::string& source, sector_t region_size,
                        const std::vector<std::string>& features,
                        const std::vector<std::pair<std::string, std::string>>& core_args) {
  std::string table = fmt::format("0 {} clone {} {} {} {} {}", size, metadata, destination, source,
                                  region_size, features.size());
  for (const std::string& feature : features) table += " " + feature;
  table += fmt::format(" {}", core_args.size() * 2);
  for (const auto& [key, value] : core_args) table += fmt::format(" {} {}", key, value);
  return table;
}

std::string CloneStack::table() const {
  std::vector<std::string> features;
  if (!options_.discard_passdown) features.emplace_back("no_discard_passdown");
  if (!options_.hydration) features.emplace_back("no_hydration");
  return clone_table(options_.size, metadata_, destination_, source_, options_.region_size, features,
                     options_.core_args);
}

// A device that is gone at once would not see a single tick of its own timers.
void CloneStack::at_least_a_second(const Body& body) {
  constexpr dmcore::Duration least = std::chrono::seconds(1);
  const dmcore::Duration taken = rig_.time_of(body);
  if (taken < least) rig_.sleep(least - taken);
}

void CloneStack::activate_support_devs(const Body& body) {
  const std::string metadata = linear_table(options_.metadata_size, Rig::fast_path, 0);
  const std::string destination = linear_table(options_.size, Rig::fast_path, options_.metadata_size);
  const std::string source = linear_table(options_.size, Rig::slow_path, 0);
  rig_.with_device(metadata, [&](const std::string& metadata_name) {
    rig_.with_device(destination, [&](const std::string& destination_name) {
      rig_.with_device(source, [&](const std::string& source_name) {
        metadata_ = Rig::path_of(metadata_name);
        destination_ = Rig::path_of(destination_name);
        source_ = Rig::path_of(source_name);
        if (options_.format) rig_.zero(metadata_, kib(4));
        at_least_a_second(body);
      });
    });
  });
}

void CloneStack::activate_top_level(const Body& body) {
  rig_.with_device(table(), [&](const std::string& name) {
    clone_name_ = name;
    clone_ = Rig::path_of(name);
    at_least_a_second(body);
  });
}

void CloneStack::activate(const Body& body) {
  activate_support_devs([&] { activate_top_level(body); });
}

void CloneStack::message(const std::string& words) {
  std::vector<std::string> arguments = words_of(words);
  arguments.insert(arguments.begin(), {"message", clone_name_, "0"});
  rig_.dmsetup(arguments);
}

void CloneStack::set_hydration_threshold(std::uint64_t regions) {
  message(fmt::format("hydration_threshold {}", regions));
}

void CloneStack::set_hydration_batch_size(std::uint64_t regions) {
  message(fmt::format("hydration_batch_size {}", regions));
}

CloneStatus CloneStack::status() {
  return CloneStatus::parse(rig_.dmsetup({"status", "--noflush", clone_name_}));
}

std::string CloneStack::event_number() {
  const std::string text = rig_.dmsetup({"info", "-c", "--noheadings", "-o", "events", clone_name_});
  return words_of(text).front();
}

void CloneStack::wait_until_hydrated() {
  for (;;) {
    // Asked for before the status, so that no event between the two is missed.
    const std::string seen = event_number();
    const CloneStatus now = status();
    if (now.hydrated_regions == now.regions) return;
    rig_.dmsetup({"wait", "--noflush", clone_name_, seen});
  }
}

}  // namespace suite
