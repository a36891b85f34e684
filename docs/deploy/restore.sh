#!/bin/sh
# restore.sh TARGET PROJECT RELEASES: the archives of backup.sh, compared with their checksums, into two empty places.
# Run it as the user of the server; then: triplehelix verify RELEASES
set -eu
umask 027
[ $# -eq 3 ] || { echo "usage: restore.sh TARGET PROJECT RELEASES" >&2; exit 2; }
target=$1 project=$2 releases=$3
for place in "$project" "$releases"; do
    mkdir -p "$place"
    [ -z "$(ls -A "$place")" ] || { echo "$place is not empty: restore into an empty place" >&2; exit 1; }
done
current=$(cat "$target/current")
[ -e "$target/$current.tar" ] || { echo "$target has no archive of $current, which was current" >&2; exit 1; }
(cd "$target" && for archive in *.tar; do sha256sum --check --quiet "$archive.sha256"; done)

tar -x -f "$target/project.tar" -C "$project"
for archive in "$target"/*.tar; do
    [ "$archive" = "$target/project.tar" ] || tar -x -f "$archive" -C "$releases"
done
# Last: without it nothing is served.
ln -s "$current" "$releases/current"
sync "$releases"
