#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import unittest

import planted
import statics

FOUND = "a static variable that may allocate when a run uses it first"


class Statics(planted.Case):
    def check(self, text, path="dmcore/dm/a.cpp"):
        self.write(path, text)
        return statics.check(self.root)

    def test_one_that_is_made_at_its_first_use_is_found(self):
        self.assert_finds(self.check("void f() {\n  static const std::map<int, int> all = make();\n}\n"),
                          f"dmcore/dm/a.cpp:2: {FOUND}")

    def test_one_of_a_thread_is_found(self):
        self.assert_finds(self.check("namespace {\nthread_local std::vector<int> kept;\n}\n"),
                          f"dmcore/dm/a.cpp:2: {FOUND}")

    def test_an_expression_with_a_pattern_is_found(self):
        self.assert_finds(self.check('  static const boost::regex pattern(R"(a)");\n'), f"dmcore/dm/a.cpp:1: {FOUND}")

    def test_constants_are_none(self):
        self.assert_finds(self.check("  static constexpr int a = 1;\nconstinit thread_local int b = 2;\n"
                                     "  static constinit int c = 3;\n"))

    def test_functions_are_none(self):
        self.assert_finds(self.check("struct A {\n  static std::optional<A> parse(std::string_view text);\n"
                                     "  static int one() { return 1; }\n  static A b(int c = 1);\n};\n"
                                     "static_assert(sizeof(A) == 1);\n"))

    def test_one_that_allocates_outside_is_none(self):
        self.assert_finds(self.check("  static const auto all = [] {\n    const rewind::Outside outside;\n"
                                     "    return make();\n  }();\n"))

    def test_other_folders_are_left_out(self):
        self.assert_finds(self.check("  static std::string a = b();\n", "sim/cli/a.cpp"))


if __name__ == "__main__":
    unittest.main()
