#!/bin/sh
# git-wf hook 1 @CHECKSUM@
# Written by `git wf hooks install`; `git wf hooks uninstall` takes it away and puts back the hook that was here before.
# That one is kept beside this file as NAME.before-git-wf and runs first, with the same arguments and input; its exit
# status is the one that git sees. git-wf itself never fails git: what it could not do is a line in wf/misses.
hook=@HOOK@
binary=@BINARY@

# Where this file lies comes from $0, what it is called does not: other tools keep a hook that they replace under
# another name. Kept so by the very hook that runs before this one, it has nothing more to do.
case $0 in
*/*) folder=${0%/*} ;;
*) folder=. ;;
esac
[ -n "${GIT_WF_CHAIN-}" ] && [ "${0##*/}" != "$hook" ] && exit 0

before=$folder/$hook.before-git-wf
# There only for a hook that looks at the name that it is called by.
[ -x "$folder/before-git-wf/$hook" ] && before=$folder/before-git-wf/$hook

run_before() {
    if [ -f "$folder/h" ] && [ "${folder##*/}" = _ ]; then
        # husky's stubs find the user's script by $0, so they are read into a copy of this shell.
        # shellcheck source=/dev/null
        (GIT_WF_CHAIN=1 && export GIT_WF_CHAIN && . "$before")
    else
        GIT_WF_CHAIN=1 "$before" "$@"
    fi
}

run_git_wf() {
    [ -n "${GIT_WF_OPERATION+set}" ] || "$binary" hook "$hook" "$@" || record_miss $?
} >/dev/null 2>&1

record_miss() {
    common=$(git rev-parse --git-common-dir) && mkdir -p "$common/wf" &&
        echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $hook $1" >>"$common/wf/misses"
}

status=0
if ! [ -f "$before" ] || ! [ -x "$before" ]; then
    run_git_wf "$@"
elif [ "$hook" = post-rewrite ]; then
    # The only one of these hooks with input. The dot keeps the line ends at its end.
    input=$(cat && printf .)
    input=${input%.}
    printf %s "$input" 2>/dev/null | run_before "$@"
    status=$?
    printf %s "$input" 2>/dev/null | run_git_wf "$@"
else
    run_before "$@"
    status=$?
    run_git_wf "$@"
fi
exit $status
