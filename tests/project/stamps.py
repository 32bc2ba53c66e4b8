"""What was found fine stays fine until its content changes: stamps named by a hash of all that went into a check."""

import concurrent.futures
import hashlib
import pathlib

import includes


class Stamps:
    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def has(self, key):
        return (self._folder / key).exists()

    def add(self, key):
        (self._folder / key).touch()


class Closures:
    """Hashes of files together with every file of the project that they include."""

    def __init__(self, root):
        self._root = root
        self._direct = {}

    def _included(self, path):
        if path not in self._direct:
            named = [includes.resolve(self._root, name) for _, is_quoted, name in includes.includes(self._root / path) if is_quoted]
            self._direct[path] = [used for used in named if used]
        return self._direct[path]

    def key(self, path, *salt):
        seen, waiting = {path}, [path]
        while waiting:
            for used in self._included(waiting.pop()):
                if used not in seen:
                    seen.add(used)
                    waiting.append(used)
        digest = hashlib.sha256(repr(salt).encode())
        for file in sorted(seen):
            digest.update(file.as_posix().encode() + b"\0" + (self._root / file).read_bytes())
        return digest.hexdigest()


def check_all(paths, key_of, check, stamps, jobs):
    """Runs `check` (path -> text of problems, empty when fine) over what has no stamp. Returns (problems, checked)."""
    stale = [(path, key) for path in paths if not stamps.has(key := key_of(path))]
    found = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for (path, key), text in zip(stale, pool.map(lambda item: check(item[0]), stale)):
            if text:
                found.append(text.rstrip())
            else:
                stamps.add(key)
    return found, len(stale)
