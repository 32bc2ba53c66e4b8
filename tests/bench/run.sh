#!/bin/sh
# Compares aigw with other proxies on this machine: CPU, delay and memory. `sh tests/bench/run.sh --help` says how.
set -eu

usage() {
    cat <<'EOF'
usage: sh tests/bench/run.sh [options]

Installs the Debian packages that are missing, fetches Portkey's gateway and tiktoken, builds the release preset and runs
the comparison: nginx, haproxy, aigw and Portkey before the same upstream. It needs two cores that nobody else uses.
A whole run takes a third of an hour and writes tests/bench/RESULTS.md; a partial one only prints.

  --quick            one short round, to try things out
  --rounds N         rounds of each scenario; what is shown is the median (default 3)
  --only A,B         these scenarios
  --rows A,B         these rows: nginx, haproxy, "aigw pass", "aigw full", portkey
  --list             name the scenarios and rows
  --help             this text

Exit codes: 0 measured, 1 a program failed, 2 wrong usage or a package that cannot be installed.
EOF
}

for argument in "$@"; do
    case $argument in --help | -h) usage; exit 0 ;; esac
done

cd "$(dirname "$0")/../.."
sh examples/install-packages.sh examples/packages.txt tests/packages.txt tests/bench/packages.txt
sh tests/bench/portkey/setup.sh
sh tests/interop/setup.sh
mkdir -p build/release
log=build/release/configure.log
if ! cmake --preset release -DAIGW_TESTS=ON >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
cmake --build build/release --target aigw aigw_bench_programs
export PYTHONDONTWRITEBYTECODE=1
exec python3 tests/bench/bench.py --build build/release "$@"
