# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scenario writes, and how it names what it reads. Content is described sector by sector."""
import hashlib
import re

SECTOR = 512


def stamp(character, sector):
    """The bytes that `write ... @X` gives a sector: its letter and number, over and over."""
    unit = b"%s@%d\n" % (character.encode(), sector)
    return (unit * -(-SECTOR // len(unit)))[:SECTOR]


def content(pattern, first, count):
    if pattern == "zero":
        return bytes(SECTOR * count)
    if len(pattern) == 1:
        return pattern.encode() * (SECTOR * count)
    if len(pattern) == 2 and pattern[0] == "@":
        return b"".join(stamp(pattern[1], first + i) for i in range(count))
    raise ValueError(f"no such pattern: {pattern}")


def name_of(data, sector):
    """How a transcript calls one sector's bytes."""
    byte = data[0]
    if data.count(byte) == SECTOR:
        if byte == 0:
            return "zero"
        return chr(byte) if 0x21 <= byte <= 0x7e else f"0x{byte:02x}"
    head = re.match(rb"(.)@([0-9]+)\n", data)
    if head:
        letter, origin = head[1].decode("latin1"), int(head[2])
        if data == stamp(letter, origin):
            return f"@{letter}" + (f"{origin - sector:+d}" if origin != sector else "")
    return "?" + hashlib.sha256(data).hexdigest()[:8]


def describe(data, first):
    """One line for each run of sectors with the same name."""
    lines = []
    begin, current, sector = first, None, first
    for at in range(0, len(data), SECTOR):
        name = name_of(data[at:at + SECTOR], sector)
        if name != current:
            if current is not None:
                lines.append(f"{begin}-{sector - 1} {current}")
            begin, current = sector, name
        sector += 1
    lines.append(f"{begin}-{sector - 1} {current}")
    return lines
