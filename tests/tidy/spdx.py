#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every source file says its licence in one of its first lines."""
import sys

import report
import source_tree

LINE = "SPDX-License-Identifier: GPL-2.0-or-later"
LINES_MAX = 3  # a script's first line names its interpreter
SOURCES = (".h", ".cpp", ".c", ".py", ".sh", ".cmake", "CMakeLists.txt", ".in")


def check(root=source_tree.ROOT):
    for path in source_tree.files(root):
        if not path.endswith(SOURCES) and not path.startswith(".ci/"):
            continue
        if not any(LINE in line for line in source_tree.read(path, root).splitlines()[:LINES_MAX]):
            yield source_tree.Finding(path, 1, f"no line '{LINE}'")


if __name__ == "__main__":
    sys.exit(report.findings(check()))
