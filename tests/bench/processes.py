"""Processes under measurement: started on a core of their own, and asked what they cost."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

PROXY_CORE = 0
LOAD_CORE = 1
STOP_SECONDS = 10
_TICKS = os.sysconf("SC_CLK_TCK")


def program(name):
    """Where a program is; Debian keeps servers where the PATH of an ordinary user doesn't look."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise FileNotFoundError(f"{name} is not installed: tests/bench/packages.txt names its package")
    return path


def on_core(core, command):
    return [program("taskset"), "-c", str(core), *map(str, command)]


def _fields(pid):
    """/proc/PID/stat after the name, which may hold blanks: state, parent, …"""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def busy_seconds(core):
    """Time that a core was not idle since boot, whoever used it."""
    for line in pathlib.Path("/proc/stat").read_text().splitlines():
        name, *times = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, interrupts, softirq, steal = map(int, times[:8])
            return (user + nice + system + interrupts + softirq + steal) / _TICKS
    return 0.0


class Process:
    """A program and all it forks; a context that ends it."""

    def __init__(self, command, core, environment=None, output=subprocess.DEVNULL, stdout=None):
        self.started = time.monotonic()
        self._child = subprocess.Popen(on_core(core, command), env={**os.environ, **(environment or {})},
                                       stdin=subprocess.DEVNULL, stdout=stdout or output, stderr=output,
                                       start_new_session=True)
        self.stdout = self._child.stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self._child.pid

    def is_running(self):
        return self._child.poll() is None

    def stop(self):
        """Asks the first process to end, and ends the rest of its session when it does not."""
        if self.is_running():
            self._child.terminate()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self._child.wait()
        if self.stdout:
            self.stdout.close()

    def pids(self):
        children = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    children.setdefault(int(_fields(entry.name)[1]), []).append(int(entry.name))
                except (FileNotFoundError, ProcessLookupError):
                    continue
        found = [self.pid]
        for pid in found:
            found += children.get(pid, [])
        return found

    def cpu_seconds(self):
        """utime + stime of all its processes."""
        return sum(int(ticks) for pid in self.pids() for ticks in _fields(pid)[11:13]) / _TICKS

    def memory_bytes(self):
        """(RSS, PSS) of all its processes."""
        totals = {"Rss": 0, "Pss": 0}
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in totals:
                    totals[name] += int(rest.split()[0]) * 1024
        return totals["Rss"], totals["Pss"]
