#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares docs/command-line.md with the help of dmsim. Between a line "<!-- dmsim manual --markdown NAME -->" and the next
line "<!-- end -->" the page has exactly what that command prints, and there is such a part for each subcommand, and for
dmsim itself. With --write the parts are replaced by what the commands print."""
import argparse
import pathlib
import re
import subprocess
import sys

PART = re.compile(r"^<!-- dmsim manual --markdown (\S+) -->\n(.*?)^<!-- end -->$", re.MULTILINE | re.DOTALL)


def output_of(dmsim, *words):
    return subprocess.run([dmsim, *words], check=True, capture_output=True, encoding="utf-8").stdout


def section(dmsim, name):
    return output_of(dmsim, "manual", "--markdown", name)


def names_of_parts(dmsim):
    listed = output_of(dmsim, "--help").split("Subcommands:\n")[1].split("\n\n")[0]
    return ["dmsim", *re.findall(r"^  (\S+)", listed, re.MULTILINE)]


def check(dmsim, page):
    """What is wrong with the text of the page, a line for each."""
    parts = dict(PART.findall(page))
    names = names_of_parts(dmsim)
    wrong = [f"there is no part 'dmsim manual --markdown {name}'" for name in names if name not in parts]
    wrong += [f"there is no subcommand {name}" for name in parts if name not in names]
    for name in names:
        if name in parts and parts[name] != section(dmsim, name):
            wrong.append(f"this is not what 'dmsim manual --markdown {name}' prints: "
                         "bring it up to date with tests/docs/command_line.py --write")
    return wrong


def written(dmsim, page):
    return PART.sub(lambda part: f"<!-- dmsim manual --markdown {part[1]} -->\n{section(dmsim, part[1])}<!-- end -->", page)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dmsim", required=True)
    parser.add_argument("--write", action="store_true", help="bring the page up to date")
    parser.add_argument("page", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.write:
        arguments.page.write_text(written(arguments.dmsim, arguments.page.read_text(encoding="utf-8")), encoding="utf-8")
    wrong = check(arguments.dmsim, arguments.page.read_text(encoding="utf-8"))
    for text in wrong:
        print(f"{arguments.page}: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
