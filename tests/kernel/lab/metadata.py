# SPDX-License-Identifier: GPL-2.0-or-later
"""Metadata both ways: an image that one side wrote is opened by the other, which continues with it.

Each scenario of the theme `history` has two halves. The first is run on both sides, and the metadata disks must hold
the same bytes. Then the kernel runs the second half on the simulator's image and the simulator on the kernel's,
and again transcripts and bytes must be the same. `dmsim check` must find nothing in what the kernel wrote.
"""
import hashlib
import json
import os
import shutil
import tempfile
import time

from . import transcripts

THEME = "history"
MARK = "# the second half\n"
CHUNK, CHUNK_BY_TIME = 50, 5
DISK = "loop0"  # the metadata disk of each history


def halves(text):
    """The two scenarios: the second begins with the same disks, the metadata disk loaded from a file `start`."""
    first, _, second = text.partition(MARK)
    disks = [line for line in first.splitlines() if line.startswith("disk ")]
    return (f"{first}save {DISK} middle\n",
            "\n".join(disks) + f"\nload {DISK} start\n{second}save {DISK} end\n")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Side:
    """One of the two: a folder for each history in which it works."""

    def __init__(self, folder, run):
        self.folder, self.run = folder, run

    def path(self, seed, name):
        return os.path.join(self.folder, str(seed), name)

    def prepare(self, seed, name, text):
        os.makedirs(os.path.join(self.folder, str(seed)), exist_ok=True)
        with open(self.path(seed, name + ".dms"), "w", encoding="utf8") as file:
            file.write(text)

    def play(self, seeds, name):
        """Runs the scenario `name` of each history; returns the transcripts of those that came to an end."""
        return self.run({seed: self.path(seed, name) for seed in seeds})


class MetadataRun:
    def __init__(self, recorder, simulator, options, say):
        self.recorder, self.simulator, self.options, self.say = recorder, simulator, options, say
        self.folder = options.out or tempfile.mkdtemp(prefix="dm-metadata-")
        self.kernel = Side(os.path.join(self.folder, "kernel"), self._on_kernel)
        self.dmsim = Side(os.path.join(self.folder, "dmsim"), self._on_simulator)
        self.sides = (self.kernel, self.dmsim)

    def _on_kernel(self, paths):
        outputs = {path + ".dms": (seed, path + ".out") for seed, path in paths.items()}
        done = self.recorder.record([(scenario, out) for scenario, (_, out) in outputs.items()])
        return {outputs[scenario][0]: transcripts.load(outputs[scenario][1]) for scenario, why in done if why is None}

    def _on_simulator(self, paths):
        return {seed: self.simulator.replay(path + ".dms", folder=os.path.dirname(path))
                for seed, path in paths.items()}

    def run(self):
        begin, seed, end = time.monotonic(), self.options.seed, self.options.seed + self.options.count
        same, bad = 0, []
        size = CHUNK_BY_TIME if self.options.seconds else CHUNK
        while seed < end and not (self.options.seconds and time.monotonic() - begin > self.options.seconds):
            chunk = range(seed, min(seed + size, end))
            good = self._chunk(chunk)
            same += len(good)
            bad += sorted(set(chunk) - good)
            seed = chunk[-1] + 1
            self.say(f"{chunk[0]}..{chunk[-1]}: {len(good)} of {len(chunk)} the same both ways; "
                     f"{(same + len(bad)) / (time.monotonic() - begin) * 60:.0f} a minute")
        self.say(f"{same} of {same + len(bad)} histories the same both ways"
                 + (f"; not: {' '.join(map(str, bad))} (in {self.folder})" if bad else ""))
        for number in bad:
            self.say(f"  to repeat it: tests/kernel/kernel.py metadata --seed {number} --count 1")
        if self.options.ledger:
            with open(self.options.ledger, "a", encoding="utf8") as file:
                file.write(json.dumps({"first": self.options.seed, "last": seed - 1, "same": same, "bad": bad}) + "\n")
        if not self.options.out and not bad:
            shutil.rmtree(self.folder, ignore_errors=True)
        return 1 if bad else 0

    def _chunk(self, seeds):
        scenarios = dict(zip(seeds, self.simulator.generate(seeds[0], len(seeds), self.folder, THEME)))
        seconds = {}
        for seed, path in scenarios.items():
            first, seconds[seed] = halves(transcripts.load(path))
            os.unlink(path)
            for side in self.sides:
                side.prepare(seed, "first", first)
        good = self._compare(seeds, "first", "middle")
        for seed in good:
            for side, other in (self.sides, self.sides[::-1]):
                side.prepare(seed, "second", seconds[seed])
                shutil.copyfile(other.path(seed, "middle"), side.path(seed, "start"))
        good = self._compare(good, "second", "end")
        for seed in good:
            for side in self.sides:
                shutil.rmtree(os.path.join(side.folder, str(seed)))
        return good

    def _compare(self, seeds, name, image):
        """Runs one half on both sides; returns the histories that are the same."""
        played = [side.play(seeds, name) for side in self.sides]
        good = set()
        for seed in seeds:
            if seed not in played[0]:
                continue  # the recorder has said why
            text = transcripts.difference(played[0][seed], played[1][seed])
            images = [digest(side.path(seed, image)) for side in self.sides
                      if os.path.exists(side.path(seed, image))]
            if text is not None:
                self.say(f"DIFFERENT history {seed}, {name} half\n{text}")
            elif len(images) != 2 or images[0] != images[1]:
                self.say(f"DIFFERENT BYTES history {seed}, {image}")
            elif found := self.simulator.check(self.kernel.path(seed, image)):
                self.say(f"NOT CLEAN history {seed}, {image}\n{found}")
            else:
                good.add(seed)
        return good
