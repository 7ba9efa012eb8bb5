#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The checker of examples finds what is wrong, and lets pass what is right."""
import pathlib
import tempfile
import unittest

import examples

# Stands for dmsim: `dmsim replay FILE` prints the file; a scenario that says "bad" ends with status 2.
FAKE_DMSIM = """#!/bin/sh
shift
text=$(cat "$@")
echo "$text"
case $text in *bad*) exit 2;; esac
"""


def session(*lines, tag=""):
    return "\n".join([f"```{tag}", *lines, "```", ""])


class Examples(unittest.TestCase):
    def wrong(self, text):
        with tempfile.TemporaryDirectory() as folder:
            dmsim = pathlib.Path(folder) / "dmsim"
            dmsim.write_text(FAKE_DMSIM, encoding="utf-8")
            dmsim.chmod(0o755)
            page = pathlib.Path(folder) / "page.md"
            page.write_text(text, encoding="utf-8")
            return examples.Page(page, dmsim, pathlib.Path(__file__).resolve().parents[2]).check()

    def assert_passes(self, text):
        self.assertEqual(self.wrong(text), [])

    def assert_fails(self, text, *parts):
        wrong = self.wrong(text)
        self.assertEqual(len(wrong), 1, wrong)
        for part in parts:
            self.assertIn(part, wrong[0])

    def test_output_as_claimed(self):
        self.assert_passes(session("$ cat x", "one", "two", "", "$ dmsim replay x", "one", "two"))

    def test_output_that_differs_is_shown_with_its_line(self):
        self.assert_fails("A page\n" + session("$ cat x", "one", "$ dmsim replay x", "won"), "5: $ dmsim replay x", "-won",
                          "+one")

    def test_output_that_is_missing_or_too_much(self):
        self.assert_fails(session("$ cat x", "one", "two", "$ dmsim replay x", "one"), "+two")
        self.assert_fails(session("$ cat x", "one", "$ dmsim replay x", "one", "two"), "-two")

    def test_an_elision_is_any_number_of_lines(self):
        for shown in (["..."], ["one", "..."], ["...", "four"], ["one", "...", "four"], ["...", "three", "..."],
                      ["one", "two", "...", "three", "four"], ["o...", "two", "three", "...ou..."]):
            self.assert_passes(session("$ cat x", "one", "two", "three", "four", "$ dmsim replay x", *shown))
        for shown in (["...", "three"], ["...", "five", "..."], ["one", "...", "one", "..."], ["o...x", "..."]):
            self.assert_fails(session("$ cat x", "one", "two", "three", "four", "$ dmsim replay x", *shown), "dmsim")

    def test_a_file_lasts_to_the_end_of_the_page_and_is_shown_once_it_is_there(self):
        self.assert_passes(session("$ cat x", "one") + session("$ dmsim replay x", "one", "$ cat x", "one"))
        self.assert_fails(session("$ cat x", "one") + session("$ cat x", "two"), "+one")

    def test_files_of_the_repository_can_be_named(self):
        self.assert_passes(session("$ dmsim replay tests/docs/examples.py | head -n 1", "#!/usr/bin/env python3"))
        self.assert_fails(session("$ cat tests/docs/examples.py", "something else"), "+#!/usr/bin/env python3")

    def test_exit_status_and_pipes(self):
        self.assert_passes(session("$ cat x", "bad", "$ dmsim replay x | wc -l", "1", "$ echo $?", "0"))
        self.assert_passes(session("$ cat x", "bad", "$ dmsim replay x", "bad", "$ echo $?", "2"))
        self.assert_fails(session("$ cat x", "good", "$ dmsim replay x", "good", "$ echo $?", "2"), "+0")

    def test_a_tagged_scenario_has_to_run(self):
        self.assert_passes(session("disk a 1M", tag="dms"))
        self.assert_fails(session("disk a bad", tag="dms"), "1: the scenario ends with exit status 2")

    def test_a_scenario_that_nobody_would_run(self):
        self.assert_fails(session("disk a 1M"), "tag the fence")
        self.assert_passes(session("disk a 1M", tag="text"))

    def test_commands_that_are_not_run_must_name_what_exists(self):
        self.assert_passes(session("$ .ci/install && cmake --preset release"))
        self.assert_fails(session("$ .ci/no-such"), "there is no .ci/no-such")
        self.assert_fails(session("$ cmake --preset no-such"), "no preset no-such")
        self.assert_fails(session("$ cmake --build --preset release --target no-such"), "no target no-such")

    def test_a_page_that_is_broken(self):
        self.assert_fails("text\n```\n$ dmsim replay x\n", "2: this fence is never closed")
        self.assert_fails(session("output", "$ dmsim replay x"), "before the first")


if __name__ == "__main__":
    unittest.main()
