# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots the user-mode kernel and hands it scenarios."""
import atexit
import hashlib
import os
import queue
import shlex
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time

from .guest import MARK
from .kernel_log import LIMIT_SECONDS

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_SECONDS = 60
# Virtual time: it passes only while every task waits. A sleep then costs nothing, and how fast this machine is
# has no say in which of two events comes first. A kernel that was built without it ignores the word.
TIME = "time-travel=inf-cpu"


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "dm-uml")


def memory_folder():
    """Where the kernel puts the file that is its memory."""
    return next((path for path in ("/dev/shm", tempfile.gettempdir()) if os.access(path, os.W_OK)), "/tmp")


def kernel_program():
    """The kernel's path, or None if it has not been built."""
    path = os.environ.get("DM_UML", os.path.join(cache_folder(), "linux"))
    return path if os.access(path, os.X_OK) else None


def preload_library():
    """Compiles dmsetup_server.c. None without a compiler: then each dmsetup is a process, and all is slow."""
    source = os.path.join(HERE, "dmsetup_server.c")
    with open(source, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:16]
    library = os.path.join(cache_folder(), f"dmsetup-server-{digest}.so")
    if os.path.exists(library):
        return library
    compiler = shutil.which("cc")
    if not compiler:
        return None
    unfinished = tempfile.mktemp(prefix=library)
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", unfinished, source, "-ldl"], check=True)
    os.rename(unfinished, library)
    return library


class RateLimits:
    """The kernel's counters of how many lines each place in its source has printed lately. They are static
    variables of a program that we run: we may set them to zero between two scenarios.

    struct ratelimit_state without a lock (one processor): interval, burst, printed, missed (ints), begin,
    flags (longs)."""

    def __init__(self, program):
        self.addresses = []
        listing = subprocess.run(["nm", "-S", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in listing.stdout.splitlines():
            fields = line.split()
            if len(fields) == 4 and fields[3].startswith("_rs.") and int(fields[1], 16) == 32:
                self.addresses.append(int(fields[0], 16))

    def reset(self, pid):
        """False if that is not possible."""
        if not self.addresses:
            return False
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            for address in self.addresses:
                memory.seek(address)
                state = memory.read(32)
                interval, burst = struct.unpack_from("=ii", state)
                if not (0 < interval <= 10000 and burst == 10):
                    return False
                if any(state[8:]):
                    memory.seek(address + 8)
                    memory.write(bytes(24))
        return True


class Died(Exception):
    """The kernel does not answer any more; the text says where it was."""

    def __init__(self, text, before_beginning=False):
        super().__init__(text)
        self.before_beginning = before_beginning  # of the scenario


class Uml:
    """A running kernel."""

    limits = None

    def __init__(self, memory="2G"):
        self.program = kernel_program()
        if Uml.limits is None:
            Uml.limits = RateLimits(self.program)
        self.folder = tempfile.mkdtemp(prefix="dm-uml-")
        self.console = []
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            [self.program, f"mem={memory}", "rootfstype=hostfs", "rootflags=/", "rw", f"init={self._write_init()}",
             TIME, "con=null", "con0=fd:0,fd:1", "quiet", "loglevel=0", f"umid=dmsim{os.getpid()}-{id(self):x}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            env=dict(os.environ, GLIBC_TUNABLES="glibc.pthread.rseq=0", TMPDIR=memory_folder()))
        atexit.register(self.stop)
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            if self._answer(time.monotonic() + BOOT_SECONDS) != "ready":
                raise Died("it did not boot: " + " | ".join(self.console[-5:]), before_beginning=True)
        except Died:
            self.stop()
            raise

    def _write_init(self):
        path = os.path.join(self.folder, "init")
        command = ["python3", "-B", "-m", "lab.guest", "/run/disks", preload_library() or ""]
        script = ["#!/bin/sh",
                  "export DM_DISABLE_UDEV=1 LC_ALL=C PYTHONUTF8=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                  "mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev 2>/dev/null",
                  "mount -t tmpfs -o size=100% tmpfs /run; mkdir -p /dev/mapper /run/disks",
                  "cd " + shlex.quote(os.path.dirname(HERE)),
                  shlex.join(command),
                  "poweroff -f"]
        with open(path, "w") as file:
            file.write("\n".join(script) + "\n")
        os.chmod(path, 0o755)
        return path

    def _listen(self):
        for line in self.process.stdout:
            line = line.decode("utf8", "replace").strip("\r\n")
            if line.startswith(MARK):
                self.lines.put(line[len(MARK):])
            else:
                self.console.append(line)
        self.lines.put(None)

    def _answer(self, deadline):
        """The next answer that is not just a sign of life."""
        at = None
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise Died(f"no answer in time, at: {at or 'the beginning'}", at is None) from None
            if line is None:
                raise Died(f"the kernel ended, at: {at or 'the beginning'}; " + " | ".join(self.console[-8:]), at is None)
            if not line.startswith("at "):
                return line
            at = line[3:]

    def run(self, scenario, transcript, seconds):
        """Runs a scenario file. Raises Died if it takes longer or leaves something behind; the kernel must not
        be used again then."""
        self.process.stdin.write(f"run\t{scenario}\t{transcript}\n".encode())
        self.process.stdin.flush()
        answer, _, rest = self._answer(time.monotonic() + seconds).partition(" ")
        if answer != "done":
            raise Died(rest)
        if rest == "1" and not Uml.limits.reset(self.process.pid):
            time.sleep(LIMIT_SECONDS)

    def stop(self):
        """Ends the kernel and all that it started. Nothing in it is worth a shutdown."""
        atexit.unregister(self.stop)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
