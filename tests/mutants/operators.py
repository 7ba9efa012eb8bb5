# SPDX-License-Identifier: GPL-2.0-or-later
"""The mutation operators that need no knowledge of what the code is for. Those that do are in by-hand.txt."""
import hashlib
import re
from dataclasses import dataclass

import cpp_blocks

# What each does is said in docs/mutation.md.
OPERATORS = ("drop-flush", "drop-wake", "drop-cancel", "drop-call", "drop-store", "lost-error", "narrow-lock", "exchange", "twice",
             "lifo", "never", "always", "drop-clause", "wrong-answer", "off-by-one")


@dataclass
class Edit:
    """Text before and behind a part of the file, or in place of it. `{m}` is whether the mutant is on."""
    start: int
    end: int
    before: str = ""
    behind: str = ""
    instead: str | None = None


@dataclass
class Mutant:
    path: str
    function: str
    operator: str
    start: int  # where it shows, for people
    edits: list[Edit]
    said: str   # the source text, or what a mutant by hand says it is
    again: int = 1  # the same, once more in this function
    line: int = 0

    @property
    def name(self):
        again = f" #{self.again}" if self.again > 1 else ""
        return f"{self.path} {self.function} {self.operator}: {self.said}{again}"

    @property
    def number(self):
        """Does not depend on which other mutants there are, so that a change of one file makes no other one compile again."""
        return int(hashlib.sha256(self.name.encode()).hexdigest()[:7], 16)


# Log lines are compared with the kernel's, but a mutation of them says nothing. Steps are where the simulation may switch tasks; what
# is Unchecked is so for the race detector. A defect is a mutant of its own kind (docs/defects.md).
NO_BEHAVIOUR = re.compile(r"\blog(\(\)|_)?\s*\.\s*(err|warn|info|debug)\(|\b(fine_step|step|schedule_point|cond_resched|static_assert|assert|"
                          r"serialise|violation)\(|\border::|\bUnchecked\b|^\s*(using|break|continue|goto|static|constexpr|struct|enum)\b")
# What is done only with a defect.
ONLY_WITH_DEFECT = re.compile(r"\bif \((\w+ && )?has\(Defect::\w+\)( && [^;{}]*)?\)\s*$")
NOT_ASKED = re.compile(r"\b(Defect|Fix)::|\bratelimit\(|\bwatched\(\)|^\s*!?(flushes|early_root|waits)\s*$")
GUARD = re.compile(r"(const\s+)?((?:\w+::)*(?:Mutex|IrqSpin|Spin|Read|Write)Guard)\s+(\w+)\((.*)\);$", re.S)
STORE = re.compile(r"[\w.:*()\[\]]+(?:->[\w.:*()\[\]]+)*\s(?:[-+|&^]?=)\s|(?:\+\+|--)[\w.>\-\[\]]+;$")
CALL = re.compile(r"[*(]?[\w:.]+(?:(?:->|\.)[\w:]+|\([^()]*\)|\[[^\]]*\])*\(")
ORDERED = re.compile(r"\b\w*(flush|commit|wake|queue|unlock|release|give_back|end_|submit|wait|cancel|destroy|close|set_mode|abort|reload|mark|"
                     r"dec|free|drop|complete|remove|insert|clear)\w*\(")
OF_WAITERS = re.compile(r"\b(wake\w*|queue|queue_delayed|hydrate_in_background|do_waker)\(")
ONCE = re.compile(r"\b(end_bio|bio_io_error|give_back|release|dec|inc|dec_range|inc_range|dec_block|one_hydration_less|submit_bio|complete|"
                  r"complete_overwrite|pop|inc_children|postpone|push_back|add)\(")
COMPARISON = re.compile(r" (<=|>=|<|>) ")
OFF_BY_ONE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
PLUS_ONE = re.compile(r"(?<= [-+] )1U?(?![\w.'])(?!\s*<<)")
ENDS_OPERAND = re.compile(r"&&|\|\||[,;?]|(?<!:):(?!:)|(?<=\s)[-+|&^]?=(?=\s)|\breturn\b|<<(?= )")


