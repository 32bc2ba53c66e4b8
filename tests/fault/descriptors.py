#!/usr/bin/env python3
"""A gateway that has no descriptors left goes on with those it serves, does not spin, and takes others when it can.

    descriptors.py AIGW

Once with a limit that is low from the start, by which the gateway knows how many it can serve, and once with one that
is lowered while it runs, so that accepting fails.
"""

import http.client
import json
import os
import pathlib
import resource
import time

from gateways import CHAT, Answer, Gateway, Mock, caller_headers, chat_body, run, wait_until

LOW = 96
CONFIG = """
[platforms.main]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-main"
models = {{ "gpt-4o" = {{}}, "sim-tokens-2000" = {{}} }}
"""


class Caller:
    """One kept-alive connection."""

    def __init__(self, gateway, timeout=20):
        self.connection = http.client.HTTPConnection(gateway.address, timeout=timeout)
        self.connection.connect()

    def send(self, model="gpt-4o", is_stream=False):
        self.connection.request("POST", CHAT, json.dumps(chat_body(model, is_stream)), caller_headers())

    def receive(self):
        return Answer(self.connection.getresponse())

    def call(self, is_stream=False):
        self.send(is_stream=is_stream)
        return self.receive()

    def close(self):
        self.connection.close()


def start_gateway(aigw, start, limit=None):
    mock = start(Mock(aigw, "--latency", "20"))
    before = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit // 2, limit))) if limit else None
    return start(Gateway(aigw, CONFIG.format(base_url=mock.base_url()), before=before))


def low_from_the_start(aigw, checks, start):
    gateway = start_gateway(aigw, start, LOW)
    soft, hard = resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE)
    checks.equal("the limit is raised as far as it goes", (soft, hard), (LOW, LOW))
    checks.true("it says how many it can serve", b"server.max_connections" in bytes(gateway.printed))
    room = (LOW - 48) // 2
    callers = [Caller(gateway) for _ in range(room)]
    for round_of_calls in range(3):
        for caller in callers:                 # all at once: each has a connection upstream
            caller.send(is_stream=round_of_calls == 1)
        whole = [caller.receive().is_whole() for caller in callers]
        checks.equal("answers that are whole", whole.count(True), room)
    refused = Caller(gateway).connection.sock.recv(65536)
    checks.true(f"one more is told to come back: {refused[:80]!r}", refused.startswith(b"HTTP/1.1 503 "))
    callers.pop().close()
    wait_until(lambda: gateway.chat("gpt-4o").is_whole(), "another is served")
    checks.true("those before are, too", callers[0].call().is_whole())


def lowered(aigw, checks, start):
    gateway = start_gateway(aigw, start)
    callers = [Caller(gateway) for _ in range(8)]
    for caller in callers:
        checks.true("a call is whole", caller.call().is_whole())
    _, hard = resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir(f"/proc/{gateway.pid}/fd"))
    resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, (highest + 1, hard))
    waiting = [Caller(gateway) for _ in range(30)]       # the first may still find a gap below the limit
    for caller in waiting:
        caller.send()
    used, begin = gateway.cpu_seconds(), time.monotonic()
    calls = 0
    while time.monotonic() - begin < 1:
        checks.true("a caller of before is served", callers[calls % 8].call(calls % 2 == 0).is_whole())
        calls += 1
    used = gateway.cpu_seconds() - used
    checks.true(f"it does not spin: {used:.2f} s of CPU in a second with {calls} calls", used < 0.3 + calls * 0.005)
    for caller in callers:
        caller.close()
    resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, (highest + 60, hard))
    whole = [caller.receive().is_whole() for caller in waiting]
    checks.equal("those who waited are served", whole.count(True), len(waiting))


def looks_at_types_through_a_pipe(aigw):
    """True with the undefined behaviour sanitizer: with no descriptor left for the pipe it holds that every object is
    of a wrong type, and ends the program."""
    return b"__ubsan_handle_dynamic_type_cache_miss" in pathlib.Path(aigw).read_bytes()


def test(aigw, checks, start):
    for scenario in [low_from_the_start] if looks_at_types_through_a_pipe(aigw) else [low_from_the_start, lowered]:
        with checks.of(scenario.__name__):
            scenario(aigw, checks, start)


if __name__ == "__main__":
    run(test)
