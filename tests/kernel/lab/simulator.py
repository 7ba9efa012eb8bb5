# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulator's side: `dmsim generate`, `dmsim replay`, and what it has for metadata."""
import json
import os
import subprocess

SECONDS_MAX = 60


class Simulator:
    def __init__(self, program):
        self.program = os.path.abspath(program)

    def generate(self, seed, count, folder, theme=None):
        """Writes `count` scenarios, one for each seed from `seed` on; returns their paths."""
        os.makedirs(folder, exist_ok=True)
        command = [self.program, "generate", "--seed", str(seed), "--count", str(count), "--out", folder]
        subprocess.run(command + (["--theme", theme] if theme else []), check=True, stdout=subprocess.DEVNULL)
        return [os.path.join(folder, f"{number}.dms") for number in range(seed, seed + count)]

    def check(self, image):
        """What `dmsim check` finds in a clone's metadata; nothing if it is clean."""
        done = subprocess.run([self.program, "check", image], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS_MAX)
        return done.stdout.decode("utf8", "replace") if done.returncode else ""

    def dump(self, image):
        """What `dmsim dump` prints of a clone's metadata, which are clean."""
        return json.loads(subprocess.run([self.program, "dump", "--json", image], check=True, stdout=subprocess.PIPE,
                                         timeout=SECONDS_MAX).stdout)

    def repair(self, image, new, target=None, region_size=None, size=None):
        """Runs `dmsim repair`, with sizes in sectors; returns its exit status and what it printed."""
        sizes = [f"--target={target}", f"--region-size={region_size}", f"--size={size}"] if target else []
        done = subprocess.run([self.program, "repair", "-i", image, "-o", new, *sizes], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
        return done.returncode, done.stdout.decode("utf8", "replace")

    def replay(self, scenario, folder=None):
        """The transcript. A simulator that fails says so in the last line, so that it differs. What the scenario
        saves goes to `folder`."""
        try:
            done = subprocess.run([self.program, "replay", os.path.abspath(scenario)], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=SECONDS_MAX, cwd=folder)
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b"").decode("utf8", "surrogateescape") + "dmsim did not finish\n"
        text = done.stdout.decode("utf8", "surrogateescape")
        if done.returncode:
            said = done.stderr.decode("utf8", "replace").strip().replace("\n", " | ")
            text += f"dmsim ended with {done.returncode}: {said[-600:]}\n"
        return text
