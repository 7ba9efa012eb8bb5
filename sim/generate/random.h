// SPDX-License-Identifier: GPL-2.0-or-later
// Chance that is the same everywhere: a generator that the C++ standard defines, and our own way from its
// numbers to choices (the standard's distributions differ between libraries).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace sim::generate {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // 0 to end - 1, each as likely. `end` is not 0.
  std::uint64_t below(std::uint64_t end);
  // Both ends included.
  std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
  bool chance(unsigned percent) { return below(100) < percent; }

  template <typename T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[below(choices.size())];
  }
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[below(choices.size())];
  }
  template <typename T>
  const T& pick(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }
  // The index of one of the weights, each as likely as it is heavy.
  template <typename Weights>
  std::size_t weighted(const Weights& weights) {
    std::uint64_t total = 0;
    for (const unsigned weight : weights) total += weight;
    std::uint64_t drawn = below(total);
    std::size_t index = 0;
    for (const unsigned weight : weights) {
      if (drawn < weight) break;
      drawn -= weight;
      index++;
    }
    return index;
  }
  std::size_t weighted(std::initializer_list<unsigned> weights) {
    return weighted<std::initializer_list<unsigned>>(weights);
  }

  // One of several things to do, each as likely as it is heavy.
  template <typename Result>
  struct Choice {
    unsigned weight;
    std::function<Result()> act;
  };
  template <typename Result = void>
  Result choose(std::initializer_list<Choice<Result>> choices) {
    std::vector<unsigned> weights;
    for (const Choice<Result>& choice : choices) weights.push_back(choice.weight);
    return choices.begin()[weighted(weights)].act();
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sim::generate
