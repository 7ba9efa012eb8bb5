// SPDX-License-Identifier: GPL-2.0-or-later
// All recoveries of one set of devices that were seen, by what they read: whether a state leads to a recovery
// that is known already is found out by comparing as many blocks as that recovery looked at.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "sim/explore/outlook.h"
#include "sim/explore/recovery.h"

namespace sim::explore {

struct Leaf {
  explicit Leaf(Contents& contents) : recovery(contents) {}

  Recovery recovery;
  // What further cuts may lead to, by the states that they were computed for.
  std::vector<std::unique_ptr<Outlook>> outlooks;
};

class RecoveryTree {
 public:
  // Makes the recovery whose reads are answered like this.
  using Run = std::function<std::unique_ptr<Leaf>(const AnswerRead& answer)>;
  explicit RecoveryTree(Run run) : run_(std::move(run)) {}

  // The contents that a block may have; at least one. The newest is the first.
  using Candidates =
      std::function<void(std::uint32_t disk, std::uint32_t block, std::vector<BlockContent>& out)>;
  // Calls use(leaf) for each recovery that is possible then. It may visit the tree, too. `stop`, asked before
  // each recovery that has to be run, ends the visit if it is true.
  using Use = std::function<void(Leaf& leaf)>;
  using Stop = std::function<bool()>;
  void visit(
      const Candidates& candidates, const Use& use, const Stop& stop = [] { return false; });

  // Recoveries that were run.
  [[nodiscard]] std::size_t size() const { return leaves_; }
  // Answers that a read had besides its first one, over all visits.
  [[nodiscard]] std::size_t branches() const { return branches_; }

 private:
  struct Node {
    std::uint32_t disk = 0;
    std::uint32_t block = 0;
    std::unordered_map<std::uint64_t, std::vector<std::pair<BlockContent, std::unique_ptr<Node>>>> next;
    std::unique_ptr<Leaf> leaf;  // of a recovery that reads nothing more
    bool known = false;          // whether the above is
  };
  Node& child(Node& node, const BlockContent& content);
  void add(const Candidates& candidates);
  void visit(Node& node, const Candidates& candidates, const Use& use, const Stop& stop);

  Run run_;
  Node root_;
  std::vector<BlockRead> path_;  // from the root to the node that is visited
  std::size_t branches_ = 0;
  std::size_t leaves_ = 0;
};

}  // namespace sim::explore
