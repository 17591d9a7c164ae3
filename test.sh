#!/bin/sh
# Installs what the tests need and runs them all; arguments go to pytest.
# Servers come from Debian or Ubuntu and are kept from starting by themselves: each test starts its own, on a loopback
# address, and ends it.
set -eu
cd "$(dirname "$0")"

packages="nmap nginx apache2 redis-server memcached vsftpd mariadb-server postgresql openssh-server openssl bind9
    inetutils-telnetd socat iproute2 chromium fonts-noto-cjk procps"

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo

missing=
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done

if [ -n "$missing" ]; then
    printf 'test.sh: installing with apt-get:%s\n' "$missing" >&2
    policy=/usr/sbin/policy-rc.d
    kept=
    if [ -e $policy ]; then
        kept=$(mktemp)
        $as_root cp -p $policy "$kept"
    fi
    restore() {
        if [ -n "$kept" ]; then $as_root cp -p "$kept" $policy; else $as_root rm -f $policy; fi
    }
    trap restore EXIT
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # Ubuntu has chromium as a snap only, which cannot run everywhere: the browser tests are then skipped, and say so.
    for package in $missing; do
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
            printf 'test.sh: %s could not be installed\n' "$package" >&2
    done
    restore
    trap - EXIT
fi

# Whole files go to one worker: their servers are started once.
[ $# -gt 0 ] || set -- -n 2 --dist loadfile
ZIJIAN_DEV=1 ZIJIAN_MODULE=pytest exec ./zijian "$@"
