"""What the design wants to reach, and whether this run did."""

import dataclasses

import report
from tokens import NATIVE, OURS, WEB_ASSEMBLY

PASS, FULL = "aigw pass", "aigw full"


@dataclasses.dataclass(frozen=True)
class Figure:
    title: str
    scenario: str
    row: str
    metric: str
    limit: float
    unit: str               # "×" where it is a ratio
    base: str = ""          # the row it is a ratio to

    def measured(self, results):
        if self.base:
            return results.ratio(self.scenario, self.row, self.metric, self.base)
        return results.median(self.scenario, self.row, self.metric)


FIGURES = (
    Figure("CPU per request, pass, 64 connections, against nginx", "plain-64", PASS, "cpu_us", 1.2, "×", "nginx"),
    Figure("CPU per request, full, 64 connections, against nginx", "plain-64", FULL, "cpu_us", 1.5, "×", "nginx"),
    Figure("p50 latency added at 1 connection, pass, against nginx", "plain-1", PASS, "added_p50_us", 1.5, "×", "nginx"),
    Figure("p50 latency added at 1 connection, full, against nginx", "plain-1", FULL, "added_p50_us", 1.5, "×", "nginx"),
    Figure("CPU per event, bursts, full, against haproxy", "burst", FULL, "cpu_per_event_us", 1.5, "×", "haproxy"),
    Figure("CPU per event, 1,000 paced streams, full, against haproxy", "paced-1000", FULL, "cpu_per_event_us", 1.5, "×",
           "haproxy"),
    Figure("CPU per event, 5,000 paced streams, full, against haproxy", "paced-5000", FULL, "cpu_per_event_us", 1.5, "×",
           "haproxy"),
    Figure("CPU per refusal, pass, against nginx", "refusal", PASS, "cpu_us", 1.5, "×", "nginx"),
    Figure("CPU per refusal, full, against nginx", "refusal", FULL, "cpu_us", 1.5, "×", "nginx"),
    Figure("memory per open stream, 5,000 streams, full", "paced-5000", FULL, "stream_kb", 20, " KB"),
    Figure("a converted event, Claude's for OpenAI's callers", "conversion", FULL, "event_to_openai_us", 10, " µs"),
    Figure("a converted event, GPT's for Anthropic's callers", "conversion", FULL, "event_to_anthropic_us", 10, " µs"),
    Figure("a converted request of 100 KB, OpenAI's for Claude", "conversion", FULL, "request_to_anthropic_us", 1500, " µs"),
    Figure("a converted request of 100 KB, Anthropic's for GPT", "conversion", FULL, "request_to_openai_us", 1500, " µs"),
    Figure("counting mixed text, against npm's tiktoken", "tokens", OURS, "mixed_ns_per_byte", 0.1, "×", WEB_ASSEMBLY),
    Figure("counting mixed text, against PyPI's native tiktoken", "tokens", OURS, "mixed_ns_per_byte", 0.25, "×", NATIVE),
    Figure("counting mixed text", "tokens", OURS, "mixed_ns_per_byte", 22, " ns/byte"),
    Figure("counting the worst text", "tokens", OURS, "worst_us_per_byte", 1.5, " µs/byte"),
    Figure("counting a part of a stream, 4 bytes", "tokens", OURS, "part_us", 1, " µs"),
    Figure("a vocabulary, mapped and checked", "tokens", OURS, "load_ms", 10, " ms"),
    Figure("the largest vocabulary's file", "tokens", OURS, "index_mb", 16, " MB"),
    Figure("start to ready, full", "still", FULL, "ready_ms", 50, " ms"),
    Figure("idle memory, full", "still", FULL, "idle_rss_mb", 20, " MB"),
    Figure("program, stripped", "still", FULL, "binary_mb", 15, " MB"),
)


def _line(figure, results):
    value = figure.measured(results)
    wanted = f"≤ {figure.limit:g}{figure.unit}"
    if value is None:
        return [figure.title, wanted, "–", "not measured"]
    verdict = "reached" if value <= figure.limit else "**not reached**"
    return [figure.title, wanted, f"{value:.2f}{figure.unit}", verdict]


def table(results):
    return report.table(["figure", "wanted", "measured", ""], [_line(figure, results) for figure in FIGURES])
