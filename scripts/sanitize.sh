#!/usr/bin/env bash
# scripts/sanitize.sh [asan|tsan]... [-- CTEST ARGUMENT...]      the same: ./test --sanitize ...
# Builds Belay with sanitizers and runs its tests; fails when a test fails or any process has a finding.
#   asan   build/asan: AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer; the whole suite
#   tsan   build/tsan: ThreadSanitizer; the unit, simulation and crash tests
# Without a name both, one after the other. Arguments behind -- go to ctest: -- -R Engine
# Findings of every process, also of servers that a test starts, are files in build/asan/findings
# and build/tsan/findings. BELAY_CRASH_CYCLES sets the number of crash cycles, as for ./test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ ${1:-} == --help || ${1:-} == -h ]]; then sed -n '2,$ { /^#/!q; s/^# \{0,1\}//p }' "${BASH_SOURCE[0]}"; exit 0; fi

kinds=()
while [[ $# -gt 0 && $1 != -- ]]; do
  case $1 in
    asan | tsan) kinds+=("$1") ;;
    *) echo "sanitize: no such kind: $1 (asan, tsan; ctest's arguments come behind --)" >&2; exit 2 ;;
  esac
  shift
done
[[ ${1:-} == -- ]] && shift
[[ ${#kinds[@]} -gt 0 ]] || kinds=(asan tsan)

# ThreadSanitizer of GCC 12 finds no room for its shadow memory where addresses are more random than this.
as_is=()
if [[ $(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28) -gt 28 ]]; then as_is=(setarch --addr-no-randomize); fi

scripts/packages.sh build test
failed=no
for kind in "${kinds[@]}"; do
  WITH_TESTS=yes scripts/build.sh "$kind"
  findings=$PWD/build/$kind/findings
  rm -rf "$findings"
  mkdir -p "$findings"
  tell="log_path=$findings/$kind:halt_on_error=1:exitcode=86"
  # Tests preload libraries into the server; memory once freed is not used again for a while.
  export ASAN_OPTIONS="$tell:verify_asan_link_order=0:detect_stack_use_after_return=1:strict_string_checks=1"
  export UBSAN_OPTIONS="$tell:print_stacktrace=1" TSAN_OPTIONS="$tell:second_deadlock_stack=1"
  which=()
  [[ $kind == tsan ]] && which=(-L '^(unit|sim|crash)$')
  "${as_is[@]}" ctest --test-dir "build/$kind" --output-on-failure --no-tests=error -j2 "${which[@]}" "$@" || failed=yes
  mapfile -t found < <(find "$findings" -type f -size +0 | sort)
  for file in "${found[@]}"; do
    printf '\n=== %s\n' "$file"
    head -n 100 "$file"
  done
  [[ ${#found[@]} -eq 0 ]] || failed=yes
  printf '\n%s: %d findings\n' "$kind" "${#found[@]}"
done
[[ $failed == no ]]
