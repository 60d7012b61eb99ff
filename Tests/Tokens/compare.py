"""Compares git-wf's token estimate with a real tokenizer, on files of this machine and on what git-wf prints.

Run by `make tokens`. The tokenizer is the one that PyPI's anthropic 0.34.2 carries; it goes into a virtual environment in
the temporary folder and stays there for the next time. Exit status 1 where an estimate is more than 15% away from the
count, or more than 10% below it, or a brief is larger than its budget or takes longer than 100 ms. GIT_WF_TOKENS_SEED picks other files.
"""
import glob
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(tempfile.gettempdir(), f"git-wf-tokens-{os.getuid()}")
FEWEST_TOKENS = 200
FEWEST_FILES = 200


def tokenizer():
    """The tokenizer, from the virtual environment, in which this script then runs again."""
    vocabulary = os.path.join(VENV, "anthropic", "tokenizer.json")
    python = os.path.join(VENV, "bin", "python")
    if not os.path.exists(vocabulary):
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run(pip + ["install", "tokenizers"], check=True)
        subprocess.run(pip + ["download", "--no-deps", "--dest", VENV, "anthropic==0.34.2"], check=True)
        wheel = glob.glob(os.path.join(VENV, "anthropic-0.34.2-*.whl"))[0]
        with zipfile.ZipFile(wheel) as archive:
            archive.extract("anthropic/tokenizer.json", VENV)
    if os.path.realpath(sys.prefix) != os.path.realpath(VENV):
        os.execv(python, [python] + sys.argv)
    from tokenizers import Tokenizer

    return Tokenizer.from_file(vocabulary)


def sample(patterns, count, seed):
    files = {f for p in patterns for f in glob.glob(p, recursive=True)}
    files = sorted(f for f in files if os.path.isfile(f) and 600 <= os.path.getsize(f) <= 100_000)
    random.Random(seed).shuffle(files)
    return files[:count]


def corpus(seed):
    """Files by what they hold, of the folders that are there. Python's tables of characters are neither prose nor code."""
    python = os.path.dirname(os.__file__)
    packages = f"{ROOT}/.build/checkouts/*"
    groups = {
        "Markdown": ["/usr/share/doc/nodejs/**/*.md", f"{ROOT}/*.md", f"{packages}/*.md", "/usr/share/doc/*/*.md",
                     "/opt/swift/usr/share/doc/**/*.md"],
        "prose": ["/usr/share/doc/git/RelNotes/*.txt", "/usr/share/vim/vim*/doc/*.txt", "/usr/share/doc/*/README*",
                  "/usr/share/doc/*/*.txt", "/usr/share/doc/*/NEWS", "/usr/share/common-licenses/*",
                  "/usr/share/doc/git/*.txt"],
        "Swift": [f"{ROOT}/Sources/**/*.swift", f"{ROOT}/Tests/**/*.swift", f"{packages}/Sources/**/*.swift"],
        "Python": [f"{python}/*.py", f"{python}/*/*.py"],
        "C": ["/usr/include/*.h", "/usr/include/linux/*.h", "/usr/include/git2/*.h", "/usr/include/openssl/*.h"],
        "JavaScript": ["/usr/share/nodejs/*/*.js", "/usr/share/nodejs/npm/lib/**/*.js",
                       "/usr/lib/node_modules/npm/lib/**/*.js"],
        "Perl": ["/usr/share/perl/5.*/*.pm", "/usr/share/perl/5.*/*/*.pm", "/usr/share/perl5/*.pm"],
        "shell": [f"{ROOT}/Tests/*/*.sh", f"{ROOT}/hooks/*.sh", "/usr/lib/git-core/git-*.sh",
                  "/usr/share/doc/git/contrib/**/*.sh"],
    }
    return {name: [f for f in sample(patterns, 90, seed) if "/encodings/" not in f] for name, patterns in groups.items()}


def run(directory, *arguments):
    environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_AUTHOR_NAME="A", GIT_AUTHOR_EMAIL="a@example.com",
                       GIT_COMMITTER_NAME="A", GIT_COMMITTER_EMAIL="a@example.com")
    result = subprocess.run(arguments, cwd=directory, env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(arguments)} gave {result.returncode}: {result.stderr}")
    return result.stdout


