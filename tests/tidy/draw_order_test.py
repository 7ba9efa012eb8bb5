#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import unittest

import draw_order
import planted
import report

SAYS = "draws two random values in an order that the compiler chooses"
BEGIN = """namespace sim::generate {
struct Random { int below(int end); };
struct Pair { Pair(int, int); int a; int b; };
struct Two { int a; int b; };
int take(int, int);
int draw(Random&);
struct Theme { Random random; int next(); int size() const; };
int f(Random& random, Theme& theme) {
"""


class DrawOrder(planted.Case):
    def setUp(self):
        super().setUp()
        self.program = report.program("clang-query")
        self.write("build/compile_commands.json", json.dumps([]))

    def assert_line(self, text, *expected):
        """`text` in a function's body: what is found on its line."""
        self.write("a.cpp", BEGIN + text + "\n}\n}\n")
        line = BEGIN.count("\n") + 1
        self.assert_finds(draw_order.check(self.program, os.path.join(self.root, "build"), ["a.cpp"], self.root),
                          *[f"a.cpp:{line}: {says}" for says in expected])

    def test_two_arguments_are_found(self):
        self.assert_line("return take(random.below(1), random.below(2));", SAYS)

    def test_an_argument_of_a_constructor_is_found(self):
        self.assert_line("return Pair(random.below(1), 2 + random.below(2)).a;", SAYS)

    def test_operands_are_found(self):
        self.assert_line("return random.below(1) * random.below(2);", SAYS)

    def test_draws_inside_of_functions_and_methods_are_found(self):
        self.assert_line("return take(draw(random), theme.next());", SAYS)

    def test_draws_inside_of_lambdas_are_found(self):
        self.assert_line("const auto one = [&] { return random.below(1); }; return take(one(), one());", SAYS)

    def test_one_draw_is_no_finding(self):
        self.assert_line("return take(random.below(1), theme.size());")

    def test_lists_in_braces_have_an_order(self):
        self.assert_line("return Pair{random.below(1), random.below(2)}.a + Two{random.below(1), random.below(2)}.b;", SAYS)
        self.assert_line("const Pair pair{random.below(1), random.below(2)}; return pair.a;")

    def test_what_has_an_order_is_no_finding(self):
        self.assert_line("int a[9] = {}; a[random.below(9)] += random.below(2); return random.below(2) ? random.below(3) : 1;")
        self.assert_line("return random.below(1) && random.below(2) || random.below(3) << random.below(4);")

    def test_a_file_that_does_not_compile_is_a_finding(self):
        self.assert_line("return nothing;", "error: use of undeclared identifier 'nothing'")


if __name__ == "__main__":
    unittest.main()
