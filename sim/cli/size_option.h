// SPDX-License-Identifier: GPL-2.0-or-later
// Options whose values are sizes: sectors, or with a unit.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "sim/text/quantities.h"

namespace sim::cli {

// `set` gets bytes: a whole number of sectors.
inline CLI::Option* add_size_option(CLI::App& app, const std::string& name, const std::string& description,
                                    const std::function<void(std::uint64_t)>& set) {
  const auto parse = [name, set](const std::string& text) {
    const auto bytes = parse_size(text);
    if (!bytes) throw CLI::ValidationError(name, not_a_size(text));
    set(*bytes);
  };
  return app.add_option_function<std::string>(name, parse, description)->option_text("SIZE");
}

}  // namespace sim::cli
