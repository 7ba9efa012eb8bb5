#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The properties with many cases each, on all processors: first the runs that once failed (seeds-that-failed), then, with
# SECONDS and SEED, those of SEED, SEED + 1 and so on; none is begun after so many seconds, or on a processor where a fresh
# one has failed. A run that fails is shown, with the line that repeats it.
#   proptests/run.sh PROGRAM [SECONDS SEED]
set -eu
program=$1
seconds=${2:-0}
first_seed=${3:-0}
[ -x "$program" ] || { echo "$program is not built" >&2; exit 1; }
list=$(dirname "$0")/seeds-that-failed
workers=$(nproc)
end=$(($(date +%s) + seconds))
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

run() { # PROPERTIES PARAMETERS
    log=$output/$(echo "$2" | tr ' ' ,)
    if RC_PARAMS=$2 "$program" --gtest_filter="$1" >"$log" 2>&1; then
        echo "held: $1 $2"
        return 0
    fi
    cat "$log"
    echo "FAILED; to repeat it: RC_PARAMS='$2' $program --gtest_filter='$1'"
    return 1
}

failed_before() { # WORKER: its share of the list
    sed -e 's/ *#.*//' -e '/^$/d' "$list" | awk -v worker="$1" -v workers="$workers" 'NR % workers == worker'
}

work() { # WORKER
    result=0
    while read -r properties parameters; do
        [ -z "$properties" ] || run "$properties" "$parameters" || result=1
    done <<LIST
$(failed_before "$1")
LIST
    seed=$((first_seed + $1))
    while [ "$(date +%s)" -lt "$end" ]; do
        run 'CloneDevice.*' "seed=$seed max_success=1005 max_size=200" || return 1
        run 'EveryPowerCut.*' "seed=$seed max_success=201 max_size=200" || return 1
        run 'ManySchedules.*' "seed=$seed max_success=201 max_size=200" || return 1
        seed=$((seed + workers))
    done
    return $result
}

pids=
for worker in $(seq 0 $((workers - 1))); do
    work "$worker" &
    pids="$pids $!"
done
result=0
for pid in $pids; do wait "$pid" || result=1; done
exit $result
