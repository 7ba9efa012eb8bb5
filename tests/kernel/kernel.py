#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios on a real kernel, and the simulator against it. See README.md."""
import sys

sys.dont_write_bytecode = True

from lab.commands import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
