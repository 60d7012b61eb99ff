#!/usr/bin/env bash
# The main job on a real repository: a workflow from its plan to its end, with four agents, a ruined file and a conflict.
#
#   GIT_WF_BINARY=path/to/git-wf [REPO=path-or-url] Tests/Demo/demo.sh
#
# Every step prints the command that a user would type, and its real output; then it checks what the step claims, and the
# whole fails when a check does. The repository stays, to be explored.
# shellcheck disable=SC1010,SC2016
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
binary=$(readlink -f "${GIT_WF_BINARY:?the binary to show}")
source=${REPO:-$here}
folder=$(mktemp -d "${TMPDIR:-/tmp}/git-wf-demo.XXXXXX")

# git finds `git wf` on PATH; the user's own configuration stays out of it.
mkdir "$folder/bin" "$folder/home"
ln -s "$binary" "$folder/bin/git-wf"
export PATH="$folder/bin:$PATH" HOME="$folder/home" GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
unset XDG_CONFIG_HOME XDG_STATE_HOME GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_WF_ACTOR GIT_WF_WORKFLOW
git config --global user.name "Demo Leader"
git config --global user.email "leader@example.org"
git config --global init.defaultBranch main
git config --global advice.detachedHead false

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
# Prints a command as a user would type it, and runs it.
run() {
    printf '$'
    printf ' %q' "$@"
    printf '\n'
    "$@"
}
# As run, where the command must end with a status.
expect() {
    local wanted=$1 status=0
    shift
    run "$@" || status=$?
    [ "$status" -eq "$wanted" ] || fail "'$*' ended with $status, not $wanted"
}
fail() {
    printf '\nThe demo failed: %s\nThe repository is %s\n' "$*" "$repo" >&2
    exit 1
}
check() {
    local claim=$1
    shift
    "$@" || fail "$claim"
}
contains() { grep -qF -- "$2" <<<"$1"; }

repo="$folder/work"
say "A real repository with real history: $source"
git clone -q "$source" "$repo"
cd "$repo"
# Whatever is checked out there, the work begins on a branch of its own.
git checkout -q -B articles
git rm -rq --cached --ignore-unmatch .wfconfig TODO.md specs >/dev/null
rm -rf .wfconfig TODO.md specs
git diff --cached --quiet || git commit -qm "Begin without the files of an earlier workflow"
printf '%s commits, %s files\n' "$(git rev-list --count HEAD)" "$(git ls-files | wc -l)"

say "Phase 1: planning, by the leader"
run git wf init --template articles --name articles --goal "Four articles for the handbook"
run git add .wfconfig TODO.md
run git commit -q -m "Begin the articles"
check "the hook checkpointed the commit" contains "$(git wf log --auto)" "auto (commit)"

mkdir -p articles specs
cat >articles/PLAN.md <<'PLAN'
# Plan

1. Backups: what a checkpoint holds
2. Worktrees: one for each agent
3. Merging: one at a time
4. Undo: what it brings back
PLAN
cat >TODO.md <<'TODO'
# TODO

## Planning
- [ ] Write the article plan

## Writing
- [ ] Article: backups
- [ ] Article: worktrees
- [ ] Article: merging
- [ ] Article: undo

## Verifying
- [ ] Read each article

## Deploying
- [ ] Publish
TODO
run git wf decide "Markdown, one file an article" --because "the handbook is built from it"
run git wf decide "Agents write, the leader merges" --because "one place where conflicts are resolved"
run git wf todo done 1
run git add -A
run git commit -q -m "Plan the articles"
run git wf checkpoint "Plan complete" --summary "4 articles planned" --next "Write backups and worktrees in parallel"
run git wf phase complete

say "Phase 2: writing, by two agents in worktrees of their own"
for agent in backups worktrees; do
    cat >"specs/$agent.md" <<SPEC
# Spec: Write the article on $agent

## Goal
A short article on $agent for the handbook.

## Files to Read
- articles/PLAN.md

## Files to Modify
- articles/$agent.md (new)

## Requirements
- One heading, one paragraph

## Constraints
- Do not touch other files

## Deliverable
- articles/$agent.md, committed
SPEC
done
run git add specs
run git commit -q -m "Specs for two articles"
run git wf agent start backups --item 2
run git wf agent start worktrees --item 3

