#!/bin/sh
# Installs what the tests need and runs them all; arguments go to pytest.
# Servers come from Debian or Ubuntu and are kept from starting, now and at the next boot: each test starts its own, on a
# loopback address, and ends it.
set -eu
cd "$(dirname "$0")"

# Which packages, and which of them bring servers.
list() { grep -v '^#' tests/packages.txt; }
packages=$(list | cut -d' ' -f1)
servers=$(list | cut -s -d' ' -f2- | tr ' ' '\n' | sort -u | paste -sd'|')

say() { printf 'test.sh: %s\n' "$*" >&2; }

installed() { dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii *//p' | sort; }

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
policy=/usr/sbin/policy-rc.d
kept=

# Puts back the policy that was there before, if there was one.
restore() {
    if [ -n "$kept" ]; then $as_root mv "$kept" $policy; else $as_root rm -f $policy; fi
}

apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" </dev/null; }

install() {
    say "installing with apt-get: $*"
    if [ -e $policy ] || [ -e $policy.before-zijian-tests ]; then
        kept=$policy.before-zijian-tests
        # What a killed run kept is the one to put back.
        [ -e $kept ] || $as_root cp -p $policy $kept
    fi
    trap restore EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    before=$(mktemp)
    installed >"$before"
    apt update || true
    apt install -y --no-install-recommends "$@" >/dev/null 2>&1 || for package in "$@"; do
        apt install -y --no-install-recommends "$package" >/dev/null || say "$package could not be installed"
    done
    if command -v systemctl >/dev/null 2>&1; then
        installed | comm -13 "$before" - | while read -r package; do
            eval "case \$package in $servers) ;; *) continue ;; esac"
            dpkg -L "$package" | sed -n 's,.*/systemd/system/\([^/@]*\.\(service\|socket\|timer\)\)$,\1,p'
        done | sort -u | while read -r unit; do
            $as_root systemctl disable --quiet --now "$unit" </dev/null >/dev/null 2>&1 ||
                $as_root systemctl disable --quiet "$unit" </dev/null >/dev/null 2>&1 || true
        done
    fi
    rm -f "$before"
    restore
    trap - EXIT HUP INT TERM
}

if command -v dpkg-query >/dev/null 2>&1; then
    # Ubuntu has Chromium as a snap only, which does not run everywhere.
    case $(sed -n 's/^ID=//p' /etc/os-release) in ubuntu) packages=$(echo "$packages" | sed 's/chromium//') ;; esac
    have=$(installed)
    missing=
    for package in $packages; do
        printf '%s\n' "$have" | grep -qx "$package" || missing="$missing $package"
    done
    # shellcheck disable=SC2086  # a list of words
    [ -z "$missing" ] || install $missing
else
    say "this is neither Debian nor Ubuntu; the tests need the programs of:" "$packages"
fi

# Whole files go to one worker: their servers are started once.
[ $# -gt 0 ] || set -- -n 2 --dist loadfile
if [ ! -x /usr/bin/chromium ]; then
    say "there is no /usr/bin/chromium: the tests in a browser are left out"
    set -- -m 'not browser' "$@"
fi
ZIJIAN_DEV=1 ZIJIAN_MODULE=pytest exec ./zijian "$@"
