// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/fault.h"

namespace sim {

namespace {

Expectation expectation(const Fault::ReadError&) {
  return {.read_errors = true};
}
Expectation expectation(const Fault::WriteError&) {
  return {.write_errors = true};
}
Expectation expectation(const Fault::FlushError&) {
  return {.flush_errors = true};
}
Expectation expectation(const Fault::Torn&) {
  return {.wrong_data = true};
}
Expectation expectation(const Fault::Misdirected&) {
  return {.wrong_data = true};
}
Expectation expectation(const Fault::BitRot&) {
  return {.wrong_data = true};
}
Expectation expectation(const Fault::Lies&) {
  return {.loses_flushed = true};
}
Expectation expectation(const Fault::Silent& silent) {
  return {.waits = silent.to == Fault::Silent::for_ever};
}

}  // namespace

Expectation& Expectation::operator|=(const Expectation& other) {
  read_errors |= other.read_errors;
  write_errors |= other.write_errors;
  flush_errors |= other.flush_errors;
  wrong_data |= other.wrong_data;
  loses_flushed |= other.loses_flushed;
  waits |= other.waits;
  return *this;
}

Expectation expectation_of(const Fault& fault) {
  return std::visit([](const auto& what) { return expectation(what); }, fault.what);
}

}  // namespace sim
