# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs scenarios on the kernel below and writes down what they print. Needs root.

A Laboratory lasts; a Scenario is one run in it. Between two runs the laboratory is cleaned: no mapped
device, no disk and no thread of the one before is left, or `Unclean` is raised and only a reboot helps.
"""
import hashlib
import lzma
import os
import re
import shutil
import threading
import time

from . import disks, language, patterns
from .disks import Failed
from .dm_control import Control
from .dmsetup import Dmsetup
from .kernel_log import KernelLog

HEAD_START_SECONDS = 0.1  # what a background command gets before the scenario continues
END_WAIT_SECONDS = 60  # how long the end of a scenario waits for background commands
POLL_SECONDS = 0.02
SETTLE_SECONDS, SETTLE_TRIES = 0.0002, 5000
MAPPED_NODES = "/dev/mapper"


def contents(path):
    with open(path) as file:
        return file.read().strip()


def put(path, text):
    with open(path, "w") as file:
        file.write(text)


class Unclean(Exception):
    """Something of a scenario cannot be removed."""


class Laboratory:
    def __init__(self, store, preload=None, virtual_time=False):
        """Disks are files in `store`, which should be in memory. With virtual time a command is over when
        nothing can run any more until time passes, as in the simulator."""
        os.makedirs(store, exist_ok=True)
        self.store = store
        self.dmsetup = Dmsetup(preload)
        self.dmsetup.run("version")
        self.control = Control()
        self.log = KernelLog()
        self.load = os.open("/proc/loadavg", os.O_RDONLY) if virtual_time else None

    def settle(self):
        for _ in range(SETTLE_TRIES if self.load is not None else 0):
            runnable = os.pread(self.load, 100, 0).split()[3].split(b"/")[0]
            if runnable == b"1":  # that is us
                return
            time.sleep(SETTLE_SECONDS)

    def run(self, text, folder, on_line):
        """Runs one scenario. `folder` is where its `load` and `save` look. Calls on_line with each line of the
        transcript, and cleans up."""
        scenario = Scenario(self, folder)
        try:
            scenario.run(text, on_line)
        finally:
            self.clean(scenario)
            self.log.new_lines()

    def clean(self, scenario):
        scenario.jobs = [job for job in scenario.jobs if job[0].is_alive()]
        if scenario.jobs:
            self.dmsetup.kill_running()
        for name in self.control.names():
            self._attempt(self.control.resume, name)
        self.control.remove_all()
        for _ in range(5):
            names = self.control.names()
            if not names:
                break
            for step in (self.control.make_fail, self.control.remove):
                for name in names:
                    self._attempt(step, name)
            for thread, _ in scenario.jobs:
                thread.join(0.05)
        if self.control.names() or any(thread.is_alive() for thread, _ in scenario.jobs):
            raise Unclean("mapped devices or commands are left")
        for node in os.listdir(MAPPED_NODES):
            if node != "control":
                os.unlink(os.path.join(MAPPED_NODES, node))
        for name, disk in scenario.disks.items():
            self._detach(name)
            os.unlink(disk.file)
        for path, value in scenario.parameters.items():
            put(path, value)

    @staticmethod
    def _attempt(step, name):
        try:
            step(name)
        except OSError:
            pass

    @staticmethod
    def _detach(name):
        for _ in range(50):
            if disks.detach(name):
                return
            time.sleep(POLL_SECONDS)
        raise Unclean(f"{name} is still in use")


class Scenario:
    def __init__(self, laboratory, folder):
        self.laboratory = laboratory
        self.folder = folder
        self.disks = {}
        self.parameters = {}  # files of modules' parameters that were changed, with what they had
        self.jobs = []  # threads, each with the lines that it will have printed

    def run(self, text, on_line):
        for words in language.commands(text):
            on_line(language.echo(words))
            if words[-1] == "&":
                self.start(words[:-1])
                output = []
            else:
                output = self.execute(words)
            self.report(output, on_line)
        if self.jobs:
            self.report(self.finish(), on_line)

    def report(self, output, on_line):
        for line in output:
            on_line(line)
        self.laboratory.settle()
        for line in self.laboratory.log.new_lines():
            on_line("log: " + line)

    def start(self, words):
        output = []
        before = None
        if words[0] == "then":
            words = words[1:]
            before = self.jobs[-1][0]

        def perform():
            if before is not None:
                before.join()
            output.extend(self.execute(words))

        thread = threading.Thread(target=perform, daemon=True)
        thread.start()
        self.jobs.append((thread, output))
        time.sleep(HEAD_START_SECONDS)

    def execute(self, words):
        command = COMMANDS.get(words[0])
        if command is None:
            raise ValueError(f"no such command: {words[0]}")
        try:
            return command(self, *words[1:])
        except Failed as failure:
            return [str(failure)]
        except OSError as error:  # e.g. a queue limit of a device that is not there
            return [f"error {disks.errno_name(error)}"]

    def path(self, device):
        return self.disks[device].node if device in self.disks else f"{MAPPED_NODES}/{device}"

    # The commands. Each returns the lines that it prints.

    def disk(self, name, size, *options):
        chosen = dict(option.partition("=")[::2] for option in options)
        self.disks[name] = disks.LoopDisk(
            name, self.laboratory.store, language.size_in_bytes(size),
            logical_block_size=int(chosen.get("logical_block_size", 0)),
            discard=chosen.get("discard") or "on", read_only=chosen.get("ro", "off") in ("", "on"),
            write_cache=chosen.get("cache") != "writethrough")
        return []

    def run_dmsetup(self, *arguments):
        words = [word for word in arguments if not isinstance(word, language.HereDocument)]
        documents = [word for word in arguments if isinstance(word, language.HereDocument)]
        code, output = self.laboratory.dmsetup.run(
            *words, folder=self.folder, text="".join(document.text() for document in documents))
        return output.splitlines() + ([f"exit {code}"] if code else [])

    def write(self, device, sector, count, pattern, *options):
        first, end = int(sector), int(sector) + int(count)
        for at in range(first, end, disks.PIECE_SECTORS):
            data = patterns.content(pattern, at, min(disks.PIECE_SECTORS, end - at))
            disks.write(self.path(device), at, data, "fua" in options)
        return []

    def read(self, device, sector, count):
        data = disks.read(self.path(device), int(sector), int(count))
        return patterns.describe(data, int(sector))

    def sha256(self, device, sector=None, count=None):
        if sector is None:
            sector, count = 0, disks.sectors_of(self.path(device))
        data = disks.read(self.path(device), int(sector), int(count))
        return [hashlib.sha256(data).hexdigest()]

    def discard(self, device, sector, count):
        disks.discard(self.path(device), int(sector), int(count))
        return []

    def flush(self, device):
        disks.flush(self.path(device))
        return []

    def iostat(self, disk):
        counts = self.disks[disk].count_since_last()
        return [" ".join(f"{name}={count}" for name, count in counts.items())]

    def sysfs(self, device, attribute):
        kernel_name = device
        if device not in self.disks:
            kernel_name = f"dm-{os.minor(os.stat(self.path(device)).st_rdev)}"
        return [contents(f"/sys/block/{kernel_name}/queue/{attribute}")]

    def parameter(self, module, name, value=None):
        path = f"/sys/module/{module}/parameters/{name}"
        if value is None:
            return [contents(path)]
        before = contents(path)
        put(path, value)
        self.parameters.setdefault(path, before)
        return []

    def drop_caches(self):
        put("/proc/sys/vm/drop_caches", "2")
        return []

    def poke(self, disk, offset, data):
        self.disks[disk].change_at_rest(int(offset, 0), bytes.fromhex(data))
        return []

    def load(self, disk, file):
        with open(os.path.join(self.folder, file), "rb") as image:
            data = image.read()
        if data.startswith(b"\xfd7zXZ\0"):
            data = lzma.decompress(data)
        self.disks[disk].change_at_rest(0, data[:os.path.getsize(self.disks[disk].file)])
        return []

    def save(self, disk, file):
        shutil.copyfile(self.disks[disk].file, os.path.join(self.folder, file))
        return []

    def sleep(self, seconds):
        time.sleep(language.seconds(seconds))
        return []

    def until(self, device, regex, seconds="10"):
        end = time.monotonic() + language.seconds(seconds)
        status = ""
        while time.monotonic() < end:
            status = self.laboratory.dmsetup.run("status", "--noflush", device)[1]
            if re.search(regex, status):
                return []
            time.sleep(POLL_SECONDS)
        return [f"timed out: {status.strip()}"]

    def wait(self):
        jobs, self.jobs = self.jobs, []
        for thread, _ in jobs:
            thread.join()
        return [line for _, output in jobs for line in output]

    def finish(self):
        """As `wait`, but jobs that do not end are left."""
        end = time.monotonic() + END_WAIT_SECONDS
        ended = []
        for thread, output in self.jobs:
            while thread.is_alive() and time.monotonic() < end:
                thread.join(POLL_SECONDS)
            if not thread.is_alive():
                ended += output
        self.jobs = [job for job in self.jobs if job[0].is_alive()]
        return ended


COMMANDS = {
    "disk": Scenario.disk, "dmsetup": Scenario.run_dmsetup, "write": Scenario.write, "read": Scenario.read,
    "sha256": Scenario.sha256, "discard": Scenario.discard, "flush": Scenario.flush, "iostat": Scenario.iostat,
    "sysfs": Scenario.sysfs, "parameter": Scenario.parameter, "drop_caches": Scenario.drop_caches,
    "poke": Scenario.poke, "load": Scenario.load, "save": Scenario.save, "sleep": Scenario.sleep,
    "until": Scenario.until, "wait": Scenario.wait,
}
