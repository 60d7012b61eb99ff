#!/usr/bin/env -S python3 -B
"""What a checkpoint costs, beside `git add -A && git write-tree` on the same work in the same run.

Each case has two twin repositories, made from the same seed and changed alike. In each round git and git-wf do the same
work in turn, each with objects to write that its repository does not have, and must come to the same tree; git has a
private index that stays warm from round to round, as ours does. The first round is not counted.

    GIT_WF_BINARY=path/to/git-wf [RUNS=5] Tests/Bench/snapshots.py

BENCH_CASES=TEXT takes the cases whose name has that text in it, REPO=PATH-OR-URL adds a real repository, and
BENCH_SEED=TEXT makes the data of another run again. Times are medians; "from" and "to" are the least and the greatest
ratio of a round. Memory is the most that one process held, "<" where it may have been less. A bound that is missed is
noted; only another tree than git's makes the exit status 1. It all needs 5 GB in the temporary folder (TMPDIR).
"""
import dataclasses
import json
import os
import shutil
import statistics
import sys
import typing

from bench import Bench, tracked, wait_for_next_tick

AUTOMATIC = ["checkpoint", "--trigger", "time", "--json"]
MIB = 1 << 20


class Twins:
    """Two repositories with the same files: one for git, one for git-wf."""

    def __init__(self, bench, source):
        self.bench = bench
        self.git = bench.path("git")
        self.wf = bench.path("git-wf")
        self.index = os.path.join(self.git, ".git", "bench-index")
        self.tree = None
        for folder in (self.git, self.wf):
            bench.clone(source, folder)
        bench.begin(self.wf)
        for name in (".wfconfig", "TODO.md"):
            shutil.copy(os.path.join(self.wf, name), self.git)
        self.commit()
        self.cool()

    def remove(self):
        for folder in (self.git, self.wf):
            shutil.rmtree(folder)

    def commit(self):
        for folder in (self.git, self.wf):
            self.bench.commit(folder)

    def cool(self):
        """Takes git's private index back to the user's, and git-wf's away."""
        shutil.copy2(os.path.join(self.git, ".git", "index"), self.index)
        private = os.path.join(self.wf, ".git", "wf")
        for name in os.listdir(private):
            if name.startswith("index"):
                os.remove(os.path.join(private, name))

    def write(self, path, *contents, mode="wb"):
        """Writes a file, of one piece of content or several, in both."""
        files = [os.path.join(folder, path) for folder in (self.git, self.wf)]
        for file in files:
            os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(files[0], mode) as one, open(files[1], mode) as other:
            for content in contents:
                one.write(content)
                other.write(content)

    def delete(self, name):
        """Deletes a file or a folder in both, where it is."""
        for folder in (self.git, self.wf):
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.remove(path)

    def read(self, path):
        """What a file has in each."""
        contents = []
        for folder in (self.git, self.wf):
            with open(os.path.join(folder, path), "rb") as file:
                contents.append(file.read())
        return contents

    def catch_up(self):
        """Lets both see what was changed so far, without measuring it."""
        wait_for_next_tick()
        self.git_side()
        self.wf_side(AUTOMATIC)

    def in_git(self, *arguments):
        """Measures git with the private index."""
        return self.bench.measure(self.bench.git, *arguments, cwd=self.git, GIT_INDEX_FILE=self.index)

    def git_side(self, path=None):
        """Git's snapshot, and after it a restore of `path` if there is one.

        Returns: the tree and the cost.
        """
        _, cost = self.in_git("add", "-A")
        tree, writing = self.in_git("write-tree")
        cost = cost.then(writing)
        if path:
            cost = cost.then(self.in_git("checkout", "HEAD", "--", path)[1])
        return tree, cost

    def wf_side(self, arguments):
        """
        Returns: git-wf's JSON document and its cost.
        """
        output, cost = self.bench.measure(self.bench.wf, *arguments, cwd=self.wf)
        return json.loads(output), cost

    def difference(self, git_tree, wf_tree):
        """The first paths in which two trees differ."""
        objects = os.path.join(self.wf, ".git", "objects")
        command = [self.bench.git, "diff-tree", "-r", "--name-status", git_tree, wf_tree]
        paths = self.bench.run(*command, cwd=self.git, GIT_ALTERNATE_OBJECT_DIRECTORIES=objects).splitlines()
        return "\n".join(paths[:20])


