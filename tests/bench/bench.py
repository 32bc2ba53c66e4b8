#!/usr/bin/env python3
"""Compares aigw with other proxies on one machine, in one run. `sh tests/bench/run.sh --help` says how."""

import argparse
import math
import os
import pathlib
import resource
import sys
import tempfile

import certificates
import figures
import loads
import machine
import processes
import report
import rows
import scenarios

FOLDER = pathlib.Path(__file__).resolve().parent
RESULTS = FOLDER / "RESULTS.md"
SECONDS, QUICK_SECONDS = 3, 1


class Direct:
    """The upstream itself, measured as if it were a proxy; what it costs is nobody's figure."""
    name, headers, tls_context = rows.DIRECT, (), None

    def __init__(self, port):
        self.port = port

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self):
        return math.nan

    def memory_bytes(self):
        return math.nan, math.nan


class Proxy(processes.Process):
    """A row that runs and is ready."""

    def __init__(self, row, place, core=processes.PROXY_CORE, environment=None):
        launch = row.launch(place)
        self.name, self.port, self.headers = row.name, place.port, launch.headers
        self.refusal_path = row.refusal_path
        self.tls_context = place.certificates.client_context() if place.is_tls_in else None
        with open(place.folder / "log", "ab") as log:
            super().__init__(launch.command, core, {**launch.environment, **(environment or {})}, log, log)
        try:
            self.seconds_to_ready = loads.wait_until_answering(self, self.port, row.ready_path, self.tls_context)
        except loads.Failed as failure:
            self.stop()
            said = (place.folder / "log").read_text(encoding="utf-8", errors="replace").strip()[-300:]
            raise loads.Failed(f"{failure}: {said}") from failure

    def url(self, path):
        return f"http{'s' if self.tls_context else ''}://127.0.0.1:{self.port}{path}"


class Bench:
    """What the scenarios share: the upstream, the folder of the run, the results."""

    def __init__(self, build, folder, round_count, is_quick):
        self.build, self.folder = build, folder
        self.round_count, self.is_quick = round_count, is_quick
        self.seconds = QUICK_SECONDS if is_quick else SECONDS
        self.results = report.Results()
        self.certificates = certificates.make(folder)
        self.upstream = loads.Upstream(self.program("aigw_bench_upstream"))
        self._places = 0

    def direct(self):
        return Direct(self.upstream.port)

    def place(self, **settings):
        self._places += 1
        folder = self.folder / f"row-{self._places}"
        folder.mkdir()
        return rows.Place(folder, self.build / "aigw", loads.free_port(),
                          settings.pop("upstream_port", self.upstream.port), self.certificates, **settings)

    def start(self, row, environment=None, core=processes.PROXY_CORE, **settings):
        return Proxy(row, self.place(**settings), core, environment)

    def start_tls_upstream(self):
        """The upstream behind https: haproxy on the load's core, which costs less than the proxies measured."""
        return self.start(rows.named("haproxy"), core=processes.LOAD_CORE, is_tls_in=True)

    def program(self, name):
        return self.build / "tests" / name

    def body_file(self, call):
        path = self.folder / f"{call.name}.json"
        path.write_bytes(call.body())
        return path

    def rounds(self, scenario):
        for number in range(1, self.round_count + 1):
            print(f"{scenario}: round {number} of {self.round_count}", file=sys.stderr, flush=True)
            yield number

    def attempt(self, scenario, row, measure):
        """Records what `measure` returns; a failure is told and does not count. Whether it succeeded."""
        try:
            metrics = measure()
        except (loads.Failed, OSError) as failure:
            self.results.discarded.append((scenario, row, str(failure)))
            print(f"{scenario}: {row}: discarded: {failure}", file=sys.stderr)
            return False
        self.results.add(scenario, row, metrics)
        return True

    def skip(self, scenario, row, why):
        self.results.skipped.append((scenario, row, why))
        print(f"{scenario}: {row}: skipped: {why}", file=sys.stderr)


def raise_descriptor_limit():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def chosen_of(what, names, known):
    """Those named in a list with commas, in the order of the table; all when none is."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in [one.name for one in known]:
            print(f"run.sh: there is no {what} {name!r}: --list names them", file=sys.stderr)
            sys.exit(2)
    return [one for one in known if not wanted or one.name in wanted]


def rows_of(bench, scenario, chosen):
    """The chosen rows that take part in a scenario and can run here."""
    for row in chosen:
        if scenario.rows and row.name not in scenario.rows:
            continue
        if why := row.absent():
            bench.skip(scenario.name, row.name, why)
        else:
            yield row


def measure(bench, chosen_scenarios, chosen_rows):
    for scenario in chosen_scenarios:
        scenario.run(bench, list(rows_of(bench, scenario, chosen_rows)))
        print(f"\n{scenario.title}\n{report.scenario_table(bench.results, scenario)}\n", flush=True)


def run(options):
    chosen_rows = chosen_of("row", options.rows, rows.ROWS)
    chosen_scenarios = chosen_of("scenario", options.only, scenarios.SCENARIOS)
    with tempfile.TemporaryDirectory(prefix="aigw-bench-") as folder:
        os.chmod(folder, 0o755)     # nginx's worker is another user when root runs this
        bench = Bench(options.build, pathlib.Path(folder), 1 if options.quick else options.rounds, options.quick)
        with bench.upstream:
            measure(bench, chosen_scenarios, chosen_rows)
    reached = figures.table(bench.results)
    print(reached)
    if not (options.quick or options.rows or options.only):
        report.write(RESULTS, report.document(bench.results, machine.describe(options.build / "aigw"), reached,
                                              scenarios.SCENARIOS, bench.round_count))
        print(f"wrote {RESULTS.name}")


def read_options():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--rows", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds takes a number from 1")
    return options


def main():
    options = read_options()
    if options.list:
        for one in (*scenarios.SCENARIOS, *rows.ROWS):
            print(one.name)
        return
    raise_descriptor_limit()
    run(options)


if __name__ == "__main__":
    main()
