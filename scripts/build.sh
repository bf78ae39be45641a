#!/usr/bin/env bash
# scripts/build.sh PRESET [TARGET...]: configures build/PRESET where that is needed and builds.
# In the environment: WITH_TESTS=yes for the test programs, too; BELAY_DASHBOARD=OFF for a program
# without the dashboard, which needs no Node.js. A tree that is configured is not
# configured again: Ninja itself notices changed CMake files and new sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:?usage: scripts/build.sh PRESET [TARGET...]}
shift
tree=build/$preset
cache=$tree/CMakeCache.txt
tests=${WITH_TESTS:-no}
dashboard=${BELAY_DASHBOARD:-ON}

settings=()
if [[ ! -f $tree/build.ninja || CMakePresets.json -nt $cache ]]; then
  configure=yes
  # Without the test packages a first ./run must not ask for GoogleTest.
  if [[ $tests == no ]] && ! grep -qs '^BELAY_TESTS:BOOL=ON' "$cache"; then settings+=(-DBELAY_TESTS=OFF); fi
else
  configure=no
fi
if [[ $tests == yes ]] && ! grep -qs '^BELAY_TESTS:BOOL=ON' "$cache"; then
  configure=yes
  settings+=(-DBELAY_TESTS=ON)
fi
scripts/web.sh
if ! grep -qs "^BELAY_DASHBOARD:BOOL=$dashboard" "$cache"; then
  configure=yes
  settings+=("-DBELAY_DASHBOARD=$dashboard")
fi
if [[ $configure == yes ]]; then
  echo "Configuring $tree"
  mkdir -p build
  cmake --preset "$preset" "${settings[@]}" >"$tree.log" 2>&1 || { cat "$tree.log" >&2; exit 1; }
fi

# With paths counted from the source folder, clones of one tree share what ccache has.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export NINJA_STATUS="[%f/%t, %es] "
exec ninja -C "$tree" "$@"
