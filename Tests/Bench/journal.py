#!/usr/bin/env -S python3 -B
"""What a long lane costs: its state, its log, its next checkpoint, and a fetch beside it, in one run.

Two repositories are made from one seed: a lane of 100 checkpoints and one of 100,000, of the same kinds in the same
proportions, and so with states of about the same size. `git wf init` begins each; the rest is imported in the form that
git-wf itself writes, and the short one must then pass `git wf fsck`. In each round both sides do their work in turn. The
first round is not counted.

    GIT_WF_BINARY=path/to/git-wf [RUNS=5] Tests/Bench/journal.py

BENCH_SEED=TEXT makes the data of another run again, and BENCH_LENGTH=N a long lane of another length. Times are medians;
"from" and "to" are the least and the greatest ratio of a round. A bound that is missed is noted; only a wrong answer
makes the exit status 1.
"""
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys

from bench import Bench, tracked

SHORT = 100
LONG = int(os.environ.get("BENCH_LENGTH") or 100_000)
FETCHED = 10_000
FILES = 500
WORKFLOW = "bench"
LANE = f"refs/wf/{WORKFLOW}/leader"
START = 1_600_000_000
FOLDING_WIDTH = 76


def folded(key, value):
    """A trailer as git-wf writes it."""
    lines = [key + ":"]
    for number, word in enumerate(value.split(" ")):
        if number > 0 and len(lines[-1]) + 1 + len(word) > FOLDING_WIDTH:
            lines.append("")
        lines[-1] += " " + word
    return "\n".join(lines) + "\n"


def item(text):
    """The trailers that name an item."""
    return [("Wf-Item", text), ("Wf-Item-Id", hashlib.sha1(f"{WORKFLOW}\0{0}\0{text}".encode()).hexdigest()[:16])]


