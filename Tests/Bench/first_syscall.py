#!/usr/bin/env -S python3 -B
"""How long a checkpoint takes until its first system call on the worktree, and what that time is made of.

    GIT_WF_BINARY=path/to/git-wf [BENCH_FILES="1000 100000"] [RUNS=5] Tests/Bench/first_syscall.py

strace shows the calls, and makes each that it shows slower. So the same command runs without it too: what it took
longer with strace, divided by the calls that were shown, is what one of them cost, and "without" is the time less that
much for each call in it: an estimate. A part begins at the first sign of it and ends at the first sign of the next.
"""
import os
import re
import shutil
import statistics
import subprocess
import sys

from bench import Bench, wait_for_next_tick

COMMAND = ["checkpoint", "--trigger", "time", "--json"]
# Few calls, so that strace is in the way little. A name with ? may be missing on this machine.
CALLS = "execve,getcwd,openat,?newfstatat,?fstatat,?statx,?stat,?lstat,?getdents64,exit_group"
LINE = re.compile(r'(?:\d+ +)?(\d+\.\d+) (\w+)\((.*)')
PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')

RUNTIME = "the kernel and Swift's runtime, up to main"
PARSING = "parse the command line, start libgit2"
OPENING = "open the repository, read configuration"
LANE = "read lane and state"
INDEX = "read the index, and the private one"
PARTS = [RUNTIME, PARSING, OPENING, LANE, INDEX]
TOTAL = "until the first call on the worktree"


def sign(call, arguments, top):
    """The part that a call is a sign of, TOTAL for one on the worktree, or nothing."""
    if call == "execve":
        return RUNTIME
    if call == "getcwd":
        return PARSING  # What main needs to know goes in as values, and this is the first that is asked for.
    match = PATH.search(arguments)
    path = match.group(1) if match else ""
    git = os.path.join(top, ".git")
    if path == git or path.startswith(git + "/"):
        name = path[len(git) + 1 :]
        if name == "index" or name.startswith("wf/index"):
            return INDEX
        return LANE if name.startswith(("wf", "refs/wf")) else OPENING
    # To look at the folder itself, without opening it, is how a repository is found.
    if path == top and "O_DIRECTORY" in arguments or path.startswith(top + "/") and path != top + "/":
        return TOTAL
    return None


def read(log, top):
    """Reads what strace wrote.

    Returns: by part, the seconds of it and how many calls were shown in it; and the same of the whole process.
    """
    calls = []
    with open(log) as lines:
        for line in lines:
            match = LINE.match(line)
            if match:
                calls.append((float(match.group(1)), match.group(2), match.group(3)))
    parts = {}
    began, part = (calls[0][0], 0), None
    seen = set()
    for number, (time, call, arguments) in enumerate(calls):
        next = sign(call, arguments, top)
        if next is None or next in seen:
            continue
        seen.add(next)
        if part:
            parts[part] = (time - began[0], number - began[1])
        if next == TOTAL:
            parts[TOTAL] = (time - calls[0][0], number)
            break
        part, began = next, (time, number)
    else:
        sys.exit(f"strace showed no call on the worktree {top}")
    return parts, (calls[-1][0] - calls[0][0], len(calls))


def measure(bench, files, strace, runs):
    """Prints the table for a repository of so many files."""
    top = bench.path(f"git-wf-{files}")
    bench.clone(bench.source(files), top)
    bench.begin(top)
    bench.commit(top)
    wait_for_next_tick()
    bench.run(bench.wf, *COMMAND, cwd=top)
    log = bench.path("strace.log")
    plain, traced, parts = [], [], []
    for _ in range(runs):
        plain.append(bench.measure(bench.wf, *COMMAND, cwd=top)[1].seconds)
        bench.run(*strace, "-o", log, bench.wf, *COMMAND, cwd=top)
        found, whole = read(log, top)
        parts.append(found)
        traced.append(whole)
    seconds, calls = (statistics.median(values) for values in zip(*traced))
    # Of the fastest runs, which other work on this machine disturbed least.
    cost = (min(seconds for seconds, _ in traced) - min(plain)) / calls
    plain = statistics.median(plain)
    print(f"\n{files:,} files".ljust(46) + "with strace   calls   without")
    for part in [*PARTS, TOTAL]:
        found = [run[part] for run in parts if part in run]
        if not found:
            print(f"{part:45} {'-':>8}")
            continue
        time, number = (statistics.median(values) for values in zip(*found))
        without = f"{1000 * max(0, time - number * cost):6.1f} ms" if cost > 0 else f"{'-':>6}"
        print(f"{part:45} {1000 * time:8.1f} ms {number:7.0f} {without}")
    print(f"{'the whole command':45} {1000 * seconds:8.1f} ms {calls:7.0f} {1000 * plain:6.1f} ms (measured)")
    if cost > 0:
        print(f"strace cost {1_000_000 * cost:.0f} µs for each call that it showed")
    else:
        print("the machine was too busy to tell what strace cost; run it again")


def main():
    if not shutil.which("strace"):
        print("strace is not installed: the time until the first system call was not measured")
        return
    strace = ["strace", "-f", "-ttt", "-e", f"trace={CALLS}"]
    # Where it can, it lets all other calls pass without stopping the process.
    filtered = [*strace, "--seccomp-bpf"]
    if subprocess.run([*filtered, "-o", os.devnull, "true"], capture_output=True).returncode == 0:
        strace = filtered
    runs = int(os.environ.get("RUNS") or 5)
    print("A checkpoint until its first system call on the worktree", end="")
    with Bench() as bench:
        print(f"; BENCH_SEED={bench.seed}")
        for files in os.environ.get("BENCH_FILES", "1000 100000").split():
            measure(bench, int(files), strace, runs)


if __name__ == "__main__":
    main()
