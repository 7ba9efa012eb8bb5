#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the reference kernel: Debian's linux-source-6.1 as a user-mode program, with device-mapper and
# the targets that scenarios use. Takes about two minutes on two cores; a finished build is kept.
#   build.sh [FOLDER]      default: ${XDG_CACHE_HOME:-~/.cache}/dm-uml; the program is FOLDER/linux
set -euo pipefail
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/dm-uml}
program=$folder/linux
tree=$folder/linux-source-6.1
archive=/usr/src/linux-source-6.1.tar.xz

if [ -x "$program" ]; then
    echo "$program"
    exit 0
fi
if [ ! -f "$archive" ]; then
    echo "$archive is missing. On Debian 12, as root:" >&2
    echo "  apt-get install linux-source-6.1 build-essential bison flex bc libelf-dev libssl-dev xz-utils dmsetup" >&2
    exit 2
fi

mkdir -p "$folder"
[ -d "$tree" ] || tar -C "$folder" -xf "$archive"
cd "$tree"
{
    make -s ARCH=um x86_64_defconfig
    targets=(MD BLK_DEV_DM DM_UEVENT DM_CLONE DM_DELAY DM_DUST DM_FLAKEY DM_ZERO
             DM_DEBUG_BLOCK_MANAGER_LOCKING)
    # The null device is there for its major number: transcripts have device-mapper's at the next one, 253.
    world=(BLK_DEV BLK_DEV_LOOP BLK_DEV_NULL_BLK HOSTFS TMPFS DEVTMPFS DEVTMPFS_MOUNT STATIC_LINK
           UML_TIME_TRAVEL_SUPPORT DEBUG_INFO_NONE)
    # What no scenario meets, and takes half of the time to build.
    absent=(MODULES SOUND DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT NET UML_NET INPUT INPUT_KEYBOARD INPUT_MOUSE SERIO HID
            EXT4_FS REISERFS_FS AUTOFS_FS AUTOFS4_FS ISO9660_FS MISC_FILESYSTEMS NETWORK_FILESYSTEMS NLS QUOTA
            CRYPTO_HW HW_RANDOM IO_URING SUSPEND SECCOMP SWAP CGROUPS BLK_DEV_UBD)
    options=()
    for name in "${targets[@]}" "${world[@]}"; do options+=(-e "$name"); done
    for name in "${absent[@]}"; do options+=(-d "$name"); done
    # dm-bufio and kcopyd need more stack here than the default gives.
    ./scripts/config "${options[@]}" --set-val KERNEL_STACK_ORDER 4 --set-val BLK_DEV_LOOP_MIN_COUNT 16
    # A processor with AMX has a larger register state than this kernel sets aside.
    sed -i 's/\(HOST_FP_SIZE, \)2696)/\112288)/' arch/x86/um/user-offsets.c
    make -s ARCH=um olddefconfig
    make -s ARCH=um -j"$(nproc)" linux
} >&2
cp linux "$program"
echo "$program"
