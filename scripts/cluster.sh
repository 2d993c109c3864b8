# shellcheck shell=bash
# A private, throw-away PostgreSQL server for the tests; sourced by the scripts beside it.
#
# The server listens on a socket in a folder that only its owner may enter, and on no network address.
# Its locale is ICU en-US on purpose: text that a query forgets to order by bytes comes out differently
# from SQLite there, and a test notices.

cluster_folder=""
cluster_binaries=""
cluster_user=""

# Must be what tests/it/support/database.rs expects.
cluster_secret_user="secret_user"
cluster_secret_password="low-tide-lantern"

# shellcheck source=scripts/packages.sh
. scripts/packages.sh

# Prints each folder that may hold the server's binaries. Debian keeps initdb and pg_ctl off the PATH.
candidate_folders() {
    local found
    if found=$(command -v initdb); then
        dirname "$found"
    fi
    local folder
    for folder in \
        /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql*/bin \
        /usr/local/opt/postgresql*/bin \
        /Applications/Postgres.app/Contents/Versions/*/bin; do
        printf '%s\n' "$folder"
    done
}

major_version() {
    "$1/initdb" --version | sed -n 's/[^0-9]*\([0-9][0-9]*\).*/\1/p'
}

# Prints the folder with the newest server; nothing when there is none.
find_binaries() {
    local folder version best="" best_version=0
    while IFS= read -r folder; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ]; then
            version=$(major_version "$folder")
            if [ "${version:-0}" -gt "$best_version" ]; then
                best=$folder
                best_version=$version
            fi
        fi
    done < <(candidate_folders)
    printf '%s' "$best"
}

# Runs a command as the server's user, from a folder that user may enter. initdb and postgres refuse root.
as_server() {
    (
        cd "$cluster_folder" || exit
        if [ -z "$cluster_user" ]; then
            exec env LC_ALL=C "$@"
        elif command -v runuser >/dev/null 2>&1; then
            exec runuser -u "$cluster_user" -- env LC_ALL=C "$@"
        else
            exec sudo -n -u "$cluster_user" env LC_ALL=C "$@"
        fi
    )
}

choose_server_user() {
    cluster_user=""
    if is_root; then
        for cluster_user in postgres nobody; do
            if id "$cluster_user" >/dev/null 2>&1; then
                return
            fi
        done
        fail "no user to run PostgreSQL as: it refuses root" "useradd --system postgres"
    fi
}

# Prints the locale options for this version: a database of its own ICU locale came with PostgreSQL 15.
locale_options() {
    if [ "$(major_version "$cluster_binaries")" -ge 15 ]; then
        printf '%s\n' --locale-provider=icu --icu-locale=en-US
    elif locale -a 2>/dev/null | grep -qi '^en_US\.utf-\{0,1\}8$'; then
        printf '%s\n' --locale=en_US.UTF-8
    else
        say "note: PostgreSQL before 15 and no en_US.UTF-8 locale: ordering by language is not tested"
    fi
}

create_cluster() {
    local data=$cluster_folder/data options=() option
    while IFS= read -r option; do
        options+=("$option")
    done < <(locale_options)
    if ! as_server "$cluster_binaries/initdb" --pgdata="$data" --username=postgres --auth=trust \
        --encoding=UTF8 --no-sync ${options[@]+"${options[@]}"} >"$cluster_folder/initdb.log" 2>&1; then
        cat "$cluster_folder/initdb.log" >&2
        fail "initdb failed; its output is above"
    fi
    # Nothing here outlives the run, so nothing is worth waiting for the disk.
    as_server tee -a "$data/postgresql.conf" >/dev/null <<SETTINGS
listen_addresses = ''
port = 5432
unix_socket_directories = '$cluster_folder'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
password_encryption = 'scram-sha-256'
SETTINGS
    # One role must give its password, so that a test of a wrong password is a real one.
    as_server tee "$data/pg_hba.conf" >/dev/null <<RULES
local all $cluster_secret_user scram-sha-256
local all all trust
RULES
    # Single-user mode needs no psql; it reads one statement a line.
    printf "CREATE ROLE %s LOGIN PASSWORD '%s'\n" "$cluster_secret_user" "$cluster_secret_password" |
        as_server "$cluster_binaries/postgres" --single -D "$data" postgres >>"$cluster_folder/initdb.log" 2>&1
}

# Stops the server and removes everything of it. Safe to call twice, and before anything was started.
stop_cluster() {
    if [ -z "$cluster_folder" ]; then
        return
    fi
    if [ -f "$cluster_folder/data/postmaster.pid" ]; then
        as_server "$cluster_binaries/pg_ctl" stop -D "$cluster_folder/data" -m immediate -w >/dev/null 2>&1 || true
    fi
    rm -rf "$cluster_folder"
    cluster_folder=""
}

# Sets TOOLKIT_TEST_POSTGRES, starting a server unless one is named there already.
start_cluster() {
    if [ -n "${TOOLKIT_TEST_POSTGRES:-}" ]; then
        say "using the server that TOOLKIT_TEST_POSTGRES names"
        return
    fi
    cluster_binaries=$(find_binaries)
    if [ -z "$cluster_binaries" ]; then
        install_packages "PostgreSQL's server (initdb, pg_ctl)" postgresql
        cluster_binaries=$(find_binaries)
    fi
    if [ -z "$cluster_binaries" ]; then
        fail "PostgreSQL's server was installed, and initdb and pg_ctl are still not found" \
            "put their folder on the PATH"
    fi
    trap stop_cluster EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    choose_server_user
    # Not $TMPDIR: a socket's path may hold 103 bytes on some systems, and that folder can be deep.
    cluster_folder=$(mktemp -d /tmp/toolkit-pg.XXXXXX)
    if [ -n "$cluster_user" ]; then
        chown "$cluster_user" "$cluster_folder"
    fi
    create_cluster
    if ! as_server "$cluster_binaries/pg_ctl" start -D "$cluster_folder/data" -w -t 60 \
        -l "$cluster_folder/server.log" >/dev/null 2>&1; then
        cat "$cluster_folder/server.log" >&2 || true
        fail "PostgreSQL did not start; its log is above"
    fi
    export TOOLKIT_TEST_POSTGRES="postgres://postgres@${cluster_folder//\//%2F}/postgres"
    say "PostgreSQL $(major_version "$cluster_binaries") runs in $cluster_folder"
}

# Finds cargo where rustup puts it, and ends with what to type when a needed tool is missing.
require_tools() {
    if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-${HOME:-}/.cargo}/bin/cargo" ]; then
        PATH="${CARGO_HOME:-${HOME:-}/.cargo}/bin:$PATH"
        export PATH
    fi
    command -v cargo >/dev/null 2>&1 || fail "cargo not found" "install Rust 1.95 or newer: https://rustup.rs"
    local component
    for component in "$@"; do
        cargo "$component" --version >/dev/null 2>&1 ||
            fail "cargo $component not found" "rustup component add rustfmt clippy"
    done
    # The bundled SQLite and zstd are C.
    if ! command -v cc >/dev/null 2>&1; then
        install_packages "a C compiler (cc)" build-essential
    fi
}
