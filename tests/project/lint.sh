#!/bin/sh
# Formatting and linting of what no compiler sees. Usage: lint.sh format|man|shell. Exit code 77: the tool is not here.
set -eu
cd "$(dirname "$0")/../.."

needs() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "$1 is not installed"
    exit 77
}

files() {  # files NAME...: those of the project, without build trees and fetched packages
    find . \( -name .git -o -name build -o -name node_modules -o -name .venv \) -prune -o -type f \( "$@" \) -print
}

case ${1-} in
    format)
        needs clang-format-19
        files -name '*.cpp' -o -name '*.h' | xargs -r clang-format-19 --dry-run -Werror
        ;;
    man)
        needs mandoc
        files -path './man/*.[0-9]' | xargs -r mandoc -T lint -W warning
        ;;
    shell)
        needs shellcheck
        files -name '*.sh' -o -path './.ci/run' | xargs -r shellcheck -x
        ;;
    *)
        echo "usage: lint.sh format|man|shell" >&2
        exit 2
        ;;
esac
echo "$1: fine"
