#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files and functions that comments and pages name exist.

A file is a word with a known ending, such as block/bio.h: a path of the tree has to end so. A function is a name with
parentheses, such as Disk::flush(), or a Class::member: the code of the tree has to contain its words. Names of the kernel are
listed in kernel-names.txt, those of libraries, the host and examples in other-names.txt; a line there that nothing needs is a
finding as well."""
import re
import sys

import report
import source_tree

LISTS = ("tests/tidy/kernel-names.txt", "tests/tidy/other-names.txt")
COMMENTED = source_tree.CPP + (".py", ".sh", ".md", ".cmake", "CMakeLists.txt", ".dms")
# Not in a longer word, and no pattern such as *.h or NAME.dms.
FILE = re.compile(r"(?<![\w./*~$<>{}-])((?:[\w.-]+/)*[\w-]*[a-z_][\w-]*\.(?:h|cpp|c|py|sh|md|cmake|dms|expected)(?:\.in)?)\b"
                  r"(?![\w/*(-])")
FUNCTION = re.compile(r"(?<![\w.>\-/$:])((?:\w+::)*~?[a-z_]\w*)\(\)")
# Class::member, and a member by its underscore.
MEMBER = re.compile(r"(?<![\w.@>\-/$:])((?:\w+::)+~?\w+|[a-z]\w*_)(?![\w:*(-])")


def listed_names(root):
    """Name -> the list and the line that it is on."""
    found = {}
    for path in LISTS:
        for number, line in enumerate(source_tree.read(path, root).splitlines(), 1):
            if line and not line.startswith("#"):
                found[line] = (path, number)
    return found


class Tree:
    """What there is to refer to."""

    def __init__(self, root):
        self.endings, self.words = set(), set()
        for path in source_tree.files(root):
            parts = path.split("/")
            self.endings.update("/".join(parts[i:]) for i in range(len(parts)))
            if path.endswith(source_tree.CPP):
                self.words.update(re.findall(r"\w+", source_tree.cpp_parts(source_tree.read(path, root))[0]))
            elif path.endswith(("CMakeLists.txt", ".cmake")):
                self.words.update(re.findall(r"\w+", source_tree.read(path, root)))
            elif path.endswith(".py"):
                self.words.update(re.findall(r"\bdef (\w+)", source_tree.read(path, root)))

    def has_file(self, name):
        return name.removeprefix("./") in self.endings

    def has_words(self, name):
        return all(part in self.words for part in name.replace("~", "").split("::"))

    def missing(self, text):
        """(where, what, name) of each reference to what is not there."""
        for regex, exists, what in ((FILE, self.has_file, "file"), (FUNCTION, self.has_words, "function"),
                                    (MEMBER, self.has_words, "member")):
            for match in regex.finditer(text):
                if not exists(match[1]):
                    yield match.start(), what, match[1]


def check(root=source_tree.ROOT):
    tree, listed = Tree(root), listed_names(root)
    needed = set()
    for path in source_tree.files(root):
        if not path.endswith(COMMENTED) and not path.startswith(".ci/"):
            continue
        for comment in source_tree.comments(path, source_tree.read(path, root)):
            for where, what, name in tree.missing(comment.text):
                needed.add(name)
                if name not in listed:
                    line = comment.line + comment.text.count("\n", 0, where)
                    yield source_tree.Finding(path, line, f"there is no {what} {name}")
    for name, (path, line) in listed.items():
        if name not in needed:
            yield source_tree.Finding(path, line, f"nothing needs {name}")


if __name__ == "__main__":
    sys.exit(report.findings(check()))
