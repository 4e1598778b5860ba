#!/usr/bin/env bash
# Builds everything and runs every test project; ends with one line: N passed, N failed, N skipped.
#
# Foreign FTP clients, pyftpdlib and a browser are installed by apt when missing and when this user may (root, or sudo
# without a password); the other foreign servers are unpacked by tests/foreign-servers.sh. What stays missing skips its
# tests by name; with CI=true it fails them.
set -uo pipefail
cd "$(dirname "$0")"

configuration=Release
memory_folder=
packages=(chromium postgresql logrotate lftp curl python3 python3-pyftpdlib python3-openssl rclone ncftp)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Most of what the tests start lives for seconds: counting what its code does, to compile it better later, is a tenth of its work.
export DOTNET_TieredPGO=0

install_missing() {
  command -v apt-get >/dev/null || return 0
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "not installed, and no right to: ${missing[*]}" >&2
      return 0
    fi
    as_root=(sudo -n)
  fi

  echo "installing for the tests: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq >/dev/null
  # policy-rc.d keeps packages from starting their services.
  local policy=/usr/sbin/policy-rc.d made_policy=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod +x "$policy"
    made_policy=yes
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || echo "apt-get install failed for some of: ${missing[*]}" >&2
  [ -z "$made_policy" ] || "${as_root[@]}" rm -f "$policy"
}

# Archives and ledgers make what they write durable, over and over, and some tests make 100,000 files: minutes on a slow disk. In memory only where there is
# plenty, of it and of room in it.
use_memory_for_files() {
  [ -z "${TMPDIR:-}" ] && [ -d /dev/shm ] || return 0
  local free_kib available_kib
  free_kib=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
  available_kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  [ "${free_kib:-0}" -ge 6291456 ] && [ "${available_kib:-0}" -ge 12582912 ] || return 0
  # Servers that give up root have to come in as well.
  memory_folder=$(mktemp -d /dev/shm/ala-tests.XXXXXX) && chmod 755 "$memory_folder" && export TMPDIR="$memory_folder"
}

install_missing
tests/foreign-servers.sh
use_memory_for_files
output=$(mktemp -d)
trap 'rm -rf "$output" ${memory_folder:+"$memory_folder"}' EXIT
dotnet build ActorLogArchive.sln -c "$configuration" -v quiet --nologo -clp:NoSummary || { echo "build failed"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

if tests/compile-ahead.sh; then
  export ALA_TEST_PROGRAMS=$PWD/artifacts/compiled-ahead
else
  echo "the programs that the tests start are not compiled ahead: those tests take half as long again" >&2
fi

# Two lanes of about the same length, shown one after the other: the system's tests take longer than all others together, so
# some of them come after the others. What is run: a project, and which of its tests where it is not all.
run_tests() {
  local part project filter name
  for part in "$@"; do
    read -r project filter <<<"$part"
    name="$(basename "$project" .csproj)${filter:+ ($filter)}"
    echo "== $name"
    dotnet test "$project" -c "$configuration" --no-build --nologo --blame-hang-timeout 10m ${filter:+--filter "$filter"} \
      --results-directory artifacts/tests/"$(basename "$project" .csproj)" 2>&1
    echo "$name: exit status $?"
  done
}

system=tests/System.Tests/System.Tests.csproj
mapfile -t others < <(printf '%s\n' tests/*.Tests/*.csproj | grep -vxF "$system")
run_tests "$system FullyQualifiedName!~CrashPoint" >"$output/system" &
run_tests "${others[@]}" "$system FullyQualifiedName~CrashPoint" | tee "$output/others"
wait
cat "$output/system"

passed=0 failed=0 skipped=0
while read -r line; do
  case $line in
    "== "*) name=${line#== } summary= ;;
    [PFS]*"! "*" - Failed: "*) summary=$line ;;
    "$name: exit status "*)
      if [ -z "$summary" ]; then
        echo "$name: no test result" >&2
        failed=$((failed + 1))
        continue
      fi
      count() { sed -E "s/.*$1: +([0-9]+).*/\1/" <<<"$summary"; }
      passed=$((passed + $(count Passed))) failed=$((failed + $(count Failed))) skipped=$((skipped + $(count Skipped)))
      # A run that was aborted after its last test still ends with a non-zero status.
      if [ "${line##* }" -ne 0 ] && [ "$(count Failed)" -eq 0 ]; then failed=$((failed + 1)); fi
      ;;
  esac
done < <(cat "$output/others" "$output/system")

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
