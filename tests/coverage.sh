#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh SOURCE_DIR BUILD_DIR: runs the default tests of a build with the preset `coverage`, and shows how many
# lines and branches of dmcore and dmclone ran. Fails if either has less than the goals below.
#
# Branches that only an exception takes, and those that the compiler shows to be impossible, are left out: the
# kernel code throws nothing, and g++ counts two branches for each call that might.
set -eu
source=$1
build=$2
lines_goal=90
branches_goal=80

find "$build" -name '*.gcda' -delete
ctest --test-dir "$build" --output-on-failure -j "$(nproc)" -LE 'long|kernel|package|tidy'
counts=$build/coverage.json
gcovr --root "$source" --object-directory "$build" --filter "$source/dmcore/" --filter "$source/dmclone/" \
  --exclude-throw-branches --exclude-unreachable-branches --json "$counts" "$build"

failed=
for folder in dmcore dmclone; do
  # gcovr tries a place for its output by opening and deleting it: root would have no /dev/null any more.
  echo "== $folder: lines"
  gcovr --root "$source" --add-tracefile "$counts" --filter "$source/$folder/"
  echo "== $folder"
  gcovr --root "$source" --add-tracefile "$counts" --filter "$source/$folder/" --output "$build/unused" --print-summary \
    --fail-under-line $lines_goal --fail-under-branch $branches_goal || failed="$failed $folder"
done
# What each line looks like, for a reader.
mkdir -p "$build/coverage"
gcovr --root "$source" --add-tracefile "$counts" --html-details "$build/coverage/index.html"
echo "see $build/coverage/index.html"
if [ -n "$failed" ]; then
  echo "under $lines_goal % of lines or $branches_goal % of branches:$failed" >&2
  exit 1
fi
