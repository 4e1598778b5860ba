#!/usr/bin/env bash
# Puts the two programs, compiled to machine code as far as that goes (ReadyToRun), below artifacts/compiled-ahead/<program>/.
#
# The system's tests start them some hundred times, mostly for seconds, and compiling was more than a third of all they did.
# What is shipped is not compiled ahead: it costs an agent 13 MB of memory. Without the compiler the tests use what was built.
set -uo pipefail
cd "$(dirname "$0")/.."

target=artifacts/compiled-ahead
programs=(AgentNode ArchiveNode)
# Its types nest without end: the compiler takes all memory there is and does not come back.
skipped=(LanguageExt.Core.dll)

built() { echo "src/$1/bin/Release/net10.0"; }

if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "no compiler for $(uname -sm)" >&2
  exit 1
fi
version=$(sed -n -E 's/.*Version="\[(.*)\]".*/\1/p' tests/CompileAhead/CompileAhead.csproj)
compiler=$target/packages/microsoft.netcore.app.crossgen2.linux-x64/$version/tools/crossgen2
[ -x "$compiler" ] || dotnet restore tests/CompileAhead --packages "$target/packages" --verbosity quiet >&2 || exit 1

frameworks=()
for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
  folder=$(dotnet --list-runtimes | sed -n -E "s|^$framework (10\.[^ ]+) \[(.*)\]$|\2/\1|p" | tail -n 1)
  if [ -z "$folder" ]; then
    echo "dotnet --list-runtimes names no $framework 10" >&2
    exit 1
  fi
  frameworks+=(-r "$folder/*.dll")
done

compile() {
  local program=$1 assembly=$2
  # Not every assembly holds code, and some are compiled already: those stay as they are.
  if timeout 120 "$compiler" "$(built "$program")/$assembly" -o "$target/$program/$assembly.new" --targetos linux --targetarch x64 -O \
    -r "$(built "$program")/*.dll" "${frameworks[@]}" >/dev/null 2>&1; then
    mv "$target/$program/$assembly.new" "$target/$program/$assembly"
  else
    rm -f "$target/$program/$assembly.new"
  fi
}

for program in "${programs[@]}"; do
  done_when="$target/$program.done"
  [ -e "$done_when" ] && [ -z "$(find "$(built "$program")" -newer "$done_when" -print -quit)" ] && continue
  rm -rf "${target:?}/$program" "$done_when"
  cp -a "$(built "$program")" "$target/$program" || exit 1
  touch "$done_when.new"
  for path in "$(built "$program")"/*.dll; do
    assembly=$(basename "$path")
    [[ " ${skipped[*]} " == *" $assembly "* ]] && continue
    if [ "$program" != "${programs[0]}" ] && cmp -s "$path" "$(built "${programs[0]}")/$assembly"; then
      cp "$target/${programs[0]}/$assembly" "$target/$program/$assembly"
      continue
    fi
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
    compile "$program" "$assembly" &
  done
  wait
  # Single ones may fail; when this one did, none can have been compiled.
  if cmp -s "$target/$program/Akka.dll" "$(built "$program")/Akka.dll"; then
    echo "$compiler compiles nothing; try: $compiler $(built "$program")/Akka.dll -o /dev/null ${frameworks[*]}" >&2
    exit 1
  fi
  mv "$done_when.new" "$done_when"
done
