# SPDX-License-Identifier: MIT
# Where files go, and what the figures were taken on.

# Bytes that the files of the chosen workloads need at once: one to serve, one to receive.
NEEDED_GIB=$((QUICK ? 1 : 6))

free_gib() {
    df --output=avail -k "$1" 2> /dev/null | awk 'NR == 2 { print int($1 / 1048576) }'
}

choose_place() {
    local base=${BENCH_DIR:-}
    local memory
    memory=$(awk '/MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
    if [ -z "$base" ] && [ "$(free_gib /dev/shm)" -ge "$NEEDED_GIB" ] &&
        [ "$memory" -ge $((NEEDED_GIB + 2)) ]; then
        base=/dev/shm
    fi
    base=${base:-${TMPDIR:-/tmp}}
    [ "$(free_gib "$base")" -ge "$NEEDED_GIB" ] || die "$base has less than $NEEDED_GIB GiB free"
    PLACE=$(mktemp -d "$base/haul-bench.XXXXXX") || die "cannot write in $base"
    ROOMY=$(mktemp -d "${BENCH_ROOMY:-${TMPDIR:-/tmp}}/haul-bench.XXXXXX") || die "cannot write"
}

show_machine() {
    local peer
    echo "files in   $PLACE ($(stat -f -c %T "$PLACE")), the vast one in $ROOMY ($(stat -f -c %T "$ROOMY"))"
    echo "system     $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release), Linux $(uname -r)"
    echo "processor  $(nproc) x $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
    echo "TCP        $(cat /proc/sys/net/ipv4/tcp_congestion_control)"
    echo "load       $(cut -d ' ' -f 1-3 /proc/loadavg) before the start"
    echo "rounds     $ROUNDS, interleaved; medians"
    echo "server     $(nginx -v 2>&1)"
    for peer in haul "${FOUND[@]}"; do
        printf '%-10s %s\n' "$peer" "$(peer_version "$peer")"
    done
}

# A virtual machine's memory is slow the first time it is touched, which would count against the
# program that happens to run first.
warm_memory() {
    head -c "$((NEEDED_GIB - NEEDED_GIB / 3))G" /dev/zero > "$DEST/warm"
    rm -f "$DEST/warm"
}
