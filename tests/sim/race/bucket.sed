# SPDX-License-Identifier: GPL-2.0-or-later
# hydration_update_metadata() without the lock of the hydration's bucket.
/^void CloneTarget::remove_hydration/,/^}/ s/bucket\.(un)?lock\(\);//
