# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a scenario that shows a difference smaller, as long as it still shows one."""
import os
import re
import tempfile

from . import language, transcripts


def without_pieces(items):
    """Yields shorter lists: without halves first, then without quarters, at last without single items."""
    size = len(items) // 2
    while size >= 1:
        for start in range(len(items) - size, -1, -size):
            yield items[:start] + items[start + size:]
        size //= 2


def simpler_words(words):
    """Yields the command with one word simpler: numbers smaller or rounder, options left out."""
    for i, word in enumerate(words[1:], 1):
        if re.fullmatch(r"\d+", word) and int(word) > 8:
            for smaller in (0, 8, int(word) // 2, int(word) // 8 * 8):
                if smaller < int(word):
                    yield words[:i] + [str(smaller)] + words[i + 1:]
        elif re.fullmatch(r"@.", word):
            yield words[:i] + [word[1]] + words[i + 1:]
    if words[-1] in ("fua", "&"):
        yield words[:-1]


class Shrinker:
    def __init__(self, recorder, simulator, tries_max=400, on_progress=lambda text: None):
        self.recorder = recorder
        self.simulator = simulator
        self.tries_left = tries_max
        self.on_progress = on_progress
        self.folder = tempfile.mkdtemp(prefix="dm-shrink-")

    def kind_of_difference(self, commands):
        """The first pair of lines in which the two differ, without numbers; None if they agree (or the kernel
        does not like the scenario)."""
        if self.tries_left <= 0:
            return None
        self.tries_left -= 1
        path = os.path.join(self.folder, f"{self.tries_left}.dms")
        with open(path, "w", encoding="utf8") as file:
            file.write("".join(language.to_line(words) + "\n" for words in commands))
        kernels = []
        for attempt in ("a", "b"):
            out = f"{path}.{attempt}"
            if any(why for _, why in self.recorder.record([(path, out)])):
                return None
            kernels.append(transcripts.load(out))
            simulator = self.simulator.replay(path)
            if simulator == kernels[0]:
                return None
        if kernels[0] != kernels[1]:
            return None
        theirs, ours = kernels[0].splitlines(), simulator.splitlines()
        for one, other in zip(theirs + [""], ours + [""]):
            if one != other:
                return transcripts.generalize(one)[:60], transcripts.generalize(other)[:60]
        return "more", "lines"

    def shrink(self, text):
        """The smallest scenario found with the same kind of difference; None if there is none to begin with."""
        commands = list(language.commands(text))
        kind = self.kind_of_difference(commands)
        if kind is None:
            return None
        again = True
        while again and self.tries_left > 0:
            again = False
            for step in (without_pieces, self._simplified):
                smaller = next((c for c in step(commands) if self.kind_of_difference(c) == kind), None)
                if smaller is not None:
                    commands, again = smaller, True
                    self.on_progress(f"{len(commands)} commands, {self.tries_left} tries left")
                    break
        return "".join(language.to_line(words) + "\n" for words in commands)

    @staticmethod
    def _simplified(commands):
        for i, words in enumerate(commands):
            for simpler in simpler_words(words):
                yield commands[:i] + [simpler] + commands[i + 1:]
