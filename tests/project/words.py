#!/usr/bin/env python3
"""Words that must not be in the project: hosts of package registries, paths of one machine, unfinished marks."""

import re
import sys

import tree

# Each pattern is written so that it does not find itself.
FORBIDDEN = {
    "names the host of a package registry": re.compile(
        r"registry[.](npmjs|yarnpkg)|[/.]pypi[.]org|pythonhosted[.]org|(deb|security)[.]debian[.]org|proxy[.]golang[.]org|"
        r"(static|index)[.]crates[.]io|https?://(registry|deb|pypi|proxy|index|static|files)[.]"),
    "names a path of one machine": re.compile(r"(?<![\w.*-])/(work|root)/"),
    "is an unfinished mark": re.compile(r"\b(TO[D]O|FIX[M]E|HAC[K])\b"),
    "is left of a merge": re.compile(r"^([<]{7}|[>]{7}) "),
}
LARGEST = 4 << 20


def problems(root):
    found = []
    for path in tree.files(root):
        file = root / path
        if file.is_symlink() or file.stat().st_size > LARGEST:
            continue
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            for why, pattern in FORBIDDEN.items():
                if match := pattern.search(line):
                    found.append(f"{path}:{number}: '{match[0]}' {why}")
    return found


if __name__ == "__main__":
    sys.exit(tree.report("words", problems(tree.ROOT)))
