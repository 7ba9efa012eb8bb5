# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenario language: from text to commands, and back."""
import re
import shlex

# <<TAG or <<-TAG as a word of its own; the tag may be quoted.
HERE_DOCUMENT = re.compile(r"""(?:^|\s)<<(-?)[ \t]*(['"]?)([A-Za-z_][A-Za-z0-9_]*)\2(?=\s|$)""")
PLAIN = "\1"  # a word that no scenario has


def size_in_bytes(word):
    match = re.fullmatch(r"([0-9]+)(s?|([KMGT])(IB)?)", word, re.IGNORECASE)
    if not match or match[2] == "S":
        raise ValueError(f"no size: {word}")
    shift = 10 * (1 + "KMGT".index(match[3].upper())) if match[3] else 9
    return int(match[1]) << shift


def seconds(word):
    """A time with a unit, or a number of seconds."""
    for unit, factor in (("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1)):
        if word.endswith(unit):
            return float(word[:-len(unit)]) * factor
    return float(word)


class HereDocument(str):
    """The word <<TAG of a command whose standard input is below it, up to a line that is TAG."""

    def __new__(cls, dash, tag):
        word = super().__new__(cls, f"<<{dash}{tag}")
        word.tag, word.without_tabs, word.lines = tag, bool(dash), []
        return word

    def take_lines(self, lines):
        for line in lines:
            if self.without_tabs:
                line = line.lstrip("\t")
            if line == self.tag:
                return
            self.lines.append(line)
        raise ValueError(f"{self} has no end")

    def text(self):
        return "".join(line + "\n" for line in self.lines)


def split(line):
    """The words of a line; ValueError if a quote is open at its end."""
    for match in HERE_DOCUMENT.finditer(line):
        try:
            before = shlex.split(f"{line[:match.start()]} {PLAIN}", comments=True)
        except ValueError:  # inside quotes
            continue
        if before[-1:] == [PLAIN]:  # not in a comment
            return before[:-1] + [HereDocument(match[1], match[3])] + split(line[match.end():])
    return shlex.split(line, comments=True)


def commands(text):
    """Yields the words of each command. Words are split as a shell does; a backslash at the end of a line and
    an open quote go on to the next line; a here-document takes lines up to its end."""
    unfinished = ""
    lines = iter(text.removeprefix("\ufeff").split("\n"))
    for line in lines:
        line = unfinished + line
        unfinished = ""
        if line.endswith("\\"):
            unfinished = line[:-1]
            continue
        try:
            words = split(line)
        except ValueError:
            unfinished = line + "\n"
            continue
        for word in words:
            if isinstance(word, HereDocument):
                word.take_lines(lines)
        if words:
            yield words


def quoted(words):
    return " ".join(word if isinstance(word, HereDocument) else shlex.quote(word) for word in words)


def below(words):
    """The lines of here-documents, each with its end."""
    return [line for word in words if isinstance(word, HereDocument) for line in (*word.lines, word.tag)]


def echo(words):
    """The line, or lines, with which a transcript begins a command."""
    return "\n".join("> " + line for line in [quoted(words), *below(words)])


def to_line(words):
    """A command as a line, or lines, of a scenario."""
    background = words[-1] == "&"
    plain = words[:-1] if background else words
    return "\n".join([quoted(plain) + (" &" if background else ""), *below(words)])
