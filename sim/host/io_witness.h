// SPDX-License-Identifier: GPL-2.0-or-later
// Sees the requests of programs to devices, and their completions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "dmcore/kernel/types.h"

namespace sim::host {

// Process context; must not sleep.
class IoWitness {
 public:
  enum class Kind : std::uint8_t { write, discard, flush, read };
  struct Request {
    Kind kind = Kind::write;
    const std::string& device;  // as the program names it
    dmcore::sector_t sector = 0;
    dmcore::sector_t count = 0;
    std::span<const std::byte> data = {};  // of a write
    bool durable = false;                  // of a write: it is when it has ended
  };

  IoWitness() = default;
  IoWitness(const IoWitness&) = delete;
  IoWitness& operator=(const IoWitness&) = delete;
  virtual ~IoWitness() = default;

  // Before the device sees it. Returns what ended() gets.
  virtual std::uint64_t begins(const Request& request) = 0;
  // It has completed for the program. `read`: what was read, if it is that and `ok`. Not called for what a
  // power cut ends.
  virtual void ended(std::uint64_t id, bool ok, std::span<const std::byte> read) = 0;
};

}  // namespace sim::host
