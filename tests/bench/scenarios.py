"""The scenarios: what is sent, how often, and what is read off while it runs."""

import contextlib
import dataclasses

import calls
import loads
import processes
import rows
import standing
import streams
import tokens

WARM_UP_SECONDS = 1


@dataclasses.dataclass(frozen=True)
class Column:
    metric: str
    title: str
    format: str = "{:.1f}"
    ratio: bool = False     # shown against the base row, too


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    columns: tuple
    run: object                         # (Bench, [Row]): measures and records
    base: str = "nginx"                 # the row that ratios are against
    rows: tuple = ()                    # names; empty: all


CALL_COLUMNS = (
    Column("cpu_us", "CPU µs/request", ratio=True),
    Column("p50_us", "p50 µs", "{:.0f}"),
    Column("p99_us", "p99 µs", "{:.0f}"),
    Column("rate", "requests/s", "{:.0f}"),
)


@dataclasses.dataclass(frozen=True)
class Calls:
    """The same call over some connections, row after row, round after round."""
    call: calls.Call
    connections: int
    is_tls_in: bool = False
    is_tls_out: bool = False
    with_direct: bool = False
    refuses: bool = False

    def __call__(self, bench, name, chosen):
        with contextlib.ExitStack() as stack:
            proxies = self._start_all(bench, name, chosen, stack)
            for _ in bench.rounds(name):
                for proxy in proxies:
                    bench.attempt(name, proxy.name, lambda proxy=proxy: self._measure(bench, proxy))
        if self.with_direct:
            bench.results.add_difference(name, rows.DIRECT, {"added_p50_us": "p50_us"})

    def _start_all(self, bench, name, chosen, stack):
        """The rows that run and answer as they should, warm."""
        settings = self._settings(bench, stack)
        proxies = [bench.direct()] if self.with_direct else []
        for row in chosen:
            try:
                proxy = stack.enter_context(self._start(bench, row, settings))
                self._warm_up(bench, proxy)
                proxies.append(proxy)
            except (loads.Failed, OSError) as failure:
                bench.skip(name, row.name, str(failure))
        return proxies

    def _settings(self, bench, stack):
        if not self.is_tls_out:
            return {"is_tls_in": self.is_tls_in}
        upstream = stack.enter_context(bench.start_tls_upstream())
        return {"is_tls_in": self.is_tls_in, "is_tls_out": True, "upstream_port": upstream.port}

    def _start(self, bench, row, settings):
        if self.is_tls_in and row.is_ours and (why := rows.refuses_tls_in(bench.place())):
            raise loads.Failed(why)
        return bench.start(row, **settings)

    def _load(self, bench, proxy, seconds):
        path = proxy.refusal_path if self.refuses else calls.PATH
        key = calls.WRONG_KEY if self.refuses else calls.KEY
        return loads.run_wrk(proxy.url(path), self.connections, seconds, bench.body_file(self.call),
                             calls.headers(key, proxy.headers))

    def _warm_up(self, bench, proxy):
        if not self.refuses:
            loads.check_reply(self.call, proxy.port, calls.headers(calls.KEY, proxy.headers), proxy.tls_context)
        self._load(bench, proxy, WARM_UP_SECONDS)

    def _measure(self, bench, proxy):
        cpu, busy = proxy.cpu_seconds(), processes.busy_seconds(processes.PROXY_CORE)
        result = self._load(bench, proxy, bench.seconds)
        cpu = proxy.cpu_seconds() - cpu
        busy = processes.busy_seconds(processes.PROXY_CORE) - busy
        self._check(result)
        seconds = result["duration_us"] / 1e6
        per_reply = 1e6 * cpu / result["replies"]
        return {"cpu_us": per_reply, "cpu_per_event_us": per_reply / self.call.events,
                "p50_us": result["p50_us"], "p99_us": result["p99_us"], "rate": result["replies"] / seconds,
                "others_share": (busy - cpu) / seconds}

    def _check(self, result):
        wanted = result["replies"] if self.refuses else 0
        if result["broken"] or result["refused"] != wanted or not result["replies"]:
            raise loads.Failed("{broken} calls broken, {refused} of {replies} refused".format(**result))


def _calls(name, title, columns=CALL_COLUMNS, base="nginx", only=(), **settings):
    work = Calls(**settings)
    return Scenario(name, title, columns, lambda bench, chosen: work(bench, name, chosen), base, only)


