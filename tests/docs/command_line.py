#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares docs/command-line.md with what `dmsim --help` says: each subcommand has a section whose heading begins with
"## `dmsim NAME", and a table headed "option of `dmsim NAME`" that names each of its options, and no other one."""
import argparse
import pathlib
import re
import subprocess
import sys


def help_of(dmsim, *words):
    return subprocess.run([dmsim, *words, "--help"], check=True, capture_output=True, encoding="utf-8").stdout


def subcommands(dmsim):
    listed = help_of(dmsim).split("Subcommands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\S+)", listed, re.MULTILINE)


def options(dmsim, name):
    return set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", help_of(dmsim, name), re.MULTILINE)) - {"--help"}


def documented(page):
    """Options by subcommand, as the page's tables name them."""
    found, name = {}, None
    for line in page.splitlines():
        head = re.match(r"\| option of `dmsim (\S+)`", line)
        if head:
            name = head[1]
            found[name] = set()
        elif not line.startswith("|"):
            name = None
        elif name:
            found[name].update(re.findall(r"`(--[\w-]+)", line.split("|")[1]))
    return found


def check(dmsim, path):
    page = path.read_text(encoding="utf-8")
    tables = documented(page)
    wrong = []
    names = subcommands(dmsim)
    for name in names:
        if not re.search(rf"^## `dmsim {re.escape(name)}\b", page, re.MULTILINE):
            wrong.append(f"dmsim {name} has no section that begins with: ## `dmsim {name} ...`")
        in_help, on_page = options(dmsim, name), tables.get(name, set())
        if not in_help and name not in tables:
            continue
        wrong += [f"the table 'option of `dmsim {name}`' lacks {option}" for option in sorted(in_help - on_page)]
        wrong += [f"dmsim {name} has no option {option}" for option in sorted(on_page - in_help)]
    wrong += [f"there is no dmsim {name}" for name in sorted(set(tables) - set(names))]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dmsim", required=True)
    parser.add_argument("page", type=pathlib.Path)
    arguments = parser.parse_args()
    wrong = check(arguments.dmsim, arguments.page)
    for text in wrong:
        print(f"{arguments.page}: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
