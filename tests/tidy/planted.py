# SPDX-License-Identifier: GPL-2.0-or-later
"""A small source tree for a test of a check."""
import os
import tempfile
import unittest


class Case(unittest.TestCase):
    """`self.root` is an empty tree."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dmsim-tidy-")
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def write(self, path, text):
        whole = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf8") as file:
            file.write(text)

    def assert_finds(self, found, *expected):
        self.assertEqual([str(finding) for finding in found], list(expected))
