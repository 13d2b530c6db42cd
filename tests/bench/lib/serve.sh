# SPDX-License-Identifier: MIT
# The job server: what it costs while nothing happens, how long a long list takes, and what those
# who watch cost a download.

SERVE_WATCHERS=100

# serve_start OPTION...: sets $SERVE_PID.
serve_start() {
    rm -rf "$DEST" "$WORK/home"
    mkdir -p "$DEST" "$WORK/home"
    HOME=$WORK/home XDG_CONFIG_HOME='' XDG_STATE_HOME='' "$HAUL" serve -q \
        --socket "$WORK/serve.sock" -d "$DEST" "$@" > "$WORK/output" 2>&1 &
    SERVE_PID=$!
    until serve_get /health > /dev/null; do
        kill -0 "$SERVE_PID" 2> /dev/null || die "haul serve did not start; see $WORK/output"
        sleep 0.05
    done
}

serve_stop() {
    kill -TERM "$SERVE_PID"
    wait "$SERVE_PID" 2> /dev/null
}

# serve_get PATH CURL-OPTION...
serve_get() {
    curl -q -s --unix-socket "$WORK/serve.sock" "${@:2}" "http://localhost$1"
}

serve_add() {
    HOME=$WORK/home HAUL_SERVER="unix:$WORK/serve.sock" "$HAUL" add "$@"
}

# How often a thread of the server has gone to sleep so far.
serve_wakeups() {
    awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n + 0 }' \
        "/proc/$SERVE_PID"/task/*/status
}

serve_idle() {
    local before seconds=$((QUICK ? 5 : 30))
    serve_start
    sleep 2
    before=$(serve_wakeups)
    sleep "$seconds"
    verdict 'serve: wake-ups a second while nothing happens' \
        "$(awk -v n="$(($(serve_wakeups) - before))" -v s="$seconds" 'BEGIN { print n / s }')" '<=' 0
    verdict 'serve: resident memory, idle' \
        "$(awk '/VmRSS/ { print $2 / 1024 }' "/proc/$SERVE_PID/status")" '<=' 16 MiB
    serve_stop
}

serve_list() {
    local jobs=10000
    origin_start
    serve_start -j 1 --stall-timeout 600
    seq -f "$ORIGIN/file/listed-%05g.bin?size=1M&stall=0" "$jobs" > "$WORK/serve.list"
    serve_add -i "$WORK/serve.list" > /dev/null
    for _ in $(seq 9); do
        serve_get /v1/jobs -o "$WORK/serve.json" -w '%{time_total}\n'
    done | sort -g > "$WORK/serve.times"
    [ "$(grep -o '"job_id"' "$WORK/serve.json" | wc -l)" = "$jobs" ] || : > "$WORK/serve.times"
    verdict "serve: $jobs jobs listed, seconds" "$(sed -n 5p "$WORK/serve.times")" '<=' 0.05
    serve_stop
}

# serve_fetch CASE: one download over the server, to its last event.
serve_fetch() {
    local begin end id
    rm -f "$DEST"/*
    begin=$(date +%s%N)
    id=$(serve_add "$HTTP/${BIG##*/}" -o "$1-$RANDOM")
    serve_get "/v1/jobs/$id/stream" -N -o "$WORK/serve.stream"
    end=$(date +%s%N)
    grep -q '"state":"completed"' "$WORK/serve.stream" || return
    mkdir -p "$WORK/results/serve"
    echo "$((end - begin)) 0 0" >> "$WORK/results/serve/$1"
}

serve_watched() {
    local watchers=() n
    data_file "$((QUICK ? GIB / 4 : 2 * GIB))"
    serve_start --limit-rate 500M
    for _ in $(seq "$ROUNDS"); do
        serve_fetch alone
        for n in $(seq "$SERVE_WATCHERS"); do
            serve_get /v1/events -N -o /dev/null &
            watchers+=($!)
        done
        sleep 0.5
        serve_fetch watched
        kill "${watchers[@]}"
        wait "${watchers[@]}" 2> /dev/null
        watchers=()
    done
    verdict "serve: wall of a download at 500 MiB/s, $SERVE_WATCHERS watchers / none" \
        "$(ratio "$(figure serve watched wall median)" "$(figure serve alone wall median)")" \
        '<=' 1.05
    serve_stop
}

workload_serve() {
    serve_idle
    serve_list
    serve_watched
}
