#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run of a machine uses keeps nothing in static objects.

A run may be taken back to an earlier state of its memory (sim/rewind/arena.h). A static object that allocates at its first use
would be left with memory that is gone. So a static variable in these folders is constexpr or constinit, or its initialiser
uses rewind::Outside."""
import re
import sys

import report
import source_tree

# What a run that is rewound may come through.
FOLDERS = ("dmcore/", "dmclone/", "sim/defects/", "sim/disk/", "sim/dmsetup/", "sim/explore/", "sim/host/", "sim/libdm/",
           "sim/machine/", "sim/runtime/", "sim/scenario/", "sim/schedules/", "sim/store/", "sim/text/")
FILES = ("sim/tables/known_types.cpp",)
# The stacks that a thread keeps: an arena has stacks of its own.
ALLOWED = {"sim/runtime/stack_pool.cpp"}
# `static` or `thread_local`, a type, a name, and what begins an initialiser or ends a declaration.
VARIABLE = re.compile(r"^[ \t]*(?:inline )?(?:static|thread_local)\b(?! constexpr| constinit| assert|_)(?:[^(){};=]|\{\})*?"
                      r"\b\w+\s*(=[^=]|\{|;|\([^)\n]*R?\")", re.M)
INITIALISER = 400  # characters of it that are looked at


def check(root=source_tree.ROOT):
    for path in source_tree.files(root, (".cpp", ".h")):
        if path in ALLOWED or not (path.startswith(FOLDERS) or path in FILES):
            continue
        code = source_tree.cpp_parts(source_tree.read(path, root))[0]
        for match in VARIABLE.finditer(code):
            if "constinit" in match[0] or "Outside" in code[match.start():match.end() + INITIALISER]:
                continue
            line = code.count("\n", 0, match.start(1)) + 1
            yield source_tree.Finding(path, line, "a static variable that may allocate when a run uses it first")


if __name__ == "__main__":
    sys.exit(report.findings(check()))
