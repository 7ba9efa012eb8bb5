#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Types into an interactive bash that has the completion of dmsim, presses a key, and compares the words of the command line
that bash then has."""
import argparse
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile

PROMPT = "ready> "
TAB = "\t"
INSERT_ALL = "\x1b*"  # Meta-*: inserts all possible completions
SETUP = f"""
stty -echo cols 9999
bind 'set enable-bracketed-paste off' 'set bell-style none'
dmsim() {{ printf '<%s>' "$@"; echo; }}
. share/bash-completion/completions/dmsim
PS1='{PROMPT}'
"""
# What is typed, and the words that it becomes.
CASES = [
    ("dmsim repl", ["replay"]),
    ("dmsim --vers", ["--version"]),
    ("dmsim help scen", ["help", "scenario"]),
    ("dmsim clone --source-l", ["clone", "--source-latency"]),
    ("dmsim replay --schedule ra", ["replay", "--schedule", "random"]),
    ("dmsim replay --schedule=ra", ["replay", "--schedule=random"]),
    ("dmsim generate --theme plain", ["generate", "--theme", "plain-io"]),
    # Files, whose names bash quotes; folders; a value that is neither.
    ("dmsim replay a", ["replay", "a scenario.dms"]),
    ("dmsim clone --workload a", ["clone", "--workload", "a scenario.dms"]),
    ("dmsim clone --workload=a", ["clone", "--workload=a scenario.dms"]),
    ("dmsim generate --out b", ["generate", "--out", "b folder/"]),
    ("dmsim replay --seed a", ["replay", "--seed", "a"]),
    ("dmsim generate a", ["generate", "a"]),
]


class Shell:
    """bash on a terminal of its own, in a folder."""

    def __init__(self, folder):
        (pathlib.Path(folder) / "setup").write_text(SETUP, encoding="utf-8")
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.environ.update(TERM="dumb", LC_ALL="C", HISTFILE="", INPUTRC="/dev/null")
            os.execvp("bash", ["bash", "--noprofile", "--rcfile", "setup", "-i"])
        self.until_prompt()

    def until_prompt(self):
        text = ""
        while not text.endswith(PROMPT):
            if not select.select([self.terminal], [], [], 60)[0]:
                raise TimeoutError(f"no prompt after {text!r}")
            text += os.read(self.terminal, 65536).decode()
        return text

    def words(self, typed, key):
        """The words behind "dmsim" after the key."""
        os.write(self.terminal, f"{typed}{key}\n".encode())
        return re.findall(r"<([^<>]*)>", self.until_prompt())

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.process, 0)


def listed(text, heading):
    """The terms below a heading of the help."""
    found = re.search(rf"^{heading}:\n(.*?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^  (?:-\w, )?([\w-]+)", found[1], re.MULTILINE) if found else []


def all_cases(dmsim):
    """CASES, and all subcommands, and all options of each, as the help has them."""
    def help_of(*words):
        return subprocess.run([dmsim, *words, "--help"], check=True, capture_output=True, encoding="utf-8").stdout

    subcommands = listed(help_of(), "Subcommands")
    yield from ((typed, TAB, expected) for typed, expected in CASES)
    yield "dmsim ", INSERT_ALL, sorted(subcommands)
    yield "dmsim help ", INSERT_ALL, ["help", *sorted(subcommands + listed(help_of(), "Topics of dmsim help"))]
    for name in subcommands:
        options = listed(help_of(name), "Options")
        if len(options) > 1:
            yield f"dmsim {name} --", INSERT_ALL, [name, *sorted([*options, "--help"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dmsim", required=True)
    dmsim = parser.parse_args().dmsim
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([dmsim, "manual", "--output", "share"], check=True, cwd=folder)
        (pathlib.Path(folder) / "a scenario.dms").touch()
        (pathlib.Path(folder) / "b folder").mkdir()
        shell = Shell(folder)
        for typed, key, expected in all_cases(dmsim):
            words = shell.words(typed, key)
            if words != expected:
                wrong += 1
                print(f"{typed!r} became {words}, not {expected}")
        shell.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
