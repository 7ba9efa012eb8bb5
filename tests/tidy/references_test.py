#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
import unittest

import planted
import references


class References(planted.Case):
    def setUp(self):
        super().setUp()
        self.write("tests/tidy/kernel-names.txt", "")
        self.write("tests/tidy/other-names.txt", "")
        self.write("dmcore/block/bio.h", "class Bio {\n  void submit();\n  int size_;\n};\n")

    def test_a_file_that_does_not_exist_is_found(self):
        self.write("sim/a.cpp", "\n// As in block/gone.h, and more.\n")
        self.assert_finds(references.check(self.root), "sim/a.cpp:2: there is no file block/gone.h")

    def test_a_path_may_begin_anywhere(self):
        self.write("sim/a.cpp", "// bio.h, block/bio.h, dmcore/block/bio.h\n")
        self.assert_finds(references.check(self.root))

    def test_a_function_that_does_not_exist_is_found(self):
        self.write("sim/a.cpp", "/* One\n * calls resubmit() or submit(). */\n")
        self.assert_finds(references.check(self.root), "sim/a.cpp:2: there is no function resubmit")

    def test_a_name_in_another_comment_does_not_count(self):
        self.write("sim/a.cpp", "// gone()\n")
        self.write("sim/b.cpp", "// gone\n")
        self.assert_finds(references.check(self.root), "sim/a.cpp:1: there is no function gone")

    def test_a_member_that_does_not_exist_is_found(self):
        self.write("sim/a.cpp", "// Bio::size_, Bio::bytes, sectors_\n")
        self.assert_finds(references.check(self.root), "sim/a.cpp:1: there is no member Bio::bytes",
                          "sim/a.cpp:1: there is no member sectors_")

    def test_code_and_strings_are_not_read(self):
        self.write("sim/a.cpp", 'auto a = "gone.h // gone()";\nauto b = gone();\n')
        self.assert_finds(references.check(self.root))

    def test_a_comment_after_a_string_with_slashes_is_read(self):
        self.write("sim/a.cpp", 'auto a = "//";  // gone()\n')
        self.assert_finds(references.check(self.root), "sim/a.cpp:1: there is no function gone")

    def test_kinds_of_files_are_no_files(self):
        self.write("sim/a.cpp", "// *.h, NAME.dms, /dev/x.h, <X>.py\n")
        self.assert_finds(references.check(self.root))

    def test_python_and_shell_are_read(self):
        self.write("tests/a.py", '"""Uses gone.py."""\nX = "other.py"  # and lost.py\n')
        self.write(".ci/run", "# As gone.sh\necho lost.sh\n")
        self.assert_finds(references.check(self.root), ".ci/run:1: there is no file gone.sh",
                          "tests/a.py:1: there is no file gone.py", "tests/a.py:2: there is no file lost.py")

    def test_pages_are_read_but_not_their_examples(self):
        self.write("docs/a.md", "See gone.md.\n\n```\n$ cat new.dms\n```\nSee lost.md.\n")
        self.assert_finds(references.check(self.root), "docs/a.md:1: there is no file gone.md",
                          "docs/a.md:6: there is no file lost.md")

    def test_what_a_list_names_is_taken(self):
        self.write("tests/tidy/kernel-names.txt", "# of Linux\nbio_split\ndrivers/md/dm.c\n")
        self.write("sim/a.cpp", "// bio_split() of drivers/md/dm.c\n")
        self.assert_finds(references.check(self.root))

    def test_what_a_list_names_for_nothing_is_found(self):
        self.write("tests/tidy/kernel-names.txt", "# of Linux\nbio_split\nsubmit\n")
        self.write("sim/a.cpp", "// submit(), bio_split\n")
        self.assert_finds(references.check(self.root), "tests/tidy/kernel-names.txt:2: nothing needs bio_split",
                          "tests/tidy/kernel-names.txt:3: nothing needs submit")


if __name__ == "__main__":
    unittest.main()
