#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No expression of the generator draws two random values in an order that the compiler may choose: arguments of one call, or the operands
of an operator. A seed would make another scenario with another compiler.

  draw_order.py --build build/release [FILE...]

To mend: a named variable for each value, in the order in which they are drawn. Lists in braces are evaluated from left to right."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import clang_tidy
import report
import source_tree

FOLDER = "sim/generate/"

# A draw is a call that can change the source of random values, or an object of the generator that has one.
QUERY = """
set output diag
set bind-root false
set print-matcher false
let random cxxRecordDecl(hasAnyName("::sim::generate::Random", "::sim::generate::Bench"))
let takesRandom hasAnyArgument(hasType(qualType(anyOf(references(random), hasDeclaration(random)))))
let changesObject cxxMemberCallExpr(callee(cxxMethodDecl(unless(isConst()), ofClass(hasAncestor(namespaceDecl(hasName("::sim::generate")))))))
let callsLambda cxxOperatorCallExpr(hasOverloadedOperatorName("()"), hasArgument(0, hasType(cxxRecordDecl(isLambda()))))
let draw callExpr(anyOf(takesRandom, changesObject, callsLambda))
let draws expr(anyOf(draw, hasDescendant(draw)))
let ordered cxxOperatorCallExpr(hasAnyOverloadedOperatorName("<<", ">>", "=", "+=", "-=", "*=", "/=", "[]", "()", "&&", "||"))
let unorderedOperator hasAnyOperatorName("+", "-", "*", "/", "%", "<", ">", "<=", ">=", "==", "!=", "&", "|", "^")
match callExpr(isExpansionInMainFile(), unless(ordered), hasAnyArgument(expr(draws).bind("one")), hasAnyArgument(expr(draws, unless(equalsBoundNode("one"))))).bind("here")
match cxxConstructExpr(isExpansionInMainFile(), unless(isListInitialization()), hasAnyArgument(expr(draws).bind("one")), hasAnyArgument(expr(draws, unless(equalsBoundNode("one"))))).bind("here")
match binaryOperator(isExpansionInMainFile(), unorderedOperator, hasLHS(draws), hasRHS(draws)).bind("here")
"""
HERE = re.compile(r'^(?P<path>/\S+?):(?P<line>\d+):\d+: note: "here" binds here$', re.M)
ERROR = re.compile(r"^(?:(?P<path>/\S+?):(?P<line>\d+):\d+: )?(?P<text>(?:fatal )?error: .*)$", re.M)


def check(program, build, paths, root=source_tree.ROOT):
    flags = clang_tidy.Flags(build, root)
    found = set()
    with tempfile.NamedTemporaryFile("w", suffix=".query") as query:
        query.write(QUERY)
        query.flush()
        for path in paths:
            done = subprocess.run([program, "-f", query.name, path, "--", "-Wno-everything"] + flags.of(path), cwd=root,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if "Error parsing" in done.stdout:
                raise RuntimeError(done.stdout)
            for match in HERE.finditer(done.stdout):
                found.add((os.path.relpath(match["path"], root), int(match["line"])))
            for match in ERROR.finditer(done.stdout):
                yield source_tree.Finding(path, int(match["line"] or 1), match["text"])
    for path, line in sorted(found):
        yield source_tree.Finding(path, line, "draws two random values in an order that the compiler chooses")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="a configured build folder")
    parser.add_argument("files", nargs="*", help="from the tree's root; default: all of the generator")
    options = parser.parse_args()
    paths = options.files or [path for path in source_tree.files(endings=(".cpp",)) if path.startswith(FOLDER)]
    return report.findings(check(report.program("clang-query"), options.build, paths))


if __name__ == "__main__":
    sys.exit(main())
