#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import unittest

import declarations
import planted
import unused


def declared(code):
    return {declaration.name: declaration.kind for declaration in declarations.read(code)}


class Declarations(unittest.TestCase):
    def test_types_and_what_is_in_them(self):
        self.assertEqual(
            declared("namespace a {\nclass C final : public B<int> {\n public:\n  C();\n  ~C() override;\n"
                     "  int f(int x = 3) const { return g(x); }\n  int v_ = 0, w_{1};\n};\n}\n"),
            {"C": "type", "f": "function", "v_": "variable", "w_": "variable"})

    def test_enumerators(self):
        self.assertEqual(declared("enum class E : int { one, two = 2, three };"),
                         {"E": "type", "one": "enumerator", "two": "enumerator", "three": "enumerator"})

    def test_aliases_constants_and_templates(self):
        self.assertEqual(
            declared("using A = std::function<int(int)>;\ninline constexpr int c = 1;\nusing b::d;\n"
                     "template <class T, int N>\nvoid f(T (&t)[N]);\nextern std::map<int, A> m;"),
            {"A": "alias", "c": "variable", "f": "function", "m": "variable"})

    def test_what_is_inside_functions_is_none(self):
        self.assertEqual(declared("C::C(int a) : a_{a}, b_(a) {\n  int local = 1;\n}\nvoid C::f() { g(); }\n"),
                         {"C": "function", "f": "function"})

    def test_forward_declarations_and_friends_are_none(self):
        self.assertEqual(declared("class A;\nclass B {\n  friend class A;\n  B& operator=(const B&) = delete;\n};\n"),
                         {"B": "type"})


class Unused(planted.Case):
    def setUp(self):
        super().setUp()
        self.write("tests/tidy/unused-allowed.txt", "")
        self.write("sim/a.h", "class A {\n public:\n  void f();\n  void g() const;\n};\n")

    def test_what_is_only_declared_and_defined_is_found(self):
        self.write("sim/a.cpp", "void A::f() {}\nvoid A::g() const {\n  A().f();\n}\n// g()\n")
        self.assert_finds(unused.check(self.root), "sim/a.h:4: nothing uses the function g")

    def test_a_call_is_a_use(self):
        self.write("sim/a.cpp", "void A::f() { g(); }\nvoid A::g() const {}\nint main() {\n  A a;\n  a.f();\n}\n")
        self.assert_finds(unused.check(self.root))

    def test_an_override_alone_is_no_use(self):
        self.write("sim/a.cpp", "class B : A {\n  void f() override { g(); }\n};\n")
        self.assert_finds(unused.check(self.root), "sim/a.h:3: nothing uses the function f")

    def test_an_enumerator_and_a_type_are_found(self):
        self.write("sim/a.h", "enum class E { one, two };\nstruct S {};\nconstexpr E e = E::one;\nconstexpr E d = e;\n")
        self.assert_finds(unused.check(self.root), "sim/a.h:1: nothing uses the enumerator two",
                          "sim/a.h:2: nothing uses the type S", "sim/a.h:4: nothing uses the variable d")

    def test_a_using_that_the_file_does_not_need_is_found(self):
        self.write("sim/a.h", "\n")
        self.write("sim/a.cpp", "using x::B;\n  using x::C;\nC c;\n")
        self.assert_finds(unused.check(self.root), "sim/a.cpp:1: a.cpp does not use B")

    def test_a_using_of_a_header_is_for_others(self):
        self.write("sim/a.h", "using x::B;\n")
        self.assert_finds(unused.check(self.root))

    def test_what_is_allowed_is_taken_and_needed(self):
        self.write("tests/tidy/unused-allowed.txt", "# why\ng\nh\n")
        self.write("sim/a.cpp", "int main() {\n  A a;\n  a.f();\n}\n")
        self.assert_finds(unused.check(self.root), "tests/tidy/unused-allowed.txt:3: h is used, or not declared")


if __name__ == "__main__":
    unittest.main()
