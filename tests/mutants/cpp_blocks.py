# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions, statements and conditions of a C++ file, as far as this tree's style goes.

No compiler: braces and parentheses are matched in text without comments and strings. It relies on clang-format: a brace that begins
a block has a blank before it, one that begins an initialiser of a name has none."""
import os
import re
import sys
from dataclasses import dataclass, field

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tidy"))
import source_tree  # noqa: E402

CLOSING = {"(": ")", "[": "]", "{": "}"}
LABEL = re.compile(r"(case\b[^;{}?]*?[^:]|default|public|private|protected)\s*:(?!:)")
CONTROL = re.compile(r"(if|while|for|switch)\s*(constexpr\s*)?\(")
LAMBDA = re.compile(r"(\]|\)|\]\s*mutable|->\s*[\w:<>&*, ]+)\s*$")
RETURNS = re.compile(r"->\s*([\w:<>&*, ]+?)\s*$")


@dataclass
class Function:
    name: str     # with its class
    returns: str  # the type; "" if it is not said
    constant: bool = False  # constexpr: evaluated by the compiler, perhaps


@dataclass
class Statement:
    """One that is whole, up to its semicolon: not a block, nor an if or loop."""
    start: int
    end: int
    function: Function
    before: "Statement | None" = None  # the one right before it in the same block


@dataclass
class Condition:
    """What is in the parentheses of an if or a loop."""
    start: int
    end: int
    kind: str
    function: Function


@dataclass
class Blocks:
    text: str
    code: str  # the text with blanks in place of comments and of what is in strings
    statements: list[Statement] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)


def parse(text):
    code = source_tree.cpp_parts(text)[0]
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda match: source_tree.blank(match[0]), code, flags=re.M)
    blocks = Blocks(text, code)
    _Parser(blocks).scope(0, "")
    return blocks


def skip_blanks(code, at):
    while at < len(code) and code[at].isspace():
        at += 1
    return at


class _Parser:
    def __init__(self, blocks):
        self.code = blocks.code
        self.blocks = blocks

    def scope(self, at, name):
        """Declarations of a namespace, a class or a file, from `at` to behind the closing brace."""
        while (at := skip_blanks(self.code, at)) < len(self.code):
            if self.code[at] == "}":
                return at + 1
            if label := LABEL.match(self.code, at):
                at = label.end()
                continue
            at = self.declaration(at, name)
        return at

    def declaration(self, start, scope_name):
        at = start
        while at < len(self.code):
            if self.code[at] == ";":
                return at + 1
            if self.code[at] == "}":
                return at
            if self.code[at] == "{" and self.begins_block(at):
                head = self.code[start:at]
                if re.match(r"\s*(inline\s+)?namespace\b", head) or re.match(r"extern\s+\"", head):
                    return self.scope(at + 1, scope_name)
                if found := re.match(r"(?:template\s*<[^{]*>\s*)?(?:class|struct|union)\s+(?:\[\[\w+\]\]\s*)?([\w:]+)[^()]*$", head):
                    return self.scope(at + 1, found[1])
                if re.match(r"enum\b", head):
                    at = self.balanced(at, None)
                    continue
                return self.block(at + 1, function_of(head, scope_name))
            if self.code[at] in CLOSING:
                # Default arguments, initialisers of members, and lambdas in them.
                at = self.balanced(at, Function(scope_name, ""))
            else:
                at += 1
        return at

    def begins_block(self, at):
        before = self.code[:at].rstrip()
        return before[-1:] not in ("=", ",", "(", "{") and (at == 0 or self.code[at - 1].isspace()) \
            and not re.search(r"\b(return|in)$", before[-8:])

    def balanced(self, at, function):
        """Behind the bracket that closes the one at `at`; lambdas on the way are looked into."""
        closing = CLOSING[self.code[at]]
        at += 1
        while self.code[at] != closing:
            if self.code[at] == "{" and self.code[at - 1].isspace() and (found := LAMBDA.search(self.code, max(0, at - 60), at)):
                returns = RETURNS.search(self.code[max(0, at - 60):at])
                del found
                at = self.block(at + 1, Function(function.name if function else "", returns[1] if returns else "?"))
            elif self.code[at] in CLOSING:
                at = self.balanced(at, function)
            else:
                at += 1
        return at + 1

    def block(self, at, function):
        before = None
        while True:
            at = skip_blanks(self.code, at)
            if self.code[at] == "}":
                return at + 1
            if self.code[at] == ";":
                at += 1
                continue
            at, before = self.statement(at, function, before)

    def statement(self, at, function, before=None):
        """(what is behind it, the statement if it is a simple one)."""
        at = skip_blanks(self.code, at)
        if attribute := re.compile(r"\[\[\w+\]\]\s*").match(self.code, at):
            at = attribute.end()
        if self.code[at] == "{":
            return self.block(at + 1, function), None
        if label := LABEL.match(self.code, at):
            return label.end(), None
        if control := CONTROL.match(self.code, at):
            opening = control.end() - 1
            closing = self.balanced(opening, function)
            self.blocks.conditions.append(Condition(opening + 1, closing - 1, control[1], function))
            at = self.statement(closing, function)[0]
            if other := re.compile(r"\s*else\b").match(self.code, at):
                at = self.statement(other.end(), function)[0]
            return at, None
        if loop := re.compile(r"do\b").match(self.code, at):
            at = skip_blanks(self.code, self.statement(loop.end(), function)[0])
            opening = self.code.index("(", at)
            closing = self.balanced(opening, function)
            self.blocks.conditions.append(Condition(opening + 1, closing - 1, "do", function))
            return self.code.index(";", closing) + 1, None
        start = at
        while self.code[at] != ";":
            if self.code[at] == "{" and self.code[at - 1].isspace() and LAMBDA.search(self.code, max(start, at - 60), at):
                returns = RETURNS.search(self.code[max(start, at - 60):at])
                at = self.block(at + 1, Function(function.name, returns[1] if returns else "?"))
            elif self.code[at] in CLOSING:
                at = self.balanced(at, function)
            else:
                at += 1
        statement = Statement(start, at + 1, function, before)
        self.blocks.statements.append(statement)
        return at + 1, statement


def function_of(head, scope_name):
    head = re.sub(r"^\s*template\s*<[^()]*?>\s*(?=[\w\[])", "", head)
    head = re.sub(r"\[\[\w+\]\]\s*", "", head).strip()
    found = re.search(r"((?:[\w:]|<\w+>)*(?:operator\s*\S+?|~?\w+))\s*\(", head)
    name = found[1] if found else "?"
    returns = re.sub(r"\b(static|virtual|inline|explicit|friend|constexpr)\b\s*", "", head[:found.start()]).strip() if found else ""
    # A nested class is named with its outer one outside, and without inside.
    name = re.sub(r"<\w+>", "", name)
    if "::" not in name and scope_name:
        name = f"{scope_name}::{name}"
    return Function(name, returns, bool(re.search(r"\b(constexpr|consteval)\b", head)))
