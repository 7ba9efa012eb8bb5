// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/getopt.h"

#include <cstddef>
#include <fmt/core.h>

namespace sim::dmsetup {
namespace {

class Reader {
 public:
  Reader(std::span<const std::string> arguments, std::string_view letters,
         std::span<const LongOption> long_options, const std::function<bool(const FoundOption&)>& found)
      : arguments_(arguments), letters_(letters), long_options_(long_options), found_(found) {}

  CommandLine read() {
    while (next_ < arguments_.size() && line_.ok) {
      const std::string& word = arguments_[next_++];
      if (word == "--") {
        line_.words.insert(line_.words.end(), arguments_.begin() + static_cast<std::ptrdiff_t>(next_),
                           arguments_.end());
        break;
      }
      if (word.starts_with("--")) {
        read_long(std::string_view(word).substr(2));
      } else if (word.size() > 1 && word[0] == '-') {
        read_short(std::string_view(word).substr(1));
      } else {
        line_.words.push_back(word);
      }
    }
    return std::move(line_);
  }

 private:
  void fail(std::string text) {
    line_.ok = false;
    line_.error = std::move(text);
  }

  void report(const FoundOption& option) {
    if (!found_(option)) line_.ok = false;
  }

  const LongOption* match(std::string_view name) {
    const LongOption* candidate = nullptr;
    bool ambiguous = false;
    for (const LongOption& option : long_options_) {
      if (option.name == name) return &option;
      if (!option.name.starts_with(name)) continue;
      if (candidate != nullptr) ambiguous = true;
      candidate = &option;
    }
    if (ambiguous) {
      fail(fmt::format("dmsetup: option '--{}' is ambiguous", name));
      return nullptr;
    }
    if (candidate == nullptr) fail(fmt::format("dmsetup: unrecognized option '--{}'", name));
    return candidate;
  }

  void read_long(std::string_view text) {
    const auto equals = text.find('=');
    const LongOption* option = match(text.substr(0, equals));
    if (option == nullptr) return;
    FoundOption result{.letter = 0, .value = option->value, .argument = {}};
    if (equals != std::string_view::npos) {
      if (!option->has_argument) {
        return fail(fmt::format("dmsetup: option '--{}' doesn't allow an argument", option->name));
      }
      result.argument = text.substr(equals + 1);
    } else if (option->has_argument) {
      if (next_ >= arguments_.size()) {
        return fail(fmt::format("dmsetup: option '--{}' requires an argument", option->name));
      }
      result.argument = arguments_[next_++];
    }
    report(result);
  }

  // Several letters can stand in one word; the rest of the word is the argument of one that takes any.
  void read_short(std::string_view text) {
    while (!text.empty() && line_.ok) {
      const char letter = text[0];
      text.remove_prefix(1);
      const auto position = letter == ':' ? std::string_view::npos : letters_.find(letter);
      if (position == std::string_view::npos) {
        return fail(fmt::format("dmsetup: invalid option -- '{}'", letter));
      }
      FoundOption result{.letter = letter, .value = -1, .argument = {}};
      if (position + 1 < letters_.size() && letters_[position + 1] == ':') {
        if (text.empty() && next_ >= arguments_.size()) {
          return fail(fmt::format("dmsetup: option requires an argument -- '{}'", letter));
        }
        result.argument = text.empty() ? arguments_[next_++] : std::string(text);
        text = {};
      }
      report(result);
    }
  }

  std::span<const std::string> arguments_;
  std::string_view letters_;
  std::span<const LongOption> long_options_;
  const std::function<bool(const FoundOption&)>& found_;
  std::size_t next_ = 0;
  CommandLine line_;
};

}  // namespace

CommandLine read_command_line(std::span<const std::string> arguments, std::string_view letters,
                              std::span<const LongOption> long_options,
                              const std::function<bool(const FoundOption&)>& found) {
  return Reader(arguments, letters, long_options, found).read();
}

}  // namespace sim::dmsetup
