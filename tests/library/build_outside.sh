#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build_outside.sh BUILD: installs what BUILD has made into a folder of its own, copies this folder's project out of the
# tree, builds it against the installed files and runs its tests.
set -eu
build=$1
project=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/prefix" > "$scratch/install.log"
# `prefix` moved: nothing in it may know where it was installed.
mv "$scratch/prefix" "$scratch/moved"
cp -r "$project" "$scratch/project"
cmake -G Ninja -S "$scratch/project" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/moved" -DCMAKE_BUILD_TYPE=Release
cmake --build "$scratch/build" --parallel 2
ctest --test-dir "$scratch/build" --output-on-failure
"$scratch/moved/bin/dmsim" replay "$project/first.dms"
