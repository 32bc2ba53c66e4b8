#!/usr/bin/env python3
"""clang-tidy over the sources of the product. Usage: tidy.py BUILD_DIR

All of it takes a quarter of an hour on two cores, so a run looks at what the last commits touched (at most 30 files of it)
and at one share of the rest, another share with every commit; AIGW_TIDY=all looks at everything, AIGW_TIDY=none at nothing
(skipped). A source is looked at again only when it, an include or .clang-tidy has changed. Exit code 77: there is no
clang-tidy-19 here.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import compile_commands
import stamps
import tree

TOOL = "clang-tidy-19"
SHARES = 6
RECENT_COMMITS = 3
MOST_TOUCHED = 30


def git(root, *arguments):
    run = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    return run.stdout.split() if run.returncode == 0 else []


def changed(root):
    """What the working tree and the last few commits changed."""
    commits = git(root, "rev-list", f"--max-count={RECENT_COMMITS + 1}", "HEAD")
    names = git(root, "diff", "--name-only", commits[-1]) if commits else []
    return {pathlib.Path(name) for name in names + git(root, "ls-files", "--others", "--exclude-standard")}


def share_of(path):
    return int(hashlib.sha256(path.as_posix().encode()).hexdigest(), 16) % SHARES


def chosen(root, sources):
    if os.environ.get("AIGW_TIDY") == "all":
        return sources
    head = git(root, "rev-parse", "HEAD")
    turn = int(head[0], 16) % SHARES if head else 0
    touched = sorted(changed(root).intersection(sources))[:MOST_TOUCHED]
    return [path for path in sources if path in touched or share_of(path) == turn]


def write_database(folder, root, commands):
    """A compile database that clang can read: no precompiled headers and no warnings, which are g++'s."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for path in commands.files():
        flags = [word for word in commands.arguments(path) if not word.startswith("-W")]
        entries.append({"directory": str(root), "file": str(root / path), "arguments": [*flags, "-c", str(root / path)]})
    (folder / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")


def problems(root, build, jobs=2):
    commands = compile_commands.CompileCommands(build, root)
    folder = build / "checked" / "tidy"
    write_database(folder, root, commands)
    closures = stamps.Closures(root)
    rules = (root / ".clang-tidy").read_bytes()

    def key_of(path):
        return closures.key(path, commands.arguments(path), rules)

    def check(path):
        run = subprocess.run([TOOL, "--quiet", "-p", folder, root / path], cwd=root, capture_output=True, text=True, check=False)
        return "" if run.returncode == 0 else run.stdout + "".join(
            line for line in run.stderr.splitlines(True) if "error" in line)

    sources = [path for path in commands.files() if path.parts[0] != "tests"]
    picked = chosen(root, sources)
    found, checked = stamps.check_all(picked, key_of, check, stamps.Stamps(folder / "stamps"), jobs)
    print(f"{len(picked)} of {len(sources)} sources chosen, {checked} of them new or changed")
    return found


if __name__ == "__main__":
    if not shutil.which(TOOL):
        print(f"{TOOL} is not installed")
        sys.exit(77)
    if os.environ.get("AIGW_TIDY") == "none":
        print("left out: AIGW_TIDY=none")
        sys.exit(77)
    sys.exit(tree.report("clang-tidy", problems(tree.ROOT, pathlib.Path(sys.argv[1]).resolve())))
