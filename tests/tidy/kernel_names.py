#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What kernel-names.txt lists is in the source of the reference kernel. Without that source (tests/kernel/README.md
tells how to get it) the check is skipped."""
import os
import re
import sys

import report
import source_tree

LIST = "tests/tidy/kernel-names.txt"
FOLDERS = ("block", "drivers/block", "drivers/md", "fs", "include/linux", "include/uapi", "init", "kernel", "lib", "mm")


def source_folder():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(cache, "dm-uml", "linux-source-6.1")


def check(kernel, root=source_tree.ROOT):
    lines = source_tree.read(LIST, root).splitlines()
    wanted = {line: number for number, line in enumerate(lines, 1) if line and not line.startswith("#")}
    missing = set(wanted)
    for folder in FOLDERS:
        for name in source_tree.files(os.path.join(kernel, folder), (".c", ".h")):
            path = f"{folder}/{name}"
            missing.difference_update({path, path.rpartition("/")[2]})
            missing.difference_update(re.findall(r"\w+", source_tree.read(path, kernel)))
            if not missing:
                return
    for name in sorted(missing):
        yield source_tree.Finding(LIST, wanted[name], f"the kernel has no {name}")


if __name__ == "__main__":
    if not os.path.isdir(os.path.join(source_folder(), "drivers", "md")):
        print(f"no kernel source at {source_folder()}")
        sys.exit(report.SKIP)
    sys.exit(report.findings(check(source_folder())))
