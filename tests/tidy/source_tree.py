# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of the source tree, and what in them is code and what is comment."""
import io
import os
import re
import tokenize
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CPP = (".h", ".cpp", ".c")
# Folders of the tree that hold no sources of ours.
LEFT_OUT = re.compile(r"(^|/)(\.git|__pycache__|build[^/]*)$")

CPP_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*(?:\\\n[^\n]*)*|/\*.*?\*/)
      | (?P<string>R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)" | "(?:[^"\\\n]|\\.)*")
      | (?P<number>\b\d[\w.']*)
      | (?P<character>'(?:[^'\\\n]|\\.)+')""", re.X | re.S)

# A block of a Markdown page: an example, which tests/docs/examples.py runs.
FENCED = re.compile(r"^( *`{3,})[^\n]*\n.*?^\1 *$", re.M | re.S)


@dataclass
class Comment:
    line: int  # of its beginning; 1 is the first
    text: str


@dataclass
class Finding:
    path: str  # from the root
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


def files(root=ROOT, endings=None):
    """Paths from the root, sorted; with `endings`, only those that end in one of them."""
    found = []
    for folder, folders, names in os.walk(root):
        here = os.path.relpath(folder, root)
        folders[:] = [name for name in folders if not LEFT_OUT.search(name)]
        for name in names:
            if endings is None or name.endswith(endings):
                found.append(os.path.normpath(os.path.join(here, name)))
    return sorted(found)


def read(path, root=ROOT):
    with open(os.path.join(root, path), encoding="utf8", errors="surrogateescape") as file:
        return file.read()


def blank(text):
    """As many blanks, the line breaks kept."""
    return re.sub(r"[^\n]", " ", text)


def cpp_parts(text):
    """(code, comments) of C++: in the code, blanks are in place of comments and of what is inside quotes."""
    comments = []

    def replace(match):
        if match["comment"]:
            comments.append(Comment(text.count("\n", 0, match.start()) + 1, match[0]))
            return blank(match[0])
        if match["number"]:
            return match[0]
        return match[0][0] + blank(match[0][1:-1]) + match[0][-1]

    return CPP_TOKEN.sub(replace, text), comments


def python_comments(text):
    """Comments and documentation strings."""
    found, before = [], tokenize.INDENT
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            found.append(Comment(token.start[0], token.string))
        elif token.type == tokenize.STRING and before in (tokenize.INDENT, tokenize.NEWLINE):
            found.append(Comment(token.start[0], token.string))
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.DEDENT):
            before = token.type
    return found


def hash_comments(text):
    """Comments of shell scripts, CMake and scenarios."""
    lines = enumerate(text.splitlines(), 1)
    return [Comment(number, match[0]) for number, line in lines if (match := re.search(r"(?:^|(?<=\s))#.*", line))]


def comments(path, text):
    """The comments of a file of any kind; none of a kind that has none."""
    if path.endswith(CPP):
        return cpp_parts(text)[1]
    if path.endswith(".py"):
        return python_comments(text)
    if path.endswith(".md"):
        return [Comment(1, FENCED.sub(lambda match: blank(match[0]), text))]
    if path.endswith((".sh", ".cmake", "CMakeLists.txt", ".dms")) or path.startswith(".ci/"):
        return hash_comments(text)
    return []
