# SPDX-License-Identifier: MIT
# What is measured. Each workload prints its table and its verdicts.

GIB=1073741824

# The file of this size in $DATA; the same name for the same size.
data_file() {
    local file=$DATA/$1.bin
    [ -s "$file" ] || openssl enc -aes-256-ctr -pass pass:haul-bench -nosalt -pbkdf2 \
        < /dev/zero 2> /dev/null | head -c "$1" > "$file"
    SIZE=$1 FILE_GIB=$(ratio "$1" "$GIB") BIG=$file
}

make_single() { command_single "$1" "$URL" "$DEST/out.bin" "$CONNECTIONS"; }
make_checked() { command_checked "$1" "$URL" "$DEST/out.bin" "$CONNECTIONS"; }

check_single() {
    if [ "$1" = 1 ]; then cmp -s "$BIG" "$DEST/out.bin"; else
        [ "$(stat -c %s "$DEST/out.bin")" = "$SIZE" ]
    fi
}

check_size() { [ "$(stat -c %s "$DEST/out.bin")" = "$SIZE" ]; }

# faster_than_all CASE
faster_than_all() {
    local peer
    for peer in "${FOUND[@]}"; do
        [ -e "$WORK/results/$1/$peer.failed" ] ||
            verdict "$1: wall, haul / $peer" \
                "$(ratio "$(figure "$1" haul wall median)" "$(figure "$1" "$peer" wall median)")" \
                '<' 1
    done
}

single() {
    local name=$1 best
    CONNECTIONS=0
    interleave "$name" make_single check_single haul "${@:2}" "${FOUND[@]}"
    table "$name" "$FILE_GIB" haul "${@:2}" "${FOUND[@]}"
    faster_than_all "$name"
    best=$(least_of "$name" cpu "${FOUND[@]}")
    verdict "$name: CPU, haul / ${best#* }" "$(ratio "$(figure "$name" haul cpu median)" "${best% *}")" \
        '<=' 1.1
}

workload_http() {
    data_file "$((QUICK ? GIB / 4 : 2 * GIB))"
    URL=$HTTP/${BIG##*/}
    single http bare
}

workload_tls() {
    data_file "$((QUICK ? GIB / 4 : 2 * GIB))"
    URL=$TLS/${BIG##*/}
    single tls
}

# One make function for both, so that checked and unchecked runs of haul alternate.
make_checksum() {
    if [ "$1" = plain ]; then make_single haul; else make_checked "$1"; fi
}

workload_checksum() {
    local peer haul
    data_file "$((QUICK ? GIB / 4 : 2 * GIB))"
    URL=$HTTP/${BIG##*/} CONNECTIONS=0
    SUM=$(openssl dgst -sha256 -r "$BIG" | cut -c 1-64)
    interleave checksum make_checksum check_size haul plain "${FOUND[@]}"
    table checksum "$FILE_GIB" haul plain "${FOUND[@]}"
    haul=$(figure checksum haul wall median)
    verdict 'checksum: wall, with / without' "$(ratio "$haul" "$(figure checksum plain wall median)")" \
        '<=' 1.15
    for peer in "${FOUND[@]}"; do
        [ -e "$WORK/results/checksum/$peer.failed" ] ||
            verdict "checksum: wall, $peer / haul" \
                "$(ratio "$(figure checksum "$peer" wall median)" "$haul")" '>=' 1.5
    done
}

# nginx's limit_rate lets a second's worth through at the start of each request, so a program that
# asks for small pieces would never meet it; tests/origin holds every request to its rate.
workload_capped() {
    local rate
    data_file "$((QUICK ? GIB / 8 : GIB / 2))"
    origin_start
    URL="$ORIGIN/file/capped.bin?size=$SIZE&rate=20M" CONNECTIONS=16
    interleave capped make_single check_size haul aria2c axel
    table capped "$FILE_GIB" haul aria2c axel
    rate=$(ratio "$SIZE" "$(figure capped haul wall median)")
    verdict 'capped: rate / (16 x 20 MiB/s)' "$(ratio "$rate" $((16 * 20 << 20)))" '>=' 0.95
}

workload_far() {
    data_file "$((QUICK ? GIB / 8 : GIB / 2))"
    far_start || { echo '  needs root and /dev/net/tun: left out'; return; }
    URL=$FAR/${BIG##*/} CONNECTIONS=16 PREFIX=$NEAR
    interleave far make_single check_single haul "${FOUND[@]}"
    PREFIX=
    table far "$FILE_GIB" haul "${FOUND[@]}"
    faster_than_all far
}

make_many() {
    case $1 in
    haul) CMD=("$HAUL" --batch -q --progress none -j 16 -d "$DEST" -i "$WORK/many.list") ;;
    curl) CMD=(curl -q -s --parallel --parallel-max 16 --parallel-immediate -K "$WORK/many.curl") ;;
    aria2c) CMD=(aria2c --no-conf -q -j 16 --file-allocation=none -d "$DEST" -i "$WORK/many.list") ;;
    esac
}

check_many() {
    if [ "$1" = 1 ]; then diff -rq "$DATA/many" "$DEST" > /dev/null; else
        [ "$(find "$DEST" -type f -size 16k | wc -l)" = "$MANY" ]
    fi
}

workload_many() {
    MANY=$((QUICK ? 200 : 2000))
    data_file "$((MANY * 16384))"
    rm -rf "$DATA/many"
    mkdir -p "$DATA/many"
    split -b 16384 -d -a 4 --additional-suffix=.bin "$BIG" "$DATA/many/"
    find "$DATA/many" -type f -printf "$HTTP/many/%f\n" | sort > "$WORK/many.list"
    sed "s|.*/\(.*\)|url = \"&\"\noutput = \"$DEST/\1\"|" "$WORK/many.list" > "$WORK/many.curl"
    interleave many make_many check_many haul curl aria2c
    table many "$FILE_GIB" haul curl aria2c
    verdict 'many: wall, haul / curl --parallel' \
        "$(ratio "$(figure many haul wall median)" "$(figure many curl wall median)")" '<=' 1.2
}

# Both have 16 connections in all. A snapshot is one job, the list is a job a file.
make_hub() {
    local hub=(env -u HF_TOKEN -u HF_TOKEN_PATH -u HF_HUB_OFFLINE "HF_ENDPOINT=$HUB"
        "HF_HUB_CACHE=$DEST" "$HAUL")
    local list=("$HAUL" --batch -q --progress none -j 16 -x 1 -d "$DEST" -i)
    case $1 in
    haul) CMD=("${hub[@]}" --batch -q --progress none -x 16 hf:bench/snapshot) ;;
    list) CMD=("${list[@]}" "$WORK/hub.plain") ;;
    checked) CMD=("${list[@]}" "$WORK/hub.list") ;;
    four | vast) CMD=("${hub[@]}" resolve "hf:bench/$1") ;;
    esac
}

