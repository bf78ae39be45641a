#!/usr/bin/env bash
# prepare.sh FOLDER: puts the npm package liquidjs into FOLDER.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:?usage: prepare.sh FOLDER}
mkdir -p "$folder"
cd "$folder"
if ! cmp -s "$here/package-lock.json" npm-installed.json; then
  cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" .
  npm ci
  cp package-lock.json npm-installed.json
fi
