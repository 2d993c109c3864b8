# shellcheck shell=bash
# The browser that the tests look at reports with; sourced by the scripts beside it, after packages.sh.

# Prints the browser; nothing when there is none.
find_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name"; then
            return
        fi
    done
    local mac="/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    if [ -x "$mac" ]; then
        printf '%s\n' "$mac"
    fi
}

# Sets TOOLKIT_TEST_CHROMIUM, installing a browser unless one is named there or found.
require_browser() {
    if [ -n "${TOOLKIT_TEST_CHROMIUM:-}" ]; then
        say "using the browser that TOOLKIT_TEST_CHROMIUM names"
        return
    fi
    local found
    found=$(find_browser)
    if [ -z "$found" ]; then
        install_packages "Chromium" chromium
        found=$(find_browser)
    fi
    if [ -z "$found" ]; then
        fail "Chromium was installed, and is still not found" "name it in TOOLKIT_TEST_CHROMIUM"
    fi
    export TOOLKIT_TEST_CHROMIUM="$found"
}
