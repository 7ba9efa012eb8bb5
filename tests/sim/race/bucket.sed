# SPDX-License-Identifier: GPL-2.0-or-later
# hydration_update_metadata() without the lock of the hydration's bucket.
/^dmcore::Status CloneTarget::update_metadata/,/^}/ s/bucket\.(un)?lock\(\);//
