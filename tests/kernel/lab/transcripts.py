# SPDX-License-Identifier: GPL-2.0-or-later
"""Transcripts: reading, comparing, counting what is in them."""
import collections
import difflib
import re


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
    return re.sub(r"`[^']*'|'[^']*'", "`X'", line)


class Tally:
    """How often each kind of thing occurred in transcripts."""

    def __init__(self):
        self.scenarios = 0
        self.commands = collections.Counter()
        self.errors = collections.Counter()
        self.logs = collections.Counter()

    def add(self, transcript):
        self.scenarios += 1
        command = None
        for line in transcript.splitlines():
            if line.startswith("> "):
                words = line[2:].split(" ")
                command = " ".join(words[:2]) if words[0] == "dmsetup" else words[0]
                self.commands[command] += 1
            elif line.startswith("log: "):
                self.logs[generalize(line[len("log: device-mapper: "):])] += 1
            elif re.match(r"(error \w+|exit \d+|short read|timed out)", line):
                self.errors[f"{command}: {generalize(line) if line[0] in 'st' else line}"] += 1

    def report(self):
        lines = [f"{self.scenarios} scenarios, {sum(self.commands.values())} commands"]
        for title, counter in (("commands", self.commands), ("errors", self.errors), ("log lines", self.logs)):
            lines.append(f"\n{title}")
            lines += [f"{count:9} {what}" for what, count in sorted(counter.items(), key=lambda i: (-i[1], i[0]))]
        return "\n".join(lines) + "\n"
