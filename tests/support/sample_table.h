// SPDX-License-Identifier: GPL-2.0-or-later
// Tables made from what a type of target declares about its arguments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dmcore/dm/target_arguments.h"

namespace test {

// Arguments that the target accepts: the smallest numbers other than 0, devices 7:0, 7:1 and so on, no
// optional words.
std::vector<std::string> sample_arguments(const dmcore::TargetArguments& declared);
// The same with this keyword of this group, and its values. Groups before it are empty.
std::vector<std::string> sample_arguments(const dmcore::TargetArguments& declared,
                                          const dmcore::KeywordGroup& group, const dmcore::Keyword& keyword);

std::string joined(const std::vector<std::string>& words);

}  // namespace test
