#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How soon `dmsim explore` finds each defect: the tables and the scenarios of docs/defects.md.

For each defect, and each of several ranges of seeds, random workloads are explored until one fails that holds without
the defect: by power cuts, or under random schedules, whichever it is for. Printed are medians: the seeds tried, the
different cuts looked at or the schedules run, the seconds (one scenario at a time, without making it shorter). With
--write, the parts of a page between `<!-- table -->`, `<!-- table of schedules -->`, `<!-- table of engines -->` or
`<!-- found NAME -->` and `<!-- end -->` are replaced: by the tables, and by a short scenario, with what is wrong.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import resource
import statistics
import subprocess
import sys

ENGINES = ["few", "random", "pos", "pct", "dpor"]
SCHEDULES = 100  # of each workload


@dataclasses.dataclass(frozen=True)
class Wing:
    """One of the searches, by the name of its subcommand."""

    search: str
    effort: str  # the count, in the summary, of what was looked at
    heading: str
    table: str  # the part of the page
    commands_max: int  # of an example, after its set-up
    differences_max: int  # of the schedule of an example
    options: tuple = ()


WINGS = {
    "crash": Wing("crash", "distinct",
                  "| defect | found in | workloads | cuts | seconds | questions |\n|---|---|---|---|---|---|\n", "table", 6, 0),
    "schedules": Wing("schedules", "runs",
                      "| defect | found in | workloads | schedules | seconds | oracle | commands | differences |\n"
                      "|---|---|---|---|---|---|---|---|\n", "table of schedules", 5, 3, ("--budget", str(SCHEDULES))),
}


@dataclasses.dataclass
class Measured:
    """Of one defect: a row of the table, without what is only known of its example; and the seeds that fail."""

    row: str
    seeds: list


