"""PyPI's tiktoken on texts, run by the Python that has it: native_tiktoken.py ENCODING NAME=FILE... prints, for each,
nanoseconds per byte of the fastest of three runs and the count."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop/python"))

import tiktoken                     # noqa: E402
import tokens_test                  # noqa: E402  the ranks and patterns, without the network

PATTERNS = {"cl100k_base": tokens_test.CL100K, "o200k_base": tokens_test.O200K}


def main():
    name, *texts = sys.argv[1:]
    encoding = tiktoken.Encoding(name, pat_str=PATTERNS[name], mergeable_ranks=tokens_test.ranks(name), special_tokens={})
    for argument in texts:
        title, _, file = argument.partition("=")
        data = pathlib.Path(file).read_bytes()
        text, best, count = data.decode("utf-8"), float("inf"), 0
        for _ in range(3):
            start = time.perf_counter_ns()
            count = len(encoding.encode_ordinary(text))
            best = min(best, (time.perf_counter_ns() - start) / len(data))
        print(f"{title}_ns_per_byte {best}")
        print(f"{title}_tokens {count}")


if __name__ == "__main__":
    main()
