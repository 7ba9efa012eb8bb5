#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# plant.sh SCRIPT FILE PLANTED: writes FILE as the sed script changes it. Fails if it changes nothing.
set -eu
mkdir -p "$(dirname "$3")"
sed -E -f "$1" "$2" >"$3.new"
if cmp -s "$2" "$3.new"; then
    echo "$1 finds nothing to change in $2" >&2
    exit 1
fi
# Reports name the lines of the original.
{ echo "#line 1 \"$2\""; cat "$3.new"; } >"$3"
rm "$3.new"
