#!/usr/bin/env python3
"""Every source file is listed in a CMakeLists.txt, and every listed one exists."""

import pathlib
import re
import sys

import tree

LISTED = re.compile(r"(?<![}\w./-])[\w./-]+\.cpp\b")  # what begins with a variable is generated


def listed(root):
    """(CMakeLists.txt, path from the root) of every source that a CMakeLists.txt names."""
    for cmake in tree.files(root, "CMakeLists.txt"):
        for line in (root / cmake).read_text(encoding="utf-8").splitlines():
            for name in LISTED.findall(line.partition("#")[0]):
                yield cmake, pathlib.PurePosixPath(cmake.parent.as_posix()) / name


def problems(root):
    known = {path for _, path in listed(root)}
    absent = [f"{cmake}: lists {path}, which does not exist" for cmake, path in listed(root) if not (root / path).is_file()]
    forgotten = [f"{path}: no CMakeLists.txt lists it" for path in tree.files(root, ".cpp", under=tree.CODE)
                 if path not in known]
    return absent + forgotten


if __name__ == "__main__":
    sys.exit(tree.report("sources", problems(tree.ROOT)))
