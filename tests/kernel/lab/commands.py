# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line."""
import argparse
import concurrent.futures
import os
import random
import subprocess
import sys
import tempfile
import time

from . import source_lines, transcripts, uml
from .dmsetup import Dmsetup
from .bulk import Bulk, read_ledgers
from .metadata import MetadataRun
from .recorder import LocalRecorder, Recorder
from .repair import RepairRun
from .shrink import Shrinker
from .simulator import Simulator

SKIP = 77  # what CTest takes for "skipped"


def say(text):
    print(text, flush=True)


def make_recorder(options):
    if not Dmsetup().program:
        say("dmsetup is not installed")
        sys.exit(SKIP)
    if options.here:
        return LocalRecorder()
    if not uml.kernel_program():
        say("there is no kernel: `kernel.py build` makes one")
        sys.exit(SKIP)
    return Recorder(options.jobs, on_trouble=lambda path, why: say(f"TROUBLE {path}: {why}"))


def transcript_paths(scenarios, folder, suffix):
    return {path: os.path.join(folder, os.path.basename(path).removesuffix(".dms") + suffix) for path in scenarios}


def build(options):
    script = os.path.join(os.path.dirname(uml.HERE), "build.sh")
    return subprocess.run([script, uml.cache_folder()]).returncode


def record(options):
    os.makedirs(options.out, exist_ok=True)
    recorder = make_recorder(options)
    outputs = transcript_paths(options.scenarios, options.out, ".expected")
    failed = sum(1 for _, why in recorder.record(outputs.items()) if why)
    recorder.close()
    return 1 if failed else 0


def record_all(recorder, outputs, order):
    """Records in a random order; returns the scenarios that came to an end."""
    pairs = list(outputs.items())
    order.shuffle(pairs)
    begin = time.monotonic()
    good = [path for path, why in recorder.record(pairs) if why is None]
    seconds = time.monotonic() - begin
    say(f"recorded {len(good)} of {len(pairs)} in {seconds:.0f} s")
    return sorted(good)


def compare_all(simulator, outputs, scenarios, jobs):
    """Prints each difference; returns the scenarios that have one."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        replayed = dict(zip(scenarios, pool.map(simulator.replay, scenarios)))
    different = []
    for path in scenarios:
        text = transcripts.difference(transcripts.load(outputs[path]), replayed[path])
        if text is not None:
            different.append(path)
            say(f"DIFFERENT {path}\n{text}")
    return different


def compare(options):
    recorder, simulator = make_recorder(options), Simulator(options.dmsim)
    with tempfile.TemporaryDirectory(prefix="dm-compare-") as folder:
        outputs = transcript_paths(options.scenarios, folder, ".kernel")
        good = record_all(recorder, outputs, random.Random(0))
        different = compare_all(simulator, outputs, good, options.jobs)
    recorder.close()
    say(f"{len(good) - len(different)} of {len(options.scenarios)} scenarios are the same")
    return 1 if different or len(good) != len(options.scenarios) else 0


def bulk(options):
    """Generates, records, compares; a scenario that the kernel itself answers in two ways is reported as a
    race of the generator, and not compared."""
    recorder = make_recorder(options)
    try:
        return Bulk(recorder, Simulator(options.dmsim), options, say).run()
    finally:
        recorder.close()


def metadata(options):
    """Histories of metadata, half of each on the other side's image."""
    recorder = make_recorder(options)
    try:
        return MetadataRun(recorder, Simulator(options.dmsim), options, say).run()
    finally:
        recorder.close()


def repair(options):
    """Damaged metadata, repaired by the simulator and opened by the kernel."""
    if not os.path.exists(options.write_damage):
        say(f"{options.write_damage} is not there: build the target write_damage")
        return SKIP
    recorder = make_recorder(options)
    try:
        return RepairRun(recorder, Simulator(options.dmsim), options, say).run()
    finally:
        recorder.close()


