# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenario language: from text to commands, and back."""
import shlex


def commands(text):
    """Yields the words of each command. Words are split as a shell does; a backslash at the end of a line and
    an open quote go on to the next line."""
    unfinished = ""
    for line in text.split("\n"):
        line = unfinished + line
        unfinished = ""
        if line.endswith("\\"):
            unfinished = line[:-1]
            continue
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            unfinished = line + "\n"
            continue
        if words:
            yield words


def echo(words):
    """The line with which a transcript begins a command."""
    return "> " + " ".join(shlex.quote(word) for word in words)


def to_line(words):
    """A command as a line of a scenario."""
    background = words[-1] == "&"
    plain = words[:-1] if background else words
    return " ".join(shlex.quote(word) for word in plain) + (" &" if background else "")
