#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the examples of Markdown pages and compares what they print with what the pages say.

A fenced block that contains a line which begins with "$ " is a session in a shell. The lines up to the next
"$ " are the output of the command, both streams, in a folder that is new for each page. It holds links to the
repository's `tests` and `docs`, so that examples may name files in them:

  $ cat NAME       while there is no file NAME: the lines below become that file; else it shows the file
  $ dmsim ...      is run with the dmsim under test; other small tools and pipes between them work as well
  $ echo $?        the exit status of the command before, as in a shell
  $ .ci/...        also cmake and ctest: not run; but files, presets and targets that it names must exist

A line "..." stands for any number of lines, none as well; "..." inside a line, for any text. Blank lines at the
end of an output do not count.

A block that is tagged `dms` is a scenario without output: it has to parse, and to run without an `expect` that
fails. A scenario that is not to be run at all (a fragment) is tagged `text`."""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

SCENARIO_START = re.compile(r"(disk|dmsetup|write|read|discard|poke) \S")
NOT_RUN = re.compile(r"(\.ci/|cmake |ctest )")


@dataclass
class Block:
    line: int  # of the fence; 1 is the first one
    tag: str
    lines: list = field(default_factory=list)


@dataclass
class Step:
    line: int
    command: str
    output: list = field(default_factory=list)


class Mismatch(Exception):
    """What a page says is not so; the text begins with where."""


def blocks(text):
    """The fenced blocks of a page. Indentation of a fence, as in a list, is taken off its lines."""
    found, block, fence = [], None, ""
    for number, line in enumerate(text.splitlines(), 1):
        opening = re.match(r"( *)(`{3,})\s*(.*?)\s*$", line)
        if block is None:
            if opening:
                indent, fence = len(opening[1]), opening[2]
                block = Block(number, opening[3])
        elif line.strip() == fence:
            found.append(block)
            block = None
        else:
            block.lines.append(line[indent:] if not line[:indent].strip() else line)
    if block is not None:
        raise Mismatch(f"{block.line}: this fence is never closed")
    return found


def steps(block):
    """The commands of a session, each with the output that the page claims."""
    found = []
    for number, line in enumerate(block.lines, block.line + 1):
        if line.startswith("$ "):
            found.append(Step(number, line[2:].strip()))
        elif found:
            found[-1].output.append(line)
        elif line.strip():
            raise Mismatch(f"{number}: output before the first '$ ' of the block")
    for step in found:
        while step.output and not step.output[-1].strip():
            step.output.pop()
    return found


# Where a line of a source file is changes with each change to what is above it.
SOURCE_LINE = re.compile(r"\b(dm\w+/[\w/]+|sim/[\w/]+)\.(cpp|h):\d+")


def line_matches(claimed, printed):
    claimed, printed = (SOURCE_LINE.sub(r"\1.\2:N", line) for line in (claimed, printed))
    if "..." not in claimed:
        return claimed.rstrip() == printed.rstrip()
    pattern = ".*".join(re.escape(part) for part in claimed.rstrip().split("..."))
    return re.fullmatch(pattern, printed.rstrip()) is not None


def matches(claimed, printed):
    """Whether the printed lines are those that are claimed, where a line "..." is any number of lines."""
    ways = {0}  # how many of the printed lines may be explained by the claimed ones so far
    for claim in claimed:
        if not ways:
            return False
        if claim.strip() == "...":
            ways = set(range(min(ways), len(printed) + 1))
        else:
            ways = {at + 1 for at in ways if at < len(printed) and line_matches(claim, printed[at])}
    return len(printed) in ways


def difference(claimed, printed):
    shown = difflib.unified_diff(claimed, printed, "the page says", "it prints", lineterm="", n=2)
    return "\n".join("    " + line for line in list(shown)[:60])


class Page:
    def __init__(self, path, dmsim, root, seconds=60):
        self.path, self.root, self.seconds = path, root, seconds
        self.dmsim = pathlib.Path(dmsim).resolve()
        self.status = 0
        self.ran = 0

    def check(self):
        """All that is wrong on the page, a text for each."""
        try:
            found = blocks(self.path.read_text(encoding="utf-8"))
        except Mismatch as mistake:
            return [str(mistake)]
        wrong = []
        with tempfile.TemporaryDirectory(prefix="dmsim-docs-") as folder:
            self.folder = pathlib.Path(folder)
            for name in ("docs", "tests"):
                (self.folder / name).symlink_to(self.root / name)
            for block in found:
                try:
                    self.check_block(block)
                except Mismatch as mistake:
                    wrong.append(str(mistake))
        return wrong

    def check_block(self, block):
        if any(line.startswith("$ ") for line in block.lines):
            for step in steps(block):
                self.check_step(step)
        elif block.tag == "dms":
            self.check_scenario(block)
        elif not block.tag and SCENARIO_START.match(block.lines[0] if block.lines else ""):
            raise Mismatch(f"{block.line}: this looks like a scenario: tag the fence `dms`, so that it is run, or "
                           "`text`, or show it in a session ($ cat x.dms, $ dmsim replay x.dms)")

    def run(self, command, text=""):
        programs = f"{self.dmsim.parent}:{self.dmsim.parent}/tests"
        script = f'export PATH="{programs}:$PATH"\n(exit {self.status})\n{command}\n'
        self.ran += 1
        try:
            done = subprocess.run(["sh", "-c", script], cwd=self.folder, input=text, encoding="utf-8", errors="replace",
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=self.seconds,
                                  check=False)
        except subprocess.TimeoutExpired:
            raise Mismatch(f"still runs after {self.seconds} s") from None
        self.status = done.returncode
        return done.stdout.splitlines()

    def check_scenario(self, block):
        printed = self.run("dmsim replay -", "\n".join(block.lines) + "\n")
        if self.status != 0:
            raise Mismatch(f"{block.line}: the scenario ends with exit status {self.status}:\n" +
                           "\n".join("    " + line for line in printed[-12:]))

    def check_step(self, step):
        if NOT_RUN.match(step.command):
            self.check_names(step)
            return
        shown = re.fullmatch(r"cat ([\w.-]+)", step.command)
        if shown and not (self.folder / shown[1]).exists():
            (self.folder / shown[1]).write_text("\n".join(step.output) + "\n", encoding="utf-8")
            return
        try:
            printed = self.run(step.command)
        except Mismatch as mistake:
            raise Mismatch(f"{step.line}: $ {step.command}\n    {mistake}") from None
        while printed and not printed[-1].strip():
            printed.pop()
        if not matches(step.output, printed):
            raise Mismatch(f"{step.line}: $ {step.command}\n{difference(step.output, printed)}")

    def check_names(self, step):
        presets = (self.root / "CMakePresets.json").read_text(encoding="utf-8")
        rules = (self.root / "CMakeLists.txt").read_text(encoding="utf-8")
        for word in re.findall(r"(?:^|\s)(\.ci/\S+)", step.command):
            if not (self.root / word).exists():
                raise Mismatch(f"{step.line}: $ {step.command}\n    there is no {word}")
        for option, name in re.findall(r"--(preset|target)[ =](\S+)", step.command):
            if option == "preset" and f'"name": "{name}"' not in presets:
                raise Mismatch(f"{step.line}: $ {step.command}\n    CMakePresets.json has no preset {name}")
            if option == "target" and not re.search(rf"add_\w+\({name}\b", rules):
                raise Mismatch(f"{step.line}: $ {step.command}\n    CMakeLists.txt has no target {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dmsim", required=True, help="the program")
    parser.add_argument("--seconds", type=int, default=60, help="so long a command may run")
    parser.add_argument("page", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    failed = False
    for path in arguments.page:
        page = Page(path, arguments.dmsim, root, arguments.seconds)
        wrong = page.check()
        for text in wrong:
            print(f"{path}:{text}\n")
        print(f"{path}: {page.ran} commands run, {len(wrong)} wrong")
        failed = failed or bool(wrong)
    if failed:
        print("How examples are written: tests/docs/examples.py --help")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
