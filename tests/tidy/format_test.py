#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import unittest

import format as check_format
import planted
import report


class Format(planted.Case):
    def check(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        return check_format.check(report.program("clang-format"), self.root)

    def test_a_file_that_is_not_formatted_is_found_once(self):
        self.write("sim/a.cpp", "int a;\nint  b;\nint  c;\n")
        self.assert_finds(self.check(), "sim/a.cpp:2: not formatted: clang-format -i")

    def test_one_that_is_formatted_is_taken(self):
        self.write("sim/a.cpp", "int a;\nint b;\n")
        self.assert_finds(self.check())


if __name__ == "__main__":
    unittest.main()
