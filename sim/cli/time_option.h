// SPDX-License-Identifier: GPL-2.0-or-later
// Options whose values are times with a unit.
#pragma once

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <functional>
#include <string>

#include "sim/text/quantities.h"

namespace sim::cli {

inline CLI::Option* add_time_option(CLI::App& app, const std::string& name, const std::string& description,
                                    const std::function<void(dmcore::Duration)>& set) {
  const auto parse = [name, set](const std::string& text) {
    const auto duration = parse_duration(text);
    if (!duration) throw CLI::ValidationError(name, fmt::format("'{}' is no time, such as 2ms", text));
    set(*duration);
  };
  return app.add_option_function<std::string>(name, parse, description)->option_text("TIME");
}

}  // namespace sim::cli
