#!/usr/bin/env bash
# What a hook costs, beside git in the same run: medians of whole processes, in milliseconds.
#
#   GIT_WF_BINARY=path/to/git-wf [RUNS=100] [BASE=path/to/another] Tests/Bench/startup.sh
#
# With BASE, another git-wf is measured too, each in a repository of its own: five times one after the other, of which the
# medians count, because a machine that others use is not as fast at one moment as at another.
set -euo pipefail

binary=$(readlink -f "${GIT_WF_BINARY:?the binary to measure}")
runs=${RUNS:-100}
folder=$(mktemp -d "${TMPDIR:-/tmp}/git-wf-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin" "$folder/home"
ln -s "$binary" "$folder/bin/git-wf"
export PATH="$folder/bin:$PATH" HOME="$folder/home" GIT_CONFIG_NOSYSTEM=1
unset XDG_CONFIG_HOME XDG_STATE_HOME
git config --global user.name Bench
git config --global user.email bench@example.org
git config --global init.defaultBranch main

for name in plain hooked; do
    git init -q "$folder/$name"
    cd "$folder/$name"
    for number in $(seq 100); do echo "$number" >"file$number"; done
    git add -A
    git commit -q -m first
done
git wf init --name bench >/dev/null
git add -A
git commit -q -m begin

# The median of a command's runs, in milliseconds.
median() {
    hyperfine -N --warmup 5 --runs "$runs" --export-json "$folder/times.json" "$@" >/dev/null 2>&1
    python3 -c 'import json, sys
print("%.1f" % (1000 * json.load(open(sys.argv[1]))["results"][0]["median"]))' "$folder/times.json"
}

status=$(median "git status")
row() { printf '%-44s %7s ms %7s x git status\n' "$1" "$2" "$(python3 -c "print('%.1f' % ($2 / $status))")"; }
row "git status" "$status"
row "git-wf --version" "$(median "$binary --version")"
row "git-wf hook post-commit (100 files)" "$(median "$binary hook post-commit")"
row "git wf status" "$(median "$binary status")"
cd "$folder/plain"
without=$(median "git commit -q --allow-empty -m x")
cd "$folder/hooked"
with=$(median "git commit -q --allow-empty -m x")
row "git commit, no hooks" "$without"
row "git commit, with ours" "$with"
printf '%-44s %7s ms\n' "what our hooks add to a commit" "$(python3 -c "print('%.1f' % ($with - $without))")"

[ -n "${BASE:-}" ] || exit 0
base=$(readlink -f "$BASE")
for side in base this; do
    [ "$side" = base ] && mine=$base || mine=$binary
    git init -q "$folder/$side"
    cd "$folder/$side"
    cp ../plain/file* .
    git add -A
    git commit -q -m first
    "$mine" init --name bench >/dev/null
    git add -A
    git commit -q -m begin
done
middle() { sort -n | sed -n 3p; }
for what in "--version" "hook post-commit" "status"; do
    : >"$folder/base.ms"
    : >"$folder/this.ms"
    for _ in 1 2 3 4 5; do
        cd "$folder/base" && median "$base $what" >>"$folder/base.ms"
        cd "$folder/this" && median "$binary $what" >>"$folder/this.ms"
    done
    printf '%-44s %7s ms, base %s ms\n' "git-wf $what" "$(middle <"$folder/this.ms")" "$(middle <"$folder/base.ms")"
done
