#!/bin/sh
# backup.sh PROJECT RELEASES TARGET: one archive of the project as it is now, and one of each release that has none yet.
# It may run at any time, also beside the server and a build: what is sealed never changes, and what is not has no name yet.
set -eu
umask 027
[ $# -eq 3 ] || { echo "usage: backup.sh PROJECT RELEASES TARGET" >&2; exit 2; }
project=$1 releases=$2 target=$3
mkdir -p "$target"

# archive NAME FOLDER WHAT...: written aside and renamed, so that what is broken off leaves no half archive.
archive() {
    name=$1 folder=$2
    shift 2
    tar -c -f "$target/.part" -C "$folder" "$@"
    sum=$(sha256sum "$target/.part")
    printf '%s  %s\n' "${sum%% *}" "$name" > "$target/$name.sha256.part"
    sync "$target/.part" "$target/$name.sha256.part"
    mv "$target/$name.sha256.part" "$target/$name.sha256"
    mv "$target/.part" "$target/$name"
}

# Read first: a release that is current is not removed while it is.
current=$(readlink "$releases/current")
for manifest in "$releases"/*/manifest.json; do
    version=$(basename "$(dirname "$manifest")")
    [ "$version" = current ] || [ -e "$target/$version.tar" ] || archive "$version.tar" "$releases" "$version"
done
[ ! -d "$releases/pruned" ] || archive pruned.tar "$releases" pruned
archive project.tar "$project" --exclude=./.venv* --exclude=./.releases .
printf '%s\n' "$current" > "$target/.part"
sync "$target/.part"
mv "$target/.part" "$target/current"
sync "$target"
