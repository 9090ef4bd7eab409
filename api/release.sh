#!/usr/bin/env bash
# Folds what the next release adds to the public API, and removes from it, into what has been released.
set -euo pipefail
export LC_ALL=C # ordinal order
api=$(cd "$(dirname "$0")" && pwd)

if [ "${1:-}" != --force ]; then
  changes=$(git -C "$api" status --porcelain)
  if [ -n "$changes" ]; then
    echo "There are changes that are not committed; commit them first, or use --force." >&2
    exit 1
  fi
fi

entries() { sed -e '/^#nullable enable/d' -e '/^[[:space:]]*$/d' "$1"; }
added() { entries "$1" | sed '/^\*REMOVED\*/d'; }
removed() { entries "$1" | sed -n 's/^\*REMOVED\*//p'; }

for unshipped in "$api"/*/PublicAPI.Unshipped.txt; do
  shipped=${unshipped%Unshipped.txt}Shipped.txt
  kept=$(comm -23 <(entries "$shipped" | sort -u) <(removed "$unshipped" | sort -u))
  {
    echo '#nullable enable'
    { echo "$kept"; added "$unshipped"; } | sed '/^$/d' | sort -u
  } > "$shipped.new"
  mv "$shipped.new" "$shipped"
  echo '#nullable enable' > "$unshipped"
done
