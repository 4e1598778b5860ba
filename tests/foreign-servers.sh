#!/usr/bin/env bash
# Puts vsftpd, pure-ftpd and proftpd below artifacts/foreign-servers/, for the contract suite and for bench.
#
# Debian's packages of the three exclude each other, so they are unpacked side by side and not installed. The libraries they
# need are installed by apt where this user may (root, or sudo without a password). What stays missing is named.
set -uo pipefail
cd "$(dirname "$0")/.."

target=artifacts/foreign-servers
servers=(vsftpd pure-ftpd proftpd)
declare -A packages=([vsftpd]=vsftpd [pure-ftpd]=pure-ftpd [proftpd]="proftpd-core proftpd-mod-crypto")

# Runs as it is, with every library found.
usable() {
  local program=$target/$1/usr/sbin/$1
  [ -x "$program" ] && ! ldd "$program" 2>&1 | grep -q 'not found'
}

missing=()
for server in "${servers[@]}"; do usable "$server" || missing+=("$server"); done
[ ${#missing[@]} -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null; then
  echo "not here, and no apt-get to fetch them: ${missing[*]}" >&2
  exit 1
fi

as_root=()
may_install=yes
if [ "$(id -u)" -ne 0 ]; then
  if sudo -n true 2>/dev/null; then as_root=(sudo -n); else may_install=; fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt downloads as a user of its own
fetch() { (cd "$work" && timeout 300 apt-get download -qq "$@" 2>/dev/null); }

rm -rf "$target"/.unpacking-* # of a run that was cut off
failed=()
for server in "${missing[@]}"; do
  echo "unpacking for the tests: $server"
  # Without package lists, or with old ones, the download fails: brought up to date once, then.
  # shellcheck disable=SC2086 # several packages
  if ! fetch ${packages[$server]}; then
    [ -z "$may_install" ] || timeout 300 ${as_root[@]+"${as_root[@]}"} apt-get update -qq >/dev/null
    fetch ${packages[$server]} || { failed+=("$server"); continue; }
  fi

  # Unpacked aside and moved in whole: a run that is cut off leaves nothing that looks finished.
  mkdir -p "$target"
  unpacked=$(mktemp -d "$target/.unpacking-XXXXXX")
  chmod 755 "$unpacked"
  libraries=()
  for package in ${packages[$server]}; do
    dpkg-deb -x "$work/${package}"_*.deb "$unpacked"
    while read -r library; do
      dpkg-query -W -f='${Status}' "$library" 2>/dev/null | grep -q 'install ok installed' || libraries+=("$library")
    done < <(dpkg-deb -f "$work/${package}"_*.deb Depends | tr ',' '\n' | sed -E 's/^ *//; s/[ (|:].*//' | grep -E '^lib' | grep -v -- '-runtime$')
  done
  rm -rf "${target:?}/$server"
  mv "$unpacked" "$target/$server"
  if [ ${#libraries[@]} -gt 0 ] && [ -n "$may_install" ]; then
    timeout 600 ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${libraries[@]}" >/dev/null
  fi
  usable "$server" || failed+=("$server")
done

if [ ${#failed[@]} -gt 0 ]; then
  echo "could not be fetched, or lacks libraries: ${failed[*]}" >&2
  exit 1
fi
