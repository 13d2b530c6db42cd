# SPDX-License-Identifier: MIT
# How each program is asked for the same thing. Every one gets the options that make it fastest.

PEERS=(curl aria2c wget2 wget axel rclone lftp)

peer_version() {
    case $1 in
    haul) "$HAUL" --version ;;
    rclone | lftp | axel | curl | aria2c | wget2 | wget) "$1" --version ;;
    esac 2> /dev/null | grep -m 1 . | cut -c 1-60
}

peers_found() {
    local peer
    for peer in "${PEERS[@]}"; do
        command -v "$peer" > /dev/null && echo "$peer"
    done
}

# command_single TOOL URL FILE CONNECTIONS: sets the array CMD. CONNECTIONS 0 is the program's own
# choice. Programs that know one connection only ignore it.
command_single() {
    local tool=$1 url=$2 file=$3 n=$4
    local dir=${file%/*} name=${file##*/}
    case $tool in
    haul) CMD=("$HAUL" --batch -q --progress none --cacert "$WORK/ca.pem" -d "$dir" -o "$name"
        "$url")
        [ "$n" = 0 ] || CMD+=(-x "$n") ;;
    bare) CMD=("$BUILD/tests/bench/bench_bare" 127.0.0.1 "$PORT" "/${url##*/}" "$file") ;;
    curl) CMD=(curl -q -s --cacert "$WORK/ca.pem" -o "$file" "$url") ;;
    wget) CMD=(wget --no-config -q --ca-certificate="$WORK/ca.pem" -O "$file" "$url") ;;
    wget2) CMD=(wget2 --no-config -q --ca-certificate="$WORK/ca.pem" -O "$file" "$url")
        [ "$n" = 0 ] || CMD+=(--chunk-size="$((SIZE / n))" --max-threads="$n") ;;
    aria2c) CMD=(aria2c --no-conf -q --ca-certificate="$WORK/ca.pem" --file-allocation=none
        --min-split-size=1M -x "$((n ? n : 16))" -s "$((n ? n : 16))" -d "$dir" -o "$name" "$url") ;;
    axel) CMD=(axel -q -k -o "$file" "$url")
        [ "$n" = 0 ] || CMD+=(-n "$n") ;;
    rclone) CMD=(rclone -q --config "" --ca-cert "$WORK/ca.pem" --http-url "${url%/*}"
        copyto ":http:${url##*/}" "$file")
        [ "$n" = 0 ] || CMD+=(--multi-thread-streams "$n" --multi-thread-cutoff 1M) ;;
    lftp) CMD=(lftp -c "set ssl:ca-file $WORK/ca.pem; pget -n $((n ? n : 5)) $url -o $file") ;;
    *) die "no such program: $tool" ;;
    esac
}

# The same, checked against $SUM on the way or by sha256sum afterwards.
command_checked() {
    local tool=$1 url=$2 file=$3
    command_single "$tool" "$url" "$file" "$4"
    case $tool in
    haul) CMD+=(--checksum "sha256:$SUM") ;;
    aria2c) CMD+=(--checksum="sha-256=$SUM") ;;
    *) CMD=(sh -c '"$@" && echo "$SUM  $FILE" | sha256sum --check --status' sh "${CMD[@]}")
        export SUM FILE=$file ;;
    esac
}
