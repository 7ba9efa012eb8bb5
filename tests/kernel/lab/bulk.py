# SPDX-License-Identifier: GPL-2.0-or-later
"""Random scenarios in bulk: generated, run on the kernel and on the simulator, compared, counted.

A chunk at a time, so that a long run shows early what it finds and keeps what it has done: each chunk adds a line
of JSON to a ledger (`--ledger`), from which `counts` makes tables.
"""
import concurrent.futures
import json
import os
import random
import shutil
import tempfile
import time

from . import transcripts

CHUNK, CHUNK_BY_TIME = 250, 20


class Bulk:
    def __init__(self, recorder, simulator, options, say):
        self.recorder, self.simulator, self.options, self.say = recorder, simulator, options, say
        self.folder = options.out or tempfile.mkdtemp(prefix="dm-bulk-")
        self.total = {"scenarios": 0, "same": 0, "different": [], "races": [], "not_recorded": []}
        self.tally = transcripts.Tally()
        self.begin = time.monotonic()

    def run(self):
        seed, end = self.options.seed, self.options.seed + self.options.count
        chunk = CHUNK_BY_TIME if self.options.seconds else CHUNK
        while seed < end and not self._out_of_time():
            count = min(chunk, end - seed)
            self._chunk(seed, count)
            seed += count
        self._summary(seed)
        bad = self.total["different"] or self.total["races"] or self.total["not_recorded"]
        if not self.options.out and not bad:
            shutil.rmtree(self.folder, ignore_errors=True)
        return 1 if bad else 0

    def _out_of_time(self):
        return self.options.seconds and time.monotonic() - self.begin > self.options.seconds

    def _chunk(self, seed, count):
        scenarios = self.simulator.generate(seed, count, self.folder, self.options.theme)
        outputs = {path: path.removesuffix(".dms") + ".kernel" for path in scenarios}
        reused = self._reuse(scenarios, outputs) if self.options.reuse else set()
        pairs = [pair for pair in outputs.items() if pair[0] not in reused]
        random.Random(seed).shuffle(pairs)  # what comes before a scenario must not matter
        good, different = [], {}
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            comparing = [pool.submit(self._compare, path, outputs[path]) for path in sorted(reused)]
            good += sorted(reused)
            for path, why in self.recorder.record(pairs):
                if why is None:
                    good.append(path)
                    comparing.append(pool.submit(self._compare, path, outputs[path]))
            for done in comparing:
                path, text = done.result()
                if text is not None:
                    different[path] = text
        doubtful = good if self.options.twice else sorted(different)
        races = self._races(doubtful, different, outputs)
        tally = transcripts.Tally()
        for path in good:
            tally.add(transcripts.load(path), transcripts.load(outputs[path]))
        for path in sorted(different):
            if path not in races:
                self.say(f"DIFFERENT {path}\n{different[path]}")
        names = lambda paths: sorted(os.path.basename(path).removesuffix(".dms") for path in paths)
        entry = {"first": seed, "last": seed + count - 1, "theme": self.options.theme, "scenarios": count,
                 "same": len(good) - len(set(different) | set(races)),
                 "different": names(path for path in different if path not in races), "races": names(races),
                 "not_recorded": names(set(scenarios) - set(good)), "counts": tally.as_dict()}
        self._account(entry, tally)
        keep = set(different) | set(races) | (set(scenarios) - set(good))
        for path in scenarios:
            if path not in keep and not self.options.keep:
                for file in (path, outputs[path]):
                    os.unlink(file)

    def _reuse(self, scenarios, outputs):
        """Takes transcripts of the same scenarios, to the byte, from a folder of an earlier run (--keep)."""
        reused = set()
        for path in scenarios:
            old = os.path.join(self.options.reuse, os.path.basename(path))
            old_output = old.removesuffix(".dms") + ".kernel"
            if os.path.exists(old) and os.path.exists(old_output) and transcripts.load(old) == transcripts.load(path):
                shutil.copyfile(old_output, outputs[path])
                reused.add(path)
        return reused

    def _compare(self, path, output):
        kernel = transcripts.load(output)
        return path, None if self.options.kernel_only else transcripts.difference(kernel,
                                                                                  self.simulator.replay(path))

    def _races(self, doubtful, different, outputs):
        """Those that the kernel itself answers in two ways: again, or as the first scenario after a boot."""
        races = []
        for alone, paths in ((False, doubtful), (True, sorted(different))):
            again = {path: outputs[path] + ".again" for path in paths if path not in races}
            for path, why in self.recorder.record(again.items(), alone):
                if why is not None:
                    continue
                text = transcripts.difference(transcripts.load(outputs[path]), transcripts.load(again[path]),
                                              names=("once", "alone" if alone else "again"))
                if text is not None:
                    races.append(path)
                    self.say(f"RACE {path}\n{text}")
                os.unlink(again[path])
        return races

    def _account(self, entry, tally):
        for key, value in self.total.items():
            self.total[key] = value + entry[key]
        self.tally.merge(tally)
        seconds = time.monotonic() - self.begin
        self.say(f"{entry['first']}..{entry['last']}: {entry['same']} of {entry['scenarios']} the same; "
                 f"{self.total['scenarios'] / seconds * 60:.0f} a minute")
        if self.options.ledger:
            with open(self.options.ledger, "a", encoding="utf8") as file:
                file.write(json.dumps(entry) + "\n")

    def _summary(self, end):
        total = self.total
        self.say(f"{total['scenarios']} scenarios ({self.options.seed}..{end - 1}), "
                 f"{sum(self.tally.commands.values())} commands: {len(total['not_recorded'])} not recorded, "
                 f"{len(total['races'])} races, {len(total['different'])} different")
        for key in ("not_recorded", "races", "different"):
            if total[key]:
                self.say(f"  {key}: {' '.join(total[key])} (in {self.folder})")
        theme = f" --theme {self.options.theme}" if self.options.theme else ""
        for number in total["not_recorded"] + total["races"] + total["different"]:
            self.say(f"  to repeat it: tests/kernel/kernel.py bulk --seed {number} --count 1{theme}")


def read_ledgers(paths):
    """What ledgers say, added up: a summary and a Tally."""
    tally, entries = transcripts.Tally(), []
    for path in paths:
        with open(path, encoding="utf8") as file:
            for line in file:
                entry = json.loads(line)
                part = transcripts.Tally(entry["counts"])
                part.scenarios = entry["scenarios"]
                tally.merge(part)
                entries.append(entry)
    return entries, tally