class Story:
    """A legal history: what `count` checkpoints say, one after the other."""

    # Each is said again and again in a long lane: then the state is of the length of a short one.
    ITEMS = [f"Endpoint {number} with its tests" for number in range(12)]
    DECISIONS = [f"Chose option {number} for the storage of part {number}" for number in range(12)]

    def __init__(self, bench, rng, count):
        self.rng = rng
        self.count = count
        self.phase = "planning"
        self.is_blocked = False
        self.done = 0
        self.lines = bench.text.lines

    def words(self, least, most):
        text = " ".join(self.rng.choice(self.lines).split())
        while len(text) < least:
            text += " " + " ".join(self.rng.choice(self.lines).split())
        return text[:most].strip()

    def checkpoints(self):
        """Gives kind, phase, title and trailers of each."""
        steps = self.phases()
        part = max(2, self.count // 17)
        number = 0
        while number < self.count:
            for step in [next(steps)] if number % part == part // 2 else [self.other()]:
                kinds = step if isinstance(step, list) else [step]
                for kind, phase, title, trailers in kinds:
                    if number == self.count:
                        return
                    number += 1
                    yield kind, phase, title, trailers

    def phases(self):
        """Planning, and then implementing and testing by turns: each test fails."""
        yield self.unblocked() + self.leave("planning", "implementing")
        while True:
            yield self.unblocked() + self.leave("implementing", "testing")
            failed = ("phase-failed", "testing", "Phase failed: testing", [("Wf-Reason", self.words(20, 60))])
            self.phase = "implementing"
            yield self.unblocked() + [failed, ("phase-started", "implementing", "Phase started: implementing", [])]

    def leave(self, old, new):
        self.phase = new
        return [("phase-completed", old, f"Phase completed: {old}", []),
                ("phase-started", new, f"Phase started: {new}", [])]

    def unblocked(self):
        if not self.is_blocked:
            return []
        self.is_blocked = False
        answer = self.words(10, 50)
        return [("unblocked", self.phase, f"Unblocked: {answer}", [("Wf-Answer", answer)])]

    def other(self):
        draw = self.rng.random()
        if self.is_blocked and draw < 0.3:
            return self.unblocked()
        if draw < 0.03 and not self.is_blocked:
            self.is_blocked = True
            reason = self.words(20, 60)
            return ("blocked", self.phase, f"Blocked: {reason}", [("Wf-Needs", "input"), ("Wf-Reason", reason)])
        if draw < 0.10:
            text = self.rng.choice(self.DECISIONS)
            return ("decision", self.phase, f"Decided: {text}",
                    [("Wf-Decision", text), ("Wf-Because", self.words(20, 80))])
        if draw < 0.18:
            text = self.rng.choice(self.ITEMS)
            return ("item-started", self.phase, f"Started: {text}", item(text))
        if draw < 0.22 and self.done < len(self.ITEMS):
            text = self.ITEMS[self.done]
            self.done += 1
            return ("item-done", self.phase, f"Done: {text}", item(text))
        title = self.words(20, 70)
        trailers = [("Wf-Summary", self.words(40, 120)) for _ in range(self.rng.randint(1, 2))]
        trailers += [("Wf-Next", self.words(30, 90)) for _ in range(self.rng.randint(1, 3))]
        trailers += [("Wf-File", f"{tracked(self.rng.randrange(FILES))}: changed") for _ in range(self.rng.randint(0, 2))]
        return ("checkpoint", self.phase, title, trailers)


class Long:
    """A repository with a lane of so many checkpoints."""

    def __init__(self, bench, count, name):
        self.bench = bench
        self.path = bench.path(name)
        self.count = count
        # Neither length is idle for long: what status says then is about the worktree.
        self.now = {"GIT_COMMITTER_DATE": f"@{START + 60 * count} +0000"}
        rng = bench.rng(f"lane {count}")
        bench.clone(bench.source(FILES), self.path)
        self.make_branch(rng)
        bench.begin(self.path)
        self.make_lane(rng)
        bench.run(bench.git, "gc", "--quiet", cwd=self.path)

    def git(self, *arguments):
        return self.bench.run(self.bench.git, *arguments, cwd=self.path)

    def imported(self, pieces):
        command = [self.bench.git, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--force"]
        environment = self.bench.environment
        with subprocess.Popen(command, cwd=self.path, env=environment, stdin=subprocess.PIPE) as importing:
            for piece in pieces:
                importing.stdin.write(piece)
        if importing.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {importing.returncode}")

    def commit(self, ref, number, message, start, others, rng):
        """A commit of the time `number` that changes one file."""
        content = b"// %x\n" % rng.getrandbits(64)
        path = tracked(rng.randrange(FILES)).encode()
        yield (b"commit %s\ncommitter Bench <bench@example.org> %d +0000\ndata %d\n%s\n"
               % (ref.encode(), START + 60 * number, len(message), message))
        if start:
            yield b"from %s\n" % start.encode()
        for other in others:
            yield b"merge %s\n" % other.encode()
        yield b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(content), content)

    def make_branch(self, rng):
        """The user's own commits: one for every twentieth checkpoint."""
        pieces = (piece for number in range(self.count // 20)
                  for piece in self.commit("refs/heads/main", 20 * number, b"Work\n",
                                           "refs/heads/main^0" if number == 0 else None, [], rng))
        self.imported(pieces)
        self.git("reset", "--quiet", "--hard")
        self.heads = self.git("rev-list", "--reverse", "main").split()

    def make_lane(self, rng):
        made = int(self.git("rev-list", "--count", "--first-parent", LANE))
        last = self.git("log", "-1", "--format=%(trailers:only,unfold)", LANE)
        worktree = dict(line.split(": ", 1) for line in last.splitlines() if line)["Wf-Worktree"]

        def pieces():
            head = None
            story = Story(self.bench, rng, self.count - made).checkpoints()
            for number, (kind, phase, title, trailers) in enumerate(story):
                newest = self.heads[min(number // 20, len(self.heads) - 1)]
                standing = [("Wf-Version", "1"), ("Wf-Workflow", WORKFLOW), ("Wf-Lane", "leader"),
                            ("Wf-Worktree", worktree), ("Wf-Kind", kind), ("Wf-Phase", phase), ("Wf-Actor", "leader")]
                place = [("Wf-Branch", "refs/heads/main"), ("Wf-Head", newest)]
                lines = "".join(folded(*trailer) for trailer in standing + trailers + place)
                yield from self.commit(LANE, number, f"{title}\n\n{lines}".encode(),
                                       f"{LANE}^0" if number == 0 else None, [newest] if newest != head else [], rng)
                head = newest

        self.imported(pieces())
        if int(self.git("rev-list", "--count", "--first-parent", LANE)) != self.count:
            sys.exit(f"the lane has not {self.count} checkpoints")

    def wf(self, *arguments):
        """
        Returns: git-wf's JSON document and its cost.
        """
        output, cost = self.bench.measure(self.bench.wf, *arguments, "--json", cwd=self.path, **self.now)
        return json.loads(output), cost

    def forget(self):
        """Takes the cached state away."""
        shutil.rmtree(os.path.join(self.path, ".git", "wf", "cache"), ignore_errors=True)

    def check(self):
        """That the product understands the lane as it was meant, with a cache and without."""
        self.forget()
        folded_now = self.wf("status")[0]
        cached = self.wf("status")[0]
        if folded_now != cached:
            sys.exit(f"{self.count:,} checkpoints: the cached state is another one than the folded one")
        refused = [warning for warning in cached["warnings"] if "not allowed" in warning]
        counted = sum(phase["checkpoints"] for phase in cached["phases"])
        tip = self.git("rev-parse", LANE).strip()
        if refused or counted != self.count or cached["lastCheckpoint"]["id"] != tip:
            sys.exit(f"{self.count:,} checkpoints: the state is of {counted}\n" + "\n".join(refused[:5]))


HEADER = f"{'':52} {'beside':>9} {'git-wf':>9} {'ratio':>6} {'from':>6} {'to':>6} {'bound':>6}"


def measure(name, bound, sides):
    """Prints a line of the table: what two sides cost, in turn, and the ratio of the second to the first."""
    rounds = int(os.environ.get("RUNS") or 5)
    costs = []
    for round in range(rounds + 1):
        pair = [None, None]
        for number in (0, 1) if round % 2 == 0 else (1, 0):
            pair[number] = sides[number](round).seconds
        costs.append(pair)
    one, other = (statistics.median(side) for side in zip(*costs[1:]))
    ratios = [second / first for first, second in costs[1:]]
    line = f"{name:52} {1000 * one:6.0f} ms {1000 * other:6.0f} ms {other / one:6.2f} {min(ratios):6.2f} {max(ratios):6.2f}"
    line += f" {bound:6.2f}" if bound else ""
    if bound and other / one > bound:
        line += "  over its bound"
    print(line, flush=True)


def state(long):
    """What git needs to print all trailers, and git-wf to know what they mean."""
    log = f"exec '{long.bench.git}' log --first-parent --format='%(trailers)' {LANE} >'{os.devnull}'"

    def folded_state(round):
        long.forget()
        return long.wf("status")[1]

    return [lambda round: long.bench.measure("/bin/sh", "-c", log, cwd=long.path)[1], folded_state]


def log(long):
    def git(round):
        output, cost = long.bench.measure(
            long.bench.git, "log", "-n", "20", "--first-parent", LANE, cwd=long.path)
        git.ids = [line.split()[1] for line in output.splitlines() if line.startswith("commit ")]
        return cost

    def wf(round):
        output, cost = long.bench.measure(long.bench.wf, "log", "-n", "20", cwd=long.path)
        wf.ids = [line.split()[0] for line in output.splitlines() if line.startswith("  ")]
        return cost

    def check():
        if [id[:7] for id in git.ids] != wf.ids:
            sys.exit("git log and git wf log do not name the same checkpoints")

    return [git, wf], check


def append(lane):
    """The next checkpoint, of one file that changed."""

    def one(round):
        path = os.path.join(lane.path, tracked(round % FILES))
        with open(path, "ab") as file:
            file.write(b"// %d\n" % round)
        return lane.wf("checkpoint", "One more")[1]

    return one


class Fetching:
    """A clone, with checkpoints of its own or without, that fetches one commit."""

    def __init__(self, bench, upstream, lane, name):
        self.bench = bench
        self.upstream = upstream
        self.path = bench.path(name)
        bench.run(bench.git, "clone", "--quiet", "--no-local", upstream, self.path, cwd=bench.folder)
        if lane:
            bench.run(bench.git, "fetch", "--quiet", lane.path, "refs/wf/*:refs/wf/*", cwd=self.path)
        bench.run(bench.git, "gc", "--quiet", cwd=self.path)

    def git(self, *arguments, cwd=None):
        return self.bench.run(self.bench.git, *arguments, cwd=cwd or self.path)

    def fetch(self, *settings):
        def one(round):
            # Each brings what the other one's brought, and one more commit.
            old = self.git("rev-parse", "main", cwd=self.upstream).strip()
            new = self.git("commit-tree", f"{old}^{{tree}}", "-p", old, "-m", f"{settings} {round}", cwd=self.upstream)
            self.git("update-ref", "refs/heads/main", new.strip(), cwd=self.upstream)
            _, cost = self.bench.measure(self.bench.git, *settings, "fetch", "--quiet", "origin", cwd=self.path)
            if self.git("rev-parse", "origin/main") != new:
                sys.exit("a fetch brought something else")
            return cost

        return one


def fetches(bench):
    lane = Long(bench, FETCHED, "fetched")
    upstream = bench.path("upstream")
    bench.run(bench.git, "clone", "--quiet", "--bare", lane.path, upstream, cwd=bench.folder)
    without = Fetching(bench, upstream, None, "without")
    beside = Fetching(bench, upstream, lane, "beside")
    skipping = ["-c", "fetch.negotiationAlgorithm=skipping"]
    name = f"git fetch beside {FETCHED:,} checkpoints, and without"
    measure(name, None, [without.fetch(), beside.fetch()])
    measure(f"{name}, skipping", 1.2, [without.fetch(*skipping), beside.fetch(*skipping)])


def main():
    with Bench() as bench:
        print(f"A lane of {LONG:,} checkpoints beside git, and beside one of {SHORT}; BENCH_SEED={bench.seed}")
        short = Long(bench, SHORT, "short")
        bench.run(bench.wf, "fsck", cwd=short.path)
        long = Long(bench, LONG, "long")
        for lane in (short, long):
            lane.check()
        os.sync()
        print(HEADER, flush=True)
        measure("state without cache, and git log --format=%(trailers)", 0.7, state(long))
        long.check()
        measure("status with cache, and at 100", 1.2, [lambda _: short.wf("status")[1], lambda _: long.wf("status")[1]])
        sides, check = log(long)
        measure("log -n 20, and git log -n 20", 1.5, sides)
        check()
        measure("append, and to the 100th", 1.2, [append(short), append(long)])
        fetches(bench)


if __name__ == "__main__":
    main()
