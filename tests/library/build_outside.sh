#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build_outside.sh BUILD: installs what BUILD has made into a folder of its own, copies this folder's project out of the
# tree, builds it against the installed files and runs its tests. Also looks whether the program has its manual pages and
# the files for bash and vim beside it.
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
dmsim=$scratch/moved/bin/dmsim share=$scratch/moved/share
"$dmsim" replay "$project/first.dms"
for name in $("$dmsim" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
    gzip --test "$share/man/man1/dmsim-$name.1.gz"
done
gzip --test "$share/man/man1/dmsim.1.gz" "$share/man/man1/dmsim-replay.1.gz" "$share/man/man5/dmsim-scenario.5.gz"
for file in bash-completion/completions/dmsim vim/vimfiles/syntax/dms.vim vim/vimfiles/ftdetect/dms.vim; do
    test -s "$share/$file"
done