def nothing(twins, rng, round):
    pass


def edits(count):
    """Other content in so many tracked files."""

    def change(twins, rng, round):
        paths = twins.bench.run(twins.bench.git, "ls-files", "*.c", cwd=twins.git).split()
        for path in rng.sample(paths, count):
            twins.write(path, twins.bench.text.make(rng, rng.randint(200, 3000)))

    return change


def appended_lines(count):
    """One more line in so many tracked files, whatever their names and contents are."""

    def change(twins, rng, round):
        listed = twins.bench.run(twins.bench.git, "ls-files", "-s", "-z", cwd=twins.git).split("\0")
        files = [entry.split("\t", 1)[1] for entry in listed if entry.startswith("100644")]
        for path in rng.sample(files, min(count, len(files))):
            twins.write(path, b"%x\n" % rng.getrandbits(64), mode="ab")

    return change


def new_files(count, size):
    """So many untracked files, instead of those of the round before."""

    def change(twins, rng, round):
        twins.delete("new")
        twins.catch_up()
        for number in range(count):
            twins.write(os.path.join("new", tracked(number)), twins.bench.text.make(rng, size))

    return change


def large_file(mebibytes):
    """An untracked file, half of it text and half of it random, instead of the one of the round before."""

    def change(twins, rng, round):
        twins.delete("large.bin")
        twins.catch_up()
        halves = (lambda: twins.bench.text.make(rng, MIB), lambda: rng.randbytes(MIB))
        twins.write("large.bin", *(halves[number % 2]() for number in range(mebibytes)))

    return change


def cold_edits(count):
    """Some edits to what was committed, before an index that never saw this worktree."""

    def change(twins, rng, round):
        if round > 0:
            twins.commit()
        edits(count)(twins, rng, round)
        twins.cool()

    return change


def allow_large_files(twins):
    twins.bench.run(twins.bench.git, "config", "wf.maxFileSize", "1g", cwd=twins.wf)


def add_ignored_files(twins):
    """50,000 files that no snapshot takes, in a folder that git ignores."""
    for number in range(50_000):
        twins.write(f"node_modules/package{number // 50:04}/lib/file{number:05}.js", b"module.exports = %d\n" % number)


@dataclasses.dataclass
class Case:
    """What is measured.

    `change` makes what is different in each round, before the clock starts; `bound` is the ratio of times to stay
    inside; a heavy one writes so much that it goes to the disk first, and has fewer rounds.
    """

    name: str
    source: typing.Union[int, str]
    change: typing.Callable
    bound: typing.Optional[float] = None
    command: typing.Sequence[str] = tuple(AUTOMATIC)
    prepare: typing.Callable = lambda twins: None
    is_heavy: bool = False

    def do(self, twins, rng, round):
        """One round.

        Returns: what it cost git, and git-wf.
        """
        self.change(twins, rng, round)
        if self.is_heavy:
            os.sync()
        wait_for_next_tick()
        sides = [lambda: twins.git_side(), lambda: twins.wf_side(self.command)]
        (tree, git), (answer, wf) = in_turn(sides, round)
        self.check(twins, round, tree, answer["tree"])
        if round > 0 and (tree == twins.tree) != (self.change is nothing):
            sys.exit(f"{self.name}, round {round}: the change was not seen, or something that is none")
        twins.tree = tree
        return git, wf

    def check(self, twins, round, git_tree, wf_tree):
        if git_tree != wf_tree:
            differing = twins.difference(git_tree, wf_tree)
            sys.exit(f"{self.name}, round {round}: git's tree is {git_tree}, git-wf's {wf_tree}\n{differing}")


class Restore(Case):
    """One file back, and a snapshot of everything before that."""

    def do(self, twins, rng, round):
        path = tracked(rng.randrange(self.source))
        original = twins.read(path)
        twins.write(path, twins.bench.text.make(rng, 2000))
        wait_for_next_tick()
        restore = ["restore", "--from", "last", "--json", path]
        sides = [lambda: twins.git_side(path), lambda: twins.wf_side(restore)]
        (tree, git), (answer, wf) = in_turn(sides, round)
        before = twins.bench.run(twins.bench.git, "rev-parse", answer["before"] + "^{tree}", cwd=twins.wf)
        self.check(twins, round, tree, before.strip())
        if twins.read(path) != original:
            sys.exit(f"{self.name}, round {round}: {path} was not restored on both sides")
        return git, wf


