# SPDX-License-Identifier: GPL-2.0-or-later
"""What may notice a mutant. An engine is a list of commands, each of which succeeds without a mutant."""
import math
import os
import resource
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field

import building

# A command that takes so many times as much of a processor's time as without a mutant, and so many seconds more, does not end. It is
# not asked by the clock, since others may use the machine as well: nothing here waits for anything but a processor.
SLOWER_MAX = 5
SECONDS_MORE = 5
# By the clock only what would never end.
WAITS_MAX = 3600
MEMORY_MAX = 8 << 30  # bytes of address space
# glibc fills memory that is freed, so that a use of it makes a difference (mallopt(3)).
FREED = {"MALLOC_PERTURB_": "165"}
# Of the unit tests under the search for data races: these take six times as long as all others together, in loops of a few steps or with
# a single task.
WITHOUT_SLOW = "-CloneFailingDevices.*:Recorded/*:SpaceMapTest.AChangeThatNeedsTooManyBlocksFails"


@dataclass
class Engine:
    name: str
    commands: list[list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    preset: str = "release"  # of the build that it needs
    seconds: float = 0  # of a processor, without a mutant


def engines(build):
    """The cheapest first."""
    dmsim, tests, properties = (build.program(name) for name in building.PROGRAMS)
    conformance = str(build.tree / "tests" / "conformance")
    crash = [dmsim, "explore", "crash", "--no-shrink", "--jobs", "1", "-q"]
    return [
        Engine("crash", [crash + ["--generate", "20", "--seed", "1"], crash + ["--generate", "100", "--seed", "1001"]]),
        Engine("conformance", [[dmsim, "replay", "-q", conformance]]),
        Engine("unit", [[tests, "--gtest_fail_fast", "--gtest_brief=1"]]),
        Engine("properties", [[properties, "--gtest_fail_fast", "--gtest_brief=1"]],
               {"RC_PARAMS": "seed=20190718 max_success=300 noshrink=1"}),
        Engine("schedules", [crash + ["--generate", "100", "--schedule", "random", "--seed", seed] for seed in ("1", "2001")]),
        Engine("races", [[build.program("dmsim_mutant_tests", "race"), "--gtest_fail_fast", "--gtest_brief=1",
                          "--gtest_filter=" + WITHOUT_SLOW],
                         [build.program("dmsim", "race"), "replay", "-q", conformance]], preset="race"),
    ]


def run(engine, number):
    """How the mutant is killed, or None. Number 0: none is on."""
    limit = math.ceil(engine.seconds * SLOWER_MAX + SECONDS_MORE) if engine.seconds else None
    for command in engine.commands:
        with tempfile.TemporaryDirectory(prefix="dmsim-mutant-") as scratch:
            environment = os.environ | FREED | engine.environment | {"DMSIM_MUTANT": str(number), "TMPDIR": scratch,
                                                                      "TEST_TMPDIR": scratch}
            try:
                done = subprocess.run(command, env=environment, cwd=scratch, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, preexec_fn=lambda: _limit(limit), check=False, timeout=WAITS_MAX)
            except subprocess.TimeoutExpired:
                return "waits"
        if done.returncode == -signal.SIGXCPU:
            return "does not end"
        if done.returncode < 0:
            return f"signal {-done.returncode}"
        if done.returncode > 0:
            return f"status {done.returncode}"
    return None


def _limit(seconds):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    if seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def measure(every):
    """How much time each engine takes without a mutant. Returns what is wrong, or None."""
    for engine in every:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        if how := run(engine, 0):
            return f"{engine.name} fails without a mutant: {how}"
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        engine.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return None
