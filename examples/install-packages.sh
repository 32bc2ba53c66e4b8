#!/bin/sh
# Installs the Debian packages of one or more lists, as far as they are missing.
#
#     sh examples/install-packages.sh examples/packages.txt [LIST...]
#
# A line is a package and, optionally, a command that does without it. With everything there, apt is never run.
set -eu

missing_packages() {
    sed 's/#.*//' "$@" | while read -r package command; do
        [ -n "$package" ] || continue
        if [ -n "$command" ] && command -v "$command" >/dev/null 2>&1; then
            continue
        fi
        case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
            'install ok installed') ;;
            *) printf '%s ' "$package" ;;
        esac
    done
}

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1
}

has_package_lists() {
    ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1
}

install_missing() {
    # shellcheck disable=SC2086  # one word per package
    apt install -y --no-install-recommends $missing
}

[ $# -gt 0 ] || { echo "usage: install-packages.sh LIST..." >&2; exit 2; }
missing=$(missing_packages "$@")
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "install-packages: there is no apt-get here: install what Debian calls $missing" >&2
    exit 2
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "install-packages: neither root nor sudo: install these by hand: $missing" >&2
        exit 2
    fi
    as_root=sudo
fi

echo "installing: $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
has_package_lists || apt update || true
# Lists may be older than the archive, and mirrors have bad minutes: fetch the lists anew, and try again.
for pause in 2 10 30 0; do
    if install_missing; then
        exit 0
    fi
    if [ "$pause" -gt 0 ]; then
        sleep "$pause"
        apt update || true
    fi
done
cat "$log" >&2
echo "install-packages: apt-get could not install $missing" >&2
exit 1
