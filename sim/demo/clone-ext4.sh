#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Clones a real ext4 file system from a slow disk onto a fast one, uses it meanwhile, and then checks the copy with tools that
# know nothing of the simulator: e2fsck, debugfs, cmp and diff.
#
#   clone-ext4.sh DMSIM SOURCE_TREE WORK_FOLDER
set -eu
dmsim=$1
tree=$2
work=$3
PATH=$PATH:/usr/sbin:/sbin

rm -rf "$work"
mkdir -p "$work/files"
cd "$work"

# Real files: this project's own sources, and one file that the clone's user will overwrite.
cp -R "$tree/dmcore" "$tree/dmclone" "$tree/sim" "$tree/docs" "$tree/README.md" files/
payload_bytes=2097152
head -c $payload_bytes /dev/zero | tr '\0' 'o' >files/payload

# The same files give the same image: every time stamp and identifier is fixed.
export E2FSPROGS_FAKE_TIME=1500000000
mkfs.ext4 -q -F -b 4096 -U 6dd0cb4b-0f2f-4f4c-9d3c-3f6f5f0a1b2c -E hash_seed=6dd0cb4b-0f2f-4f4c-9d3c-3f6f5f0a1b2c \
    -d files source.img 64M

# The workload: reads all over the file system while it is being cloned, and writes over the payload's blocks, which debugfs
# finds for us.
debugfs -R 'blocks /payload' source.img 2>/dev/null | tr ' ' '\n' | grep . >blocks
awk 'BEGIN { srand(1) }
     { printf "write clone %d 8 n\n", $1 * 8; printf "read clone %d 64\n", int(rand() * 130000) }
     NR % 8 == 0 { print "sleep 0.02" }
     NR % 64 == 0 { print "flush clone" }' blocks >workload.dms

echo "Cloning a 64 MiB ext4 image, $(find files -type f | wc -l) files, from a slow disk to a fast one,"
echo "while it is read and $((payload_bytes / 1024)) KiB of it are overwritten."
echo
clone() {
    "$@" clone source.img clone.img --workload workload.dms --metadata clone.metadata
}
echo "It is killed after an instant, and the same command resumes it:"
clone exec "$dmsim" >/dev/null 2>&1 &
sleep 0.1
kill -KILL $! 2>/dev/null || true
wait $! 2>/dev/null || true  # its lock on the files ends with the process
# What the workload read is of no interest here.
clone "$dmsim" >clone.log || { cat clone.log; exit 1; }
grep -v -e '^workload.dms:' -e '^    ' clone.log
echo

echo "Checked outside the simulator:"
e2fsck -fn clone.img >e2fsck.log 2>&1 || { cat e2fsck.log; exit 1; }
echo "  e2fsck -fn finds nothing wrong"

# What the clone has to hold: the source, with the payload's blocks overwritten.
cp --sparse=always source.img expected.img
while read -r block; do
    head -c 4096 /dev/zero | tr '\0' 'n' | dd of=expected.img bs=4096 seek="$block" conv=notrunc status=none
done <blocks
cmp expected.img clone.img
echo "  every byte is the source's, or what was written to the clone"

mkdir out
debugfs -R 'rdump / out' clone.img 2>/dev/null
head -c $payload_bytes /dev/zero | tr '\0' 'n' | cmp - out/payload
rm out/payload files/payload
diff -r -x lost+found files out
echo "  every file in it is the file that went into the source"
