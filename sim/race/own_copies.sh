#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# own_copies.sh NM LD OBJCOPY AR ARCHIVE OBJECT...
#
# Makes ARCHIVE of the objects, so that those that were compiled with -fsanitize=thread keep their own copies of inline
# functions and instances of templates. Of all copies in a program the linker keeps one, without asking how it was
# compiled: code that is to be seen would call copies that are not, and the other way round.
#
# They are linked into one object in which these functions are local. Objects with vague linkage (vtables, type
# information, static variables of inline functions) remain common to all. Copies of memory and the guards of static
# variables are sent to functions of sim/race/tsan.cpp.
set -eu
nm=$1 ld=$2 objcopy=$3 ar=$4 archive=$5
shift 5
instrumented='' others=''
for object in "$@"; do
    if "$nm" "$object" | grep -q ' U __tsan_init$'; then
        instrumented="$instrumented $object"
    else
        others="$others $object"
    fi
done
merged=$archive.instrumented.o
# shellcheck disable=SC2086
"$ld" -r --force-group-allocation -o "$merged.whole" $instrumented
# W: weak functions. V, weak objects, stay; u, unique objects, must not clash with those of other objects now that they
# are in no group.
# objcopy fails without a word if a list is empty.
"$nm" --defined-only "$merged.whole" | awk 'BEGIN { print "-" } $2 == "W" { print $3 }' >"$merged.functions"
"$nm" --defined-only "$merged.whole" | awk 'BEGIN { print "-" } $2 == "u" { print $3 }' >"$merged.objects"
"$objcopy" --localize-symbols="$merged.functions" --weaken-symbols="$merged.objects" \
    --redefine-sym memcpy=__tsan_memcpy --redefine-sym memmove=__tsan_memmove --redefine-sym memset=__tsan_memset \
    --redefine-sym memcmp=dmsim_race_memcmp --redefine-sym free=dmsim_race_free --redefine-sym __cxa_guard_acquire=dmsim_race_guard_acquire \
    --redefine-sym __cxa_guard_release=dmsim_race_guard_release "$merged.whole" "$merged"
rm -f "$archive" "$merged.whole" "$merged.functions" "$merged.objects"
# shellcheck disable=SC2086
"$ar" qcs "$archive" "$merged" $others
