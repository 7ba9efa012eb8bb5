#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mutants of dmclone and dmcore/persistent do tests notice? docs/mutation.md says how this works, and has the results.

All mutants are compiled into one build, each switched on by its number in the environment variable DMSIM_MUTANT; then each engine
(a test program, or a search) runs with each of them."""
import argparse
import concurrent.futures
import json
import pathlib
import random
import sys
import threading
import time

import building
import catalogue
import engines
import results


def chosen(every, options):
    """The mutants to be tried, in the order of their trial: a random one, so that what was tried is a sample at any time."""
    mutants = [mutant for mutant in every if options.all or catalogue.is_default(mutant)]
    if options.only:
        mutants = [mutant for mutant in every if any(part in mutant.name for part in options.only)]
    random.Random(options.seed).shuffle(mutants)
    return mutants[:options.sample] if options.sample else mutants


class Trial:
    """Runs engines with mutants, and appends what they say to the file of results."""

    def __init__(self, build, every_engine, path, matrix):
        self.build = build
        self.engines = every_engine
        self.path = path
        self.matrix = matrix
        self.lock = threading.Lock()
        self.done = 0

    def has_left(self, mutant, known):
        """Whether an engine is to be run that has not been."""
        if any(known.values()) and not self.matrix:
            return False
        return any(engine.name not in known for engine in self.engines)

    def one(self, mutant, known):
        """With `matrix` all engines, else up to the first that kills it. What is known is not run again."""
        verdicts = dict(known)
        for engine in self.engines:
            if not self.matrix and any(verdicts.values()):
                break
            if engine.name not in verdicts:
                verdicts[engine.name] = engines.run(engine, mutant.number) or ""
        with self.lock:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"name": mutant.name, "line": mutant.line, "engines": verdicts}) + "\n")
            self.done += 1
            killers = [f"{name} ({how})" for name, how in verdicts.items() if how]
            print(f"{self.done:5} {', '.join(killers) or 'SURVIVED'}: {mutant.path}:{mutant.line} {mutant.name}", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=pathlib.Path, default=catalogue.ROOT / "build" / "mutants", help="folder for the mutated tree")
    parser.add_argument("--jobs", type=int, default=2, help="how many mutants at a time, and compilers")
    parser.add_argument("--all", action="store_true", help="all mutants, instead of some of the common ones")
    parser.add_argument("--sample", type=int, metavar="N", help="so many of them, at random")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which they are tried")
    parser.add_argument("--only", nargs="+", metavar="TEXT", help="those whose name has one of these texts")
    parser.add_argument("--matrix", action="store_true", help="run all engines, also after one has killed the mutant")
    parser.add_argument("--again", action="store_true", help="only those that survived, once more: tests may have been added")
    parser.add_argument("--engine", nargs="+", choices=results.NAMES, help="only these engines")
    parser.add_argument("--list", action="store_true", help="print the mutants, and end")
    parser.add_argument("--check", action="store_true", help="only check that the lists of mutants fit the sources")
    parser.add_argument("--build", action="store_true", help="only make the mutated build")
    parser.add_argument("--report", action="store_true", help="only print what is known")
    parser.add_argument("--write", type=pathlib.Path, metavar="PAGE", help="the page to be brought up to date")
    return parser.parse_args()


def main():
    options = parse_arguments()
    try:
        every = catalogue.all_mutants()
        equivalent = catalogue.read_equivalent((catalogue.HERE / "equivalent.txt").read_text(encoding="utf-8"),
                                               {mutant.name for mutant in every})
    except catalogue.Mistake as mistake:
        sys.exit(str(mistake))
    if options.check:
        print(f"{len(every)} mutants, {sum(map(catalogue.is_default, every))} of them by default; {len(equivalent)} equivalent")
        return 0
    mutants = chosen(every, options)
    if options.list:
        for mutant in sorted(mutants, key=lambda mutant: (mutant.path, mutant.line)):
            print(f"{mutant.path}:{mutant.line} {mutant.name}")
        return 0
    build = building.Build(options.work.resolve(), every)
    known = results.read(options.work / "build" / "results.jsonl")
    if not options.report and not options.write:
        run(options, build, mutants, equivalent, known)
        known = results.read(options.work / "build" / "results.jsonl")
    build.read_dropped()
    report = results.Report(mutants, build.dropped, equivalent, known)
    print(report.text())
    if options.write:
        report.write(options.write)
    return 1 if report.survivors else 0


def run(options, build, mutants, equivalent, known):
    began = time.monotonic()
    every_engine = [engine for engine in engines.engines(build) if engine.name in (options.engine or results.NAMES)]
    build.make(options.jobs, {"release"} | {engine.preset for engine in every_engine})
    print(f"built in {time.monotonic() - began:.0f} s; {len(build.dropped)} mutants do not compile", flush=True)
    if options.build:
        return
    if trouble := engines.measure(every_engine):
        sys.exit(trouble)
    print("without a mutant: " + ", ".join(f"{engine.name} {engine.seconds:.1f} s" for engine in every_engine), flush=True)
    trial = Trial(build, every_engine, options.work / "build" / "results.jsonl", options.matrix)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        trials = []
        for mutant in mutants:
            if mutant.name in build.dropped or mutant.name in equivalent:
                continue
            verdicts = known.get(mutant.name, {})
            if options.again:
                if not verdicts or any(verdicts.values()):
                    continue
                names = [engine.name for engine in every_engine]
                verdicts = {name: how for name, how in verdicts.items() if name not in names}
            if trial.has_left(mutant, verdicts):
                trials.append(pool.submit(trial.one, mutant, verdicts))
        for one in trials:
            one.result()
    print(f"{trial.done} mutants in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