def seconds_of_children():
    """Of the processor: others that run on the machine make no difference."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def explore(program, wing, options, seed, count):
    """The first violation in a range of seeds, or None; what was looked at; the seconds."""
    command = [program, "explore", wing.search, "--generate", str(count), "--seed", str(seed), "--json", "--quiet",
               "--jobs", "1", *wing.options, *options]
    before = seconds_of_children()
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    seconds = seconds_of_children() - before
    if run.returncode not in (0, 1, 3):
        sys.exit(f"{' '.join(command)} ended with {run.returncode}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    found = next((line for line in lines if line.get("result") == "found"), None)
    return found, lines[-1][wing.effort], seconds


def search(program, wing, defect, first, end, options=()):
    """The first seed that fails, and would not without the defect; what was looked at, the seconds and the oracle."""
    efforts, seconds, start = 0, 0, first
    while start < end:
        found, effort, took = explore(program, wing, ["--defect", defect, "--no-shrink", *options], start, end - start)
        efforts += effort
        seconds += took
        if found is None:
            break
        seed = int(found["scenario"].removeprefix("seed "))
        if explore(program, wing, ["--no-shrink", *options], seed, 1)[0] is None:
            return seed, efforts, seconds, found["oracle"]
        start = seed + 1
    return None, efforts, seconds, None


def measure(program, wing, defect, ranges, count):
    """Medians over the ranges."""
    tried, efforts, seconds, oracles, seeds = [], [], [], [], []
    for number in range(ranges):
        first = 1 + number * count
        seed, effort, took, oracle = search(program, wing, defect, first, first + count)
        if seed is None:
            continue
        seeds.append(seed)
        tried.append(seed - first + 1)
        efforts.append(effort)
        seconds.append(took)
        oracles.append(oracle)
    if not seeds:
        return Measured(f"| `{defect}` | 0 of {ranges} | | | | |", seeds)
    names = ", ".join(f"`{name}`" for name in sorted(set(oracles), key=lambda name: (-oracles.count(name), name)))
    return Measured(f"| `{defect}` | {len(seeds)} of {ranges} | {statistics.median(tried):g} | "
                    f"{statistics.median(efforts):.0f} | {statistics.median(seconds):.2f} | {names} |", seeds)


def engine_row(program, wing, defect, ranges, count):
    """A row of the table of engines: medians of schedules, if most of the ranges have a workload that fails."""
    cells = []
    for engine in ENGINES:
        efforts = []
        for number in range(ranges):
            first = 1 + number * count
            seed, effort, _, _ = search(program, wing, defect, first, first + count, ("--engine", engine))
            # One that is not found needs more than any that is.
            efforts.append(effort if seed is not None else float("inf"))
        median = statistics.median_low(efforts)
        cells.append("" if median == float("inf") else str(median))
    return f"| `{defect}` | {' | '.join(cells)} |\n"


def commands_after_set_up(scenario):
    lines = scenario.splitlines()
    set_up = [number for number, line in enumerate(lines) if line.startswith(("disk ", "dmsetup create c "))]
    return len(lines) - 1 - set_up[-1]


def differences(found):
    """From first in, first out, of the schedule that its token has."""
    deviations = found["token"].split(":")[4:]
    return len(deviations[0].split(",")) if deviations else 0


def example(program, wing, defect, seeds):
    """A short scenario, as an example that a test runs (tests/docs/examples.py), and what was found with it. Making one
    shorter takes its time, so the first that is short enough will do; else it is the shortest of all seeds."""
    found = None
    for seed in seeds:
        result = explore(program, wing, ["--defect", defect], seed, 1)[0]
        size = lambda one: (commands_after_set_up(one["shortest"]) + (differences(one) if wing.differences_max else 0))
        if found is None or size(result) < size(found):
            found = result
        if commands_after_set_up(found["shortest"]) <= wing.commands_max and (
                wing.differences_max == 0 or differences(found) <= wing.differences_max):
            break
    if wing.search == "crash":
        command = f"explore crash --defect {defect} {defect}.dms\n..."
    else:  # the token has the defect
        command = f"replay {defect}.dms --token {found['token']}"
    wrong = found["report"] if wing.search == "crash" else found["report"].splitlines()[0] + "\n"
    return f"```\n$ cat {defect}.dms\n{found['shortest']}\n$ dmsim {command}\n{wrong}...\n```\n", found


def replace_part(text, name, content):
    part = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not part.search(text):
        sys.exit(f"the page has no part {name}")
    return part.sub(lambda match: match[1] + content + match[2], text, count=1)


def measure_wing(options, wing, defects, page):
    """Prints the table; returns the page with what was measured, and whether all were found in all ranges."""
    table, everywhere = wing.heading, True
    print(wing.heading, end="")
    for defect in defects:
        measured = measure(options.program, wing, defect, options.ranges, options.count)
        everywhere = everywhere and len(measured.seeds) == options.ranges
        row = measured.row
        if measured.seeds and (options.write or wing.differences_max):
            text, found = example(options.program, wing, defect, measured.seeds)
            if wing.differences_max:
                row += f" {commands_after_set_up(found['shortest'])} | {differences(found)} |"
            if options.write:
                page = replace_part(page, f"found {defect}", text)
        table += row + "\n"
        print(row, flush=True)
    if options.write and not options.defects:
        page = replace_part(page, wing.table, table)
    return page, everywhere


def measure_engines(options, defects, page):
    table = f"| defect | {' | '.join(f'`{engine}`' for engine in ENGINES)} |\n|---|{'---|' * len(ENGINES)}\n"
    print(table, end="")
    for defect in defects:
        row = engine_row(options.program, WINGS["schedules"], defect, options.ranges, options.count)
        table += row
        print(row, end="", flush=True)
    if options.write and not options.defects:
        page = replace_part(page, "table of engines", table)
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="dmsim")
    parser.add_argument("defects", nargs="*", help="all, if none is named")
    parser.add_argument("--only", choices=WINGS, help="those that are for this search")
    parser.add_argument("--engines", action="store_true", help="compare the engines of the search of schedules instead")
    parser.add_argument("--ranges", type=int, default=10, help="of seeds")
    parser.add_argument("--count", type=int, default=1000, help="seeds of each range at most")
    parser.add_argument("--write", type=pathlib.Path, metavar="PAGE", help="the page to be brought up to date")
    options = parser.parse_args()
    listed = subprocess.run([options.program, "defects", "--json"], stdout=subprocess.PIPE, text=True, check=True)
    every = [json.loads(line) for line in listed.stdout.splitlines()]
    page, everywhere = options.write.read_text(encoding="utf-8") if options.write else "", True
    for name, wing in WINGS.items():
        defects = [one["name"] for one in every
                   if one["found_by"] == name and (not options.defects or one["name"] in options.defects)]
        if not defects or (options.only or name) != name:
            continue
        if not options.engines:
            page, found = measure_wing(options, wing, defects, page)
            everywhere = everywhere and found
        elif name == "schedules":
            page = measure_engines(options, defects, page)
    if options.write:
        options.write.write_text(page, encoding="utf-8")
    return 0 if everywhere else 1


if __name__ == "__main__":
    sys.exit(main())
