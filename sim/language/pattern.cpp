// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fmt/core.h>

#include "sim/host/sha256.h"

namespace sim::language {
namespace {

using dmcore::sector_size;

// How many characters a text in UTF-8 has.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The text that a stamp repeats: a character of up to four bytes, '@', up to 20 digits, '\n'.
class StampText {
 public:
  StampText(std::string_view letter, std::uint64_t sector) {
    std::memcpy(text_.data(), letter.data(), letter.size());
    char* at = text_.data() + letter.size();
    *at++ = '@';
    at = std::to_chars(at, text_.data() + text_.size() - 1, sector).ptr;
    *at++ = '\n';
    size_ = static_cast<std::size_t>(at - text_.data());
  }

  void write(std::byte* to) const {
    // The part that is written is copied to the rest, twice as much each time.
    std::memcpy(to, text_.data(), size_);
    for (std::size_t done = size_; done < sector_size;) {
      const std::size_t piece = std::min(done, sector_size - done);
      std::memcpy(to + done, to, piece);
      done += piece;
    }
  }

  // A sector repeats the text if it begins with it and equals itself shifted by its length.
  [[nodiscard]] bool fills(const std::byte* data) const {
    return std::memcmp(data, text_.data(), size_) == 0 &&
           std::memcmp(data, data + size_, sector_size - size_) == 0;
  }

 private:
  std::array<char, 32> text_{};
  std::size_t size_ = 0;
};

bool is_fill(const std::byte* data) {
  return std::memcmp(data, data + 1, sector_size - 1) == 0;
}

struct Stamp {
  char letter;
  std::uint64_t sector;
};

// The stamp that a sector begins with, if any. Only stamps with an ASCII letter have a name.
std::optional<Stamp> read_stamp(const std::byte* data) {
  const auto* text = reinterpret_cast<const char*>(data);
  if (text[0] == '\n' || (static_cast<unsigned char>(text[0]) & 0x80) != 0 || text[1] != '@')
    return std::nullopt;
  std::uint64_t sector = 0;
  const auto [end, error] = std::from_chars(text + 2, text + 24, sector);
  if (error != std::errc() || *end != '\n') return std::nullopt;
  return Stamp{text[0], sector};
}

std::string fill_name(std::byte value) {
  const auto number = static_cast<unsigned>(value);
  if (number == 0) return "zero";
  if (number >= 33 && number <= 126) return {static_cast<char>(number)};
  return fmt::format("0x{:02x}", number);
}

std::string stamp_name(char letter, std::int64_t shift) {
  return shift == 0 ? fmt::format("@{}", letter) : fmt::format("@{}{:+}", letter, shift);
}

std::string hash_name(std::span<const std::byte> data) {
  host::Sha256 hash;
  hash.add(data);
  return fmt::format("?{:.8}", hash.finish());
}

}  // namespace

std::optional<Pattern> parse_pattern(std::string_view word) {
  if (word == "zero") return Pattern{};
  if (word.size() == 1 && (static_cast<unsigned char>(word[0]) & 0x80) == 0) {
    return Pattern{.kind = Pattern::Kind::fill, .byte = word[0], .letter = {}};
  }
  if (word.starts_with('@') && word.size() <= 5 && characters(word) == 2) {
    return Pattern{.kind = Pattern::Kind::stamp, .byte = 0, .letter = std::string(word.substr(1))};
  }
  return std::nullopt;
}

void fill_pattern(const Pattern& pattern, dmcore::sector_t sector, std::span<std::byte> out) {
  if (pattern.kind != Pattern::Kind::stamp) {
    std::fill(out.begin(), out.end(), static_cast<std::byte>(pattern.byte));
    return;
  }
  for (std::size_t offset = 0; offset < out.size(); offset += sector_size) {
    StampText(pattern.letter, sector++).write(out.data() + offset);
  }
}

RunPrinter::Run RunPrinter::classify(std::span<const std::byte> data, dmcore::sector_t sector) {
  Run run;
  if (is_fill(data.data())) {
    run.kind = Run::Kind::fill;
    run.fill = data[0];
    run.name = fill_name(run.fill);
    return run;
  }
  const auto stamp = read_stamp(data.data());
  if (stamp && StampText(std::string_view(&stamp->letter, 1), stamp->sector).fills(data.data())) {
    run.kind = Run::Kind::stamp;
    run.letter = stamp->letter;
    run.shift = static_cast<std::int64_t>(stamp->sector - sector);
    run.name = stamp_name(run.letter, run.shift);
    return run;
  }
  run.kind = Run::Kind::other;
  run.name = hash_name(data);
  return run;
}

// Checked first because it is fast, and most sectors continue a run.
bool RunPrinter::continues(std::span<const std::byte> data, dmcore::sector_t sector) const {
  switch (run_.kind) {
    case Run::Kind::none:
      return false;
    case Run::Kind::fill:
      return data[0] == run_.fill && is_fill(data.data());
    case Run::Kind::stamp: {
      const auto stamped = sector + static_cast<std::uint64_t>(run_.shift);
      return StampText(std::string_view(&run_.letter, 1), stamped).fills(data.data());
    }
    case Run::Kind::other:
      return std::memcmp(data.data(), last_.data(), sector_size) == 0;
  }
  return false;
}

void RunPrinter::end_run() {
  if (run_.kind != Run::Kind::none)
    lines_.push_back(fmt::format("{}-{} {}", run_first_, next_ - 1, run_.name));
}

void RunPrinter::add(std::span<const std::byte> data, dmcore::sector_t sector) {
  next_ = sector;
  for (std::size_t offset = 0; offset < data.size(); offset += sector_size, next_++) {
    const auto one = data.subspan(offset, sector_size);
    if (continues(one, next_)) continue;
    Run run = classify(one, next_);
    if (run.kind == Run::Kind::other) last_.assign(one.begin(), one.end());
    if (run.name == run_.name) continue;  // different content, but the same digits of the hash
    end_run();
    run_ = std::move(run);
    run_first_ = next_;
  }
}

std::vector<std::string> RunPrinter::finish(dmcore::sector_t first) {
  if (run_.kind == Run::Kind::none)
    return {fmt::format("None-{} None", static_cast<std::int64_t>(first) - 1)};
  end_run();
  return std::move(lines_);
}

std::string sector_name(std::span<const std::byte> sector_data, dmcore::sector_t sector) {
  return RunPrinter::classify(sector_data, sector).name;
}

}  // namespace sim::language
