#!/usr/bin/env bash
# scripts/demo-data.sh begin DATA   marks a data folder that does not exist yet as the demo's own
# scripts/demo-data.sh forget DATA  deletes it, and nothing else: a folder that the demo did not begin,
#                                   or that a process has files open in, is left alone (exit code 2)
set -euo pipefail
what=${1:?usage: scripts/demo-data.sh begin|forget DATA}
data=${2:?usage: scripts/demo-data.sh begin|forget DATA}
marker=begun-by-the-demo

refuse() { printf 'fresh demo: %s\n' "$*" >&2; exit 2; }

if [[ $what == begin ]]; then
  [[ -e $data ]] || { mkdir -m 700 "$data" && : >"$data/$marker"; }
  exit 0
fi
[[ -e $data ]] || exit 0
[[ -f $data/$marker ]] || refuse "$data was not begun by the demo, so it is not deleted. Move it away first."

folder=$(cd "$data" && pwd -P)
holder=$(find /proc/[0-9]*/fd -lname "$folder/*" -print -quit 2>/dev/null) || true
if [[ -n $holder ]]; then
  pid=${holder#/proc/}
  pid=${pid%%/*}
  refuse "process $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline")) runs on $data. End it first: Ctrl-C there, or kill $pid"
fi
rm -rf -- "$folder"
