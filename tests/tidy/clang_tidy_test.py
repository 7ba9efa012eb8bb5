#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import subprocess
import time
import unittest

import clang_tidy
import planted
import report

NULL = "int* p = 0;\n"
SAYS = "error: use nullptr [modernize-use-nullptr,-warnings-as-errors]"


class ClangTidy(planted.Case):
    def setUp(self):
        super().setUp()
        self.program = report.program("clang-tidy")
        self.write(".clang-tidy", "Checks: '-*,modernize-use-nullptr'\nWarningsAsErrors: '*'\nHeaderFilterRegex: '.*'\n")
        self.write("build/compile_commands.json", json.dumps([{
            "directory": os.path.join(self.root, "build"), "file": os.path.join(self.root, "a.cpp"),
            "command": f"/usr/bin/c++ -std=c++20 -I{self.root} -DX=1 -o a.o -c {self.root}/a.cpp"}]))
        self.write("a.h", "inline int* q() { return nullptr; }\n")

    def checker(self):
        return clang_tidy.Checker(self.program, os.path.join(self.root, "build"), self.root,
                                  os.path.join(self.root, "cache"))

    def check(self, *paths):
        """The findings, and for how many files clang-tidy ran."""
        checker = self.checker()
        return [str(finding) for finding in checker.check(paths, jobs=2)], checker.checked

    def test_a_finding_is_found_again_from_the_cache(self):
        self.write("a.cpp", NULL)
        self.assertEqual(self.check("a.cpp"), ([f"a.cpp:1: {SAYS}"], 1))
        self.assertEqual(self.check("a.cpp"), ([f"a.cpp:1: {SAYS}"], 0))

    def test_a_change_of_the_file_a_header_or_the_configuration_is_seen(self):
        self.write("a.cpp", '#include "a.h"\n')
        self.assertEqual(self.check("a.cpp"), ([], 1))
        self.write("a.h", "inline int* q() { return 0; }\n")
        self.assertEqual(self.check("a.cpp"), ([f"a.h:1: {SAYS}"], 1))
        self.write(".clang-tidy", "Checks: '-*,modernize-use-using'\n")
        self.assertEqual(self.check("a.cpp"), ([], 1))

    def test_a_headers_finding_is_told_once(self):
        self.write("a.h", "inline int* q() { return 0; }\n")
        self.write("a.cpp", '#include "a.h"\n')
        self.write("b.cpp", '#include "a.h"\n')
        self.assertEqual(self.check("a.cpp", "b.cpp"), ([f"a.h:1: {SAYS}"], 2))

    def test_the_builds_flags_are_used(self):
        self.write("a.cpp", f"#ifdef X\n{NULL}#endif\n")
        self.write("b.cpp", f"#ifdef X\n{NULL}#endif\n")
        self.assertEqual(self.check("a.cpp", "b.cpp")[0], [f"a.cpp:2: {SAYS}"])

    def test_the_flags_of_files_that_are_compiled_together_are_used(self):
        folder = os.path.join(self.root, "build", "x.dir", "Unity")
        self.write("build/x.dir/Unity/unity_0_cxx.cxx", "".join(f'#include "{self.root}/{name}"\n' for name in ("a.cpp", "b.cpp")))
        self.write("build/compile_commands.json", json.dumps([{
            "directory": os.path.join(self.root, "build"), "file": os.path.join(folder, "unity_0_cxx.cxx"),
            "command": f"/usr/bin/c++ -std=c++20 -DX=1 -o u.o -c {folder}/unity_0_cxx.cxx"}]))
        self.write("b.cpp", f"#ifdef X\n{NULL}#endif\n")
        self.assertEqual(self.check("b.cpp")[0], [f"b.cpp:2: {SAYS}"])

    def test_a_configuration_that_is_not_understood_is_a_finding(self):
        self.write(".clang-tidy", "# a comment\nthat goes on\nChecks: '-*,modernize-use-nullptr'\n")
        self.write("a.cpp", "int a;\n")
        self.assertIn(".clang-tidy:1: not understood", self.check("a.cpp")[0][0])

    def test_a_file_that_does_not_compile_is_a_finding(self):
        self.write("a.cpp", "int f( {\n")
        self.assertTrue(self.check("a.cpp")[0][0].startswith("a.cpp:1: error: "))

    def test_after_the_end_only_the_cache_answers(self):
        self.write("a.cpp", NULL)
        self.write("b.cpp", NULL)
        self.check("a.cpp")
        checker = self.checker()
        found = checker.check(["a.cpp", "b.cpp"], jobs=1, end=time.monotonic())
        self.assertEqual([str(finding) for finding in found], [f"a.cpp:1: {SAYS}"])
        self.assertEqual((checker.checked, checker.left), (0, ["b.cpp"]))
        self.assertEqual(self.check("a.cpp", "b.cpp")[1], 1)

    def test_what_a_change_concerns_comes_first(self):
        self.write("a.cpp", "")
        self.write("b.cpp", '#include "a.h"\n')
        order = []
        self.checker().check(["a.cpp", "b.cpp"], 1, lambda _, path: order.append(path), changed=frozenset(["a.h"]))
        self.assertEqual(order, ["b.cpp", "a.cpp"])

    def test_what_the_last_commit_changed_is_asked_of_git(self):
        self.assertEqual(clang_tidy.changed_files(self.root), frozenset())
        git = ["git", "-C", self.root, "-c", "user.name=n", "-c", "user.email=e"]
        subprocess.run(git + ["init", "-q"], check=True)
        for name in ("a.cpp", "b.cpp"):
            self.write(name, "")
            subprocess.run(git + ["add", name], check=True)
            subprocess.run(git + ["commit", "-q", "-m", name], check=True)
        self.write("a.cpp", NULL)
        self.assertEqual(clang_tidy.changed_files(self.root), frozenset(["a.cpp", "b.cpp"]))


if __name__ == "__main__":
    unittest.main()
