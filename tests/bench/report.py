"""The results as people read them: a table for each scenario, absolute and against its base row."""

import math
import statistics


class Results:
    """Every measurement that counts, and why the others don't."""

    def __init__(self):
        self._of = {}           # (scenario, row): [{metric: value}]
        self.discarded = []     # (scenario, row, why)
        self.skipped = []       # (scenario, row, why)

    def add(self, scenario, row, metrics):
        known = {metric: value for metric, value in metrics.items() if not math.isnan(value)}
        self._of.setdefault((scenario, row), []).append(known)

    def add_difference(self, scenario, base, metrics):
        """{new metric: metric}: how much more than the base row's each other row's is."""
        for row in self.rows(scenario):
            for new, metric in metrics.items():
                value, against = self.median(scenario, row, metric), self.median(scenario, base, metric)
                if row != base and value is not None and against is not None:
                    self.add(scenario, row, {new: value - against})

    def rows(self, scenario):
        return [row for name, row in self._of if name == scenario]

    def median(self, scenario, row, metric):
        """None when the row has no such figure."""
        values = [metrics[metric] for metrics in self._of.get((scenario, row), []) if metric in metrics]
        return statistics.median(values) if values else None

    def all_values(self, metric):
        return [metrics[metric] for rounds in self._of.values() for metrics in rounds if metric in metrics]

    def ratio(self, scenario, row, metric, base):
        value, against = self.median(scenario, row, metric), self.median(scenario, base, metric)
        return value / against if value is not None and against else None


def table(header, lines):
    """Markdown, padded so that it also reads in a terminal."""
    widths = [max(len(str(line[i])) for line in [header, *lines]) for i in range(len(header))]

    def render(cells):
        return "| " + " | ".join(str(cell).ljust(width) for cell, width in zip(cells, widths)) + " |"
    return "\n".join([render(header), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(render, lines)])


def _cells(results, scenario, row):
    for column in scenario.columns:
        value = results.median(scenario.name, row, column.metric)
        yield "–" if value is None else column.format.format(value)
        if column.ratio:
            ratio = results.ratio(scenario.name, row, column.metric, scenario.base)
            yield "–" if ratio is None else f"{ratio:.2f}×"


def scenario_table(results, scenario):
    header = [""]
    for column in scenario.columns:
        header += [column.title, f"/ {scenario.base}"] if column.ratio else [column.title]
    return table(header, [[row, *_cells(results, scenario, row)] for row in results.rows(scenario.name)])


# ── the document ─────────────────────────────────────────────────────────────

HISTORY_MARK = "<!-- Written by hand from here on; a new run keeps it. -->"
EMPTY_HISTORY = "\n\n## What each step brought\n"

METHOD = """\
Each proxy has one worker, pinned to core 0; the load generator (wrk, or `stream_load.cpp`) and the upstream
(`upstream.cpp`, which answers from bytes rendered ahead) share core 1. Rows take turns in each round, and the median of
{rounds} rounds is shown; a measurement with any failed reply is discarded. CPU is `utime` + `stime` of all processes of a
row over the measured interval, divided by the replies (or events) that the load generator counted; a request has 250
bytes, a reply 400 with usage. *aigw pass* authenticates, decides and relays; *aigw full* also enforces limits of requests and of exactly counted tokens, prices the
vendor's usage, counts metrics and writes a line of JSON per call to a file. Delays of paced events are measured from a
stamp that the upstream writes into each, and what the direct call needs is taken off for *added*. Memory per stream is
the growth of RSS of a fresh process, divided by the streams. Syscalls are counted by `strace -c`, allocations by a
preloaded counter, both at one connection. Start is from exec to the first 200 of `/health/ready`. Absolute numbers
depend on the machine and on what else it does; the ratios are what to compare."""


def _others(results):
    """Time on the proxies' core that was not theirs: a busy machine shows here."""
    shares = results.all_values("others_share")
    if not shares:
        return ""
    return (f"While calls were measured, other work (the kernel's included) took {100 * statistics.median(shares):.0f} % of the "
            f"proxies' core in the median and {100 * max(shares):.0f} % at most.")


def _incidents(title, incidents):
    return "\n".join([f"{title}:\n", *(f"* {scenario}, {row}: {why}" for scenario, row, why in incidents)]) if incidents else ""


def document(results, described, figures_table, scenarios, rounds):
    """The whole of RESULTS.md above the mark."""
    parts = ["# The comparison with other proxies",
             "Written by `sh tests/bench/run.sh`.",
             table(["", ""], described), "## Method", METHOD.format(rounds=rounds), _others(results),
             "## Figures", figures_table]
    for scenario in scenarios:
        parts += [f"## {scenario.title}", scenario_table(results, scenario)]
    parts += [_incidents("Skipped", results.skipped), _incidents("Discarded", results.discarded)]
    return "\n\n".join(part for part in parts if part) + "\n\n"


def write(path, text):
    """Replaces what stands above the mark, keeps what stands below."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    _, mark, history = old.partition(HISTORY_MARK)
    path.write_text(text + HISTORY_MARK + (history if mark else EMPTY_HISTORY), encoding="utf-8")
