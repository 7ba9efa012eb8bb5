#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
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

    def check(self, *paths):
        """The findings, and for how many files clang-tidy ran."""
        checker = clang_tidy.Checker(self.program, os.path.join(self.root, "build"), self.root,
                                     os.path.join(self.root, "cache"))
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

    def test_a_configuration_that_is_not_understood_is_a_finding(self):
        self.write(".clang-tidy", "# a comment\nthat goes on\nChecks: '-*,modernize-use-nullptr'\n")
        self.write("a.cpp", "int a;\n")
        self.assertIn(".clang-tidy:1: not understood", self.check("a.cpp")[0][0])

    def test_a_file_that_does_not_compile_is_a_finding(self):
        self.write("a.cpp", "int f( {\n")
        self.assertTrue(self.check("a.cpp")[0][0].startswith("a.cpp:1: error: "))


if __name__ == "__main__":
    unittest.main()
