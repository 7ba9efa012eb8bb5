// SPDX-License-Identifier: GPL-2.0-or-later
// Results as JSON: an object on a line.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace sim::cli {

using Json = nlohmann::ordered_json;

// Names of files and output of devices may be any bytes.
inline std::string json_line(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sim::cli
