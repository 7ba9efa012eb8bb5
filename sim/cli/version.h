// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace sim::cli {

// As CMakeLists.txt gives it to the project: "1.2.3".
std::string_view version();

}  // namespace sim::cli
