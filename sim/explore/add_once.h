// SPDX-License-Identifier: GPL-2.0-or-later
// Small sets in vectors.
#pragma once

#include <algorithm>
#include <vector>

namespace sim::explore {

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

template <class T>
void add_once(std::vector<T>& all, const T& one) {
  if (!contains(all, one)) all.push_back(one);
}

}  // namespace sim::explore
