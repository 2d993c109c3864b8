# shellcheck shell=bash
# What the scripts beside it say, and how they install what is missing; sourced by them.

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "error: $1"
    shift
    local hint
    for hint in "$@"; do
        say "  hint: $hint"
    done
    exit 1
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

can_install() {
    command -v apt-get >/dev/null 2>&1 && { is_root || sudo -n true >/dev/null 2>&1; }
}

# Installs Debian packages, or ends with the command to type.
install_packages() {
    local wanted=$1
    shift
    if ! can_install; then
        if command -v apt-get >/dev/null 2>&1; then
            fail "$wanted not found" "sudo apt-get update && sudo apt-get install $*"
        elif command -v brew >/dev/null 2>&1; then
            fail "$wanted not found" "brew install postgresql@17 python; brew install --cask chromium" "xcode-select --install (for the C compiler)"
        else
            fail "$wanted not found" "install what Debian calls $* with this system's package manager"
        fi
    fi
    say "installing $*"
    local prefix=()
    if ! is_root; then
        prefix=(sudo -n)
    fi
    # ${prefix[@]+...}: an empty array is unset to bash before 4.4.
    ${prefix[@]+"${prefix[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get update -q </dev/null >&2
    ${prefix[@]+"${prefix[@]}"} env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@" </dev/null >&2
}
