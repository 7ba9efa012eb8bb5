#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clang-tidy has nothing to say about any file.

  clang_tidy.py --build build/release [--jobs 2] [FILE...]

What it said about a file is kept in a cache, ${XDG_CACHE_HOME:-~/.cache}/dmsim-tidy, under a hash of all that can change the answer: the
file and the headers of the tree that it includes, the headers of the system that these name, the flags, the configuration, clang-tidy's
version. A run with a warm cache takes seconds."""
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
                path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
                self.known[path] = self._flags(shlex.split(entry["command"]))

    def _flags(self, words):
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
        return [] if path.endswith(".c") else ["-std=c++20", f"-I{self.root}", "-Wall", "-Wextra"]


class Checker:
    def __init__(self, program, build, root=source_tree.ROOT, cache=None):
        self.program, self.root = program, root
        self.flags = Flags(build, root)
        self.cache = cache or cache_folder()
        os.makedirs(self.cache, exist_ok=True)
        self.version = subprocess.run([program, "--version"], stdout=subprocess.PIPE, check=True).stdout
        self.checked = 0

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

    def key(self, path):
        digest = hashlib.sha256()

        def add(*words):
            for word in words:
                data = word if isinstance(word, bytes) else word.encode()
                digest.update(b"%d:" % len(data) + data)

        add(self.version, self._configuration(os.path.dirname(path)))
        add(*(flag.replace(self.root, "ROOT") for flag in self.flags.of(path)))
        open_, seen = [path], {path}
        while open_:
            name = open_.pop()
            ours, system = self._includes(name)
            add(name, self._content(name), *(self._system_stamp(header) for header in system))
            new = [header for header in ours if header not in seen]
            seen.update(new)
            open_ += new
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

    def findings_of(self, path):
        entry = os.path.join(self.cache, self.key(path))
        try:
            with open(entry, encoding="utf8") as file:
                found = json.load(file)
            os.utime(entry)
            return found
        except (OSError, ValueError):
            pass
        found = self._run(path)
        self.checked += 1
        unfinished = f"{entry}.{os.getpid()}-{abs(hash(path))}"
        with open(unfinished, "w", encoding="utf8") as file:
            json.dump(found, file)
        os.rename(unfinished, entry)
        return found

    def check(self, paths, jobs, progress=lambda done, path: None):
        """A header's finding is reported once, not for each file that includes it."""
        seen = set()
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            running = {pool.submit(self.findings_of, path): path for path in paths}
            for count, done in enumerate(concurrent.futures.as_completed(running), 1):
                progress(count, running[done])
                seen.update(map(tuple, done.result()))
        return [source_tree.Finding(*finding) for finding in sorted(seen)]

    def forget_old(self):
        for name in os.listdir(self.cache):
            path = os.path.join(self.cache, name)
            if time.time() - os.path.getmtime(path) > KEPT_DAYS * 86400:
                os.unlink(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="a configured build folder")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*", help="from the tree's root; default: all")
    options = parser.parse_args()
    checker = Checker(report.program("clang-tidy"), options.build)
    paths = options.files or source_tree.files(source_tree.ROOT, (".cpp", ".c"))
    begin = time.monotonic()

    def progress(count, path):
        if sys.stderr.isatty():
            print(f"\r\033[K{count}/{len(paths)} {path}", end="\n" if count == len(paths) else "", file=sys.stderr)

    status = report.findings(checker.check(paths, options.jobs, progress))
    checker.forget_old()
    print(f"{len(paths)} files, {checker.checked} of them not in the cache: {time.monotonic() - begin:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
