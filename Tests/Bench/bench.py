"""What the benchmarks share: a temporary folder with a home of its own, data made from a seed, measured commands."""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing

MEASURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "measure.py")
FILES_IN_A_DIRECTORY = 95
DIRECTORIES_IN_A_DIRECTORY = 32


class Cost(typing.NamedTuple):
    """What a command took, or several, one after the other."""

    seconds: float
    kib: int

    def then(self, next):
        return Cost(self.seconds + next.seconds, max(self.kib, next.kib))


class Text:
    """Text like source code: words, some of them frequent, so that deflate finds as much to do as it does there."""

    def __init__(self, rng):
        letters = "etaoinsrhldcumfpgwybvkxjqz"
        weights = [1 / (rank + 3) for rank in range(len(letters))]
        words = ["".join(rng.choices(letters, weights, k=rng.randint(2, 9))) for _ in range(600)]
        frequency = [1 / (rank + 1) for rank in range(len(words))]
        marks = [" ", " ", " ", ".", ", ", " = ", "(", ") ", ": ", "_"]
        self.lines = []
        for _ in range(40_000):
            count = rng.randint(1, 9)
            parts = zip(rng.choices(words, frequency, k=count), rng.choices(marks, k=count))
            line = "    " * rng.randint(0, 4) + "".join(word + mark for word, mark in parts)
            self.lines.append(line.rstrip() + "\n")

    def make(self, rng, size):
        """Text of `size` bytes that was never made before."""
        text = f"// {rng.getrandbits(64):016x}\n"
        while len(text) < size:
            text += "".join(rng.choices(self.lines, k=(size - len(text)) // 25 + 1))
        return text[: size - 1].encode() + b"\n"


class Bench:
    """A temporary folder, the environment in which commands run there, and repositories made from the seed.

    With GIT_WF_KEEP=1 the folder is kept, to look into.
    """

    def __init__(self):
        binary = os.environ.get("GIT_WF_BINARY")
        if not binary:
            sys.exit("GIT_WF_BINARY is not set: the binary to measure")
        self.wf = os.path.realpath(binary)
        self.git = shutil.which("git")
        self.seed = os.environ.get("BENCH_SEED") or str(random.randrange(1_000_000))
        self.text = Text(self.rng("text"))
        # Gigabytes are not to stay behind when this is stopped.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.folder = tempfile.mkdtemp(prefix="git-wf-bench.")
        home = self.path("home")
        os.mkdir(home)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "XDG_"))}
        self.environment.update(HOME=home, GIT_CONFIG_NOSYSTEM="1")
        for setting in ("user.name=Bench", "user.email=bench@example.org", "init.defaultBranch=main"):
            self.run(self.git, "config", "--global", *setting.split("="), cwd=home)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if os.environ.get("GIT_WF_KEEP"):
            print(f"kept {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def rng(self, purpose):
        """Random numbers that are the same whichever other cases run."""
        return random.Random(f"{self.seed} {purpose}")

    def run(self, *command, cwd, **variables):
        """Runs a command, and ends the benchmark where it fails.

        Returns: its standard output.
        """
        environment = {**self.environment, **variables}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def measure(self, *command, cwd, **variables):
        """Runs a command and measures it.

        Returns: its standard output and its cost.
        """
        output = self.run(sys.executable, "-I", "-S", MEASURE, *command, cwd=cwd, **variables)
        output, _, last = output.rstrip("\n").rpartition("\n")
        seconds, kib = last.split()
        return output, Cost(float(seconds), int(kib))

    def source(self, files):
        """A bare repository of so many files in one pack, to clone; it is made once."""
        folder = self.path(f"source-{files}")
        if os.path.isdir(folder):
            return folder
        self.run(self.git, "init", "-q", "--bare", folder, cwd=self.folder)
        rng = self.rng(f"{files} files")
        command = [self.git, "fast-import", "--quiet"]
        with subprocess.Popen(command, cwd=folder, env=self.environment, stdin=subprocess.PIPE) as importing:
            put = importing.stdin.write
            put(b"commit refs/heads/main\ncommitter Bench <bench@example.org> 1600000000 +0000\ndata 5\nfirst\n")
            put(b"M 100644 inline .gitignore\ndata 14\nnode_modules/\n\n")
            for number in range(files):
                content = self.text.make(rng, rng.randint(200, 3000))
                put(b"M 100644 inline %s\ndata %d\n%s\n" % (tracked(number).encode(), len(content), content))
        if importing.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {importing.returncode}")
        return folder

    def clone(self, source, folder):
        """A clone whose index knows every file, without the workflow that its source may define."""
        self.run(self.git, "clone", "-q", source, folder, cwd=self.folder)
        definition = os.path.join(folder, ".wfconfig")
        if os.path.exists(definition):
            os.remove(definition)
        wait_for_next_tick()
        self.run(self.git, "status", cwd=folder)

    def begin(self, folder):
        self.run(self.wf, "init", "--name", "bench", "--no-hooks", cwd=folder)

    def commit(self, folder):
        """Commits everything, which brings the user's index up to date."""
        self.run(self.git, "add", "-A", cwd=folder)
        self.run(self.git, "commit", "-q", "-m", "Next", cwd=folder)


def tracked(number):
    """The path of a file, nested two directories deep."""
    directory = number // FILES_IN_A_DIRECTORY
    return f"part{directory // DIRECTORIES_IN_A_DIRECTORY:02}/module{directory:04}/file{number:06}.c"


def wait_for_next_tick():
    """Waits until what was written is older than any index that is written from now on.

    Git reads a file again that was modified in the second in which its index was written, or later: it may have been
    modified unseen.
    """
    time.sleep(1.1)
