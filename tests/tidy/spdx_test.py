#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import unittest

import planted
import spdx


class Spdx(planted.Case):
    def test_a_file_without_the_line_is_found(self):
        self.write("dmcore/a.h", "#pragma once\n")
        self.assert_finds(spdx.check(self.root), f"dmcore/a.h:1: no line '{spdx.LINE}'")

    def test_another_licence_is_found(self):
        self.write(".ci/run", "#!/bin/sh\n# SPDX-License-Identifier: MIT\n")
        self.assert_finds(spdx.check(self.root), f".ci/run:1: no line '{spdx.LINE}'")

    def test_it_may_stand_below_the_line_of_the_interpreter(self):
        self.write("tests/x.py", f"#!/usr/bin/env python3\n# {spdx.LINE}\n")
        self.assert_finds(spdx.check(self.root))

    def test_scenarios_and_pages_need_none(self):
        self.write("tests/x.dms", "disk a 1M\n")
        self.write("docs/x.md", "# X\n")
        self.assert_finds(spdx.check(self.root))

    def test_build_folders_are_left_out(self):
        self.write("build/release/a.h", "\n")
        self.assert_finds(spdx.check(self.root))


if __name__ == "__main__":
    unittest.main()
