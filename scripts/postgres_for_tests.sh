#!/usr/bin/env bash
# Run a command beside a PostgreSQL server of its own: on a free port of this machine,
# in a temporary folder, gone when the command ends.
#
#     scripts/postgres_for_tests.sh make test
#
# ANNOTATOR_TEST_PG_URL says to the command where it is. Debian: apt-get install postgresql
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "Say what to run beside PostgreSQL: $0 make test" >&2
    exit 2
fi

# Debian keeps the server's programs by version, outside of PATH.
bin=$(compgen -G "/usr/lib/postgresql/*/bin/initdb" | sort -V | tail -n 1) || true
[ -n "$bin" ] || bin=$(command -v initdb) || true
if [ -z "$bin" ]; then
    echo "PostgreSQL is not installed. On Debian: apt-get install postgresql" >&2
    exit 1
fi
bin=$(dirname "$bin")

folder=$(mktemp -d "${TMPDIR:-/tmp}/annotator-postgres-XXXXXX")
as=()
if [ "$(id -u)" -eq 0 ]; then # as root the server does not start
    user=nobody
    ! id postgres >/dev/null 2>&1 || user=postgres
    chown "$user" "$folder"
    as=(runuser -u "$user" --)
fi

# From within the folder: the server's user may not see where we are.
server() { (cd "$folder" && "${as[@]}" "$bin/$1" "${@:2}"); }

stop() {
    # Nothing is to be kept, so nobody is waited for.
    server pg_ctl stop -D "$folder/data" -m immediate >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# With a password: other people of this machine come to the loopback too.
password=$(od -An -N 16 -t x1 /dev/urandom | tr -d ' \n')
printf '%s' "$password" >"$folder/password"
chmod 600 "$folder/password"
[ ${#as[@]} -eq 0 ] || chown "$user" "$folder/password"
server initdb -D "$folder/data" -U annotator --auth=scram-sha-256 \
    --pwfile="$folder/password" --encoding=UTF8 --locale=C --no-sync >/dev/null

free_port() {
    "${PYTHON:-python3}" -c \
        'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'
}

# Somebody may take the port in between; then another one.
for attempt in 1 2 3 4 5; do
    port=$(free_port)
    ! server pg_ctl start -w -t 60 -D "$folder/data" -l "$folder/log" -o "-p $port \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
        -c max_connections=200 -c fsync=off -c full_page_writes=off" >/dev/null || break
    if [ "$attempt" -eq 5 ]; then
        echo "PostgreSQL does not start:" >&2
        tail -n 20 "$folder/log" >&2 || true
        exit 1
    fi
done

export ANNOTATOR_TEST_PG_URL="postgresql://annotator:$password@127.0.0.1:$port/postgres"
"$@"
