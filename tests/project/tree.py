"""The files of the project, as the checks of tests/project see them."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ("cmd", "lib", "providers", "sidecar", "tests")
_NOT_OURS = {".git", "build", "node_modules", ".venv", "__pycache__"}


def files(root, *suffixes, under=(".",)):
    """Paths relative to root, sorted; build trees, fetched packages and git's own files left out."""
    found = set()
    for top in under:
        for folder, folders, names in os.walk(root / top):
            folders[:] = [name for name in folders if name not in _NOT_OURS]
            for name in names:
                if name not in _NOT_OURS and (not suffixes or name.endswith(suffixes)):
                    found.add((pathlib.Path(folder) / name).relative_to(root))
    return sorted(found)


def sources(root):
    return files(root, ".cpp", ".h", under=CODE)


def report(what, problems):
    """Prints the problems and gives the exit code of a check."""
    for problem in problems:
        print(problem)
    print(f"{what}: {len(problems)} problem{'' if len(problems) == 1 else 's'}" if problems else f"{what}: fine")
    return 1 if problems else 0
