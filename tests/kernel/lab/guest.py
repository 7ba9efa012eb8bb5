# SPDX-License-Identifier: GPL-2.0-or-later
"""Inside the kernel: takes scenarios from the host over the console, one after the other, and runs them.

Every line of the conversation begins with a mark, for the kernel may print to the console as well.
  host:  run SCENARIO TRANSCRIPT      two files, seen through the host's file system
  guest: at LINE                      where it is (for a scenario that hangs), repeated
         done LIMITED | unclean WHY   LIMITED is 1 if lines of limited number were printed
"""
import os
import sys
import termios
import traceback
import tty

from .interpreter import Laboratory, Unclean

MARK = "@@ "


def say(text):
    os.write(1, (MARK + text + "\n").encode("utf8", "replace"))


def raw_console():
    tty.setraw(0, termios.TCSANOW)


def run_one(laboratory, scenario, transcript):
    with open(scenario, encoding="utf8") as file:
        text = file.read()
    with open(transcript, "w", encoding="utf8", errors="surrogateescape") as out:
        def on_line(line):
            out.write(line + "\n")
            if line.startswith("> "):
                say("at " + line[2:].split("\n")[0])

        laboratory.run(text, os.path.dirname(os.path.abspath(scenario)), on_line)


def main(store, preload):
    raw_console()
    with open("/proc/cmdline") as file:
        virtual_time = "time-travel" in file.read()
    laboratory = Laboratory(store, preload or None, virtual_time)
    say("ready")
    for request in os.fdopen(0, encoding="utf8"):
        words = request.rstrip("\n").split("\t")
        if words[0] != "run":
            continue
        try:
            run_one(laboratory, words[1], words[2])
            limited = laboratory.log.limited_at is not None
            laboratory.log.forget_limits()
            say(f"done {int(limited)}")
        except Unclean as why:
            say(f"unclean {why}")
        except Exception:  # a mistake in the scenario or in here: the host shows it and boots anew
            say("unclean " + traceback.format_exc().replace("\n", " | "))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
