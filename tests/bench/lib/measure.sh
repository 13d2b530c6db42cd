# SPDX-License-Identifier: MIT
# Rounds, medians, ratios, verdicts. Results are lines of bench_time in $WORK/results/CASE/TOOL.

# once CASE TOOL: runs CMD with an empty destination and an empty home.
once() {
    rm -rf "$DEST" "$WORK/home"
    again "$1" "$2"
}

# again CASE TOOL: the same with what is there.
again() {
    local file=$WORK/results/$1/$2
    mkdir -p "$DEST" "$WORK/home" "${file%/*}"
    if ! HOME=$WORK/home XDG_CONFIG_HOME='' XDG_STATE_HOME='' XDG_CACHE_HOME='' XDG_DATA_HOME='' \
        ${PREFIX:-} timeout -k 5 "$PATIENCE" "$BUILD/tests/bench/bench_time" "$file" "${CMD[@]}" \
        < /dev/null > "$WORK/output" 2>&1; then
        echo "  $1: $2 failed: $(tail -n 1 "$WORK/output")" >&2
        touch "$file.failed"
    fi
}

# interleave CASE MAKE-COMMAND CHECK TOOL...: ROUNDS times all tools one after another, so that
# whatever else the machine does falls on all of them. MAKE-COMMAND sets CMD for a tool.
interleave() {
    local case=$1 make=$2 check=$3 round tool
    shift 3
    for round in $(seq "$ROUNDS"); do
        for tool in "$@"; do
            [ -e "$WORK/results/$case/$tool.failed" ] && continue
            "$make" "$tool"
            once "$case" "$tool"
            [ -e "$WORK/results/$case/$tool.failed" ] || "$check" "$round" && continue
            echo "  $case: $tool delivered something else" >&2
            touch "$WORK/results/$case/$tool.failed"
        done
    done
}

# figure CASE TOOL FIELD FUNCTION: FIELD wall or cpu (seconds) or rss (KiB); FUNCTION median, min
# or max. Nothing where the tool has no valid run.
figure() {
    local file=$WORK/results/$1/$2 column
    [ -s "$file" ] && [ ! -e "$file.failed" ] || return
    case $3 in wall) column=1 ;; cpu) column=2 ;; rss) column=3 ;; esac
    sort -n -k "$column,$column" "$file" | awk -v c="$column" -v f="$4" '
        { v[NR] = c < 3 ? $c / 1e9 : $c }
        END {
            if (f == "min") print v[1]
            else if (f == "max") print v[NR]
            else print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        }'
}

# table CASE GIB TOOL...: the first tool is what the others are compared with.
table() {
    local case=$1 gib=$2 tool wall base first=$3
    shift 2
    base=$(figure "$case" "$first" wall median)
    printf '  %-14s %9s %9s %10s %9s %9s\n' program 'wall s' 'least s' 'CPU s/GiB' 'RSS MiB' \
        "/ $first"
    for tool in "$@"; do
        wall=$(figure "$case" "$tool" wall median)
        [ -n "$wall" ] || { printf '  %-14s failed\n' "$tool"; continue; }
        awk -v t="$tool" -v w="$wall" -v m="$(figure "$case" "$tool" wall min)" \
            -v c="$(figure "$case" "$tool" cpu median)" -v r="$(figure "$case" "$tool" rss max)" \
            -v g="$gib" -v b="$base" 'BEGIN {
            printf "  %-14s %9.3f %9.3f %10.3f %9.1f %9.2f\n", t, w, m, c / g, r / 1024, w / b }'
    done
}

# least_of CASE FIELD TOOL...: the smallest median, and whose it is.
least_of() {
    local case=$1 field=$2 tool
    shift 2
    for tool in "$@"; do
        echo "$(figure "$case" "$tool" "$field" median) $tool"
    done | awk 'NF == 2' | sort -g | head -n 1
}

VERDICTS=()
# verdict NAME VALUE RELATION BOUND [UNIT]: notes PASS or MISS; RELATION is <=, < or >=.
verdict() {
    local result
    result=$(awk -v v="$2" -v o="$3" -v b="$4" 'BEGIN {
        if (v == "") print "none"
        else print (o == "<=" ? v <= b : o == "<" ? v < b : v >= b) ? "PASS" : "MISS" }')
    VERDICTS+=("$(printf '%-4s  %-58s %9.3f %s %.3f %s' "$result" "$1" "${2:-0}" "$3" "$4" "${5:-}")")
    echo "  ${VERDICTS[-1]}"
}

ratio() {
    awk -v a="${1:-0}" -v b="${2:-0}" 'BEGIN { if (b > 0) print a / b }'
}