def own_texts(folder, binary):
    """What git-wf itself prints, in a clone of this repository."""
    repository = os.path.join(folder, "repository")
    run(folder, "git", "clone", "--quiet", ROOT, repository)
    if not os.path.exists(f"{repository}/TODO.md"):
        with open(f"{repository}/TODO.md", "w", encoding="utf-8") as file:
            file.write("# TODO\n\n" + "".join(f"- [ ] Step {i} of the way to a release\n" for i in range(1, 13)))
    run(repository, binary, "init", "--name", "measured", "--goal", "Count what every command prints", "--no-hooks")
    for i in range(1, 13):
        run(repository, binary, "decide", f"Room {i} keeps its own types", "--because", "the next room needs no others")
        run(repository, binary, "checkpoint", f"Step {i} is measured", "--summary", f"Step {i} of the way is done",
            "--next", f"Look at step {i + 1}")
    commands = {
        "status": ["status"], "status.json": ["status", "--json"], "log": ["log", "-n", "0"],
        "log.json": ["log", "-n", "5", "--json"], "show": ["show"], "help": ["-h"], "manual": ["manual"],
        "resume": ["resume"], "resume.json": ["resume", "--json"], "todo": ["todo"],
    }
    paths = []
    for name, arguments in commands.items():
        paths.append(os.path.join(folder, f"git-wf-{name}"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write(run(repository, binary, *arguments))
    return paths + [f"{repository}/workflow-state.md"]


def briefs(folder, binary, real):
    """Whether `git wf resume` keeps to its budget by the real tokenizer, here and where there is very much to tell."""
    small = os.path.join(folder, "repository")
    large = os.path.join(folder, "large")
    run(folder, "git", "init", "--quiet", "--initial-branch=main", large)
    with open(f"{large}/TODO.md", "w", encoding="utf-8") as file:
        file.write("# TODO\n\n" + "".join(
            f"- [ ] Route {i} answers with what the catalogue holds, see src/route{i}.ts\n" for i in range(200)))
    run(large, "git", "add", "-A")
    run(large, "git", "commit", "--quiet", "-m", "Begin")
    run(large, binary, "init", "--name", "large", "--goal", "Very much to tell", "--no-hooks")
    for i in range(50):
        run(large, binary, "decide", f"Answer {i} comes from the catalogue, not from the cache",
            "--because", f"the cache is {i} minutes old at worst")
    for i in range(1000):
        run(large, binary, "checkpoint", f"Step {i} of the way", "--summary", f"Route {i} answers", "--next",
            f"Begin route {i + 1}")
    for i in range(30):
        with open(f"{large}/new{i}.txt", "w", encoding="utf-8") as file:
            file.write(f"{i}\n" * i)
    failures = 0
    print(f"\n{'git wf resume':52}{'tokens':>7}{'estimate':>9}{'characters':>11}{'best of 9':>11}")
    for name, repository in (("this project", small), ("1,000 checkpoints", large)):
        for options in ([], ["--max-chars", "10000"], ["--budget", "4000", "--max-chars", "10000"], ["--budget", "300"]):
            text = run(repository, binary, "resume", *options)
            estimate = json.loads(run(repository, binary, "resume", "--json", *options))["tokens"]
            times = []
            for _ in range(9):
                start = time.monotonic()
                run(repository, binary, "resume", *options)
                times.append(time.monotonic() - start)
            tokens = len(real.encode(text).ids)
            budget = int(options[1]) if "--budget" in options else 2000
            failures += tokens > budget or len(text) > 10_000 or min(times) > 0.1
            print(f"{name:18}{' '.join(options):34}"
                  f"{tokens:7}{estimate:9}{len(text):11}{1000 * min(times):8.1f} ms")
    return failures


def estimates(paths, folder):
    """Our own estimates, all from one run of a test that is there for it."""
    listing = os.path.join(folder, "files")
    with open(listing, "w", encoding="utf-8") as file:
        file.writelines(path + "\n" for path in paths)
    command = [os.environ.get("SWIFT", "swift"), "test", "--skip-build", "--filter", "TokenEstimateTests/files"]
    environment = dict(os.environ, GIT_WF_TOKEN_FILES=listing)
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(result.stdout + result.stderr)
    with open(listing + ".estimates", encoding="utf-8") as file:
        lines = (line.rstrip("\n").split("\t", 1) for line in file)
        return {path: int(count) for count, path in lines}


def main():
    real = tokenizer()
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        groups = corpus(int(os.environ.get("GIT_WF_TOKENS_SEED", "1")))
        groups["git-wf's own"] = own_texts(folder, binary)
        ours = estimates([path for paths in groups.values() for path in paths], folder)
        print(f"{'':14}{'files':>6}{'tokens':>9}{'lowest':>9}{'mean':>8}{'highest':>9}")
        everything = []
        for name, paths in groups.items():
            found = []
            for path in paths:
                with open(path, "rb") as file:
                    text = file.read().decode("utf-8", "replace")
                # Other encodings are no text that anybody pays tokens for as it is.
                if "\ufffd" in text:
                    continue
                tokens = len(real.encode(text).ids)
                if tokens >= FEWEST_TOKENS:
                    found.append((ours[path] / tokens - 1, path, tokens))
            if found:
                errors = [error for error, _, _ in found]
                print(f"{name:14}{len(found):6}{sum(t for _, _, t in found):9}{min(errors):+9.1%}"
                      f"{sum(errors) / len(errors):+8.1%}{max(errors):+9.1%}")
            everything += found
        outside = [entry for entry in everything if not -0.10 <= entry[0] <= 0.15]
        for error, path, tokens in sorted(outside):
            print(f"{error:+.1%}  {path} ({tokens} tokens)")
        print(f"{len(everything)} files of at least {FEWEST_TOKENS} tokens, {len(outside)} outside of -10% to +15%")
        failures = briefs(folder, binary, real)
        return 1 if outside or failures or len(everything) < FEWEST_FILES else 0


if __name__ == "__main__":
    sys.exit(main())