say "The leader goes on working: a plan that is not committed yet"
printf '5. Hooks: what checkpoints by itself\n' >>articles/PLAN.md
cp articles/PLAN.md "$folder/plan"
run git wf checkpoint --trigger delegate

say "Each agent works in a process of its own; the second one also ruins a file of the leader's"
write_article() { # agent, and what else it does
    cd "$repo.wf/articles/$1"
    mkdir -p articles
    printf '# %s\n\nWhat the handbook says about %s.\n' "$1" "$1" >"articles/$1.md"
    git add articles
    git -c user.name="Agent $1" commit -q -m "Write the article on $1"
    sed -i "s/- \[ \] Article: $1/- [x] Article: $1/" TODO.md
    git -c user.name="Agent $1" commit -q -a -m "Tick $1"
    if [ "${2-}" = ruin ]; then : >"$repo/articles/PLAN.md"; fi
    git wf agent report --status complete --summary "Article on $1" --decision "One paragraph is enough"
}
(write_article backups) &
first=$!
(write_article worktrees ruin) &
second=$!
wait "$first" || fail "the first agent's process"
wait "$second" || fail "the second agent's process"
check "the plan is ruined" test ! -s articles/PLAN.md
run git wf agent list
run git wf agent results

say "The leader merges them, one after the other"
run git wf merge backups worktrees
check "both articles are here" test -s articles/backups.md -a -s articles/worktrees.md
check "neighbouring boxes are both ticked" test "$(grep -c '^- \[x\] Article' TODO.md)" -eq 2
check "git is in the middle of nothing" test ! -e .git/MERGE_HEAD

say "The ruined plan comes back; no commit ever had it"
run git wf restore -n articles/PLAN.md
run git wf restore articles/PLAN.md
check "the plan is what it was" cmp -s articles/PLAN.md "$folder/plan"
check "no commit has it" test "$(git log --all --branches --format=%H -S'Hooks: what checkpoints' --branches -- articles/PLAN.md | wc -l)" -eq 0
run git add -A
run git commit -q -m "The plan, with hooks"

say "Two more agents, who edit the same lines"
run git wf agent start merging --item 4
run git wf agent start undo --item 5
edit_heading() {
    cd "$repo.wf/articles/$1"
    sed -i "s/^# Plan\$/# Plan: $1 first/" articles/PLAN.md
    printf '# %s\n\nWhat the handbook says about %s.\n' "$1" "$1" >"articles/$1.md"
    git add -A
    git -c user.name="Agent $1" commit -q -m "Write the article on $1"
    git wf agent report --status complete --summary "Article on $1" >/dev/null
}
(edit_heading merging) &
first=$!
(edit_heading undo) &
second=$!
wait "$first" || fail "the third agent's process"
wait "$second" || fail "the fourth agent's process"
run git wf merge -n merging undo
expect 1 git wf merge merging undo
check "git itself is in the middle of the merge" test -e .git/MERGE_HEAD
check "the conflict is marked in the file" grep -q '^<<<<<<<' articles/PLAN.md
run git wf status
say "The leader reads both sides, and resolves"
sed -i -e '/^<<<<<<</d' -e '/^=======/,/^>>>>>>>/d' articles/PLAN.md
run git wf merge --continue
check "all four articles are here" test -s articles/merging.md -a -s articles/undo.md
check "no marker is left" test "$(grep -c '^[<=>]\{7\}' articles/PLAN.md)" -eq 0
check "the merge is a merge commit" test "$(git rev-list --parents -n 1 HEAD | wc -w)" -eq 3
run git wf checkpoint "4 of 4 articles complete" --summary "All merged" --next "Read each article"
run git wf phase complete

say "Phase 3: verifying and deploying; the gate needs a human"
run git wf todo done 6
run git wf phase complete
run git wf todo done 7
run git add -A
run git commit -q -m "Tick what is done"
expect 1 git wf phase complete
git config wf.claimedApproval true
run git wf approve --as human:demo --note "read all four"
check "the workflow is complete" contains "$(git wf status)" "complete"

say "The whole story"
run git wf log -n 0
check "plain git reads it" test "$(git log --first-parent --format='%(trailers:key=Wf-Kind,valueonly)' refs/wf/articles/leader | grep -c agent-merged)" -eq 4
git fsck --strict >/dev/null 2>&1 || fail "git fsck"

printf '\nThe demo did all that it says. The repository is there to explore:\n  cd %q && PATH=%q:$PATH git wf log --auto\n' "$repo" "$folder/bin"
