"""How this build compiles a file: from its compile_commands.json, without precompiled headers and compiler caches."""

import json
import os
import pathlib
import re
import shlex

_DROPPED = {"-Winvalid-pch", "-fpch-preprocess", "-c"}
_DROPPED_WITH_VALUE = {"-o", "-include", "-MF", "-MT"}


def _own_arguments(arguments):
    """The compiler and its flags: no launcher, no output, no precompiled header; the source stays out, too."""
    start = next(i for i, word in enumerate(arguments)
                 if os.path.basename(word).startswith(("c++", "g++", "clang++", "x86_64-linux-gnu-g++")))
    kept, words = [], iter(arguments[start:])
    for word in words:
        if word in _DROPPED_WITH_VALUE:
            next(words)
        elif word not in _DROPPED and not word.endswith((".cpp", ".cxx")):
            kept.append(word)
    return kept


def _sources_of(unit):
    """The sources that a file of the build compiles: itself, or those that a unity file puts together."""
    if unit.parent.name != "Unity":
        return [unit]
    return [pathlib.Path(name) for name in re.findall(r'#include "(.*\.cpp)"', unit.read_text(encoding="utf-8"))]


class CompileCommands:
    def __init__(self, build, root):
        self.root = root
        self._of = {}
        for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text(encoding="utf-8")):
            arguments = _own_arguments(shlex.split(entry["command"]))
            for path in _sources_of(pathlib.Path(entry["file"])):
                if path.is_relative_to(root) and not path.is_relative_to(build):
                    self._of[path.relative_to(root)] = arguments

    def files(self):
        return sorted(self._of)

    def arguments(self, path):
        """Those of the file itself, or of a neighbour: the source that shares the longest path with it."""
        if path in self._of:
            return self._of[path]
        return self._of[max(self.files(), key=lambda other: len(os.path.commonpath([path, other])))]
