# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree with all mutants in it, and its builds."""
import json
import re
import subprocess
import sys

import catalogue
import rewriting

COPIED = ("CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "dmclone", "dmcore", "docs", "proptests", "sim", "tests")
PROGRAMS = {"dmsim": "dmsim", "dmsim_mutant_tests": "tests/mutants/dmsim_mutant_tests", "dmsim_properties": "proptests/dmsim_properties"}
# The programs that are built with each preset.
PRESETS = {"release": tuple(PROGRAMS), "race": ("dmsim", "dmsim_mutant_tests")}
ATTEMPTS_MAX = 20
ERROR = re.compile(r"([^\s:]+):(\d+):(\d+): (?:fatal )?error: (.*)")


class Build:
    """A copy of the tree in `folder`, with all mutants in it, built with each of some presets."""

    def __init__(self, folder, mutants):
        self.tree = folder
        self.mutants = mutants
        self.of_number = {mutant.number: mutant for mutant in mutants}
        self.dropped_file = folder / "build" / "does-not-compile.json"
        self.dropped = {}  # name: what the compiler says

    def make(self, jobs, presets):
        self._copy()
        self.read_dropped()
        _write(self.tree / rewriting.HEADER_NAME, rewriting.HEADER)
        self._rewrite()
        for preset in PRESETS:
            if preset in presets:
                self._make_with(preset, jobs)

    def _make_with(self, preset, jobs):
        subprocess.run(["cmake", "--preset", preset], cwd=self.tree, check=True, stdout=subprocess.DEVNULL)
        for _ in range(ATTEMPTS_MAX):
            run = subprocess.run(["cmake", "--build", "--preset", preset, f"-j{jobs}", "--target", *PRESETS[preset], "--", "-k", "0"],
                                 cwd=self.tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                 check=False)
            if run.returncode == 0:
                return
            self._drop_what_fails(run.stdout)
            self._rewrite()
            self.dropped_file.write_text(json.dumps(self.dropped, indent=1))
        sys.exit("some files do not compile, whichever mutants are left out")

    def program(self, name, preset="release"):
        return str(self.tree / "build" / preset / PROGRAMS[name])

    def read_dropped(self):
        if self.dropped_file.exists():
            known = json.loads(self.dropped_file.read_text(encoding="utf-8"))
            names = {mutant.name for mutant in self.mutants}
            self.dropped = {name: said for name, said in known.items() if name in names}

    def _copy(self):
        for name in COPIED:
            source, copy = catalogue.ROOT / name, self.tree / name
            files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
            mutated = set(catalogue.sources())
            for path in files:
                relative = str(path.relative_to(catalogue.ROOT))
                if relative not in mutated:
                    _write(self.tree / relative, path.read_bytes(), path.stat().st_mode)
            if source.is_dir():
                for path in copy.rglob("*"):
                    if path.is_file() and not (catalogue.ROOT / path.relative_to(self.tree)).exists():
                        path.unlink()

    def _rewrite(self):
        for path in catalogue.sources():
            kept = [mutant for mutant in self.mutants if mutant.path == path and mutant.name not in self.dropped]
            _write(self.tree / path, rewriting.rewrite((catalogue.ROOT / path).read_text(encoding="utf-8"), kept))

    def _drop_what_fails(self, output):
        """The mutants of whose text the compiler complains."""
        found = False
        for path, line, column, said in ERROR.findall(output):
            relative = re.sub(r"^(\.\./)+", "", path.removeprefix(f"{self.tree}/"))
            if relative not in catalogue.sources():
                continue
            rewritten = (self.tree / relative).read_text(encoding="utf-8").splitlines()[int(line) - 1]
            for mutant in self._suspects(relative, int(line), rewritten[:int(column)]):
                self.dropped[mutant.name] = said
                found = True
        if not found:
            sys.exit(f"the mutated tree does not build:\n{output[-8000:]}")

    def _suspects(self, path, line, before):
        """The mutant that begins right before the place; if none does in its line, all that have the line."""
        if numbers := re.findall(r"active == (\d+)", before):
            return [self.of_number[int(numbers[-1])]]
        text = (catalogue.ROOT / path).read_text(encoding="utf-8")
        return [mutant for mutant in self.mutants if mutant.path == path and mutant.name not in self.dropped and
                any(text.count("\n", 0, edit.start) < line <= text.count("\n", 0, edit.end) + 1 for edit in mutant.edits)]


def _write(path, content, mode=None):
    """Leaves a file alone that has this content already, so that it is not compiled again."""
    content = content if isinstance(content, bytes) else content.encode()
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if mode is not None:
        path.chmod(mode)
