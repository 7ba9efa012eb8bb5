#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fresh_debian.sh BUILD: makes the Debian packages of BUILD, installs them on a Debian 12 that has nothing else, runs dmsim
# there, and builds this folder's project against libdmsim-dev. Exits with 77 where it cannot: without root or debootstrap.
set -eu
build=$1
project=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] && command -v debootstrap > /dev/null || exit 77
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | sort -u | head -n 1)
scratch=$(mktemp -d)
root=$scratch/root
trap 'rm -rf "$scratch"' EXIT

(cd "$build" && cpack -G DEB -B "$scratch/packages") > "$scratch/cpack.log"
debootstrap --variant=minbase bookworm "$root" "${mirror:-http://deb.debian.org/debian}" > "$scratch/debootstrap.log"
# How this machine reaches Debian's packages.
cp /etc/resolv.conf "$root/etc/" 2> /dev/null || true
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
cp -r "$project" "$root/project"
cp "$scratch"/packages/*.deb "$root/"
in_root() { chroot "$root" env DEBIAN_FRONTEND=noninteractive "$@"; }

in_root apt-get update -qq
in_root sh -c 'apt-get install -y -qq --no-install-recommends /dmsim_*.deb' > "$scratch/program.log"
in_root dmsim --version
in_root dmsim replay /project/first.dms
in_root gzip --test /usr/share/man/man1/dmsim.1.gz /usr/share/man/man5/dmsim-scenario.5.gz
in_root test -s /usr/share/bash-completion/completions/dmsim
in_root sh -c 'apt-get install -y -qq --no-install-recommends /libdmsim-dev_*.deb g++ cmake make libgtest-dev librapidcheck-dev' \
    > "$scratch/development.log"
in_root sh -c 'cmake -S /project -B /build && cmake --build /build && ctest --test-dir /build --output-on-failure'
