#!/usr/bin/env -S python3 -B
"""What automatic checkpoints take on the disk, beside the same commits made with `git commit`.

Two twin repositories of 5,000 files are changed alike, three files at a time; after each change one gets a commit, the
other an automatic checkpoint. What counts is by how much `.git` grew, in blocks of the disk, with all that git-wf keeps
there. Git's own gc runs only where the table says so.

    GIT_WF_BINARY=path/to/git-wf [BENCH_COUNT=2000] Tests/Bench/disk.py

BENCH_SEED=TEXT makes the data of another run again. A ratio over the bound is noted.
"""
import os
import sys

from bench import Bench, tracked, wait_for_next_tick

FILES = 5_000
CHANGED = 3
BOUND = 1.5


def disk_use(folder):
    """The bytes that a folder takes, in whole blocks."""
    total = 0
    for parent, folders, files in os.walk(folder):
        for name in folders + files:
            total += os.lstat(os.path.join(parent, name)).st_blocks * 512
    return total


def change(bench, rng, folders):
    """Puts another line in the place of one, in some files of both."""
    for number in rng.sample(range(FILES), CHANGED):
        with open(os.path.join(folders[0], tracked(number)), "rb") as file:
            lines = file.readlines()
        lines[rng.randrange(len(lines))] = bench.text.make(rng, 30)
        for folder in folders:
            with open(os.path.join(folder, tracked(number)), "wb") as file:
                file.writelines(lines)


def report(name, git, wf):
    """Prints a line of the table."""
    ratio = wf / git
    line = f"{name:42} {git / 2**20:7.1f} MiB {wf / 2**20:7.1f} MiB {ratio:6.2f} {BOUND:6.2f}"
    print(line + ("  over its bound" if ratio > BOUND else ""), flush=True)


def main():
    count = int(os.environ.get("BENCH_COUNT") or 2_000)
    with Bench() as bench:
        source = bench.source(FILES)
        git, wf = folders = [bench.path("git"), bench.path("git-wf")]
        for folder in folders:
            bench.clone(source, folder)
            bench.run(bench.git, "config", "gc.auto", "0", cwd=folder)
            bench.run(bench.git, "gc", "-q", cwd=folder)
        before = [disk_use(os.path.join(folder, ".git")) for folder in folders]

        def grown():
            return [disk_use(os.path.join(folder, ".git")) - size for folder, size in zip(folders, before)]

        bench.begin(wf)
        rng = bench.rng("changes")
        wait_for_next_tick()
        for number in range(count):
            change(bench, rng, folders)
            bench.run(bench.git, "commit", "-qam", f"Change {number}", cwd=git)
            bench.run(bench.wf, "checkpoint", "--trigger", "time", cwd=wf)
            if sys.stderr.isatty():
                print(f"\r{number + 1} of {count}", end="", file=sys.stderr)
        print(f"Disk use of {count:,} automatic checkpoints, {CHANGED} of {FILES:,} files changed in each; "
              f"BENCH_SEED={bench.seed}")
        print(f"{'':42} {'git':>11} {'git-wf':>11} {'ratio':>6} {'bound':>6}")
        written = grown()
        report("as written", *written)
        bench.run(bench.wf, "gc", cwd=wf)
        collected = grown()[1]
        report("after git wf gc, beside commits as written", written[0], collected)
        bench.run(bench.git, "gc", "-q", cwd=git)
        report("after git wf gc, beside git gc", grown()[0], collected)
        bench.run(bench.git, "gc", "-q", cwd=wf)
        report("after git gc in both", *grown())


if __name__ == "__main__":
    main()
