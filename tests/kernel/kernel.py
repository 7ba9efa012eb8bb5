#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios on a real kernel, and the simulator against it. See README.md."""
import signal
import sys

sys.dont_write_bytecode = True

from lab.commands import main  # noqa: E402

signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that no kernel is left
sys.exit(main(sys.argv[1:]))