check_hub() {
    local dir=("$DEST"/models--bench--snapshot/snapshots/*/)
    [ -d "${dir[0]}" ] || dir=("$DEST")
    (cd "${dir[0]}" && sha256sum --check --status "$WORK/hub.sums")
}

check_resolved() { grep -qE 'in (4|10000) files' "$WORK/output"; }

# How many requests the Hub has got; with a pattern, how many of them match. A request is noted
# when its answer is out, which may be after haul has ended.
hub_requests() {
    sleep 0.2
    grep -c -- "${1:-}" "$WORK/hub.log"
}

# hub_beyond BEFORE REVISIONS-BEFORE: requests since then that did not ask what the revision is;
# nothing where none did.
hub_beyond() {
    local all=$(($(hub_requests) - $1)) revisions=$(($(hub_requests "$REVISION") - $2))
    [ "$revisions" -ge 1 ] && echo $((all - revisions))
}

hub_cached() {
    local REVISION='"target":"/api/models/bench/snapshot/revision/main[?"]' before revisions
    make_hub haul
    once hub-cached first
    before=$(hub_requests) revisions=$(hub_requests "$REVISION")
    again hub-cached again
    verdict 'hub: requests beyond the revision for a cached snapshot' \
        "$(check_hub && hub_beyond "$before" "$revisions")" '<=' 0
}

workload_hub() {
    local SIZE small
    hub_start
    read -r _ SIZE _ < "$WORK/hub.list"
    sed '/^  sha256=/d' "$WORK/hub.list" > "$WORK/hub.plain"
    awk -F = '/^  out=/ { name = $2 } /^  sha256=/ { print $2 "  " name }' "$WORK/hub.list" \
        > "$WORK/hub.sums"
    interleave hub make_hub check_hub haul list checked
    table hub "$(ratio "$SIZE" "$GIB")" haul list checked
    verdict 'hub: wall, snapshot / plain list' \
        "$(ratio "$(figure hub haul wall median)" "$(figure hub list wall median)")" '<=' 1.2
    interleave hub-resolve make_hub check_resolved four vast
    small=$(figure hub-resolve four rss median)
    verdict 'hub: peak RSS of resolving 10,000 files, beyond that of 4' \
        "$(figure hub-resolve vast rss median | awk -v s="$small" 's { print ($1 - s) / 1024 }')" \
        '<=' 16 MiB
    hub_cached
}

workload_memory() {
    origin_start
    SIZE=$((QUICK ? 2 * GIB : 20 * GIB)) CONNECTIONS=16
    URL="$ORIGIN/file/vast.bin?size=$SIZE"
    local ROUNDS=1 PATIENCE=1800 DEST=$ROOMY/dest
    interleave memory make_single check_size haul
    rm -rf "$DEST"
    table memory "$(ratio "$SIZE" "$GIB")" haul
    verdict 'memory: peak RSS of one vast file, 16 connections' \
        "$(ratio "$(figure memory haul rss max)" 1024)" '<=' 24 MiB
}

# Milliseconds of CPU time that a process has used.
cpu_ms() {
    awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / hz }' "/proc/$1/stat"
}

workload_queue() {
    local jobs=10000 pid before after seconds=$((QUICK ? 5 : 20))
    origin_start
    rm -rf "$DEST" "$WORK/home"
    mkdir -p "$DEST" "$WORK/home"
    seq -f "$ORIGIN/file/queued-%05g.bin?size=1M&stall=0" "$jobs" > "$WORK/queue.list"
    HOME=$WORK/home "$HAUL" --batch --progress none --stall-timeout 600 -d "$DEST" \
        -i "$WORK/queue.list" > "$WORK/output" 2>&1 &
    pid=$!
    before=-1 after=$(cpu_ms $pid)
    while [ "$before" != "$after" ]; do # the list has been read when the CPU time stands still
        sleep 1
        before=$after after=$(cpu_ms $pid)
        awk -v a="$before" -v b="$after" 'BEGIN { exit !(b - a < 50) }' && break
    done
    before=$(cpu_ms $pid)
    sleep "$seconds"
    after=$(cpu_ms $pid)
    verdict "queue: peak RSS with $jobs jobs" \
        "$(awk '/VmHWM/ { print $2 / 1024 }' /proc/$pid/status)" '<=' 64 MiB
    verdict 'queue: CPU while nothing happens' \
        "$(awk -v a="$before" -v b="$after" -v s="$seconds" 'BEGIN { print (b - a) / s / 10 }')" \
        '<' 1 '% of a core'
    kill -TERM $pid
    wait $pid 2> /dev/null
    return 0
}
