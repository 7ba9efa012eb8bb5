#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import unittest

import kernel_names
import planted


class KernelNames(planted.Case):
    def check(self, names):
        self.write("tests/tidy/kernel-names.txt", names)
        self.write("kernel/drivers/md/dm.c", "int dm_suspended(void);\n")
        return kernel_names.check(os.path.join(self.root, "kernel"), self.root)

    def test_what_the_kernel_has_is_taken(self):
        self.assert_finds(self.check("# names\ndm.c\ndm_suspended\ndrivers/md/dm.c\n"))

    def test_what_it_does_not_have_is_found(self):
        self.assert_finds(self.check("dm_suspend\ndm_suspended\nmd/dm.c\n"),
                          "tests/tidy/kernel-names.txt:1: the kernel has no dm_suspend",
                          "tests/tidy/kernel-names.txt:3: the kernel has no md/dm.c")


if __name__ == "__main__":
    unittest.main()
