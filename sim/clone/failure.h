// SPDX-License-Identifier: GPL-2.0-or-later
// How a clone gives up: what() is for the person who asked for it, without a newline at its end.
#pragma once

#include <stdexcept>

namespace sim::clone {

// It cannot be begun, or not be resumed, in this way. No file has changed.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// It was begun and cannot be completed.
class Failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The listener asked for its end.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace sim::clone
