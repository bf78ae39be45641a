#!/usr/bin/env bash
# scripts/web.sh: builds the dashboard (web/) into web/dist, from where CMake takes it into the program.
# Does nothing where nothing changed since the last time, and where BELAY_DASHBOARD=OFF is in the
# environment. Needs Node.js and npm; the network only when web/package-lock.json has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ ${BELAY_DASHBOARD:-ON} == OFF || ! -f web/package.json ]] && exit 0

die() { printf 'scripts/web.sh: %s\n' "$*" >&2; exit 1; }
for needed in node npm; do
  command -v "$needed" >/dev/null \
    || die "$needed is missing. Install it, or build without the dashboard: BELAY_DASHBOARD=OFF ./run"
done

sum_of() { LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1; }
packages=$(printf '%s\0' web/package.json web/package-lock.json | sum_of)
made=(-name node_modules -o -name dist -o -name '*.gen.ts' -o -name test-results -o -name playwright-report)
sources=$(find web \( "${made[@]}" \) -prune -o -type f -print0 \
  | cat - <(printf '%s\0' scripts/web.sh scripts/compress.mjs docs/openapi.json) | sum_of)

stamp=web/node_modules/.belay-packages
if [[ $(cat "$stamp" 2>/dev/null) != "$packages" ]]; then
  echo "Installing the dashboard's packages"
  npm --prefix web ci --prefer-offline --no-audit --no-fund --loglevel=error \
    || die "npm ci failed (its message is above). Without the dashboard: BELAY_DASHBOARD=OFF ./run"
  mkdir -p web/node_modules
  echo "$packages" >"$stamp"
fi
stamp=web/node_modules/.belay-built
if [[ ! -f web/dist/index.html || $(cat "$stamp" 2>/dev/null) != "$sources" ]]; then
  echo "Building the dashboard"
  rm -rf web/dist
  npm --prefix web run build --silent || die "the dashboard's build failed (its message is above)"
  node scripts/compress.mjs web/dist
  echo "$sources" >"$stamp"
fi
