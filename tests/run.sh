#!/bin/sh
# Sets up what is missing, builds, and runs every test. `sh tests/run.sh --help` says how.
set -eu

usage() {
    cat <<'EOF'
usage: sh tests/run.sh [options]

Installs the Debian packages that are missing (apt is not touched when none is), fetches the SDKs of the
interoperability tests, configures, builds and runs every test. Its last lines are ctest's summary.

  --setup-only    install and fetch, build nothing
  --preset NAME   build and test this preset instead of release: dev, asan, tsan, fuzz
  --asan          also the tests of libaigw under the address and undefined sanitizers
  --full          also everything under asan and tsan, minutes of fuzzing, soak tests, clang-tidy over every file
  --jobs N        parallel compilers and tests (default: one per core)
  --help          this text

  AIGW_FUZZ_SECONDS   how long --full runs each fuzz target (default 120)
  AIGW_SOAK_SECONDS   how long --full soaks each build (default 600)

Exit codes: 0 all tests passed, 1 something failed, 2 wrong usage or a package that cannot be installed.
A test that cannot run here (a registry out of reach) is reported as skipped, never as passed.
EOF
}

preset=release
setup_only=no
asan=no
full=no
failed=
jobs=$(nproc 2>/dev/null || echo 2)
fuzz_seconds=${AIGW_FUZZ_SECONDS:-120}

wrong_usage() {
    echo "run.sh: $1: see sh tests/run.sh --help" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
        --setup-only) setup_only=yes ;;
        --asan) asan=yes ;;
        --full) full=yes ;;
        --preset | --jobs)
            [ $# -gt 1 ] || wrong_usage "$1 needs a value"
            if [ "$1" = --preset ]; then preset=$2; else jobs=$2; fi
            shift
            ;;
        --help | -h) usage; exit 0 ;;
        *) wrong_usage "unknown option $1" ;;
    esac
    shift
done
case $jobs in '' | *[!0-9]* | 0) wrong_usage "--jobs takes a number, not '$jobs'" ;; esac
case $fuzz_seconds in '' | *[!0-9]*) wrong_usage "AIGW_FUZZ_SECONDS takes a number, not '$fuzz_seconds'" ;; esac

cd "$(dirname "$0")/.."
grep -q "\"name\": \"$preset\", \"inherits\"" CMakePresets.json || wrong_usage "there is no preset $preset"

started=$(date +%s)
step() {
    now=$(date +%s)
    printf '\n== %s (after %d min %02d s)\n' "$*" $(((now - started) / 60)) $(((now - started) % 60))
}

configure() {
    mkdir -p "build/$1"
    log=build/$1/configure.log
    if ! cmake --preset "$1" -DAIGW_TESTS=ON >"$log" 2>&1; then
        cat "$log" >&2
        exit 1
    fi
}

build() {
    preset_to_build=$1
    shift
    step "building $preset_to_build${1:+: $*}"
    configure "$preset_to_build"
    cmake --build "build/$preset_to_build" -j "$jobs" ${1:+--target} "$@"
}

run_ctest() {
    preset_to_test=$1
    shift
    step "testing $preset_to_test"
    ctest --test-dir "build/$preset_to_test" --output-on-failure --no-tests=error -j "$jobs" "$@"
}

fuzz() {
    build fuzz aigw_fuzzers
    mkdir -p build/fuzz/crashes
    for target in build/fuzz/fuzzers/*; do
        name=$(basename "$target")
        step "fuzzing $name for $fuzz_seconds s"
        mkdir -p "build/fuzz/corpus/$name"
        set -- "build/fuzz/corpus/$name"
        if [ -d "tests/fuzz/corpus/$name" ]; then
            set -- "$@" "tests/fuzz/corpus/$name"
        fi
        "$target" -max_total_time="$fuzz_seconds" -artifact_prefix="build/fuzz/crashes/$name-" "$@" || failed="$failed fuzz/$name"
    done
}

# A part that fails does not keep the others from running.
long_part() {
    build "$1"
    run_ctest "$1" || failed="$failed $1"
}

step "packages"
sh examples/install-packages.sh examples/packages.txt tests/packages.txt
sh tests/interop/setup.sh
if [ "$setup_only" = yes ]; then
    echo "everything is in place: sh tests/run.sh builds and tests"
    exit 0
fi

# What is slow and special comes first, so that the summary of the shipped build stands last.
if [ "$full" = yes ]; then
    export AIGW_TIDY=all AIGW_SOAK=1
    long_part asan
    long_part tsan
    fuzz
elif [ "$asan" = yes ]; then
    build asan aigw_lib_tests
    run_ctest asan -R '^lib/'
fi
build "$preset"
run_ctest "$preset" || failed="$failed $preset"
if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
