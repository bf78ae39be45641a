#!/usr/bin/env bash
# prepare.sh FOLDER: puts the clients that are no Debian packages of their own into FOLDER, where
# they are not there yet: the npm packages of package-lock.json, and PHP's rmccue/requests, which
# Debian ships inside its package wordpress (unpacked here, not installed).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:?usage: prepare.sh FOLDER}
mkdir -p "$folder"
cd "$folder"

if ! cmp -s "$here/package-lock.json" npm-installed.json; then
  echo "npm ci: $(tr -d '\n' <"$here/package.json" | sed 's/.*"dependencies"//')"
  cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" .
  npm ci
  cp package-lock.json npm-installed.json
fi

if [[ ! -f vendor/rmccue/requests/library/Requests.php ]]; then
  echo "Fetching PHP's rmccue/requests out of Debian's package wordpress"
  rm -rf wordpress && mkdir wordpress
  fetch() { (cd wordpress && apt-get -q -o APT::Sandbox::User=root download wordpress); }
  if ! fetch; then
    echo "prepare: trying again with fresh package lists"
    if [[ $(id -u) -eq 0 ]]; then apt-get -q update; else sudo apt-get -q update; fi
    fetch
  fi
  dpkg-deb -x wordpress/wordpress_*.deb wordpress
  mkdir -p vendor/rmccue/requests/library
  cp -r wordpress/usr/share/wordpress/wp-includes/Requests vendor/rmccue/requests/library/
  cp wordpress/usr/share/wordpress/wp-includes/class-requests.php vendor/rmccue/requests/library/Requests.php
  rm -rf wordpress
fi
