// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of dmsim. Each adds itself to a program.
#pragma once

#include <functional>

#include "sim/cli/program.h"

namespace sim {
class Machine;
}

namespace sim::cli {

// `prepare` is called with each machine before anything runs on it: a program of one's own registers its
// types of target there. May be empty.
void add_replay(Program& program, std::function<void(Machine&)> prepare = {});
void add_explore(Program& program, std::function<void(Machine&)> prepare = {});
void add_check(Program& program);
void add_clone(Program& program);
void add_defects(Program& program);
void add_fixes(Program& program);
void add_dump(Program& program);
void add_explain(Program& program);
void add_generate(Program& program);
void add_help(Program& program);
void add_manual(Program& program);
void add_metadata_size(Program& program);
void add_repair(Program& program);
void add_restore(Program& program);
void add_tables(Program& program);

}  // namespace sim::cli
