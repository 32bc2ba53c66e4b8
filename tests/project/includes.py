#!/usr/bin/env python3
"""Who may include whom: cmd -> sidecar -> providers -> lib, inside lib downwards by floor; each package has one door."""

import re
import sys

import tree

# Floors of lib, as the architecture draws them. Rooms on one floor do not include each other.
FLOORS = {
    "base": 1,
    "protocol": 2, "http": 2, "crypto": 2,
    "secrets": 3, "tokens": 3, "pricing": 3, "objects": 3, "matching": 3,
    "store": 4,
    "identity": 5, "limits": 5, "routing": 5,
    "policy": 6,
    "decision": 7,
    "shadow": 8,
    "config": 9,
}

# What stands above lib, lowest first. Tests may include everything, and nothing includes a test.
STORIES = ("lib", "providers", "sidecar", "cmd", "tests")

# A package's headers and the places that may include them: a folder, or one kind of file in it. Tests are free.
ANYWHERE = ("lib/", "providers/", "sidecar/", "cmd/")
DOORS = {
    "CLI/": ("cmd/",),
    "boost/": ("sidecar/engine/",),
    "catch2/": (),
    "fmt/": ANYWHERE,
    "hiredis/": ("sidecar/",),
    "httplib.h": ("lib/http/*.cpp",),
    "nlohmann/json_fwd.hpp": ANYWHERE,
    "nlohmann/": tuple(place + "*.cpp" for place in ANYWHERE),
    "openssl/": ("lib/crypto/", "sidecar/engine/"),
    "prometheus/": ("sidecar/metrics",),
    "re2/": ("lib/matching/*.cpp",),
    "simdjson.h": ("lib/protocol/*.cpp",),
    "soci/": ("lib/store/",),
    "sodium.h": ("lib/secrets/",),
    "spdlog/": ("sidecar/",),
    "sqlite3.h": ("lib/store/",),
    "toml++/": ("lib/config/*.cpp",),
}

# The system's and the compiler's own headers beside the standard library's, which have no dot.
SYSTEM = re.compile(r"(sys|arpa|net|netinet|linux)/.*|\w+mmintrin\.h|arm_neon\.h|"
                    r"(dirent|fcntl|netdb|poll|pwd|signal|spawn|syslog|termios|unistd|ifaddrs|sched|pthread)\.h")

INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')


def includes(path):
    """(line, quoted or angled, name) of every include."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1] == '"', match[2]


def resolve(root, name):
    """The project's file that an include names: rooted at lib for library rooms, at the root for others. What the build
    makes of X.in is X."""
    for base in ("lib", "."):
        for path in (root / base / name, root / base / f"{name}.in"):
            if path.is_file():
                return path.relative_to(root)
    return None


def room(path):
    return path.parts[1]


def climbs(user, used):
    """Why `user` must not include `used`, both paths from the root; None when it may."""
    user_story, used_story = STORIES.index(user.parts[0]), STORIES.index(used.parts[0])
    if user_story < used_story:
        return f"{user.parts[0]} is beneath {used.parts[0]}"
    if user.parts[0] == used.parts[0] == "lib" and room(user) != room(used):
        if FLOORS[room(user)] < FLOORS[room(used)]:
            return f"lib/{room(user)} is beneath lib/{room(used)}"
        if FLOORS[room(user)] == FLOORS[room(used)]:
            return f"lib/{room(user)} and lib/{room(used)} are on one floor"
    if user.parts[:2] == ("sidecar", "engine") and used.parts[0] == "sidecar" and used.parts[1] != "engine":
        return "sidecar/engine is beneath the rest of the sidecar"
    return None


def is_inside(path, place):
    start, _, suffix = place.partition("*")
    return path.as_posix().startswith(start) and path.name.endswith(suffix)


def enters_wrongly(user, header):
    """Why `user` must not include the package header; None when it may."""
    if "." not in header or SYSTEM.fullmatch(header) or user.parts[0] == "tests":
        return None
    for package, places in DOORS.items():
        if header.startswith(package):
            if any(is_inside(user, place) for place in places):
                return None
            return f"the door of {package} is {' and '.join(places) or 'tests/'}"
    return "this package has no door yet: give it one in tests/project/includes.py"


def problems(root):
    found = []
    for path in tree.sources(root):
        if path.parts[0] == "lib" and room(path) not in FLOORS:
            found.append(f"{path}: lib/{room(path)} has no floor yet: give it one in tests/project/includes.py")
            continue
        for number, is_quoted, name in includes(root / path):
            used = resolve(root, name) if is_quoted else None
            if is_quoted and used is None:
                why = "no file of the project has this name, seen from lib/ or from the root"
            elif is_quoted:
                why = climbs(path, used)
            else:
                why = enters_wrongly(path, name)
            if why:
                found.append(f"{path}:{number}: includes {name}: {why}")
    return found


if __name__ == "__main__":
    sys.exit(tree.report("includes", problems(tree.ROOT)))
