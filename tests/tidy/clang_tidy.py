#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clang-tidy has nothing to say about any file.

  clang_tidy.py --build build/release [--jobs 2] [--seconds 1200] [FILE...]

What it said about a file is kept in a cache, ${XDG_CACHE_HOME:-~/.cache}/dmsim-tidy, under a hash of all that can change the answer: the
file and the headers of the tree that it includes, the headers of the system that these name, the flags, the configuration, clang-tidy's
version. A run with a warm cache takes seconds.

Files that the cache does not know take about five seconds each; those that the last commit or an uncommitted change concerns come first.
With --seconds none is begun after that time: the rest is reported as not checked, and is no failure; the next run continues there."""
import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

import report
import source_tree

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)
FINDING = re.compile(r"^(?P<path>/\S+?):(?P<line>\d+):\d+: (?P<text>(?:warning|error): .*)$", re.M)
UNITY = re.compile(r"/Unity/unity_\d+_cxx\.cxx$")
SYSTEM_FOLDERS = ("/usr/include", "/usr/local/include")
KEPT_DAYS = 90


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "dmsim-tidy")


class Flags:
    """The compiler's flags for each file: from compile_commands.json, or for what that build leaves out the plain ones."""

    def __init__(self, build, root):
        self.root, self.known = root, {}
        with open(os.path.join(build, "compile_commands.json"), encoding="utf8") as file:
            for entry in json.load(file):
                flags = self._flags(shlex.split(entry["command"]))
                for source in self._sources(os.path.join(entry["directory"], entry["file"])):
                    self.known[os.path.relpath(source, root)] = flags

    @staticmethod
    def _sources(path):
        """What is compiled there: the file, or the files that CMake includes in one of its own (CMAKE_UNITY_BUILD)."""
        if not UNITY.search(path):
            return [path]
        with open(path, encoding="utf8") as file:
            return [quoted for quoted, _ in INCLUDE.findall(file.read())]

    @staticmethod
    def _flags(words):
        """Without the compiler, the files, and what only says what to write where."""
        flags = iter(words)
        kept = []
        for word in flags:
            if word in ("-o", "-MF", "-MT", "-MQ"):
                next(flags)
            elif word in ("-isystem", "-include"):
                kept += [word, next(flags)]
            elif word.startswith("-") and word not in ("-c", "-MD", "-Werror"):
                kept.append(word)
        return kept

    def of(self, path):
        if path in self.known:
            return self.known[path]
        if path.endswith(".c"):
            return []
        # Left out are the parts of the preset `race`, which are nothing without its definitions.
        race = ["-DDMSIM_RACE"] + [f'-DDMSIM_{name}="."' for name in ("SOURCE_DIR", "PLANTED_FOLDER", "UNPLANTED")]
        return ["-std=c++20", f"-I{self.root}", "-Wall", "-Wextra", *(race if "race" in path.split("/") else [])]


