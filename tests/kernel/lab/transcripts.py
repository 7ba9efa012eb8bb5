# SPDX-License-Identifier: GPL-2.0-or-later
"""Transcripts: reading, comparing, counting what is in them."""
import collections
import difflib
import re

from . import language


def load(path):
    with open(path, encoding="utf8", errors="surrogateescape") as file:
        return file.read()


def difference(kernel, simulator, names=("kernel", "dmsim"), lines_max=40):
    """A unified diff, or None where they are equal."""
    if kernel == simulator:
        return None
    lines = list(difflib.unified_diff(kernel.splitlines(), simulator.splitlines(), *names, lineterm="", n=2))
    if len(lines) > lines_max:
        lines[lines_max:] = [f"... {len(lines) - lines_max} more lines"]
    return "\n".join(lines)


def generalize(line):
    """The kind of a line: without the numbers and names that vary."""
    line = re.sub(r"\b0x[0-9a-f]+\b|\b\d+\b", "N", line)
    line = re.sub(r"\bloopN?\d*\b", "DISK", line)
    return re.sub(r"(message) [`'].*'", r"\1 `X'", line)


def targets_of(words):
    """The target types of a command's table."""
    for option, text in zip(words, words[1:]):
        if option == "--table":
            return [line.split()[2] for line in text.splitlines() if len(line.split()) > 2]
    return []


class Tally:
    """How often each kind of thing occurred in scenarios and their transcripts."""

    KINDS = ("commands", "targets", "errors", "logs")
    TITLES = {"logs": "log lines"}

    def __init__(self, kinds=None):
        self.scenarios = 0
        for kind in self.KINDS:
            setattr(self, kind, collections.Counter((kinds or {}).get(kind, {})))

    def add(self, scenario, transcript):
        self.scenarios += 1
        for words in language.commands(scenario):
            self.commands[" ".join(words[:2]) if words[0] == "dmsetup" else words[0]] += 1
            self.targets.update(targets_of(words))
        command = None
        for line in transcript.splitlines():
            if line.startswith("> "):
                words = line[2:].split(" ")
                command = " ".join(words[:2]) if words[0] == "dmsetup" else words[0]
            elif line.startswith("log: "):
                self.logs[generalize(line[len("log: device-mapper: "):])] += 1
            elif re.match(r"(error \w+$|exit \d+$|short read at|timed out)", line):
                self.errors[f"{command}: {generalize(line) if line[0] in 'st' else line}"] += 1

    def merge(self, other):
        self.scenarios += other.scenarios
        for kind in self.KINDS:
            getattr(self, kind).update(getattr(other, kind))

    def as_dict(self):
        return {kind: dict(getattr(self, kind)) for kind in self.KINDS}

    def report(self):
        lines = [f"{self.scenarios} scenarios, {sum(self.commands.values())} commands"]
        for kind in self.KINDS:
            lines.append(f"\n{self.TITLES.get(kind, kind)}")
            rows = sorted(getattr(self, kind).items(), key=lambda item: (-item[1], item[0]))
            lines += [f"{count:9} {what}" for what, count in rows]
        return "\n".join(lines) + "\n"
