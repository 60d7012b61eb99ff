# >>> git-wf hook 2 @CHECKSUM@ >>>
# Up to the line that ends in <<<, written by `git wf hooks install` and taken out by `git wf hooks uninstall`. What stands
# above and below belongs to others, runs, and stays. A hook that was here before is kept beside this file as
# NAME.before-git-wf and runs first, with the same arguments and input. git-wf itself never fails git: what it could not do
# is a line in wf/misses.
git_wf_status=0
if [ @HOOK@ = post-rewrite ]; then
    # The only one of these hooks with input, which is for everybody.
    git_wf_input=$(cat)
    exec <<GIT_WF_INPUT
$git_wf_input
GIT_WF_INPUT
fi
(
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
        [ -z "$binary" ] || {
            # An update may have moved it.
            [ -x "$binary" ] || binary=$(command -v git-wf) || binary=@BINARY@
            "$binary" hook "$hook" "$@" || record_miss $?
        }
    } >/dev/null 2>&1

    record_miss() {
        common=$(git rev-parse --git-common-dir) && mkdir -p "$common/wf" || return
        misses=$common/wf/misses
        # To write into anything but a file could wait for ever, or end up elsewhere.
        [ -L "$misses" ] || { [ -e "$misses" ] && [ ! -f "$misses" ]; } ||
            echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $hook $1" >>"$misses"
    }

    status=0
    if ! [ -f "$before" ] || ! [ -x "$before" ]; then
        run_git_wf "$@"
    elif [ "$hook" = post-rewrite ]; then
        # The dot keeps the line ends at its end.
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
) || git_wf_status=$?
if [ @HOOK@ = post-rewrite ]; then
    exec <<GIT_WF_INPUT
$git_wf_input
GIT_WF_INPUT
fi
# A hook that refuses has refused, whatever stands below; else that runs too.
[ @HOOK@ = pre-rebase ] && [ "$git_wf_status" != 0 ] && exit "$git_wf_status"
# A function leaves its status as a subshell would, without another process.
git_wf_end() { return "$git_wf_status"; }
git_wf_end
# <<< git-wf hook <<<
