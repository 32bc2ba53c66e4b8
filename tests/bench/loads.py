"""What drives the proxies: the upstream behind them, wrk and the stream load before them."""

import http.client
import json
import pathlib
import socket
import subprocess
import time

import calls
import processes

READY_SECONDS = 30
CALLS_LUA = pathlib.Path(__file__).resolve().parent / "calls.lua"


class Failed(Exception):
    """A measurement that does not count; its text says why."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until_answering(process, port, path, context=None):
    """Asks until the answer is 200; seconds since the process was started."""
    deadline = process.started + READY_SECONDS
    while time.monotonic() < deadline:
        if not process.is_running():
            raise Failed("it ended instead of serving")
        try:
            connection = (http.client.HTTPSConnection("localhost", port, timeout=5, context=context) if context
                          else http.client.HTTPConnection("127.0.0.1", port, timeout=5))
            connection.request("GET", path)
            status = connection.getresponse().status
            connection.close()
            if status == 200:
                return time.monotonic() - process.started
        except OSError:
            pass
        time.sleep(0.0005)
    raise Failed(f"it did not answer within {READY_SECONDS} s")


class Upstream(processes.Process):
    """tests/bench/upstream.cpp on the load's core."""

    def __init__(self, program):
        super().__init__([program], processes.LOAD_CORE, stdout=subprocess.PIPE)
        self.port = int(self.stdout.readline())

    def end_streams(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", "/end-streams")
        connection.getresponse().read()
        connection.close()


def check_reply(call, port, headers, context=None):
    """One call whose reply is read whole, so that wrk need not: the usage is there, and every event."""
    connection = (http.client.HTTPSConnection("localhost", port, timeout=30, context=context) if context
                  else http.client.HTTPConnection("127.0.0.1", port, timeout=30))
    fields = dict(line.split(": ", 1) for line in headers)
    connection.request("POST", calls.PATH, call.body(), fields)
    reply = connection.getresponse()
    body = reply.read().decode("utf-8", "replace")
    connection.close()
    if reply.status != 200 or '"completion_tokens":62' not in body.replace(" ", ""):
        raise Failed(f"answers {reply.status} {body[:200]}")
    if call.is_stream and body.count("data: ") != call.events:
        raise Failed(f"{body.count('data: ')} events instead of {call.events}")


def run_wrk(url, connections, seconds, body_file, headers):
    """What calls.lua prints, of `seconds` of calls."""
    command = processes.on_core(processes.LOAD_CORE, [
        processes.program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", CALLS_LUA, url,
        "--", body_file, *headers])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("result "):
            return json.loads(line.removeprefix("result "))
    raise Failed(f"wrk: {(done.stderr or done.stdout).strip()[-200:]}")


class StreamLoad(processes.Process):
    """tests/bench/stream_load.cpp: its phases as they are reached."""

    def __init__(self, program, port, streams, seconds, request_file):
        super().__init__([program, port, streams, seconds, request_file], processes.LOAD_CORE,
                         output=subprocess.STDOUT, stdout=subprocess.PIPE)

    def wait_for(self, phase):
        """The figures of the phase, when it is reached."""
        line = self.stdout.readline().decode().strip()
        name, _, figures = line.partition(" ")
        if name != phase:
            raise Failed(line or "the load ended early")
        return json.loads(figures) if figures else {}
