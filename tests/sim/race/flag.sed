# SPDX-License-Identifier: GPL-2.0-or-later
# dm_clone_changed_this_transaction() without bitmap_lock.
/^bool CloneMetadata::changed_this_transaction/,/^}/ s/IrqSpinGuard guard\(bitmap_lock_\);//