def mutants_of(path, blocks):
    """All mutants of a file, in the order of its text."""
    found = []

    def add(function, operator, start, end, *edits, said=None):
        if function.constant:
            return
        text = " ".join(re.sub(r"//[^\n]*", "", said or blocks.text[start:end]).split())
        found.append(Mutant(path, function.name, operator, start, list(edits), text, line=blocks.text.count("\n", 0, start) + 1))

    for statement in blocks.statements:
        _of_statement(blocks, statement, add)
    for condition in blocks.conditions:
        _of_condition(blocks, condition, add)
    for start, end, function in _code_with_values(blocks):
        _of_ranges(blocks, start, end, function, add)
    found.sort(key=lambda mutant: (mutant.start, mutant.operator, mutant.said))
    number_repeated(found)
    return found


def number_repeated(mutants):
    seen = {}
    for mutant in mutants:
        mutant.again = 1
        seen[mutant.name] = seen.get(mutant.name, 0) + 1
        mutant.again = seen[mutant.name]


# --- statements ----------------------------------------------------------------------------------------------------------------

def _kind(code):
    """call, try, store, guard, return, or None for what is left alone."""
    if NO_BEHAVIOUR.search(_without_lambdas(code)):
        return None
    if GUARD.fullmatch(code):
        return "guard"
    if re.match(r"return\b", code):
        return "return"
    if re.match(r"DMCORE_TRY\(", code):
        return "try"
    if code.startswith("DMCORE_"):
        return None
    if STORE.match(code):
        return "store"
    if CALL.match(code) and not re.match(r"(const\s|auto\b|[\w:<>]+[&*]?\s+[&*]?\w+\s*[({=;])", code):
        return "call"
    return None


def _without_lambdas(code):
    return re.sub(r"\[[\w&=*, ]*\]\s*(\([^()]*\)\s*)?(->\s*[\w:<>]+\s*)?\{.*\}", "[]", code, flags=re.S)


def _drop(statement):
    return Edit(statement.start, statement.end, "{{ if (!{m}) {{ ", " }} }}")


def _of_statement(blocks, statement, add):
    code = blocks.code[statement.start:statement.end]
    if ONLY_WITH_DEFECT.search(blocks.code, 0, statement.start):
        return
    kind = _kind(code)
    place = (statement.function, statement.start, statement.end)

    def mutant(operator, *edits):
        add(place[0], operator, place[1], place[2], *edits)

    if kind == "guard":
        match = GUARD.fullmatch(blocks.text[statement.start:statement.end])
        mutant("narrow-lock", Edit(statement.start, statement.end,
                                   instead=f"const dmsim_mutants::Held<{match[2]}> {match[3]}({match[4]}, {{m}});"))
    elif kind in ("call", "try"):
        mutant(_operator_of_drop(code), _drop(statement))
        if kind == "try":
            mutant("lost-error", Edit(statement.start + len("DMCORE_TRY("), statement.end - len(");"), "dmsim_mutants::lost({m}, ", ")"))
        elif ONCE.search(_without_lambdas(code)):
            again = blocks.text[statement.start:statement.end]
            mutant("twice", Edit(statement.start, statement.end, f"{{{{ if ({{m}}) {{{{ {_one_line(again)} }}}} ", " }}"))
        _lifo(blocks, statement, code, mutant)
    elif kind == "store":
        mutant("drop-store", _drop(statement))
    elif kind == "return":
        _of_return(blocks, statement, code, mutant)
    _exchange(blocks, statement, kind, add)


def _one_line(text):
    """For text that is repeated elsewhere. Braces are doubled for format()."""
    text = re.sub(r"//[^\n]*", "", text)
    return " ".join(text.split()).replace("{", "{{").replace("}", "}}")


