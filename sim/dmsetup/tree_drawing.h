// SPDX-License-Identifier: GPL-2.0-or-later
// ls --tree: the dependency tree drawn with lines, in the manner of pstree.
#pragma once

#include "sim/libdm/dependency_tree.h"

namespace sim::dmsetup {

class Session;

// Draws onto standard output as the session's -o options say.
void draw_tree(Session& session, const libdm::DependencyTree& tree);

}  // namespace sim::dmsetup
