// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/race/specimens.h"

#include <array>
#include <numeric>

namespace specimens {

void Number::add() {
  ++value;
}

std::uint64_t Number::get() const {
  return value;
}

void Bytes::set_first() {
  first = 1;
}

void Bytes::set_second() {
  second = 1;
}

void Guarded::add() {
  const dmcore::SpinGuard guard(lock_);
  number_.add();
}

std::uint64_t Guarded::get_without_lock() const {
  return number_.get();
}

std::uint64_t Guarded::get_once() const {
  return dmcore::read_once(number_.value);
}

std::uint64_t Guarded::get_stale() const {
  return dmcore::data_race(number_.value);
}

void append(std::vector<std::uint64_t>& to, std::uint64_t value) {
  to.push_back(value);
}

void set_all(std::vector<std::uint64_t>& of, std::uint64_t value) {
  for (std::uint64_t& each : of) each = value;
}

std::uint64_t copy_of(const std::vector<std::uint64_t>& from, std::vector<std::uint64_t>& to) {
  to = from;
  return to.empty() ? 0 : to.back();
}

void Message::write_then_set() {
  numbers_[0].add();
  said_.set(true);
}

bool Message::read_if_set() const {
  return said_.read() && numbers_[0].get() == 1;
}

void Message::write_then_barrier_then_set() {
  numbers_[0].add();
  dmcore::smp_mb();
  said_.set(true);
}

bool Message::read_after_barrier_if_set() const {
  if (!said_.read()) return false;
  dmcore::smp_mb();
  return numbers_[0].get() == 1;
}

void Message::write_then_release() {
  numbers_[0].add();
  dmcore::store_release(released_, true);
}

bool Message::read_if_acquired() const {
  return dmcore::load_acquire(released_) && numbers_[0].get() == 1;
}

void Message::write_then_drop(unsigned part) {
  numbers_[part].add();
  if (count_.dec_and_test()) numbers_[1 - part].add();
}

std::unique_ptr<Number> make() {
  return std::make_unique<Number>();
}

std::uint64_t use_stack(std::uint64_t seed) {
  std::array<std::uint64_t, 64> numbers{};
  std::iota(numbers.begin(), numbers.end(), seed);
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

}  // namespace specimens