class Checker:
    def __init__(self, program, build, root=source_tree.ROOT, cache=None):
        self.program, self.root = program, root
        self.flags = Flags(build, root)
        self.cache = cache or cache_folder()
        os.makedirs(self.cache, exist_ok=True)
        self.version = subprocess.run([program, "--version"], stdout=subprocess.PIPE, check=True).stdout
        self.checked = 0  # files for which clang-tidy ran
        self.left = []  # files for which there was no time

    @functools.lru_cache(maxsize=None)
    def _content(self, path):
        with open(os.path.join(self.root, path), "rb") as file:
            return file.read()

    @functools.lru_cache(maxsize=None)
    def _includes(self, path):
        """(headers of the tree, headers of the system) that the file itself names."""
        ours, system = [], []
        for quoted, angled in INCLUDE.findall(self._content(path).decode("utf8", "replace")):
            found = next((name for name in (quoted, os.path.join(os.path.dirname(path), quoted))
                          if quoted and os.path.isfile(os.path.join(self.root, name))), None)
            if found:
                ours.append(os.path.normpath(found))
            else:
                system.append(quoted or angled)
        return ours, system

    @functools.lru_cache(maxsize=None)
    def _system_stamp(self, name):
        """Changes when the library is another one."""
        for folder in SYSTEM_FOLDERS:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    return hashlib.sha256(file.read()).hexdigest()
            except OSError:
                pass
        return ""  # the compiler's own, which come with its version

    @functools.lru_cache(maxsize=None)
    def _configuration(self, folder):
        here = os.path.join(folder, ".clang-tidy")
        own = self._content(here) if os.path.isfile(os.path.join(self.root, here)) else b""
        return own if folder == "" else self._configuration(os.path.dirname(folder)) + own

    def _closure(self, path):
        """The file and the headers of the tree that it includes, in an order that is the same each time."""
        found = {path: None}
        open_ = [path]
        while open_:
            new = [header for header in self._includes(open_.pop())[0] if header not in found]
            found.update(dict.fromkeys(new))
            open_ += new
        return found

    @functools.lru_cache(maxsize=None)
    def key(self, path):
        digest = hashlib.sha256()

        def add(*words):
            for word in words:
                data = word if isinstance(word, bytes) else word.encode()
                digest.update(b"%d:" % len(data) + data)

        add(self.version, self._configuration(os.path.dirname(path)))
        add(*(flag.replace(self.root, "ROOT") for flag in self.flags.of(path)))
        for name in self._closure(path):
            add(name, self._content(name), *(self._system_stamp(header) for header in self._includes(name)[1]))
        return digest.hexdigest()

    def _run(self, path):
        done = subprocess.run([self.program, "--quiet", path, "--"] + self.flags.of(path), cwd=self.root,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if "Error parsing" in done.stderr:  # clang-tidy would go on with checks of its own choice
            return [(".clang-tidy", 1, "not understood: " + done.stderr.strip()[-300:])]
        found = [(os.path.relpath(match["path"], self.root), int(match["line"]), match["text"])
                 for match in FINDING.finditer(done.stdout)]
        if done.returncode and not found:
            found = [(path, 1, "clang-tidy failed: " + (done.stderr or done.stdout)[-500:])]
        return found

    def _entry(self, path):
        return os.path.join(self.cache, self.key(path))

    def _known(self, path):
        """What the cache has about a file; None if nothing."""
        try:
            with open(self._entry(path), encoding="utf8") as file:
                found = json.load(file)
            os.utime(self._entry(path))
            return found
        except (OSError, ValueError):
            return None

    def _check_file(self, path, end):
        """None if it is too late to begin."""
        if end is not None and time.monotonic() >= end:
            return None
        found = self._run(path)
        unfinished = f"{self._entry(path)}.{os.getpid()}-{abs(hash(path))}"
        with open(unfinished, "w", encoding="utf8") as file:
            json.dump(found, file)
        os.rename(unfinished, self._entry(path))
        return found

    def check(self, paths, jobs, progress=lambda done, path: None, end=None, changed=frozenset()):
        """A header's finding is reported once, not for each file that includes it. Of the files that the cache does not know
        those that `changed` concerns come first, and none is begun after `end` (of the monotonic clock)."""
        known = {path: self._known(path) for path in paths}
        found = set()
        for findings in known.values():
            found.update(map(tuple, findings or ()))
        unknown = [path for path in paths if known[path] is None]
        unknown.sort(key=lambda path: changed.isdisjoint(self._closure(path)))
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            running = {pool.submit(self._check_file, path, end): path for path in unknown}
            for done in concurrent.futures.as_completed(running):
                if done.result() is None:
                    self.left.append(running[done])
                    continue
                self.checked += 1
                progress(len(paths) - len(unknown) + self.checked, running[done])
                found.update(map(tuple, done.result()))
        return [source_tree.Finding(*finding) for finding in sorted(found)]

    def forget_old(self):
        for name in os.listdir(self.cache):
            path = os.path.join(self.cache, name)
            if time.time() - os.path.getmtime(path) > KEPT_DAYS * 86400:
                os.unlink(path)


def changed_files(root=source_tree.ROOT):
    """What the last commit changed, and what has been changed since; nothing where git does not know."""
    done = subprocess.run(["git", "-C", root, "diff", "--name-only", "HEAD^"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, check=False)
    return frozenset(done.stdout.splitlines())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="a configured build folder")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, help="begin no file after so many")
    parser.add_argument("files", nargs="*", help="from the tree's root; default: all")
    options = parser.parse_args()
    checker = Checker(report.program("clang-tidy"), options.build)
    paths = options.files or source_tree.files(source_tree.ROOT, (".cpp", ".c"))
    begin = time.monotonic()

    def progress(count, path):
        if sys.stderr.isatty():
            print(f"\r\033[K{count}/{len(paths)} {path}", end="\n" if count == len(paths) else "", file=sys.stderr)

    end = None if options.seconds is None else begin + options.seconds
    status = report.findings(checker.check(paths, options.jobs, progress, end, changed_files()))
    checker.forget_old()
    print(f"{len(paths)} files, {checker.checked} of them not in the cache: {time.monotonic() - begin:.0f} s")
    if checker.left:
        print(f"{len(checker.left)} files were not checked, for there was no time; the next run continues there")
    return status


if __name__ == "__main__":
    sys.exit(main())
