# SPDX-License-Identifier: GPL-2.0-or-later
"""Device-mapper's control device, as far as it takes to get rid of whatever a scenario leaves behind.
Formats: include/uapi/linux/dm-ioctl.h."""
import fcntl
import os
import struct

HEADER = struct.Struct("=3I I I I i I I I Q 128s 129s 7s")  # struct dm_ioctl
TARGET = struct.Struct("=Q Q i I 16s")                      # struct dm_target_spec
VERSION = (4, 0, 0)
REMOVE_ALL, LIST, REMOVE, SUSPEND, TABLE_LOAD = 1, 2, 4, 6, 9
FLAG_SUSPEND, FLAG_SKIP_LOCKFS, FLAG_NOFLUSH = 1 << 1, 1 << 10, 1 << 11


class Control:
    def __init__(self):
        self.fd = os.open("/dev/mapper/control", os.O_RDWR)

    def call(self, command, name="", flags=0, payload=b"", targets=0):
        size = 16384
        header = HEADER.pack(*VERSION, size, HEADER.size, targets, 0, flags, 0, 0, 0, name.encode(), b"", b"")
        buffer = bytearray(size)
        buffer[:HEADER.size] = header
        buffer[HEADER.size:HEADER.size + len(payload)] = payload
        fcntl.ioctl(self.fd, 0xC138FD00 | command, buffer)
        return bytes(buffer[HEADER.size:])

    def names(self):
        """The names of all mapped devices."""
        data, at, names = self.call(LIST), 0, []
        while struct.unpack_from("=Q", data, at)[0]:
            following = struct.unpack_from("=I", data, at + 8)[0]
            names.append(data[at + 12:].split(b"\0")[0].decode("utf8", "surrogateescape"))
            if not following:
                break
            at += following
        return names

    def resume(self, name):
        self.call(SUSPEND, name)

    def make_fail(self, name):
        """Puts a table in place that fails all I/O, also that which waits."""
        target = TARGET.pack(0, 1, 0, 0, b"error")
        self.call(TABLE_LOAD, name, payload=target + b"\0" * 8, targets=1)
        self.call(SUSPEND, name, FLAG_SUSPEND | FLAG_NOFLUSH | FLAG_SKIP_LOCKFS)
        self.resume(name)

    def remove(self, name):
        self.call(REMOVE, name)

    def remove_all(self):
        self.call(REMOVE_ALL)
