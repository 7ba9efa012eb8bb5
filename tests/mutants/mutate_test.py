#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import unittest

import catalogue
import cpp_blocks
import operators
import results
import rewriting

SAMPLE = """// SPDX-License-Identifier: GPL-2.0-or-later
#include "a.h"

namespace a {

// wake_worker(); in a comment is nothing.
Status Target::commit(Bio& bio) {
  const MutexGuard guard(lock_);
  if (bio.empty() && ready_) return Errno::perm;
  DMCORE_TRY(device_.flush());
  for (int i = 0; i < count_; ++i) list_.add(bio);
  work_([this] { wake_worker(); });
  log().err("dropping this; says nothing");
  end_bio(bio);
  done_ = first + 1;
  if (has(Defect::marked_early)) mark_region(1).ignore();
  return device_.write();
}

constexpr int twice(int value) { return value < 1 ? 0 : value + 1; }

}  // namespace a
"""


def found():
    return operators.mutants_of("a.cpp", cpp_blocks.parse(SAMPLE))


def names(operator):
    return [mutant.said for mutant in found() if mutant.operator == operator]


def rewritten(operator, said=None):
    """The one line that a mutant changes."""
    mutants = [mutant for mutant in found() if mutant.operator == operator and said in (None, mutant.said)]
    text = rewriting.rewrite(SAMPLE, [mutants[0]])
    changed = [line for line, before in zip(text.splitlines()[1:], SAMPLE.splitlines()[1:]) if line != before]
    assert len(changed) == 1, changed
    return changed[0].strip().replace(f"(dmsim_mutants::active == {mutants[0].number})", "ON")


class Operators(unittest.TestCase):
    def test_all_that_are_listed_are_used_and_no_other(self):
        every = {mutant.operator for mutant in catalogue.all_mutants()}
        by_hand = {"complete-early", "wait-late", "half", "reuse", "use-late", "lose-flush"}
        self.assertEqual(every, set(operators.OPERATORS) | by_hand)

    def test_calls_are_dropped(self):
        self.assertEqual(names("drop-wake"), ["wake_worker();"])
        self.assertEqual(rewritten("drop-wake"), "work_([this] { { if (!ON) { wake_worker(); } } });")
        self.assertEqual(rewritten("drop-flush"), "{ if (!ON) { DMCORE_TRY(device_.flush()); } }")
        self.assertIn("end_bio(bio);", names("drop-call"))

    def test_log_lines_and_comments_are_left_alone(self):
        self.assertFalse([mutant for mutant in found() if "log" in mutant.said])

    def test_what_a_defect_does_is_left_alone(self):
        self.assertFalse([mutant for mutant in found() if "mark_region" in mutant.said])

    def test_what_the_compiler_evaluates_is_left_alone(self):
        self.assertFalse([mutant for mutant in found() if "twice" in mutant.function])

    def test_errors_are_lost(self):
        self.assertEqual(rewritten("lost-error", "DMCORE_TRY(device_.flush());"),
                         "DMCORE_TRY(dmsim_mutants::lost(ON, device_.flush()));")
        self.assertEqual(rewritten("lost-error", "return device_.write();"),
                         "return dmsim_mutants::lost(ON, device_.write());")

    def test_locks_are_narrowed(self):
        self.assertEqual(rewritten("narrow-lock"), "const dmsim_mutants::Held<MutexGuard> guard(lock_, ON);")

    def test_a_part_of_a_condition_does_not_count(self):
        self.assertEqual(names("drop-clause"), ["bio.empty()", "ready_"])
        self.assertEqual(rewritten("drop-clause", "ready_"), "if (bio.empty() && (ON ? true : bool(ready_))) return Errno::perm;")

    def test_ranges_are_off_by_one(self):
        self.assertEqual(rewritten("off-by-one", "i < count_"), "for (int i = 0; (ON ? (i <= count_) : (i < count_)); ++i) list_.add(bio);")
        self.assertEqual(rewritten("off-by-one", "first + 1 of first + 1"), "done_ = first + (ON ? 0 : 1);")

    def test_lists_are_last_in_first_out(self):
        self.assertEqual(rewritten("lifo"), "for (int i = 0; i < count_; ++i) { if (ON) { list_.add_head(bio); } else { list_.add(bio); } }")

    def test_statements_are_exchanged(self):
        self.assertEqual(names("exchange"), ["end_bio(bio); done_ = first + 1;"])

    def test_the_lines_stay_and_all_mutants_together_nest(self):
        text = rewriting.rewrite(SAMPLE, found())
        self.assertEqual(text.count("\n"), SAMPLE.count("\n"))
        for opening, closing in ("()", "{}"):
            self.assertEqual(text.count(opening), text.count(closing))


class ByHand(unittest.TestCase):
    PARSED = {"a.cpp": cpp_blocks.parse(SAMPLE)}

    def read(self, text):
        return list(catalogue.read_by_hand(text, self.PARSED))

    def test_statements(self):
        mutant, = self.read("@ a.cpp Target::commit exchange: first the end\n- end_bio(bio);\n- done_ = first + 1;\n+ done_ = 1;\n+ end_bio(bio);\n")
        text = rewriting.rewrite(SAMPLE, [mutant])
        switch = f"(dmsim_mutants::active == {mutant.number})"
        self.assertIn(f"if ({switch}) " + "{ done_ = 1; end_bio(bio); } else { end_bio(bio);\n  done_ = first + 1; }", text)

    def test_what_is_not_there_is_a_mistake(self):
        with self.assertRaises(catalogue.Mistake):
            self.read("@ a.cpp Target::commit half: nothing\n- end_io(bio);\n+ ;\n")
        with self.assertRaises(catalogue.Mistake):
            self.read("@ a.cpp Target::begin half: nothing\n- end_bio(bio);\n+ ;\n")


class Equivalent(unittest.TestCase):
    def test_names_follow_their_reason(self):
        self.assertEqual(catalogue.read_equivalent("# x\nA reason\nin two lines.\n    one\n    two\n\nAnother.\n    three\n", {"one", "two", "three"}),
                         {"one": "A reason in two lines.", "two": "A reason in two lines.", "three": "Another."})

    def test_mistakes(self):
        for text in ("Reason.\n    four\n", "    one\n", "Reason.\n    one\n    one\n"):
            with self.assertRaises(catalogue.Mistake):
                catalogue.read_equivalent(text, {"one"})


class Report(unittest.TestCase):
    def test_the_score_is_of_what_is_not_equivalent(self):
        mutants = found()[:3]
        report = results.Report(mutants, {}, {mutants[0].name: "x"}, {mutants[1].name: {"crash": "status 1"}, mutants[2].name: {"crash": ""}})
        self.assertIn("3 mutants: 1 killed, 1 equivalent, 1 survived. Of those that are not equivalent 50.0 % are killed.", report.summary())

    def test_the_score_says_if_some_were_not_tried(self):
        mutants = found()[:2]
        report = results.Report(mutants, {}, {}, {mutants[0].name: {"crash": "status 1"}})
        self.assertIn("1 not tried. Of those that were tried and are not equivalent 100.0 % are killed.", report.summary())


if __name__ == "__main__":
    unittest.main()
