# SPDX-License-Identifier: GPL-2.0-or-later
"""What a C++ file declares and defines at namespace and class scope. No parser of C++: it knows the forms that this tree
uses, formatted by clang-format; what is inside functions is skipped."""
import re
from dataclasses import dataclass

SCOPE = re.compile(r"^(?:extern\b.*|(?:inline )?namespace\b.*)$", re.S)
TYPE = re.compile(r"^(?:typedef )?(class|struct|union|enum(?: class| struct)?) (?:alignas\([^)]*\) )?(\w+)(?: final)?\s*(?::(?!:).*)?$", re.S)
ALIAS = re.compile(r"^using (\w+) =")
NOT_DECLARED = re.compile(r"^(?:using|friend|static_assert|public|private|protected|return|asm|#)\b|^$")
LABEL = re.compile(r"^(?:(?:public|private|protected)\s*:\s*)+")
TEMPLATE = re.compile(r"^template\s*")
ATTRIBUTE = re.compile(r"\[\[[^\]]*\]\]|\balignas\([^)]*\)")


@dataclass(frozen=True)
class Declaration:
    name: str
    at: int  # where the name is in the code
    kind: str  # type, alias, enumerator, function, variable


class Reader:
    """Reads code (source_tree.cpp_parts) from the beginning to the end."""

    def __init__(self, code):
        self.code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda match: re.sub(r"[^\n]", " ", match[0]), code,
                           flags=re.M)
        self.at = 0
        self.found = []

    def read(self):
        self._scope(owner=None)
        return self.found

    def _scope(self, owner):
        """Declarations up to the brace that closes the scope of `owner` (a class, or None)."""
        while True:
            start, end, stop = self._statement()
            if stop in ("", "}"):
                return
            self._declaration(start, end, stop, owner)

    def _statement(self):
        """Up to a ; or { or } that is in no parentheses. Returns its begin, its end and what ended it."""
        start, depth = self.at, 0
        while self.at < len(self.code):
            char = self.code[self.at]
            self.at += 1
            if char in "([":
                depth += 1
            elif char in ")]":
                depth -= 1
            elif depth == 0 and char in ";{}":
                return start, self.at - 1, char
            elif char == "{":
                self._skip_braces()
        return start, self.at, ""

    def _skip_braces(self):
        """To behind the brace that closes the one just read."""
        depth = 1
        while depth and self.at < len(self.code):
            depth += {"{": 1, "}": -1}.get(self.code[self.at], 0)
            self.at += 1

    def _declaration(self, start, end, stop, owner):
        text = self.code[start:end]
        head = self._head(text)
        if stop == "{" and SCOPE.match(head):
            self._scope(owner=None)
            return
        made = TYPE.match(head)
        if made and stop == "{":
            self._add(made[2], start, "type")
            if made[1].startswith("enum"):
                self._enumerators()
            else:
                self._scope(owner=made[2])
            self._statement()  # what is declared behind the brace, if anything
            return
        alias = ALIAS.match(head)
        if alias:
            self._add(alias[1], start, "alias")
        elif not made and not NOT_DECLARED.match(head):
            self._function_or_variable(head, start, owner)
        if stop == "{":
            self._skip_body()

    def _head(self, text):
        text = LABEL.sub("", ATTRIBUTE.sub("", " ".join(text.split())))
        while TEMPLATE.match(text):
            text = without_angles(text, TEMPLATE.match(text).end())
        if text.startswith("requires "):
            text = re.sub(r"^requires .*?[>)] (?=\w)", "", text)
        return text.strip()

    def _function_or_variable(self, head, start, owner):
        if "operator" in head:
            return
        plain = flat(head)
        function = re.match(r"^[^=(]*?(~?\w+)\s*\(", plain)
        if function:
            if function[1].lstrip("~") != owner and not function[1].startswith("~"):
                self._add(function[1], start, "function")
            return
        for piece in plain.split(","):
            variable = re.match(r"^[^={:]*(?:::[^={:]*)*?\b([A-Za-z_]\w*)\s*(?:\[.*\])?\s*(?:$|[={]|:(?!:))", piece)
            if variable:
                self._add(variable[1], start, "variable")

    def _skip_body(self):
        """A function's body, or the braces of an initial value; of a constructor also its `: member{value}, ...`."""
        self._skip_braces()
        while re.match(r"\s*[,{]", self.code[self.at:self.at + 100]):
            self.at = self.code.index("{", self.at) + 1
            self._skip_braces()

    def _enumerators(self):
        start = self.at
        self._skip_braces()
        body = self.code[start:self.at - 1]
        for match in re.finditer(r"(?:^|,)\s*(\w+)", re.sub(r"\([^)]*\)", lambda m: " " * len(m[0]), body)):
            self.found.append(Declaration(match[1], start + match.start(1), "enumerator"))

    def _add(self, name, start, kind):
        match = re.search(rf"\b{re.escape(name)}\b", self.code[start:])
        self.found.append(Declaration(name, start + match.start() if match else start, kind))


def without_angles(text, at):
    """The text without the <...> that begins at `at`, and what is before it."""
    depth = 0
    for index in range(at, len(text)):
        depth += {"<": 1, ">": -1}.get(text[index], 0)
        if depth == 0:
            return text[index + 1:].strip()
    return ""


def flat(text):
    """Without template arguments."""
    while True:
        shorter = re.sub(r"<[^<>()]*(?:\([^<>()]*\)[^<>()]*)*>", "", text)
        if shorter == text:
            return text
        text = shorter


def read(code):
    return Reader(code).read()