def in_turn(sides, round):
    """Calls the first before the second, and the other way round in every other round."""
    results = [None, None]
    for number in (0, 1) if round % 2 == 0 else (1, 0):
        results[number] = sides[number]()
    return results


def cases():
    if_changed = ["checkpoint", "--if-changed", "--json", "x"]
    for files, bound_of_none, bound_of_ten in ((1_000, None, None), (10_000, None, None), (100_000, 0.3, 0.4)):
        yield Case(f"{files:,} files, 0 changed", files, nothing, bound_of_none, if_changed)
        yield Case(f"{files:,} files, 10 changed", files, edits(10), bound_of_ten)
        yield Case(f"{files:,} files, 1,000 changed", files, edits(1_000))
    yield Case("20,000 new files of 4 KiB", 1_000, new_files(20_000, 4096), 0.3, is_heavy=True)
    yield Case("a new file of 500 MiB", 1_000, large_file(500), prepare=allow_large_files, is_heavy=True)
    yield Case("10,000 files and 50,000 ignored", 10_000, edits(10), prepare=add_ignored_files)
    yield Case("10,000 files, cold index, 10 changed", 10_000, cold_edits(10))
    yield Restore("restore of one file of 100,000", 100_000, nothing, 0.5)
    repository = os.environ.get("REPO")
    if repository:
        source = os.path.abspath(repository) if os.path.isdir(repository) else repository
        name = os.path.basename(source.rstrip("/"))
        yield Case(f"{name}, 0 changed", source, nothing, command=if_changed)
        yield Case(f"{name}, 10 changed", source, appended_lines(10))


HEADER = (f"{'':40} {'git':>9} {'git-wf':>9} {'ratio':>6} {'from':>6} {'to':>6} {'bound':>6}"
          f" {'git':>8} {'git-wf':>8} {'ratio':>6}")


def report(case, costs, floor):
    """Prints a case's line of the table.

    floor: what a program that needs no memory has as its peak, its parent's; about as much says nothing.
    """
    git, wf = (statistics.median(cost.seconds for cost in side) for side in zip(*costs))
    ratios = [wf.seconds / git.seconds for git, wf in costs]
    git_kib, wf_kib = (max(cost.kib for cost in side) for side in zip(*costs))
    line = f"{case.name:40} {1000 * git:6.0f} ms {1000 * wf:6.0f} ms"
    line += f" {wf / git:6.2f} {min(ratios):6.2f} {max(ratios):6.2f}"
    line += f" {case.bound:6.2f}" if case.bound else f" {'':6}"
    for kib in (git_kib, wf_kib):
        line += f" {'<' if kib < 1.1 * floor else ''}{kib / 1024:.0f} MiB".rjust(9)
    line += f" {wf_kib / git_kib:6.2f}"
    if case.bound and wf / git > case.bound:
        line += "  over its bound"
    print(line.rstrip(), flush=True)


def main():
    wanted = os.environ.get("BENCH_CASES", "")
    chosen = [case for case in cases() if wanted in case.name]
    if not chosen:
        sys.exit(f"no case has '{wanted}' in its name; there are:\n" + "\n".join(case.name for case in cases()))
    with Bench() as bench:
        _, least = bench.measure(shutil.which("true"), cwd=bench.folder)
        print(f"Snapshots beside git add -A && git write-tree; BENCH_SEED={bench.seed}")
        print(HEADER, flush=True)
        for case in chosen:
            source = case.source if isinstance(case.source, str) else bench.source(case.source)
            twins = Twins(bench, source)
            case.prepare(twins)
            # What was written so far is not to be flushed to the disk while the clock runs.
            os.sync()
            rng = bench.rng(case.name)
            rounds = int(os.environ.get("RUNS") or (3 if case.is_heavy else 5))
            costs = [case.do(twins, rng, round) for round in range(rounds + 1)]
            report(case, costs[1:], least.kib)
            twins.remove()


if __name__ == "__main__":
    main()
