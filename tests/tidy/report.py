# SPDX-License-Identifier: GPL-2.0-or-later
"""How the checks begin and end."""
import shutil
import sys

SKIP = 77  # what CTest takes for "skipped"


def findings(found):
    """Prints findings; the exit status is 1 if there is one."""
    count = 0
    for finding in found:
        print(finding)
        count += 1
    if count:
        print(f"{count} finding{'s' if count > 1 else ''}")
    return 1 if count else 0


def program(name):
    """The path of a program; without it the check is skipped."""
    path = shutil.which(name)
    if path is None:
        print(f"{name} is not installed: .ci/install tidy")
        sys.exit(SKIP)
    return path
