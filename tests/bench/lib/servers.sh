# SPDX-License-Identifier: MIT
# The servers of the comparison, all in $WORK and all ended by servers_stop: nginx over HTTP and
# over TLS, nginx at the far end of a slow wire, tests/origin for what nginx cannot do, and a fake Hub.

SERVER_PIDS=()

make_certificate() {
    (
        cd "$WORK" || exit 1
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=haul-bench \
            -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout tls.key -out tls.csr
        printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' > tls.ext
        openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -extfile tls.ext -out tls.pem
    ) > "$WORK/openssl.log" 2>&1 || die "openssl: see $WORK/openssl.log"
}

# nginx_config PID-FILE LISTEN...
nginx_config() {
    local pid=$1 listen
    shift
    cat <<END
user $(id -un); worker_processes auto; pid $pid; daemon off; error_log $WORK/nginx.log;
events { worker_connections 1024; }
http {
    access_log off; sendfile on; sendfile_max_chunk 2m; tcp_nopush on; keepalive_requests 100000;
    client_body_temp_path $WORK/t1; proxy_temp_path $WORK/t2; fastcgi_temp_path $WORK/t3;
    uwsgi_temp_path $WORK/t4; scgi_temp_path $WORK/t5;
    ssl_certificate $WORK/tls.pem; ssl_certificate_key $WORK/tls.key;
    server {
END
    for listen in "$@"; do echo "        listen $listen;"; done
    echo "        root $DATA; autoindex on; } }"
}

# Waits until something accepts on HOST PORT; a third argument is a command to look with.
await_port() {
    local tries
    for tries in {1..100}; do
        ${3:-} bash -c "exec 3<>/dev/tcp/$1/$2" 2> /dev/null && return
        sleep 0.05
    done
    die "nobody answers on $1:$2 after $tries looks; see $WORK"
}

servers_start() {
    make_certificate
    nginx_config "$WORK/near.pid" "127.0.0.1:$PORT" "127.0.0.1:$((PORT + 1)) ssl" \
        > "$WORK/near.conf"
    nginx -c "$WORK/near.conf" > /dev/null 2>> "$WORK/nginx.log" &
    SERVER_PIDS+=($!)
    await_port 127.0.0.1 "$PORT"
    HTTP=http://127.0.0.1:$PORT TLS=https://127.0.0.1:$((PORT + 1))
}

# Sets $ORIGIN.
origin_start() {
    [ -n "${ORIGIN:-}" ] && return
    "$BUILD/tests/origin/haul-origin" > "$WORK/origin.url" &
    SERVER_PIDS+=($!)
    until [ -s "$WORK/origin.url" ]; do sleep 0.05; done
    ORIGIN=$(head -n 1 "$WORK/origin.url")
}

# Sets $HUB, and leaves $WORK/hub.list (with digests) and $WORK/hub.log (a line a request).
hub_start() {
    [ -n "${HUB:-}" ] && return
    "$BUILD/tests/bench/bench_hub" "$WORK/hub.list" "$WORK/hub.log" > "$WORK/hub.url" &
    SERVER_PIDS+=($!)
    until [ -s "$WORK/hub.url" ]; do
        kill -0 "${SERVER_PIDS[-1]}" 2> /dev/null || die 'the fake Hub did not start'
        sleep 0.05
    done
    HUB=$(head -n 1 "$WORK/hub.url")
}

# Two network namespaces with 25 ms each way between them; sets $FAR and the prefix $NEAR.
far_start() {
    [ "$(id -u)" = 0 ] && [ -c /dev/net/tun ] || return 1
    ip netns add haul-bench-near && ip netns add haul-bench-far || return 1
    "$BUILD/tests/bench/bench_delay" 25 haul-bench-near 10.211.7.1/30 \
        haul-bench-far 10.211.7.2/30 > "$WORK/delay.log" 2>&1 &
    SERVER_PIDS+=($!)
    nginx_config "$WORK/far.pid" "80" > "$WORK/far.conf"
    NEAR="ip netns exec haul-bench-near" FAR=http://10.211.7.2
    until grep -q ready "$WORK/delay.log"; do
        kill -0 "${SERVER_PIDS[-1]}" 2> /dev/null || return 1
        sleep 0.05
    done
    ip netns exec haul-bench-far nginx -c "$WORK/far.conf" > /dev/null 2>> "$WORK/nginx.log" &
    SERVER_PIDS+=($!)
    await_port 10.211.7.2 80 "$NEAR"
}

servers_stop() {
    local pid
    for pid in "${SERVER_PIDS[@]}"; do
        kill "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    done
    [ -n "${NEAR:-}" ] && ip netns del haul-bench-near && ip netns del haul-bench-far
}
