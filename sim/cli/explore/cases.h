// SPDX-License-Identifier: GPL-2.0-or-later
// The scenarios that are explored: files, or generated ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sim::cli {

// Part of the cases: those whose numbers leave that rest.
struct Shard {
  std::uint64_t index = 1;  // 1 to count
  std::uint64_t count = 1;
};
// "2/5"; throws CLI::ValidationError.
Shard parse_shard(const std::string& option, const std::string& text);

class ExploreCases {
 public:
  struct Request {
    std::vector<std::string> files;
    std::uint64_t generate = 0;  // so many random ones
    std::uint64_t seed = 1;
    std::uint64_t operations = 0;  // of each of those
    unsigned every = 0;            // all workloads of so many operations; 0: none
    bool concurrent = false;       // workloads of programs that run at once; else for power cuts
    Shard shard;
  };
  explicit ExploreCases(const Request& request);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // The name of a case, for messages.
  [[nodiscard]] std::string name(std::uint64_t index) const;
  // Of a random workload, or of a schedule.
  [[nodiscard]] std::uint64_t seed(std::uint64_t index) const {
    return request_.seed + (generated() ? number(index) : 0);
  }
  // Its text. Throws Mistake if a file cannot be read. Any thread.
  [[nodiscard]] std::string text(std::uint64_t index) const;
  // Says which cases these are: two lists with the same text are the same.
  [[nodiscard]] std::string identity() const;
  // They were made here: the first that fails is enough.
  [[nodiscard]] bool generated() const { return request_.files.empty(); }

 private:
  [[nodiscard]] std::uint64_t number(std::uint64_t index) const {
    return index * request_.shard.count + request_.shard.index - 1;
  }

  Request request_;
  std::vector<std::string> texts_;  // of `every`
  std::uint64_t size_ = 0;
};

}  // namespace sim::cli
