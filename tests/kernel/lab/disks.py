# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtual disks: loop devices over sparse files, and direct I/O to block devices."""
import contextlib
import errno
import fcntl
import mmap
import os
import struct

from . import language
from .patterns import SECTOR

PIECE_SECTORS = 2048  # the language's 1 MiB

BLKDISCARD = 0x1277
BLKFLSBUF = 0x1261
BLKGETSIZE64 = 0x80081272
LOOP_CLR_FD = 0x4C01
LOOP_CONFIGURE = 0x4C0A
LO_FLAGS_READ_ONLY = 1
# struct loop_config: fd, block size, a struct loop_info64 (flags at 52, a file name at 56) and room for more.
LOOP_CONFIG_SIZE, INFO_AT, FLAGS_AT, NAME_AT = 8 + 232 + 64, 8, 8 + 52, 8 + 56


class Failed(Exception):
    """A command failed; the text is its output, and the scenario continues."""


def errno_name(error):
    return errno.errorcode[error.errno]


def open_device(path, flags):
    try:
        return os.open(path, flags)
    except OSError as error:
        raise Failed(f"error {errno_name(error)}") from None


def attempt(call, *arguments):
    try:
        return call(*arguments)
    except OSError as error:
        raise Failed(f"error {errno_name(error)}") from None


class LoopDisk:
    """A disk of a scenario."""

    def __init__(self, name, folder, size, logical_block_size=0, discard="on", read_only=False, write_cache=True):
        self.name = name
        self.node = f"/dev/{name}"
        self.file = os.path.join(folder, name)
        with open(self.file, "wb") as image:
            image.truncate(size)
        self._attach(logical_block_size, read_only)
        if discard != "on":  # "off", or how many bytes at most
            with open(f"/sys/block/{name}/queue/discard_max_bytes", "w") as limit:
                limit.write(str(0 if discard == "off" else language.size_in_bytes(discard)))
        if not write_cache:
            with open(f"/sys/block/{name}/queue/write_cache", "w") as kind:
                kind.write("write through")
        self.counted = self.counters()

    def _attach(self, logical_block_size, read_only):
        backing = os.open(self.file, os.O_RDONLY if read_only else os.O_RDWR)
        node = os.open(self.node, os.O_RDONLY if read_only else os.O_RDWR)
        try:
            config = bytearray(LOOP_CONFIG_SIZE)
            struct.pack_into("=II", config, 0, backing, logical_block_size)
            struct.pack_into("=I", config, FLAGS_AT, LO_FLAGS_READ_ONLY if read_only else 0)
            name = self.file.encode()[:63]
            config[NAME_AT:NAME_AT + len(name)] = name
            fcntl.ioctl(node, LOOP_CONFIGURE, bytes(config))
        finally:
            os.close(node)
            os.close(backing)

    def counters(self):
        """What the block layer has counted at the disk since it exists."""
        with open(f"/sys/block/{self.name}/stat") as file:
            fields = [int(field) for field in file.read().split()]
        return {"read": fields[2], "written": fields[6], "discarded": fields[13], "flushes": fields[15]}

    def count_since_last(self):
        before, self.counted = self.counted, self.counters()
        return {name: self.counted[name] - before[name] for name in before}

    def change_at_rest(self, offset, data):
        """Overwrites bytes in the file, and makes the kernel forget what it has cached of the disk."""
        with open(self.file, "r+b") as image:
            image.seek(offset)
            image.write(data)
        node = os.open(self.node, os.O_RDWR)
        try:
            fcntl.ioctl(node, BLKFLSBUF, 0)
        finally:
            os.close(node)


def detach(name):
    """Detaches a loop device. False while it is still open."""
    node = os.open(f"/dev/{name}", os.O_RDONLY)
    try:
        fcntl.ioctl(node, LOOP_CLR_FD, 0)
    except OSError as error:
        if error.errno != errno.ENXIO:
            return False
    finally:
        os.close(node)
    return not os.path.exists(f"/sys/block/{name}/loop/backing_file")


class Buffers:
    """Memory fit for direct I/O, a piece at a time. Used again and again: in a user-mode kernel the first touch of
    a page costs more than the I/O."""

    def __init__(self):
        self.idle = []

    @contextlib.contextmanager
    def lend(self, size):
        try:
            buffer = self.idle.pop()
        except IndexError:
            buffer = mmap.mmap(-1, PIECE_SECTORS * SECTOR)
        try:
            with memoryview(buffer) as whole, whole[:size] as view:
                yield view
        finally:
            self.idle.append(buffer)


buffers = Buffers()


def write(path, sector, data, sync):
    """Writes all of `data` (at most one piece) with direct I/O."""
    fd = open_device(path, os.O_RDWR | os.O_DIRECT)
    try:
        with buffers.lend(len(data)) as buffer:
            buffer[:] = data
            done = 0
            while done < len(data):
                with buffer[done:] as view:
                    done += attempt(os.pwritev, fd, [view], sector * SECTOR + done, os.RWF_DSYNC if sync else 0)
    finally:
        os.close(fd)


def read(path, sector, count):
    fd = open_device(path, os.O_RDONLY | os.O_DIRECT)
    try:
        pieces = []
        for first in range(sector, sector + count, PIECE_SECTORS):
            size = min(PIECE_SECTORS, sector + count - first) * SECTOR
            with buffers.lend(size) as view:
                got = attempt(os.preadv, fd, [view], first * SECTOR)
                if got != size:
                    raise Failed(f"short read at sector {first}")
                pieces.append(bytes(view))
        return b"".join(pieces)
    finally:
        os.close(fd)


def sectors_of(path):
    fd = open_device(path, os.O_RDONLY)
    try:
        return struct.unpack("=Q", fcntl.ioctl(fd, BLKGETSIZE64, bytes(8)))[0] // SECTOR
    finally:
        os.close(fd)


def discard(path, sector, count):
    fd = open_device(path, os.O_RDWR)
    try:
        attempt(fcntl.ioctl, fd, BLKDISCARD, struct.pack("=QQ", sector * SECTOR, count * SECTOR))
    finally:
        os.close(fd)


def flush(path):
    fd = open_device(path, os.O_RDWR)
    try:
        attempt(os.fsync, fd)
    finally:
        os.close(fd)
