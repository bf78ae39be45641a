#!/usr/bin/env bash
# scripts/packages.sh LIST...: installs what is missing of the packages named in
# scripts/packages/LIST.txt. Asks dpkg's own database first, so that nothing is called, nothing is
# downloaded and no rights are needed when everything is there.
# Options: --check  only tell what is missing (exit code 1 if anything is).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() { printf 'packages: %s\n' "$*" >&2; exit 1; }

wanted_packages() {  # list files -> package names, one a line
  local list name command
  for list in "$@"; do
    while read -r name command _; do
      [[ -z $name || $name == \#* ]] && continue
      if [[ ${command:-} == \?* ]] && command -v "${command#\?}" >/dev/null; then continue; fi
      if [[ ${BELAY_DASHBOARD:-ON} == OFF && $list == build && $name == @(nodejs|npm) ]]; then continue; fi
      printf '%s\n' "$name"
    done <"$here/packages/$list.txt"
  done
}

missing_of() {  # package names -> those not installed
  local name installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null) || true
  for name in "$@"; do
    grep -qxF -- "installed $name" <<<"$installed" || printf '%s\n' "$name"
  done
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    die "these packages are missing, and neither root nor sudo is at hand: ${missing[*]}
Have someone who may run:  apt-get install --no-install-recommends ${missing[*]}"
  fi
}

refuse_unknown() {  # names the packages that this distribution does not have
  local known unknown=() name
  known=$(apt-cache --no-all-versions show "$@" 2>/dev/null | sed -n 's/^Package: //p') || true
  for name in "$@"; do
    grep -qxF -- "$name" <<<"$known" || unknown+=("$name")
  done
  [[ ${#unknown[@]} -eq 0 ]] && return
  local system
  # shellcheck disable=SC1091
  system=$(. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-unknown}")
  die "this system ($system) has no package named: ${unknown[*]}
Belay is built and tested on Debian 12 (bookworm), whose main section has them all."
}

check_only=no
[[ ${1:-} == --check ]] && { check_only=yes; shift; }
[[ $# -gt 0 ]] || die "usage: scripts/packages.sh [--check] LIST...   (the lists are scripts/packages/*.txt)"

for list in "$@"; do
  [[ -r $here/packages/$list.txt ]] || die "no list scripts/packages/$list.txt"
done
mapfile -t wanted < <(wanted_packages "$@")
command -v dpkg-query >/dev/null || die "this is no Debian system. Needed are what Debian 12 calls: ${wanted[*]}"
mapfile -t missing < <(missing_of "${wanted[@]}")
[[ ${#missing[@]} -eq 0 ]] && exit 0
if [[ $check_only == yes ]]; then printf '%s\n' "${missing[@]}"; exit 1; fi

echo "Installing ${#missing[@]} packages: ${missing[*]}"
as_root apt-get update -q \
  || die "apt-get update failed (its message is above). Is the network there, and /etc/apt/sources.list right?"
refuse_unknown "${missing[@]}"
as_root apt-get install -q -y --no-install-recommends "${missing[@]}" \
  || die "apt-get install failed (its message is above). Missing were: ${missing[*]}"