def _operator_of_drop(code):
    code = _without_lambdas(code)
    if "flush" in code.split("(")[0] or re.match(r"DMCORE_TRY\(.*flush\(", code, re.S):
        return "drop-flush"
    if OF_WAITERS.search(code):
        return "drop-wake"
    return "drop-cancel" if "cancel" in code else "drop-call"


def _lifo(blocks, statement, code, mutant):
    for here, there in (("push_back(", "push_front("), ("push_front(", "push_back("), (".add(", ".add_head(")):
        if here in code and "." in code.split("(")[0]:
            other = _one_line(blocks.text[statement.start:statement.end]).replace(here, there)
            mutant("lifo", Edit(statement.start, statement.end, f"{{{{ if ({{m}}) {{{{ {other} }}}} else {{{{ ", " }} }}"))


def _of_return(blocks, statement, code, mutant):
    value = code[len("return"):-1].strip()
    start = statement.start + code.index(value, len("return")) if value else 0
    end = start + len(value)
    returns = statement.function.returns
    if returns.endswith("Status") and value not in ("", "{}", "Status()", "status") and "::" not in returns.replace("dmcore::Status", ""):
        mutant("lost-error", Edit(start, end, "dmsim_mutants::lost({m}, ", ")"))
    elif returns == "bool" and value and not NOT_ASKED.search(value):
        if len(list(_clauses(blocks.code, start, end))) == 1:
            mutant("wrong-answer", Edit(start, end, "({m} != bool(", "))"))
    if returns == "bool":
        for clause_start, clause_end, instead in _several_clauses(blocks.code, start, end):
            if not NOT_ASKED.search(blocks.code[clause_start:clause_end]):
                mutant("drop-clause", Edit(clause_start, clause_end, f"({{m}} ? {instead} : bool(", "))"))


def _exchange(blocks, statement, kind, add):
    """The statement and the one before it the other way round."""
    if statement.before is None or kind not in ("call", "try", "store"):
        return
    first = blocks.code[statement.before.start:statement.before.end]
    second = blocks.code[statement.start:statement.end]
    kind_before = _kind(first)
    if kind_before not in ("call", "try", "store") or (kind, kind_before) == ("store", "store"):
        return
    if not ORDERED.search(_without_lambdas(first)) and not ORDERED.search(_without_lambdas(second)):
        return
    text = _one_line(blocks.text[statement.start:statement.end])
    # Edits of both may nest in it: the second is put before the first when the mutant is on, and is left out where it stands.
    add(statement.function, "exchange", statement.before.start, statement.end,
        Edit(statement.before.start, statement.before.start, f"if ({{m}}) {{{{ {text} }}}} "),
        Edit(statement.start, statement.end, "{{ if (!{m}) {{ ", " }} }}"))


# --- conditions ----------------------------------------------------------------------------------------------------------------

def _of_condition(blocks, condition, add):
    start, end = condition.start, condition.end
    code = blocks.code
    if condition.kind not in ("if", "while"):
        return
    if ";" in code[start:end]:
        start = cpp_blocks.skip_blanks(code, code.rindex(";", start, end) + 1)
    elif re.search(r"(?<=\s)=(?=\s)", code[start:end]):
        return
    text = code[start:end]
    several = list(_several_clauses(code, start, end))
    for clause_start, clause_end, instead in several:
        if not NOT_ASKED.search(code[clause_start:clause_end]):
            add(condition.function, "drop-clause", clause_start, clause_end,
                Edit(clause_start, clause_end, f"({{m}} ? {instead} : bool(", "))"))
    if condition.kind == "while" or NOT_ASKED.search(text):
        return
    add(condition.function, "never", start, end, Edit(start, end, "!{m} && bool(", ")"))
    if not several:
        add(condition.function, "always", start, end, Edit(start, end, "{m} || bool(", ")"))


