# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory: scenarios on a real Linux kernel, and the comparison of the simulator with it."""
