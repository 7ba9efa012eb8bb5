# SPDX-License-Identifier: GPL-2.0-or-later
"""What the engines said, and the tables of docs/mutation.md."""
import collections
import itertools
import json
import re
import sys

NAMES = ("crash", "conformance", "unit", "properties", "schedules", "races")


def read(path):
    """{mutant: {engine: how it was killed, or ""}}; a later line replaces an earlier one."""
    if not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {line["name"]: line["engines"] for line in lines}


class Report:
    def __init__(self, mutants, dropped, equivalent, known):
        self.mutants = [mutant for mutant in mutants if mutant.name not in dropped]
        self.not_compiled = len(mutants) - len(self.mutants)
        self.equivalent = [mutant for mutant in self.mutants if mutant.name in equivalent]
        self.tried = [mutant for mutant in self.mutants if mutant.name not in equivalent and mutant.name in known]
        self.untried = len(self.mutants) - len(self.equivalent) - len(self.tried)
        self.known = known
        self.killed = [mutant for mutant in self.tried if any(known[mutant.name].values())]
        self.survivors = [mutant for mutant in self.tried if not any(known[mutant.name].values())]

    def score(self):
        return 100 * len(self.killed) / max(1, len(self.tried))

    def summary(self):
        untried, tried = (f", {self.untried} not tried", "were tried and ") if self.untried else ("", "")
        return (f"{len(self.mutants)} mutants: {len(self.killed)} killed, {len(self.equivalent)} equivalent, {len(self.survivors)} "
                f"survived{untried}. Of those that {tried}are not equivalent {self.score():.1f} % are killed.\n")

    def operators(self):
        rows = collections.defaultdict(collections.Counter)
        for kind in ("mutants", "killed", "equivalent", "survivors"):
            for mutant in getattr(self, kind):
                rows[mutant.operator][kind] += 1
        lines = ["| operator | mutants | killed | equivalent | survived |", "|---|---|---|---|---|"]
        for name, row in sorted(rows.items(), key=lambda item: (-item[1]["mutants"], item[0])):
            lines.append(f"| `{name}` | {row['mutants']} | {row['killed']} | {row['equivalent']} | {row['survivors']} |")
        return "\n".join(lines) + "\n"

    def by_engine(self):
        """Which engine comes first; and of the mutants with which all ran, which kill and which does alone."""
        first = collections.Counter(next(name for name in NAMES if self.known[mutant.name].get(name)) for mutant in self.killed)
        # From the beginning of the order of trials, so that it is a sample: those that survive see all engines in any case.
        full = [self.known[mutant.name] for mutant in itertools.takewhile(self.all_ran, self.tried)]
        killed = [verdicts for verdicts in full if any(verdicts.values())]
        if not full:
            return "\n".join([f"| engine | kills first, of {len(self.killed)} |", "|---|---|",
                              *(f"| `{name}` | {first[name]} |" for name in NAMES)]) + "\n"
        lines = [f"| engine | kills first, of {len(self.killed)} | kills, of {len(killed)} | and no other does |", "|---|---|---|---|"]
        for name in NAMES:
            kills = [verdicts for verdicts in killed if verdicts[name]]
            alone = [verdicts for verdicts in kills if sum(map(bool, verdicts.values())) == 1]
            lines.append(f"| `{name}` | {first[name]} | {len(kills)} | {len(alone)} |")
        return "\n".join(lines) + "\n"

    def all_ran(self, mutant):
        return all(name in self.known[mutant.name] for name in NAMES)

    def list_of_survivors(self):
        if not self.survivors:
            return "None.\n"
        return "".join(f"* `{mutant.path}`, `{mutant.function}()`, {mutant.operator}: `{mutant.said}`\n"
                       for mutant in sorted(self.survivors, key=lambda mutant: mutant.name))

    def text(self):
        return "\n".join([self.summary(), self.operators(), self.by_engine(), self.list_of_survivors()])

    def write(self, page):
        text = page.read_text(encoding="utf-8")
        for name, content in (("summary", self.summary()), ("operators", self.operators()), ("engines", self.by_engine()),
                              ("survivors", self.list_of_survivors())):
            part = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
            if not part.search(text):
                sys.exit(f"the page has no part {name}")
            text = part.sub(lambda match, content=content: match[1] + content + match[2], text, count=1)
        page.write_text(text, encoding="utf-8")
