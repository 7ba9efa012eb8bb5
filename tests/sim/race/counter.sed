# SPDX-License-Identifier: GPL-2.0-or-later
# A counter without a lock: of the bios that are mapped, by any task.
s/^MapResult CloneTarget::map\(Bio& bio\) \{$/unsigned long bios_mapped = 0; & ++bios_mapped;/
