# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's log, as far as device-mapper writes it."""
import os
import re
import time

# Lines that the kernel prints at most ten times in five seconds from each place in its source (DMERR_LIMIT),
# no matter what caused them. A scenario's transcript depends on those before it unless that is undone or waited for.
LIMITED = re.compile(
    r"device-mapper: (array: |block manager: .* (validator check failed|vs new)|btree spine: "
    r"|space map (common|metadata): |clone: .*: hydration failed|core: .*: mapping table unavailable)")
LIMIT_SECONDS = 5.1


class KernelLog:
    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)
        self.limited_at = None

    def new_lines(self):
        """The lines of device-mapper since the last call."""
        lines = []
        while True:
            try:
                record = os.read(self.fd, 8192)
            except BlockingIOError:
                return lines
            except OSError:  # some were overwritten before we read them
                continue
            line = record.decode("utf8", "replace").partition(";")[2].split("\n")[0]
            if not line.startswith("device-mapper:"):
                continue
            lines.append(line)
            if LIMITED.match(line):
                self.limited_at = time.monotonic()

    def wait_for_limits(self):
        """Sleeps until the kernel has forgotten how many limited lines it printed."""
        if self.limited_at is not None:
            time.sleep(max(0.0, self.limited_at + LIMIT_SECONDS - time.monotonic()))
            self.limited_at = None

    def forget_limits(self):
        """The kernel was made to forget by other means."""
        self.limited_at = None
