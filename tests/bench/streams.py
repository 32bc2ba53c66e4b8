"""Thousands of paced streams at once: CPU per event, delay, memory while they are open and after they have ended."""

import contextlib
import dataclasses
import time

import calls
import loads
import rows

SETTLE_SECONDS = 60         # after which memory should be as before
STREAM_SECONDS = 6


@dataclasses.dataclass
class Ended:
    """A proxy whose streams are over, kept to see what memory it gives back."""
    proxy: object
    before: int
    at: float


class Paced:
    """Each measurement starts its proxy anew: memory once taken for streams would hide what the next ones take.

    The proxies of the last round stay alive until SETTLE_SECONDS after their streams ended, while others are measured.
    """

    def __init__(self, name, call, count):
        self.name, self.call, self.count = name, call, count

    def __call__(self, bench, chosen):
        ended = []
        able = list(chosen)
        with contextlib.ExitStack() as last_round:
            for number in bench.rounds(self.name):
                bench.attempt(self.name, rows.DIRECT, lambda: self._measure(bench, bench.direct()))
                keep = last_round if number == bench.round_count else None
                able = [row for row in able if self._attempt_row(bench, row, keep, ended if keep else [])]
            if not bench.is_quick:
                self._record_kept(bench, ended)
        bench.results.add_difference(self.name, rows.DIRECT, {"added_p50_us": "p50_us", "added_p99_us": "p99_us"})

    def _attempt_row(self, bench, row, keep, ended):
        """Whether the row can hold that many streams; one that cannot is not tried again."""
        with contextlib.ExitStack() as this_one:
            is_able = bench.attempt(self.name, row.name, lambda: self._measure_row(bench, row, this_one, ended))
            if is_able and keep:
                keep.push(this_one.pop_all())
            return is_able

    def _measure_row(self, bench, row, alive, ended):
        proxy = alive.enter_context(bench.start(row))
        loads.check_reply(calls.PLAIN, proxy.port, calls.headers(calls.KEY, proxy.headers))
        before, _ = proxy.memory_bytes()
        metrics = self._measure(bench, proxy)
        metrics["stream_kb"] = (metrics.pop("rss") - before) / self.count / 1000
        ended.append(Ended(proxy, before, time.monotonic()))
        return metrics

    def _measure(self, bench, proxy):
        request = bench.folder / "request"
        request.write_bytes(calls.raw_request(self.call, proxy.port, proxy.headers))
        seconds = 2 if bench.is_quick else STREAM_SECONDS
        with loads.StreamLoad(bench.program("aigw_bench_stream_load"), proxy.port, self.count, seconds, request) as load:
            try:
                load.wait_for("open")
                cpu = proxy.cpu_seconds()
                measured = load.wait_for("measured")
                cpu = proxy.cpu_seconds() - cpu
                rss, _ = proxy.memory_bytes()
            finally:
                bench.upstream.end_streams()
            ended = load.wait_for("ended")
        if ended["broken"]:
            raise loads.Failed(f"{ended['broken']} of {self.count} streams broke")
        return {"cpu_per_event_us": 1e6 * cpu / measured["events"], "p50_us": measured["p50_us"],
                "p99_us": measured["p99_us"], "rss": rss}

    def _record_kept(self, bench, ended):
        for one in ended:
            time.sleep(max(0.0, one.at + SETTLE_SECONDS - time.monotonic()))
            rss, _ = one.proxy.memory_bytes()
            bench.results.add(self.name, one.proxy.name, {"kept_mb": (rss - one.before) / 1e6})
