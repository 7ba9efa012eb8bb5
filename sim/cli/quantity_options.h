// SPDX-License-Identifier: GPL-2.0-or-later
// Options whose values are sizes or times, written as in scenarios.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>

#include "sim/text/quantities.h"

namespace sim::cli {

// `parse` returns nothing for a text that `complaint` says is wrong.
template <class Parse, class Complaint, class Set>
CLI::Option* add_quantity_option(CLI::App& app, const std::string& name, const std::string& description,
                                 Parse parse, Complaint complaint, Set set) {
  const auto take = [=](const std::string& text) {
    const auto value = parse(text);
    if (!value) throw CLI::ValidationError(name, complaint(text));
    set(*value);
  };
  return app.add_option_function<std::string>(name, take, description);
}

// A number of sectors, or a number and a unit. `set` gets bytes, a whole number of sectors.
inline CLI::Option* add_size_option(CLI::App& app, const std::string& name, const std::string& description,
                                    const std::function<void(std::uint64_t)>& set) {
  return add_quantity_option(app, name, description, parse_size, not_a_size, set)->option_text("SIZE");
}

// A number and a unit.
inline CLI::Option* add_time_option(CLI::App& app, const std::string& name, const std::string& description,
                                    const std::function<void(dmcore::Duration)>& set) {
  const auto complaint = [](const std::string& text) { return not_a_duration(text, false); };
  return add_quantity_option(app, name, description, parse_duration, complaint, set)->option_text("TIME");
}

}  // namespace sim::cli
