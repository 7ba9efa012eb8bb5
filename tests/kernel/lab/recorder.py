# SPDX-License-Identifier: GPL-2.0-or-later
"""Records transcripts of many scenarios: in user-mode kernels, or on the kernel that we run on."""
import os
import queue
import threading

from .interpreter import Laboratory
from .uml import Died, Uml

RUNS_PER_BOOT = 400
SECONDS_MAX = 90


class Recorder:
    """Runs scenarios in `jobs` kernels at once, each booted when it is first needed. A kernel that did not begin with
    a scenario was at fault itself: the scenario has a second try on another one."""

    def __init__(self, jobs=1, seconds_max=SECONDS_MAX, on_trouble=lambda path, why: None):
        self.work = queue.Queue()
        self.results = queue.Queue()
        self.seconds_max = seconds_max
        self.on_trouble = on_trouble
        self.threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(jobs)]
        for thread in self.threads:
            thread.start()

    def _serve(self):
        kernel, runs = None, 0
        try:
            while True:
                item = self.work.get()
                if item is None:
                    return
                scenario, transcript, alone, tries_left = item
                if runs >= RUNS_PER_BOOT or (alone and runs > 0):
                    kernel.stop()
                    kernel = None
                try:
                    if kernel is None:
                        kernel, runs = Uml(), 0
                    kernel.run(os.path.abspath(scenario), os.path.abspath(transcript), self.seconds_max)
                    runs += 1
                    self.results.put((scenario, None))
                except (Died, OSError) as why:
                    if kernel is not None:
                        kernel.stop()
                        kernel = None
                    self.on_trouble(scenario, str(why))
                    if isinstance(why, Died) and why.before_beginning and tries_left > 0:
                        self.work.put((scenario, transcript, alone, tries_left - 1))
                        continue
                    self.results.put((scenario, str(why)))
        finally:
            if kernel is not None:
                kernel.stop()

    def record(self, pairs, alone=False):
        """Runs (scenario, transcript) files; yields each scenario and what went wrong (None: nothing) as it is
        ready, in any order. `alone`: each is the first scenario of a kernel."""
        count = 0
        for pair in pairs:
            self.work.put((*pair, alone, 1))
            count += 1
        for _ in range(count):
            yield self.results.get()

    def close(self):
        for _ in self.threads:
            self.work.put(None)
        for thread in self.threads:
            thread.join()


class LocalRecorder:
    """The same on the kernel below: root, device-mapper with clone, and free loop devices."""

    def __init__(self, store="/dev/shm/dm-disks"):
        os.environ["DM_DISABLE_UDEV"] = "1"
        self.laboratory = Laboratory(store)

    def record(self, pairs, alone=False):
        for scenario, transcript in pairs:
            self.laboratory.log.wait_for_limits()
            with open(scenario, encoding="utf8") as file:
                text = file.read()
            with open(transcript, "w", encoding="utf8") as out:
                self.laboratory.run(text, os.path.dirname(os.path.abspath(scenario)),
                                    lambda line: out.write(line + "\n"))
            yield scenario, None

    def close(self):
        pass