def counts(options):
    """What was compared how often, from ledgers; and each log line of the kernel's source, if it is there."""
    entries, tally = read_ledgers(options.ledgers)
    say(f"{sum(entry['same'] for entry in entries)} of {sum(entry['scenarios'] for entry in entries)} scenarios "
        f"the same\n{tally.report()}")
    paths = [os.path.join(source_lines.folder(), file) for file in options.files or source_lines.FILES]
    if all(os.path.exists(path) for path in paths):
        say(source_lines.report(paths, tally.logs))
    return 0


def shrink(options):
    recorder = make_recorder(options)
    for path in options.scenarios:
        shrinker = Shrinker(recorder, Simulator(options.dmsim), options.tries,
                            on_progress=lambda text: print(f"\r{text}   ", end="", file=sys.stderr))
        small = shrinker.shrink(transcripts.load(path))
        say(f"# {path}: " + ("no difference" if small is None else f"\n{small}"))
        if small is not None and options.out:
            with open(options.out, "w", encoding="utf8") as file:
                file.write(small)
    recorder.close()
    return 0


def main(arguments):
    parser = argparse.ArgumentParser(prog="kernel.py", description="Scenarios on a real kernel, and dmsim against it.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(function, help_text, scenarios=False, dmsim=False):
        command = commands.add_parser(function.__name__, help=help_text)
        command.set_defaults(run=function)
        if function in (build, counts):
            return command
        command.add_argument("--here", action="store_true", help="on this machine's own kernel (needs root)")
        command.add_argument("--jobs", type=int, default=2, help="kernels at once (2)")
        if scenarios:
            command.add_argument("scenarios", nargs="+", metavar="FILE.dms")
        if dmsim:
            command.add_argument("--dmsim", default="build/release/dmsim", help="the simulator (build/release/dmsim)")
        return command

    add(build, "build the reference kernel")
    add(record, "record transcripts", scenarios=True).add_argument("--out", required=True, help="folder for them")
    add(compare, "compare the simulator with the kernel", scenarios=True, dmsim=True)
    command = add(bulk, "generate scenarios and compare them", dmsim=True)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--count", type=int, default=100)
    command.add_argument("--theme", help="only scenarios of this theme")
    command.add_argument("--out", help="folder for scenarios and transcripts (a new one)")
    command.add_argument("--twice", action="store_true", help="record all twice, to find races")
    command.add_argument("--kernel-only", action="store_true", help="do not compare with the simulator")
    command.add_argument("--keep", action="store_true", help="keep all scenarios and transcripts, not only doubtful ones")
    command.add_argument("--reuse", metavar="FOLDER", help="an earlier run's --out --keep: what it recorded is not "
                                                            "recorded again")
    command.add_argument("--seconds", type=float, help="begin nothing new after so many seconds")
    command.add_argument("--ledger", metavar="FILE", help="add to it what occurred how often")
    command = add(shrink, "make a scenario with a difference small", scenarios=True, dmsim=True)
    command.add_argument("--tries", type=int, default=400)
    command.add_argument("--out", help="file for the small scenario")
    command = add(metadata, "metadata written by one side, gone on with by the other", dmsim=True)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--count", type=int, default=50)
    command.add_argument("--seconds", type=float, help="begin nothing new after so many seconds")
    command.add_argument("--out", help="folder for scenarios, transcripts and images (a new one)")
    command.add_argument("--ledger", metavar="FILE", help="add the result to it")
    command = add(repair, "damaged metadata, repaired and then opened by the kernel", dmsim=True)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--count", type=int, default=100)
    command.add_argument("--write-damage", default="build/release/tests/fuzz/write_damage", metavar="PROGRAM",
                         help="writes damaged images (build/release/tests/fuzz/write_damage)")
    command.add_argument("--out", help="folder for images and scenarios (a new one)")
    command = add(counts, "what was compared how often, and which log lines of the kernel's source")
    command.add_argument("ledgers", nargs="+", metavar="LEDGER", help="written by bulk --ledger")
    command.add_argument("--files", nargs="+", metavar="FILE.c", help="of drivers/md (those of the clone target)")
    options = parser.parse_args(arguments)
    return options.run(options)
