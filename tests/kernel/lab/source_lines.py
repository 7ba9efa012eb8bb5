# SPDX-License-Identifier: GPL-2.0-or-later
"""The log lines that device-mapper can print, read out of the kernel's source; and how often each was compared."""
import os
import re

from . import uml

# What is asked about by default, in the folder drivers/md.
FILES = ("dm-clone-target.c", "dm-clone-metadata.c", "dm-table.c")
CALLS = re.compile(r"\b(?:DM(?:ERR|WARN|INFO|CRIT)(?:_LIMIT)?|__metadata_operation_failed)\s*\(")
REASONS = re.compile(r"(?:->|\*|\.)error = ")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
FORMAT = re.compile(r"%[-#0-9.]*(?:ll|l|z)?(p[eg]|[a-z])")
# One place in the source, several lines: which words its only %s, or the second, can be.
VARIANTS = {
    "%s: Switching to %s mode": ("read-write", "read-only", "fail"),
    "Destination device (%pg) %s: Disabling discard passdown.":
        ("discard unsupported", "max discard sectors smaller than a region"),
}


class Line:
    """A line of the log, as the source has it; the same text may stand in several places."""

    def __init__(self, file, text, pattern):
        self.file, self.text = file, text
        self.pattern = re.compile(pattern)
        self.places = []
        self.count = 0


def literal(text):
    """Matches the text, also where numbers have been replaced (transcripts.generalize)."""
    return re.sub(r"\d+", r"(?:\g<0>|N)", re.escape(text))


def as_pattern(text):
    """A regular expression for what a format prints."""
    out, at = "", 0
    for match in FORMAT.finditer(text):
        out += literal(text[at:match.start()]) + ".*"
        at = match.end()
    return out + literal(text[at:])


def without_comments(source):
    """The source with blanks in place of comments, so that line numbers stay."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0])
    return re.sub(r"/\*.*?\*/", blank, source, flags=re.S)


def strings_after(source, at):
    """The literal that begins the arguments at `at`, its pieces joined; None if there is none."""
    pieces, text = [], source[at:at + 600]
    while True:
        text = text.lstrip()
        match = STRING.match(text)
        if not match:
            break
        pieces.append(match[1])
        text = text[match.end():]
    return "".join(pieces) if pieces else None


def lines_of(path):
    """The lines that one source file can print, in its order."""
    with open(path, encoding="utf8", errors="replace") as file:
        source = without_comments(file.read())
    name = os.path.basename(path)
    prefix = re.search(r'#define DM_MSG_PREFIX "(.*?)"', source)
    prefix = prefix[1] if prefix else name
    target = re.search(r'struct target_type \w+ = \{[^}]*?\.name\s*= "(\w+)"', source, re.S)
    found = {}

    def add(text, pattern, at):
        line = found.setdefault(text, Line(name, text, pattern))
        line.places.append(source.count("\n", 0, at) + 1)

    for match in CALLS.finditer(source):
        if match[0].startswith("__"):
            operation = re.match(r'\s*\w+,\s*"(.*?)"', source[match.end():])
            if operation:
                text = f"Metadata operation `{operation[1]}' failed"
                add(text, f"{prefix}: .*{literal(text)}", match.start())
            continue
        text = strings_after(source, match.end())
        if text is None or "Metadata operation" in text:
            continue
        head, _, tail = text.rpartition("%s")
        for words in VARIANTS.get(text, (None,)):
            whole = text if words is None else f"{head}{words}{tail}"
            add(whole, f"{prefix}: {as_pattern(whole)}$", match.start())
    for match in REASONS.finditer(source):
        text = strings_after(source, match.end())
        if text is not None:
            add(text, rf"table: .*: {target[1] if target else '.*'}: {literal(text)} \(.*\)$", match.start())
    return sorted(found.values(), key=lambda line: line.places[0])


def folder():
    """Where drivers/md of the reference kernel's source is."""
    return os.path.join(uml.cache_folder(), "linux-source-6.1", "drivers", "md")


def count(paths, logs):
    """The lines of source files, with how often `logs` (generalized lines and their counts) has each."""
    lines = [line for path in paths for line in lines_of(path)]
    for text, number in logs.items():
        matching = [line for line in lines if line.pattern.match(text)]
        # A format that is mostly %s matches much: the one with the most words of its own is meant.
        if matching:
            max(matching, key=lambda line: len(FORMAT.sub("", line.text))).count += number
    return lines


def report(paths, logs):
    """A table of all lines."""
    rows, file = [], None
    for line in count(paths, logs):
        if line.file != file:
            file = line.file
            rows.append(f"\n{file}")
        rows.append(f"{line.count or 'never':>9} {','.join(map(str, line.places)):>9}  {line.text}")
    return "\n".join(rows)
