#!/usr/bin/env bash
# Fuzzes the pure modules, one target after the other, and says how many inputs were tried and what was found.
#
#   scripts/fuzz.sh [TARGET]...     all targets unless some are named
#   scripts/fuzz.sh --keep          writes what it has learned so far into tests/fuzz/corpus, as few and as small inputs as reach the same
#
# Environment: FUZZ_SECONDS for each target (60). What is learned and found stays in target/fuzz.
#
# Without a sanitizer: the framework forbids unsafe code, so that one finds nothing in it and halves the speed. That also makes the
# stable compiler do. Debug assertions and overflow checks are on.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(tokenize diff protocol patch)
seconds=${FUZZ_SECONDS:-60}
target=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
mkdir -p "$target"

command -v cargo-fuzz >/dev/null || { echo "fuzz: cargo-fuzz is missing: run 'cargo install cargo-fuzz'" >&2; exit 1; }
cargo fuzz build --fuzz-dir tests/fuzz --sanitizer none --target-dir "$target"
programs=$(dirname "$(find "$target" -path '*/release/protocol' -type f | head -n 1)")

# The kept inputs are lines of Base64, which libFuzzer reads as files in a folder.
unpack() {
    local name=$1 line
    mkdir -p "$target/corpus/$name"
    sed '/^#/d;/^$/d' "tests/fuzz/corpus/$name.txt" "tests/fuzz/corpus/findings/$name.txt" | while read -r line; do
        base64 --decode <<<"$line" >"$target/corpus/$name/kept-$(cksum <<<"$line" | tr ' ' -)"
    done
}

# As few inputs as reach the same code.
keep() {
    local name least input
    for name in "${all[@]}"; do
        least=$target/least/$name
        rm -rf "$least" && mkdir -p "$least"
        unpack "$name"
        "$programs/$name" -set_cover_merge=1 -use_counters=0 -max_len="${FUZZ_KEEP_BYTES:-256}" "$least" "$target/corpus/$name" 2>/dev/null
        for input in "$least"/*; do base64 --wrap 0 "$input"; echo; done | LC_ALL=C sort >"tests/fuzz/corpus/$name.txt"
    done
    wc --lines --bytes tests/fuzz/corpus/*.txt
}

fuzz() {
    local name=$1 log=$target/$1.log findings=$target/findings/$1
    mkdir -p "$findings"
    unpack "$name"
    local status=0
    "$programs/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=2048 -print_final_stats=1 \
        -artifact_prefix="$findings/" "$target/corpus/$name" 2>"$log" || status=$?
    printf '%-10s %12s executions' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
    if [ "$status" = 0 ]; then
        echo ", nothing found"
    else
        echo ", FOUND something: the input is in $findings, the story in $log"
        grep -A 20 -m 1 panicked "$log" || true
        return 1
    fi
}

if [ "${1:-}" = --keep ]; then
    keep
    exit
fi
failed=0
for name in "${@:-${all[@]}}"; do
    fuzz "$name" || failed=1
done
exit "$failed"
