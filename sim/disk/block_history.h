// SPDX-License-Identifier: GPL-2.0-or-later
// What one logical block of a disk may hold after a power cut: the rules of the fault model
// (sim/disk/durability.h), for any representation of the contents.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/disk/media_observer.h"

namespace sim {

// `Content` is compared with ==, which must mean the same bytes.
template <class Content>
class BlockHistory {
 public:
  using Moment = MediaObserver::Moment;
  using WriteId = MediaObserver::WriteId;

  enum class State : std::uint8_t { durable, in_flight, ended, failed };
  struct Version {
    WriteId write = 0;
    State state = State::durable;
    bool executed = true;
    Moment ended_at = 0;
    Content content{};
  };

  // What is there is durable.
  explicit BlockHistory(Content durable) { versions_.push_back({.content = std::move(durable)}); }
  // After a power cut: one of these is there; which is not known.
  explicit BlockHistory(std::vector<Version> versions) : versions_(std::move(versions)) {
    for (Version& version : versions_) version = {.write = version.write, .content = version.content};
  }

  // The steps of a write: see MediaObserver.
  void submitted(WriteId write, Content content) {
    versions_.push_back({write, State::in_flight, false, 0, std::move(content)});
  }
  // The data may have changed since the submission: until the write has ended, both may be there.
  void executed(WriteId write, Content content) {
    versions_.push_back({write, State::in_flight, true, 0, std::move(content)});
  }
  // What was executed is there, not what was submitted; of a write that failed either may be.
  void ended(WriteId write, bool failed, Moment moment) {
    if (!failed) std::erase_if(versions_, [&](const Version& v) { return v.write == write && !v.executed; });
    for (Version& version : versions_) {
      if (version.write != write || version.state == State::durable) continue;
      version.state = failed ? State::failed : State::ended;
      version.ended_at = moment;
    }
  }
  // A flush ends. Of the versions that it covers, all of which have been executed, the last is durable. A
  // write is in the list as it was submitted before it is there as it was executed.
  template <class Covers>
  void flushed(Covers covers) {
    const auto last = std::find_if(versions_.rbegin(), versions_.rend(), covers);
    if (last != versions_.rend()) make_durable(static_cast<std::size_t>(versions_.rend() - last) - 1);
  }
  // Whether such a flush covers a version: one that had ended before the flush was submitted, or the data of
  // a write with FUA that it belongs to.
  template <class Own>
  [[nodiscard]] static bool covered(const Version& version, Moment submitted, const Own& own) {
    return (version.state == State::ended && version.ended_at < submitted) ||
           std::find(own.begin(), own.end(), version.write) != own.end();
  }

  // The medium changes by itself: what is on it becomes change(content).
  template <class Change>
  void change_executed(Change change) {
    for (Version& version : versions_) {
      if (version.executed) version.content = change(version.content);
    }
  }

  // Only one content is left, and no write is under way.
  [[nodiscard]] bool settled() const {
    return versions_.size() == 1 && versions_.front().state == State::durable;
  }
  // The durable one first, then in the order of their submission or execution.
  [[nodiscard]] const std::vector<Version>& versions() const { return versions_; }

  // The contents that may be there, all different: the durable ones first, then in the order of their
  // execution, then those that are not executed.
  struct Candidates {
    std::vector<Content> contents;
    std::size_t newest = 0;  // what was executed last, which reads return
  };
  [[nodiscard]] Candidates candidates() const {
    Candidates found;
    for (const bool executed : {true, false}) {
      for (const Version& version : versions_) {
        if (version.executed != executed) continue;
        const auto place = std::find(found.contents.begin(), found.contents.end(), version.content);
        if (executed) found.newest = static_cast<std::size_t>(place - found.contents.begin());
        if (place == found.contents.end()) found.contents.push_back(version.content);
      }
    }
    return found;
  }

 private:
  void make_durable(std::size_t last) {
    const WriteId write = versions_[last].write;
    std::vector<Version> kept = {{.write = write, .content = versions_[last].content}};
    for (std::size_t i = 0; i < versions_.size(); ++i) {
      if (i > last || (versions_[i].state == State::in_flight && versions_[i].write != write))
        kept.push_back(versions_[i]);
    }
    versions_ = std::move(kept);
  }

  std::vector<Version> versions_;
};

}  // namespace sim
