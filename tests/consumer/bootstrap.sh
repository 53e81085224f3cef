#!/bin/sh
# usage: bootstrap.sh SOURCE
#
# cmake/bootstrap.sh takes a package for installed exactly where dpkg does: the packages are put into every state that
# dpkg knows, in a database made for this, and what apt-get is asked to install then is looked at. Nothing is installed.
set -eu
bootstrap=$1/cmake/bootstrap.sh
for tool in dpkg dpkg-query; do
  command -v $tool >/dev/null || {
    echo "SKIPPED: no $tool"
    exit 77
  }
done
real=$(command -v dpkg-query)
native=$(dpkg --print-architecture)
foreign=arm64
[ "$native" != arm64 ] || foreign=amd64

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/dpkg/info" "$work/dpkg/updates"
printf '%s\n' "$native" "$foreign" >"$work/dpkg/arch"
program() { # NAME: what it does comes from standard input
  { echo '#!/bin/sh'; cat; } >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
program dpkg-query <<DPKG_QUERY
exec '$real' --admindir='$work/dpkg' "\$@"
DPKG_QUERY
program apt-get <<APT_GET
case " \$* " in
  *" install "*) printf '%s\n' "\$@" | sed '1,/^install\$/d; /^-/d' >>'$work/asked' ;;
esac
APT_GET
program sudo <<'SUDO'
exec "$@"
SUDO
PATH=$work/bin:$PATH

entry() { # PACKAGE STATUS ARCHITECTURE
  printf 'Package: %s\nStatus: %s\nMaintainer: nobody <nobody@localhost>\nDescription: made for a test\n' "$1" "$2"
  case $2 in
    *' not-installed') ;;
    *' config-files') printf 'Architecture: %s\nVersion: 1\nConfig-Version: 1\n' "$3" ;;
    *' triggers-pending') printf 'Architecture: %s\nVersion: 1\nTriggers-Pending: made-for-a-test\n' "$3" ;;
    *' triggers-awaited') printf 'Architecture: %s\nVersion: 1\nTriggers-Awaited: awaited\n' "$3" ;;
    *) printf 'Architecture: %s\nVersion: 1\n' "$3" ;;
  esac
  case "$2 $3" in
    *' not-installed '* | *' all') ;;
    *) echo 'Multi-Arch: same' ;;
  esac
  echo
}
asked() { # what the script asks apt-get to install, of the group demo
  : >"$work/asked"
  "$bootstrap" packages demo >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
  sort "$work/asked" | tr '\n' ' '
}

: >"$work/dpkg/status"
all=$(asked)
[ "$(echo "$all" | wc -w)" -gt 3 ] || {
  echo "on a bare machine it asks for: '$all'" >&2
  exit 1
}
failures=0 states=0
expect() { # here|missing TITLE [STATUS ARCHITECTURE]...: what packages with these entries are taken for
  expected=$1 title=$2
  shift 2
  [ "$expected" = missing ] && expected=$all || expected=
  for package in $all; do
    for_each_entry "$package" "$@"
  done >"$work/dpkg/status"
  # dpkg has to be able to read it, else nothing would be tested.
  dpkg-query --show >/dev/null 2>"$work/complaints" && [ ! -s "$work/complaints" ] || {
    echo "$title: $(cat "$work/complaints")" >&2
    exit 1
  }
  got=$(asked)
  [ "$got" = "$expected" ] || {
    echo "$title: apt-get is asked for '$got', not for '$expected'" >&2
    failures=$((failures + 1))
  }
  states=$((states + 1))
}
for_each_entry() { # PACKAGE [STATUS ARCHITECTURE]...
  name=$1
  shift
  while [ $# -ne 0 ]; do
    entry "$name" "$1" "$2"
    shift 2
  done
}
state() { # here|missing STATUS
  expect "$1" "$2" "$2" "$native"
}

expect missing "not heard of"
state missing 'unknown ok not-installed'
state missing 'install ok not-installed'
state missing 'install reinstreq half-installed'
state missing 'install ok half-installed'
state missing 'install ok unpacked'
state missing 'install ok half-configured'
state missing 'install ok triggers-awaited'
state missing 'install ok triggers-pending'
state missing 'install reinstreq installed'
state missing 'deinstall ok config-files'
state missing 'purge ok config-files'
state here 'install ok installed'
state here 'hold ok installed'
state here 'deinstall ok installed'
state here 'purge ok installed'

there='install ok installed' removed='deinstall ok config-files'
expect here "for every machine" "$there" all
expect missing "for another machine" "$there" "$foreign"
expect here "for two machines" "$there" "$native" "$there" "$foreign"
expect here "for this machine, and removed for another" "$there" "$native" "$removed" "$foreign"
expect missing "removed for this machine, and there for another" "$removed" "$native" "$there" "$foreign"
expect missing "half done for this machine, and there for another" 'install ok unpacked' "$native" "$there" "$foreign"

echo "$states states of $(echo "$all" | wc -w) packages, $failures mistaken"
[ "$failures" -eq 0 ]
