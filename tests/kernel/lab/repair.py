# SPDX-License-Identifier: GPL-2.0-or-later
"""Repaired metadata: `dmsim repair` makes images of damaged ones, and the kernel opens them.

`write_damage --images` writes the damaged images. Each is repaired; `dmsim check` must find nothing in the new image, and
no region may be hydrated that was not before the damage. Then the kernel creates a clone on it: its status must count as
many regions, and reads must come from the destination where the new image says so, and from the source elsewhere.
Reads are made around the borders of what was hydrated.
"""
import collections
import os
import re
import shutil
import subprocess
import tempfile

from . import transcripts

IMAGES_PER_SCENARIO = 25
READS_MAX = 16
BLOCK_REGIONS = 32576  # of an array block
SECTOR_BYTES = 512


class Whole:
    """A clone before the damage."""

    def __init__(self, simulator, folder, name):
        with open(os.path.join(folder, name + ".sizes"), encoding="ascii") as file:
            self.target, self.region_size = map(int, file.read().split())
        path = os.path.join(folder, name + ".whole")
        self.sectors = os.path.getsize(path) // SECTOR_BYTES
        self.regions = -(-self.target // self.region_size)
        self.hydrated = regions_of(simulator.dump(path))
        self.reads = self._reads()

    def _reads(self):
        """The sectors that are read: two regions around each border."""
        borders = {0, self.regions} | set(range(0, self.regions, BLOCK_REGIONS))
        borders |= {region for region in self.hydrated if region - 1 not in self.hydrated}
        borders |= {region + 1 for region in self.hydrated if region + 1 not in self.hydrated}
        borders = sorted(borders)
        step = -(-len(borders) // READS_MAX)
        return [(max(border - 1, 0) * self.region_size, min((border + 1) * self.region_size, self.target))
                for border in borders[::step]]

    def begin(self):
        lines = [f"disk loop0 {self.sectors}", f"disk loop1 {self.target}s", f"disk loop2 {self.target}s"]
        for begin, end in self.reads:
            lines += [f"write loop1 {begin} {end - begin} D", f"write loop2 {begin} {end - begin} S"]
        return lines

    def use(self, image):
        table = f"0 {self.target} clone /dev/loop0 /dev/loop1 /dev/loop2 {self.region_size} 1 no_hydration"
        return [f"load loop0 {image}", f'dmsetup create c --table "{table}"', "dmsetup status c",
                *[f"read c {begin} {end - begin}" for begin, end in self.reads], "dmsetup remove c"]

    def expected(self, hydrated):
        """For each sector that is read, whether it comes from the destination."""
        return {sector: sector // self.region_size in hydrated for begin, end in self.reads for sector in range(begin, end)}


def regions_of(dump):
    return {region for one in dump["hydrated"] for region in range(one["begin"], one["begin"] + one["length"])}


def seen(transcript):
    """Of one clone: the regions that its status counts, and for each sector read whether it is the destination's."""
    status = re.search(r"^0 \d+ clone \d+ \d+/\d+ \d+ (\d+)/\d+ ", transcript, re.MULTILINE)
    sectors = {}
    for first, last, letter in re.findall(r"^(\d+)(?:-(\d+))? ([DS])$", transcript, re.MULTILINE):
        sectors.update(dict.fromkeys(range(int(first), int(last or first) + 1), letter == "D"))
    return int(status[1]) if status else None, sectors


class RepairRun:
    def __init__(self, recorder, simulator, options, say):
        self.recorder, self.simulator, self.options, self.say = recorder, simulator, options, say
        self.folder = options.out or tempfile.mkdtemp(prefix="dm-repair-")
        self.counts = collections.Counter()
        self.bad = []

    def run(self):
        subprocess.run([self.options.write_damage, "--images", self.folder, str(self.options.count),
                        str(self.options.seed)], check=True)
        names = sorted(os.listdir(self.folder))
        wholes = {name[:-6]: Whole(self.simulator, self.folder, name[:-6]) for name in names if name.endswith(".whole")}
        repaired = collections.defaultdict(list)
        for name in names:
            if name.endswith(".img"):
                whole = "-".join(name.split("-")[1:-1])
                if (hydrated := self._repair(name, wholes[whole])) is not None:
                    repaired[whole].append((name, hydrated))
        scenarios = dict(self._scenarios(wholes, repaired))
        pairs = [(path, path + ".out") for path in scenarios]
        for path, why in self.recorder.record(pairs):
            if why is None:
                self._compare(transcripts.load(path + ".out"), *scenarios[path])
            else:
                self._wrong(f"{path}: {why}")
        self.say(", ".join(f"{count} {what}" for what, count in sorted(self.counts.items())))
        good = self.options.count - len(self.bad)
        self.say(f"{self.counts['opened by the kernel']} of {self.options.count} repaired images opened by the kernel as they "
                 f"should be; {len(self.bad)} mistakes" + (f" (in {self.folder})" if self.bad else ""))
        if not self.options.out and not self.bad:
            shutil.rmtree(self.folder, ignore_errors=True)
        return 0 if good == self.counts["opened by the kernel"] == self.options.count else 1

    def _wrong(self, text):
        self.bad.append(text)
        self.say(f"WRONG {text}")

    def _repair(self, name, whole):
        """Returns the regions that are hydrated afterwards, or None after a mistake."""
        damaged, new = os.path.join(self.folder, name), os.path.join(self.folder, name + ".new")
        status, text = self.simulator.repair(damaged, new)
        if status == 2:  # the superblock is lost
            self.counts["without superblock"] += 1
            status, text = self.simulator.repair(damaged, new, whole.target, whole.region_size, whole.sectors)
        if status not in (0, 1) or not os.path.exists(new):
            return self._wrong(f"{name}: not repaired: {text}")
        if found := self.simulator.check(new):
            return self._wrong(f"{name}: {found}")
        hydrated = regions_of(self.simulator.dump(new))
        if not hydrated <= whole.hydrated:
            return self._wrong(f"{name}: {len(hydrated - whole.hydrated)} regions are hydrated that were not")
        if status == 0 and hydrated != whole.hydrated:
            return self._wrong(f"{name}: {len(whole.hydrated - hydrated)} regions are lost that are not listed")
        self.counts[f"damage {name.split('-')[-1].removesuffix('.img')}"] += 1
        self.counts["with nothing lost" if status == 0 else
                    "with a part lost" if hydrated else "with all lost"] += 1
        return hydrated

    def _scenarios(self, wholes, repaired):
        for name, images in repaired.items():
            for first in range(0, len(images), IMAGES_PER_SCENARIO):
                some = images[first:first + IMAGES_PER_SCENARIO]
                lines = wholes[name].begin()
                for image, _ in some:
                    lines += wholes[name].use(image + ".new")
                path = os.path.join(self.folder, f"{name}-{first}.dms")
                with open(path, "w", encoding="ascii") as file:
                    file.write("\n".join(lines) + "\n")
                yield path, (wholes[name], some)

    def _compare(self, transcript, whole, images):
        parts = transcript.split("> load loop0 ")[1:]
        for (name, hydrated), part in zip(images, parts):
            counted, sectors = seen(part)
            if counted == len(hydrated) and sectors == whole.expected(hydrated):
                self.counts["opened by the kernel"] += 1
            else:
                self._wrong(f"{name}: the kernel counts {counted} regions, of {len(hydrated)}:\n{part}")
