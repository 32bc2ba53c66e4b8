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
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

CALLERS = 16
WARM_UP = 0.25                        # of the time: allocators and pools have their size by then
MOST_GROWTH = 16 * 1024               # KiB of RSS
KEY = "sk-soak"
CONFIG = """
[server]
listen = ["127.0.0.1:0"]
[log]
level = "warn"
[[auth.static_keys]]
name = "soak"
key = "${SOAK_KEY}"
[platforms.a]
provider = "openai"
base_url = "http://MOCK/v1"
api_key = "${SOAK_KEY}"
models = { "gpt-4o" = {} }
retry = { backoff = "1ms..10ms" }
timeouts = { first_byte = "1s", idle = "1s" }
"""
FAULTS = ["status-500:2%", "status-429:2%", "cut-stream:2%"]


def ready_address(process):
    """The address in "ready on 127.0.0.1:4711, ..."."""
    for line in process.stderr:
        found = re.search(r"ready on (?:http://)?([^\s,]+)", line)
        if found:
            threading.Thread(target=lambda: collections.deque(process.stderr, maxlen=0), daemon=True).start()
            return found.group(1)
    raise RuntimeError("the program ended before it was ready")


def start(command, **environment):
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment)


def request(connection, body, key=KEY):
    connection.request("POST", "/v1/chat/completions", json.dumps(body),
                       {"authorization": f"Bearer {key}", "content-type": "application/json"})
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
        reply = request(connection, self.body, "sk-stranger")
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


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def run_callers(address, seconds, seed):
    callers = [Caller(address, seed + i, time.monotonic() + seconds) for i in range(CALLERS)]
    threads = [threading.Thread(target=caller.run) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (sum((caller.answered for caller in callers), collections.Counter()),
            [wrong for caller in callers for wrong in caller.wrong])


def counted(address):
    """The gateway's own count of finished chat requests."""
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines
               if line.startswith("aigw_requests_total{") and "chat/completions" in line)


def wait_until(condition, seconds, what):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return [what()]
        time.sleep(0.05)
    return []


def soak(gateway, address, seconds):
    warm, wrong = run_callers(address, seconds * WARM_UP, 1)
    before_memory, before_descriptors = memory(gateway.pid), descriptors(gateway.pid)
    rest, more = run_callers(address, seconds * (1 - WARM_UP), 1000)
    seen = warm + rest
    calls = sum(count for kind, count in seen.items() if kind != "garbage")
    problems = [f"{len(wrong + more)} wrong answers, first: {(wrong + more)[0]}"] if wrong or more else []
    problems += wait_until(lambda: counted(address) == calls, 20,
                           lambda: f"the gateway counted {counted(address)} requests, the callers made {calls}")
    problems += wait_until(lambda: descriptors(gateway.pid) <= before_descriptors + CALLERS, 20,
                           lambda: f"descriptors: {before_descriptors} before, {descriptors(gateway.pid)} after")
    grown = memory(gateway.pid) - before_memory
    if grown > MOST_GROWTH:
        problems.append(f"memory grew by {grown} KiB from {before_memory} KiB")
    print(f"{dict(seen)} in {seconds:.0f} s; memory {before_memory} KiB, {grown:+} KiB; "
          f"descriptors {before_descriptors}, {descriptors(gateway.pid)} after")
    return problems


def main(aigw):
    seconds = float(os.environ.get("AIGW_SOAK_SECONDS", "600"))
    faults = [word for fault in FAULTS for word in ("--fail", fault)]
    mock = start([aigw, "mock", "--listen", "127.0.0.1:0", "--latency", "1", "--rate", "2000", *faults])
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "gateway.toml")
        config.write_text(CONFIG.replace("MOCK", ready_address(mock)), encoding="utf-8")
        gateway = start([aigw, "serve", "-c", config], SOAK_KEY=KEY)
        try:
            problems = soak(gateway, ready_address(gateway), seconds)
            gateway.terminate()
            if gateway.wait(30) != 0:
                problems.append(f"the gateway ended with {gateway.returncode}")
        finally:
            gateway.kill()
            mock.kill()
    for problem in problems:
        print(f"soak: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    if "AIGW_SOAK" not in os.environ:
        print("a soak takes minutes: AIGW_SOAK=1 runs it")
        sys.exit(77)
    sys.exit(main(sys.argv[1]))