FIRST_COLUMNS = (*CALL_COLUMNS, Column("added_p50_us", "added p50 µs", "{:.0f}", ratio=True))
EVENT_COLUMNS = (
    Column("cpu_us", "CPU µs/reply"),
    Column("cpu_per_event_us", "CPU µs/event", "{:.2f}", ratio=True),
    Column("p50_us", "p50 µs", "{:.0f}"),
    Column("rate", "replies/s", "{:.0f}"),
)
PACED_COLUMNS = (
    Column("cpu_per_event_us", "CPU µs/event", "{:.2f}", ratio=True),
    Column("p50_us", "delay p50 µs", "{:.0f}"),
    Column("p99_us", "delay p99 µs", "{:.0f}"),
    Column("added_p50_us", "added p50 µs", "{:.0f}"),
    Column("added_p99_us", "added p99 µs", "{:.0f}"),
    Column("stream_kb", "KB/stream", ratio=True),
    Column("kept_mb", "MB kept after 60 s"),
)
STILL_COLUMNS = (
    Column("ready_ms", "ms to ready"),
    Column("idle_rss_mb", "idle RSS MB"),
    Column("idle_pss_mb", "idle PSS MB"),
    Column("binary_mb", "stripped MB"),
)
WORK_COLUMNS = (
    Column("syscalls", "syscalls/request", "{:.2f}", ratio=True),
    Column("allocations", "allocations/request", ratio=True),
)
CONVERSION_COLUMNS = (
    Column("event_to_openai_us", "event, Claude's for OpenAI's callers, µs", "{:.2f}"),
    Column("event_to_anthropic_us", "event, GPT's for Anthropic's callers, µs", "{:.2f}"),
    Column("request_to_anthropic_us", "100 KB, OpenAI's for Claude, µs", "{:.0f}"),
    Column("request_to_openai_us", "100 KB, Anthropic's for GPT, µs", "{:.0f}"),
)
TOKENS_COLUMNS = (
    Column("mixed_ns_per_byte", "mixed, ns/byte", "{:.2f}", ratio=True),
    Column("english_ns_per_byte", "English", "{:.2f}", ratio=True),
    Column("chinese_ns_per_byte", "Chinese", "{:.2f}", ratio=True),
    Column("code_ns_per_byte", "code", "{:.2f}", ratio=True),
    Column("cl100k_base_ns_per_byte", "mixed, cl100k_base", "{:.2f}"),
    Column("qwen_ns_per_byte", "mixed, qwen", "{:.2f}"),
    Column("part_us", "4 bytes of a stream, µs", "{:.2f}"),
    Column("worst_us_per_byte", "worst, µs/byte", "{:.2f}"),
    Column("load_ms", "load, ms"),
    Column("index_mb", "file, MB"),
)
NATIVE_ROWS = ("nginx", "haproxy", "aigw pass", "aigw full")

SCENARIOS = (
    _calls("plain-1", "Chat calls, 1 connection", FIRST_COLUMNS, call=calls.PLAIN, connections=1, with_direct=True),
    _calls("plain-10", "Chat calls, 10 connections", call=calls.PLAIN, connections=10),
    _calls("plain-64", "Chat calls, 64 connections", call=calls.PLAIN, connections=64),
    _calls("burst", "Streamed replies of 64 events at once, 10 connections", EVENT_COLUMNS, "haproxy",
           call=calls.BURST, connections=10),
    _calls("refusal", "A wrong key, 64 connections", call=calls.PLAIN, connections=64, refuses=True,
           only=NATIVE_ROWS),
    _calls("large", "Request bodies of 120 KiB, 10 connections", call=calls.LARGE, connections=10),
    _calls("tls-in", "Callers over https, 10 connections", call=calls.PLAIN, connections=10, is_tls_in=True,
           only=NATIVE_ROWS),
    _calls("tls-out", "The vendor over https, verified, 10 connections", call=calls.PLAIN, connections=10,
           is_tls_out=True, only=NATIVE_ROWS),
    Scenario("paced-1000", "1,000 open streams, an event each 100 ms", PACED_COLUMNS,
             streams.Paced("paced-1000", calls.PACED_100MS, 1000), "haproxy"),
    Scenario("paced-5000", "5,000 open streams, an event each 500 ms", PACED_COLUMNS,
             streams.Paced("paced-5000", calls.PACED_500MS, 5000), "haproxy"),
    Scenario("still", "Start, idle memory, size", STILL_COLUMNS, standing.Still("still")),
    Scenario("conversion", "Converting between the protocols", CONVERSION_COLUMNS, standing.Conversions("conversion"),
             rows=("aigw full",)),
    Scenario("tokens", "Counting tokens with o200k_base, one core", TOKENS_COLUMNS, tokens.Counting("tokens"),
             tokens.WEB_ASSEMBLY, rows=("aigw full",)),
    Scenario("work", "What one chat call takes, 1 connection", WORK_COLUMNS, standing.Work("work")),
)
