// SPDX-License-Identifier: GPL-2.0-or-later
// The repository that the tests were built from: its pages, recordings and scenarios.
#pragma once

#include <filesystem>

namespace test {

// The top folder. Compiled into one file only, so that a compiler cache serves every checkout.
std::filesystem::path source_dir();

}  // namespace test
