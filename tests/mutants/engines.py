# SPDX-License-Identifier: GPL-2.0-or-later
"""What may notice a mutant. An engine is a list of commands, each of which succeeds without a mutant."""
import os
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

import building

# A command that takes so many times as long as without a mutant, and so many seconds more, does not end.
SLOWER_MAX = 5
SECONDS_MORE = 5
MEMORY_MAX = 8 << 30  # bytes of address space


@dataclass
class Engine:
    name: str
    commands: list[list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    seconds: float = 0  # without a mutant


def engines(build):
    """The cheapest first."""
    dmsim, tests, properties = (build.program(name) for name in building.PROGRAMS)
    crash = [dmsim, "explore", "crash", "--no-shrink", "--jobs", "1", "-q"]
    return [
        Engine("crash", [crash + ["--generate", "20", "--seed", "1"], crash + ["--generate", "100", "--seed", "1001"]]),
        Engine("conformance", [[dmsim, "replay", "-q", str(build.tree / "tests" / "conformance")]]),
        Engine("unit", [[tests, "--gtest_fail_fast", "--gtest_brief=1"]]),
        Engine("properties", [[properties, "--gtest_fail_fast", "--gtest_brief=1"]],
               {"RC_PARAMS": "seed=20190718 max_success=300 noshrink=1"}),
        Engine("schedules", [crash + ["--generate", "100", "--schedule", "random", "--seed", seed] for seed in ("1", "2001")]),
    ]


def run(engine, number):
    """(whether the mutant is killed, how). Number 0: none is on."""
    for command in engine.commands:
        limit = engine.seconds * SLOWER_MAX + SECONDS_MORE if engine.seconds else None
        with tempfile.TemporaryDirectory(prefix="dmsim-mutant-") as scratch:
            environment = os.environ | engine.environment | {"DMSIM_MUTANT": str(number), "TMPDIR": scratch, "TEST_TMPDIR": scratch}
            how = _run(command, environment, scratch, limit)
        if how is not None:
            return True, how
    return False, None


def _run(command, environment, folder, limit):
    with subprocess.Popen(command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=_limit) as process:
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            status = "does not end"
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    if status == 0:
        return None
    if isinstance(status, int):
        return f"signal {-status}" if status < 0 else f"status {status}"
    return status


def _limit():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))


def measure(every):
    """How long each engine takes without a mutant; whether all succeed."""
    for engine in every:
        began = time.monotonic()
        killed, how = run(engine, 0)
        if killed:
            return f"{engine.name} fails without a mutant: {how}"
        engine.seconds = time.monotonic() - began
    return None

