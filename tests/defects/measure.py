#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How soon `dmsim explore crash` finds each defect: the table and the scenarios of docs/defects.md.

For each defect, and each of several ranges of seeds, random workloads are explored until one fails that holds without
the defect. Printed are medians: the seeds tried, the different cuts looked at, the seconds (one scenario at a time,
without making it shorter). With --write, the parts of a page between `<!-- table -->` or `<!-- found NAME -->` and
`<!-- end -->` are replaced: by the table, and by a short scenario, with what is wrong.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import time

COMMANDS_MAX = 6  # of a scenario, after its set-up
HEADING = "| defect | found in | workloads | cuts | seconds | questions |\n|---|---|---|---|---|---|\n"


def explore(program, options, seed, count):
    """The first violation in a range of seeds, or None; the different cuts that were looked at; the seconds."""
    command = [program, "explore", "crash", "--generate", str(count), "--seed", str(seed), "--json", "--quiet",
               "--jobs", "1", *options]
    began = time.monotonic()
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    seconds = time.monotonic() - began
    if run.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {run.returncode}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    found = next((line for line in lines if line.get("result") == "found"), None)
    return found, lines[-1]["distinct"], seconds


def search(program, defect, first, end):
    """The first seed that fails, and would not without the defect, with distinct cuts, seconds and the oracle."""
    cuts, seconds, start = 0, 0, first
    while start < end:
        found, distinct, took = explore(program, ["--defect", defect, "--no-shrink"], start, end - start)
        cuts += distinct
        seconds += took
        if found is None:
            break
        seed = int(found["scenario"].removeprefix("seed "))
        if explore(program, ["--no-shrink"], seed, 1)[0] is None:
            return seed, cuts, seconds, found["oracle"]
        start = seed + 1
    return None, cuts, seconds, None


def measure(program, defect, ranges, count):
    """Medians over the ranges, as a row of the table; and the seeds that fail."""
    tried, cuts, seconds, oracles, seeds = [], [], [], [], []
    for number in range(ranges):
        first = 1 + number * count
        seed, distinct, took, oracle = search(program, defect, first, first + count)
        if seed is None:
            continue
        seeds.append(seed)
        tried.append(seed - first + 1)
        cuts.append(distinct)
        seconds.append(took)
        oracles.append(oracle)
    if not seeds:
        return f"| `{defect}` | 0 of {ranges} | | | | |\n", seeds
    names = ", ".join(f"`{name}`" for name in sorted(set(oracles), key=lambda name: (-oracles.count(name), name)))
    return (f"| `{defect}` | {len(seeds)} of {ranges} | {statistics.median(tried):g} | {statistics.median(cuts):.0f} | "
            f"{statistics.median(seconds):.2f} | {names} |\n"), seeds


def commands_after_set_up(scenario):
    lines = scenario.splitlines()
    return len(lines) - 1 - next(number for number, line in enumerate(lines) if line.startswith("dmsetup create c "))


def example(program, defect, seeds):
    """A short scenario, as an example that a test runs (tests/docs/examples.py). Making one shorter takes its time, so the
    first that is short enough will do; else it is the shortest of all seeds."""
    found = None
    for seed in seeds:
        result = explore(program, ["--defect", defect], seed, 1)[0]
        if found is None or result["shortest"].count("\n") < found["shortest"].count("\n"):
            found = result
        if commands_after_set_up(found["shortest"]) <= COMMANDS_MAX:
            break
    return (f"```\n$ cat {defect}.dms\n{found['shortest']}\n$ dmsim explore crash --defect {defect} {defect}.dms\n...\n"
            f"{found['report']}...\n```\n")


def replace_part(text, name, content):
    part = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not part.search(text):
        sys.exit(f"the page has no part {name}")
    return part.sub(lambda match: match[1] + content + match[2], text, count=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="dmsim")
    parser.add_argument("defects", nargs="*", help="all, if none is named")
    parser.add_argument("--ranges", type=int, default=10, help="of seeds")
    parser.add_argument("--count", type=int, default=1000, help="seeds of each range at most")
    parser.add_argument("--write", type=pathlib.Path, metavar="PAGE", help="the page to be brought up to date")
    options = parser.parse_args()
    listed = subprocess.run([options.program, "defects", "--json"], stdout=subprocess.PIPE, text=True, check=True)
    every = [json.loads(line)["name"] for line in listed.stdout.splitlines()]
    table, seeds = HEADING, {}
    print(HEADING, end="")
    for defect in options.defects or every:
        row, seeds[defect] = measure(options.program, defect, options.ranges, options.count)
        table += row
        print(row, end="", flush=True)
    if options.write:
        text = options.write.read_text(encoding="utf-8")
        if not options.defects:
            text = replace_part(text, "table", table)
        for defect, failing in seeds.items():
            if failing:
                text = replace_part(text, f"found {defect}", example(options.program, defect, failing))
        options.write.write_text(text, encoding="utf-8")
    return 1 if any(len(failing) < options.ranges for failing in seeds.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
