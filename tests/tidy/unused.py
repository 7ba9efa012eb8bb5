#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a header declares is used: its name occurs somewhere else than in declarations and definitions of that name.

Names are compared as words, without their classes: a function that nothing calls is not found while another one of that name
is called. Names that only templates and macros of libraries use are in unused-allowed.txt; a line there that is not needed is
a finding as well. So is a using-declaration that its file does not need."""
import collections
import re
import sys

import declarations
import report
import source_tree

ALLOWED = "tests/tidy/unused-allowed.txt"


def allowed_names(root):
    lines = enumerate(source_tree.read(ALLOWED, root).splitlines(), 1)
    return {line: number for number, line in lines if line and not line.startswith("#")}


USING = re.compile(r"^ *using (?:\w+::)+(\w+);", re.M)


def unused_usings(path, code):
    for match in USING.finditer(code):
        if len(re.findall(rf"\b{match[1]}\b", code)) == 1:
            line = code.count("\n", 0, match.start(1)) + 1
            yield source_tree.Finding(path, line, f"{path.rpartition('/')[2]} does not use {match[1]}")


def check(root=source_tree.ROOT):
    occurrences, declared, where = collections.Counter(), collections.Counter(), {}
    for path in source_tree.files(root, (".h", ".cpp")):
        code = source_tree.cpp_parts(source_tree.read(path, root))[0]
        if path.endswith(".cpp"):  # what a header names, it may name for those that include it
            yield from unused_usings(path, code)
        occurrences.update(re.findall(r"\b[A-Za-z_]\w*", code))
        for declaration in declarations.read(code):
            declared[declaration.name] += 1
            if path.endswith(".h"):
                where.setdefault(declaration.name, (path, code.count("\n", 0, declaration.at) + 1, declaration.kind))
    unused = {name for name in where if occurrences[name] <= declared[name]}
    allowed = allowed_names(root)
    for name in sorted(unused - allowed.keys(), key=lambda name: where[name]):
        path, line, kind = where[name]
        yield source_tree.Finding(path, line, f"nothing uses the {kind} {name}")
    for name in sorted(allowed.keys() - unused):
        yield source_tree.Finding(ALLOWED, allowed[name], f"{name} is used, or not declared")


if __name__ == "__main__":
    sys.exit(report.findings(check()))
