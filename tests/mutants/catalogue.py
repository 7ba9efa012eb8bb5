# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mutants there are: those of the operators, those made by hand, and which of them are known to be equivalent."""
import hashlib
import pathlib
import re

import cpp_blocks
import operators
from operators import Edit, Mutant

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDERS = ("dmclone", "dmcore/persistent")
# Of the operators that make most mutants, one in so many is tried by default, picked by a hash of its name.
COMMON = {"drop-call", "drop-store", "never", "always", "drop-clause", "wrong-answer", "lost-error", "off-by-one", "twice"}
ONE_IN = {"dmclone": 4, "dmcore/persistent": 10}


class Mistake(Exception):
    """An entry of one of the lists that does not fit the sources."""


def sources(root=ROOT):
    """The paths, from the root, of what is mutated."""
    return sorted(str(path.relative_to(root)) for folder in FOLDERS for path in (root / folder).glob("*") if path.suffix in (".cpp", ".h"))


def all_mutants(root=ROOT, by_hand=HERE / "by-hand.txt"):
    parsed = {path: cpp_blocks.parse((root / path).read_text(encoding="utf-8")) for path in sources(root)}
    found = []
    for path, blocks in parsed.items():
        found += operators.mutants_of(path, blocks)
    for mutant in read_by_hand(by_hand.read_text(encoding="utf-8"), parsed):
        found.append(mutant)
    names = [mutant.name for mutant in found]
    if len(set(names)) != len(names):
        raise Mistake(f"two mutants have one name: {sorted(name for name in set(names) if names.count(name) > 1)}")
    if len({mutant.number for mutant in found} - {0}) != len(found):
        raise Mistake("two mutants have one number, or one has none")
    return found


def is_default(mutant):
    if mutant.operator not in COMMON:
        return True
    one_in = next(one_in for folder, one_in in ONE_IN.items() if mutant.path.startswith(folder + "/"))
    return int(hashlib.sha256(mutant.name.encode()).hexdigest(), 16) % one_in == 0


# --- by hand -------------------------------------------------------------------------------------------------------------------

ENTRY = re.compile(r"@ (\S+) (\S+) ([\w-]+): (.+)")


def read_by_hand(text, parsed):
    """Mutants from the format that by-hand.txt explains."""
    for part in re.split(r"^(?=@ )", text, flags=re.M)[1:]:
        lines = part.splitlines()
        head = ENTRY.fullmatch(lines[0])
        if not head or head[1] not in parsed:
            raise Mistake(f"no such file, or not '@ FILE FUNCTION OPERATOR: WHAT': {lines[0]}")
        source = "\n".join(line[1:] for line in lines[1:] if line.startswith("-"))
        instead = " ".join(line[1:].strip() for line in lines[1:] if line.startswith("+"))
        if other := [line for line in lines[1:] if line and line[0] not in "-+#"]:
            raise Mistake(f"neither '-' nor '+': {other[0]}")
        blocks = parsed[head[1]]
        start, end = _find(blocks, head[2], source, lines[0])
        instead = instead.replace("{", "{{").replace("}", "}}")
        if source.rstrip().endswith((";", "}")):
            edit = Edit(start, end, f"if ({{m}}) {{{{ {instead} }}}} else {{{{ ", " }}")
            edit = _around_declarations(blocks, start, end, edit, instead)
        else:
            edit = Edit(start, end, f"({{m}} ? {instead} : ", ")")
        yield Mutant(head[1], head[2], head[3], start, [edit], head[4], line=blocks.text.count("\n", 0, start) + 1)


def _around_declarations(blocks, start, end, edit, instead):
    """Declarations of the source must stay visible behind it: if it declares what is used there, only text can be put before it."""
    following = blocks.code[end:_end_of_block(blocks.code, end)]
    declared = re.findall(r"^\s*(?:const\s+)?[\w:<>]+[&*]*\s[&*]*(\w+) =", blocks.code[start:end], re.M)
    if any(re.search(rf"\b{name}\b", following) for name in declared):
        return Edit(start, start, f"if ({{m}}) {{{{ {instead.rsplit(blocks.text[start:end].strip(), 1)[0]} }}}} ")
    return edit


def _end_of_block(code, at):
    depth = 0
    while depth >= 0:
        depth += {"{": 1, "}": -1}.get(code[at], 0)
        at += 1
    return at


def _find(blocks, function, source, entry):
    places = [statement for statement in blocks.statements if statement.function.name == function]
    if not places:
        raise Mistake(f"no such function: {entry}")
    first, last = min(place.start for place in places), max(place.end for place in places)
    # Comments between the lines do not matter.
    pattern = r"\s*(?://[^\n]*\s*)*".join(re.escape(word) for word in source.split())
    found = [match for match in re.finditer(pattern, blocks.text)
             if _begins_in(blocks, match.start(), first) and match.start() < last]
    if len(found) != 1:
        raise Mistake(f"the source is there {len(found)} times: {entry}")
    return found[0].span()


def _begins_in(blocks, start, first):
    """A condition may come before the first statement of its function."""
    return start >= first or "\n}\n" not in blocks.text[start:first]


# --- equivalents ---------------------------------------------------------------------------------------------------------------

def read_equivalent(text, names):
    """{name: reason}. A reason is a paragraph; the mutants that it is for follow it, with blanks before them."""
    found, reason, in_names = {}, [], False
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            if not line.strip():
                reason, in_names = [], False
            continue
        if not line.startswith(" "):
            if in_names:
                reason, in_names = [], False
            reason.append(line.strip())
            continue
        in_names = True
        name = line.strip()
        if name not in names:
            raise Mistake(f"equivalent, but there is no such mutant: {name}")
        if name in found:
            raise Mistake(f"equivalent twice: {name}")
        if not reason:
            raise Mistake(f"equivalent without a reason: {name}")
        found[name] = " ".join(reason)
    return found