def _clauses(code, start, end):
    """(start, end, the operator before it) of what && or || join, outside of parentheses."""
    depth, begin, before = 0, start, None
    at = start
    while at < end:
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}":
            depth -= 1
        elif depth == 0 and code[at:at + 2] in ("&&", "||"):
            yield begin, len(code[:at].rstrip()), before
            before = code[at:at + 2]
            begin = cpp_blocks.skip_blanks(code, at + 2)
            at += 1
        at += 1
    yield begin, end, before


def _several_clauses(code, start, end):
    """(start, end, what makes it not count) of the clauses of a condition that has more than one."""
    clauses = list(_clauses(code, start, end))
    if len(clauses) < 2:
        return
    joined = {before for _, _, before in clauses[1:]}
    if joined == {"&&"} and any(re.match(r"has\((Defect|Fix)::", code[clause_start:clause_end]) for clause_start, clause_end, _ in clauses):
        return  # without defects it is false anyway
    if len(joined) > 1:
        # || joins what && joins: the parts of the outer one.
        yield from _outer_parts(clauses)
        return
    for clause_start, clause_end, _ in clauses:
        yield clause_start, clause_end, "true" if joined == {"&&"} else "false"


def _outer_parts(clauses):
    begin, end = clauses[0][0], clauses[0][1]
    for start, stop, before in clauses[1:]:
        if before == "||":
            yield begin, end, "false"
            begin = start
        end = stop
    yield begin, end, "false"


# --- ranges --------------------------------------------------------------------------------------------------------------------

def _code_with_values(blocks):
    """What may have comparisons and sums: the statements that hold no other ones, and conditions."""
    for statement in blocks.statements:
        code = blocks.code[statement.start:statement.end]
        if "{" in code and _without_lambdas(code) != code or NO_BEHAVIOUR.search(code):
            continue
        yield statement.start, statement.end, statement.function
    for condition in blocks.conditions:
        if not NOT_ASKED.search(blocks.code[condition.start:condition.end]):
            yield condition.start, condition.end, condition.function


def _of_ranges(blocks, start, end, function, add):
    code = blocks.code
    for match in COMPARISON.finditer(code, start, end):
        left, right = _operands(code, match.start() + 1, match.end() - 1, start, end)
        text = blocks.text[left:right]
        other = _one_line(text[:match.start() + 1 - left] + OFF_BY_ONE[match[1]] + text[match.end() - 1 - left:])
        add(function, "off-by-one", left, right, Edit(left, right, f"({{m}} ? ({other}) : (", "))"))
    for match in PLUS_ONE.finditer(code, start, end):
        left, right = _operands(code, match.start(), match.end(), start, end)
        add(function, "off-by-one", match.start(), match.end(), Edit(match.start(), match.end(), "({m} ? 0 : ", ")"),
            said=f"{blocks.text[left:match.start()]}{match[0]} of {' '.join(blocks.text[left:right].split())}")


def _operands(code, start, end, first, last):
    """From where to where a comparison reaches: to a bracket around it, or to what binds less."""
    left, depth = start, 0
    while left > first:
        before = code[left - 1]
        if before in ")]}":
            depth += 1
        elif before in "([{":
            if depth == 0:
                break
            depth -= 1
        if depth == 0 and (found := ENDS_OPERAND.match(code, left - 1)) and found.end() <= start:
            left = max(left, found.end())
            break
        if depth == 0 and (found := re.compile(r"return\b|&&|\|\|").match(code, left - 1)):
            left = found.end()
            break
        left -= 1
    right, depth = end, 0
    while right < last:
        if depth == 0 and ENDS_OPERAND.match(code, right):
            break
        if code[right] in "([{":
            depth += 1
        elif code[right] in ")]}":
            if depth == 0:
                break
            depth -= 1
        right += 1
    while code[left].isspace():
        left += 1
    while code[right - 1].isspace():
        right -= 1
    return left, right
