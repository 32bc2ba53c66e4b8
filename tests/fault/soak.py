#!/usr/bin/env python3
"""Mixed traffic against a running gateway for minutes: nothing is lost, nothing grows.

    soak.py AIGW

Runs `aigw mock` with faults and `aigw serve` before it. Callers make plain calls and streams, leave in the middle,
present wrong keys, send what is no HTTP. Checked: every answer is whole and of its kind; the gateway's own count of
requests is the callers'; memory and descriptors at the end are those after the warm-up. AIGW_SOAK_SECONDS is how long
(600); without AIGW_SOAK in the environment nothing is done (exit code 77).
"""

import collections
import http.client
import json
import os
import random
import socket
import threading
import time

from gateways import CHAT, Gateway, Mock, caller_headers, run, skip, total

CALLERS = 16
WARM_UP = 0.25                        # of the time: allocators and pools have their size by then
MOST_GROWTH = 16 * 1024               # KiB of RSS
CONFIG = """
[platforms.a]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-soak"
models = {{ "gpt-4o" = {{}} }}
retry = {{ backoff = "1ms..10ms" }}
timeouts = {{ first_byte = "1s", idle = "1s" }}
"""
FAULTS = ["status-500:2%", "status-429:2%", "cut-stream:2%"]


def request(connection, body, headers=None):
    connection.request("POST", CHAT, json.dumps(body), headers or caller_headers())
    return connection.getresponse()


class Caller:
    """One thread of callers; counts what it saw, and keeps what it did not expect."""

    def __init__(self, address, seed, until):
        self.address, self.random, self.until = address, random.Random(seed), until
        self.answered = collections.Counter()
        self.wrong = []
        self.body = {"model": "gpt-4o", "max_tokens": 40, "messages": [{"role": "user", "content": "Count to ten."}]}

    def expect(self, kind, is_right, what):
        self.answered[kind] += 1
        if not is_right:
            self.wrong.append(f"{kind}: {what}")

    def plain(self, connection):
        reply = request(connection, self.body)
        body = json.loads(reply.read())
        self.expect("plain", "choices" in body if reply.status == 200 else "error" in body, body)

    def stream(self, connection):
        reply = request(connection, self.body | {"stream": True})
        text = reply.read().decode()
        is_whole = text.endswith("data: [DONE]\n\n") if reply.status == 200 else "error" in json.loads(text)
        self.expect("stream", is_whole or '"error"' in text, text[-200:])

    def leave(self, connection):
        reply = request(connection, self.body | {"stream": True, "max_tokens": 2000})
        reply.read(60)
        connection.close()
        self.expect("leave", True, "")

    def stranger(self, connection):
        reply = request(connection, self.body, caller_headers("sk-stranger"))
        reply.read()
        self.expect("stranger", reply.status == 401, reply.status)

    def garbage(self, connection):
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(self.random.randbytes(200) + b"\r\n\r\n")
            while raw.recv(4096):
                pass
        self.answered["garbage"] += 1

    def run(self):
        kinds = [self.plain, self.stream, self.leave, self.stranger, self.garbage]
        while time.monotonic() < self.until:
            connection = http.client.HTTPConnection(self.address, timeout=30)
            for _ in range(20):
                kind = self.random.choices(kinds, [10, 6, 2, 2, 1])[0]
                try:
                    kind(connection)
                except (OSError, http.client.HTTPException, ValueError) as failure:
                    self.wrong.append(f"{kind.__name__}: {failure!r}")
                    connection.close()
            connection.close()


def run_callers(address, seconds, seed):
    callers = [Caller(address, seed + i, time.monotonic() + seconds) for i in range(CALLERS)]
    threads = [threading.Thread(target=caller.run) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (sum((caller.answered for caller in callers), collections.Counter()),
            [wrong for caller in callers for wrong in caller.wrong])


def settles(condition, seconds=20):
    """True as soon as it is so; what is counted takes a moment after the last answer."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def soak(gateway, checks, seconds):
    def counted():
        return total(gateway.metrics(), "aigw_requests_total", "chat/completions")

    warm, wrong = run_callers(gateway.address, seconds * WARM_UP, 1)
    before_memory, before_descriptors = gateway.memory(), gateway.descriptors()
    rest, more = run_callers(gateway.address, seconds * (1 - WARM_UP), 1000)
    seen = warm + rest
    calls = sum(count for kind, count in seen.items() if kind != "garbage")
    checks.equal("wrong answers", (len(wrong + more), (wrong + more)[:1]), (0, []))
    is_counted = settles(lambda: counted() == calls)
    checks.true(f"the callers made {calls} requests; the gateway counted {counted()}", is_counted)
    is_released = settles(lambda: gateway.descriptors() <= before_descriptors + CALLERS)
    checks.true(f"descriptors: {before_descriptors} before, {gateway.descriptors()} after", is_released)
    grown = gateway.memory() - before_memory
    checks.true(f"memory grew by {grown} KiB from {before_memory} KiB", grown <= MOST_GROWTH)
    print(f"{dict(seen)} in {seconds:.0f} s; memory {before_memory} KiB, {grown:+} KiB; "
          f"descriptors {before_descriptors}, {gateway.descriptors()} after")


def test(aigw, checks, start):
    faults = [word for fault in FAULTS for word in ("--fail", fault)]
    mock = start(Mock(aigw, "--latency", "1", "--rate", "2000", *faults))
    gateway = start(Gateway(aigw, CONFIG.format(base_url=mock.base_url()), log='level = "warn"'))
    soak(gateway, checks, float(os.environ.get("AIGW_SOAK_SECONDS", "600")))
    checks.equal("the exit code", gateway.stop(), 0)


if __name__ == "__main__":
    if "AIGW_SOAK" not in os.environ:
        skip("a soak takes minutes: AIGW_SOAK=1 runs it")
    run(test)
