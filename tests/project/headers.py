#!/usr/bin/env python3
"""Every header compiles alone, twice included. Usage: headers.py BUILD_DIR"""

import pathlib
import subprocess
import sys

import compile_commands
import stamps
import tree


def problems(root, build, jobs=2):
    commands = compile_commands.CompileCommands(build, root)
    closures = stamps.Closures(root)

    def key_of(header):
        return closures.key(header, commands.arguments(header))

    def check(header):
        text = f'#include "{root / header}"\n' * 2
        run = subprocess.run([*commands.arguments(header), "-O0", "-w", "-fsyntax-only", "-x", "c++", "-"], input=text, cwd=build,
                             capture_output=True, text=True, check=False)
        return "" if run.returncode == 0 else f"{header} does not compile alone:\n{run.stderr}"

    headers = tree.files(root, ".h", under=tree.CODE)
    return stamps.check_all(headers, key_of, check, stamps.Stamps(build / "checked" / "headers"), jobs)


if __name__ == "__main__":
    found, checked = problems(tree.ROOT, pathlib.Path(sys.argv[1]).resolve())
    print(f"{checked} headers compiled; the others have not changed since they last did")
    sys.exit(tree.report("headers", found))
