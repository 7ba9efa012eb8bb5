// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/mangling.h"

#include <cctype>
#include <cstdint>
#include <fmt/core.h>
#include <optional>

namespace sim::libdm {
namespace {

using Outcome = MangleResult::Outcome;

// The characters that udev leaves alone.
bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("#+-.:=@_").find(c) != std::string_view::npos;
}

MangleResult mixture(std::string_view text, std::string_view what) {
  return {Outcome::failed,
          fmt::format("The {} \"{}\" contains mixed mangled and unmangled characters or it's already mangled "
                      "improperly.",
                      what, text)};
}

MangleResult too_long(std::string_view text, std::string_view what) {
  return {Outcome::failed, fmt::format("Mangled form of the {} too long for \"{}\".", what, text)};
}

std::optional<unsigned> hex_digit(std::string_view text, std::size_t position) {
  if (position >= text.size()) return std::nullopt;
  const char c = text[position];
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

bool mangled_more_than_once(std::string_view text) {
  return text.find("\\x5cx") != std::string_view::npos;
}

MangleResult mangle(std::string_view text, std::string_view what, std::size_t size_max, Mangling mode) {
  // Which kind of character was last found that decides: they may not be mixed, except in hex mode.
  enum class Seen : std::uint8_t { neither, mangled, unmangled } seen = Seen::neither;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    if (mode != Mangling::hex && text.substr(i).starts_with("\\x")) {
      if (text.size() - i < 4 || seen == Seen::unmangled) return mixture(text, what);
      if (size_max - out.size() < 4) return too_long(text, what);
      out += text.substr(i, 4);
      i += 3;
      seen = Seen::mangled;
    } else if (is_plain(text[i])) {
      if (size_max - out.size() < 1) return too_long(text, what);
      out += text[i];
    } else {
      if (mode != Mangling::hex && seen == Seen::mangled) return mixture(text, what);
      if (size_max - out.size() < 4) return too_long(text, what);
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
      seen = Seen::unmangled;
    }
  }
  if (size_max - out.size() < 1) return too_long(text, what);
  if (seen != Seen::unmangled) return {};
  return {Outcome::changed, std::move(out)};
}

MangleResult unmangle(std::string_view text, std::string_view what, Mangling mode) {
  std::string out;
  Outcome outcome = Outcome::unchanged;
  for (std::size_t i = 0; i < text.size(); i++) {
    if (mode != Mangling::none && !is_plain(text[i]) && text[i] != '\\') {
      return {
          Outcome::failed,
          fmt::format("The {} \"{}\" should be mangled but it contains blacklisted characters.", what, text)};
    }
    if (!text.substr(i).starts_with("\\x")) {
      out += text[i];
      continue;
    }
    const auto high = hex_digit(text, i + 2);
    // Not hexadecimal: the library gives up here and keeps what it has; that nothing follows it does not see.
    if (i + 2 == text.size()) outcome = Outcome::changed;
    if (!high) break;
    const auto low = hex_digit(text, i + 3);
    out += static_cast<char>(low ? *high * 16 + *low : *high);
    outcome = Outcome::changed;
    i += 3;
  }
  return {outcome, outcome == Outcome::changed ? std::move(out) : std::string()};
}

}  // namespace sim::libdm
