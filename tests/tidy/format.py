#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every C++ and C file is formatted as clang-format does it with the tree's .clang-format. To mend: clang-format -i FILE."""
import re
import shutil
import subprocess
import sys

import report
import source_tree

COMPLAINT = re.compile(r"^(\S+?):(\d+):\d+: error: code should be clang-formatted", re.M)


def check(program, root=source_tree.ROOT):
    """The first line of each file that would change."""
    paths = source_tree.files(root, source_tree.CPP)
    done = subprocess.run([program, "--dry-run", "-Werror", "--style=file"] + paths, cwd=root, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    seen = set()
    for path, line in COMPLAINT.findall(done.stderr):
        if path not in seen:
            seen.add(path)
            yield source_tree.Finding(path, int(line), "not formatted: clang-format -i")
    if done.returncode and not seen:
        raise RuntimeError(done.stderr)


if __name__ == "__main__":
    sys.exit(report.findings(check(report.program("clang-format"))))
