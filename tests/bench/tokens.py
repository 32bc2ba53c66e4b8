"""Counting tokens, beside the libraries that are used for it: the same texts, the same core, the same run."""

import pathlib
import random
import subprocess

import loads
import processes

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS, WEB_ASSEMBLY, NATIVE = "aigw", "tiktoken (npm)", "tiktoken (PyPI)"
ENCODING = "o200k_base"             # the largest vocabulary
OTHER_ENCODINGS = ("cl100k_base", "qwen")
PART_BYTES = 4096                   # of each kind in turn, in the mixed text
TEXT_BYTES = 1_500_000              # of each kind


def english():
    """The project's own prose, over and over with other numbers, so that no line is the same twice."""
    lines = [line for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("man/*.[15]")])
             for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 40]
    chance = random.Random(1)
    return _until(lambda: " ".join(_shuffled(chance, chance.choice(lines).split())) + ".\n")


def _shuffled(chance, words):
    """A line whose halves may change places."""
    at = chance.randrange(len(words))
    return words[at:] + words[:at]


def code():
    paths = sorted(path for folder in ("lib", "providers", "sidecar", "cmd", "tests") for path in (ROOT / folder).rglob("*.cpp"))
    texts = iter(paths)
    return _until(lambda: next(texts).read_text(encoding="utf-8"))


def chinese():
    """Words of one to four characters as often as their ranks say, in sentences."""
    data, words, at = (ROOT / "lib/tokens/data/qwen.tokens").read_bytes(), [], 0
    while at < len(data):
        token = data[at + 1:at + 1 + data[at]]
        at += 1 + data[at]
        word = token.decode("utf-8", errors="replace")
        if 1 <= len(word) <= 4 and all("\u4e00" <= character <= "\u9fff" for character in word):
            words.append(word)
    weights = [1 / (rank + 50) for rank in range(len(words))]
    chance = random.Random(2)
    drawn = iter(chance.choices(words, weights, k=TEXT_BYTES))

    def sentence():
        clauses = ["".join(next(drawn) for _ in range(chance.randint(3, 9))) for _ in range(chance.randint(1, 4))]
        return "，".join(clauses) + chance.choice("。。。！？\n")
    return _until(sentence)


def _until(more):
    """Text of TEXT_BYTES at least, or what there is."""
    parts, size = [], 0
    while size < TEXT_BYTES:
        try:
            parts.append(more())
        except StopIteration:
            break
        size += len(parts[-1].encode("utf-8"))
    return "".join(parts)


def mixed(texts):
    """Some lines of each in turn."""
    def pieces(text):
        piece, size = [], 0
        for line in text.splitlines(keepends=True):
            piece.append(line)
            size += len(line.encode("utf-8"))
            if size >= PART_BYTES:
                yield "".join(piece)
                piece, size = [], 0
    return "".join(part for parts in zip(*map(pieces, texts)) for part in parts)


class Counting:
    """`tokens_bench.cpp`, npm's tiktoken and PyPI's in turn, each alone on the proxies' core."""

    def __init__(self, name):
        self.name = name

    def __call__(self, bench, chosen):
        if not chosen:
            return
        texts = self._write_texts(bench.folder)
        peers = self._peers(bench, texts)
        for _ in bench.rounds(self.name):
            for row, command in peers.items():
                bench.attempt(self.name, row, lambda command=command: _figures(command))
            bench.attempt(self.name, OURS, lambda: self._others(bench, texts))
        self._check_counts(bench)

    def _write_texts(self, folder):
        kinds = {"english": english(), "chinese": chinese(), "code": code()}
        kinds = {"mixed": mixed(kinds.values()), **kinds}
        for kind, text in kinds.items():
            (folder / f"{kind}.txt").write_text(text, encoding="utf-8")
        return [f"{kind}={folder / kind}.txt" for kind in kinds]

    def _peers(self, bench, texts):
        """The rows that can run here, and how."""
        interop, beside = ROOT / "tests/interop", pathlib.Path(__file__).parent
        python = interop / ".venv/bin/python"
        peers = {OURS: [bench.program("aigw_bench_tokens"), self._vocabularies(bench), ENCODING, *texts]}
        if (interop / "node_modules/tiktoken").is_dir():
            peers[WEB_ASSEMBLY] = ["node", beside / "tiktoken.mjs", ENCODING, *texts]
        else:
            bench.skip(self.name, WEB_ASSEMBLY, "sh tests/interop/setup.sh could not fetch it")
        if python.exists() and not subprocess.run([python, "-c", "import tiktoken"], capture_output=True, check=False).returncode:
            peers[NATIVE] = [python, "-B", beside / "native_tiktoken.py", ENCODING, *texts]
        else:
            bench.skip(self.name, NATIVE, "sh tests/interop/setup.sh could not fetch it")
        return peers

    def _vocabularies(self, bench):
        return bench.build / "share/aigw/vocab"

    def _others(self, bench, texts):
        """The mixed text by the other encodings, and the most that a byte or a file costs with any."""
        found = {}
        for encoding in OTHER_ENCODINGS:
            figures = _figures([bench.program("aigw_bench_tokens"), self._vocabularies(bench), encoding, texts[0]])
            found[f"{encoding}_ns_per_byte"] = figures["mixed_ns_per_byte"]
        return found

    def _check_counts(self, bench):
        for kind in ("mixed", "english", "chinese", "code"):
            counts = {row: bench.results.median(self.name, row, f"{kind}_tokens") for row in (OURS, WEB_ASSEMBLY, NATIVE)}
            if len(set(counts.values()) - {None}) > 1:
                raise loads.Failed(f"the {kind} text has different counts: {counts}")


def _figures(command):
    done = subprocess.run(processes.on_core(processes.PROXY_CORE, list(map(str, command))), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise loads.Failed(done.stderr.strip())
    return {name: float(value) for name, value in map(str.split, done.stdout.splitlines())}
