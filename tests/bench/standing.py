"""What needs no load to speak of: start, idle memory, size of the program; syscalls and allocations of one call."""

import pathlib
import re
import signal
import struct
import subprocess

import calls
import loads
import processes

STARTS = 5                  # in each round
COUNTING_SECONDS = 2
MEGA = 1e6


class Still:
    """Start to ready, memory before the first call, size of the stripped program."""

    def __init__(self, name):
        self.name = name

    def __call__(self, bench, chosen):
        for _ in bench.rounds(self.name):
            for row in chosen:
                for _ in range(STARTS):
                    bench.attempt(self.name, row.name, lambda row=row: self._measure(bench, row))
        for row in chosen:
            if binary := row.binary(bench.place()):
                bench.results.add(self.name, row.name, {"binary_mb": stripped_bytes(binary, bench.folder) / MEGA})

    def _measure(self, bench, row):
        with bench.start(row) as proxy:
            rss, pss = proxy.memory_bytes()
            return {"ready_ms": 1000 * proxy.seconds_to_ready, "idle_rss_mb": rss / MEGA, "idle_pss_mb": pss / MEGA}


def stripped_bytes(binary, folder):
    copy = folder / "stripped"
    subprocess.run([processes.program("strip"), "-o", copy, pathlib.Path(binary).resolve()], check=True)
    return copy.stat().st_size


class Work:
    """Syscalls by strace, allocations by a preloaded counter: counts, not times, so one connection and one round do."""

    def __init__(self, name):
        self.name = name

    def __call__(self, bench, chosen):
        for row in chosen:
            bench.attempt(self.name, row.name, lambda row=row: self._syscalls(bench, row))
            if row.binary(bench.place()):       # a script's own heap is not counted by malloc
                bench.attempt(self.name, row.name, lambda row=row: self._allocations(bench, row))

    def _load(self, bench, proxy):
        result = loads.run_wrk(proxy.url(calls.PATH), 1, COUNTING_SECONDS, bench.body_file(calls.PLAIN),
                               calls.headers(calls.KEY, proxy.headers))
        if result["broken"] or result["refused"] or not result["replies"]:
            raise loads.Failed("{broken} calls broken, {refused} of {replies} refused".format(**result))
        return result["replies"]

    def _syscalls(self, bench, row):
        with bench.start(row) as proxy:
            self._load(bench, proxy)
            summary = bench.folder / "strace"
            with attached_strace(proxy, summary):
                replies = self._load(bench, proxy)
            return {"syscalls": total_calls(summary.read_text(encoding="utf-8")) / replies}

    def _allocations(self, bench, row):
        counter = bench.folder / f"allocations-{row.name.replace(' ', '-')}"
        preload = {"LD_PRELOAD": str(bench.program("libaigw_bench_count_allocations.so").resolve()),
                   "AIGW_BENCH_ALLOCATIONS": str(counter)}
        with bench.start(row, preload) as proxy:
            self._load(bench, proxy)
            before = read_counter(counter)
            if before == 0:
                raise loads.Failed("the counter of allocations was not loaded")
            replies = self._load(bench, proxy)
            return {"allocations": (read_counter(counter) - before) / replies}


class Conversions:
    """What the protocols' conversion costs by itself: `conversion_bench.cpp` times it, on the proxies' core."""

    def __init__(self, name):
        self.name = name

    def __call__(self, bench, chosen):
        for row in chosen:
            for _ in bench.rounds(self.name):
                bench.attempt(self.name, row.name, lambda: self._measure(bench))

    def _measure(self, bench):
        done = subprocess.run(processes.on_core(processes.PROXY_CORE, [bench.program("aigw_bench_conversion")]),
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise loads.Failed(done.stderr.strip())
        return {name: float(value) for name, value in map(str.split, done.stdout.splitlines())}


def read_counter(path):
    return struct.unpack("=Q", path.read_bytes()[:8])[0]


class attached_strace:
    """Counts the system calls of a proxy's processes while the context lasts."""

    def __init__(self, proxy, summary):
        pids = [word for pid in proxy.pids() for word in ("-p", str(pid))]
        self._command = [processes.program("strace"), "-c", "-f", "-o", str(summary), *pids]
        self._wanted = len(proxy.pids())

    def __enter__(self):
        self._strace = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        for _ in range(self._wanted):
            line = self._strace.stderr.readline()
            if "attached" not in line:
                self._strace.wait()
                raise loads.Failed(f"strace cannot attach: {line.strip()}")

    def __exit__(self, *_):
        self._strace.send_signal(signal.SIGINT)
        self._strace.communicate()


def total_calls(summary):
    """Of strace's table, whose last line sums up."""
    total = re.search(r"^100\.00\s+\S+\s+\S+\s+(\d+)", summary, re.MULTILINE)
    if not total:
        raise loads.Failed("strace saw nothing")
    return int(total[1])
