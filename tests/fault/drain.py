#!/usr/bin/env python3
"""A gateway that is told to stop under load breaks no reply.

    drain.py AIGW

Callers on kept-alive connections make plain calls and streams when SIGTERM comes. From then on each may find its
connection closed before it sends, or a new one refused, and nothing else: what was sent is answered whole. Readiness
turns false, liveness does not, and the process ends with 0. What cannot end in time ends with an error, not in silence.
"""

import http.client
import json
import select
import signal
import socket
import threading
import time

from gateways import CHAT, Answer, Gateway, Mock, caller_headers, chat_body, raw_request, run, wait_until

CALLERS = 32
CONFIG = """
[platforms.main]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-main"
models = {{ "gpt-4o" = {{}}, "sim-tokens-100000" = {{}}, "sim-fault-never" = {{}} }}
"""


def is_closed(connection):
    """The other side has said so, before anything was sent."""
    return bool(select.select([connection.sock], [], [], 0)[0])


class Caller(threading.Thread):
    """Calls until the gateway takes no more."""

    def __init__(self, gateway, is_stream):
        super().__init__(daemon=True)
        self.gateway, self.is_stream = gateway, is_stream
        self.whole, self.late, self.broken = 0, 0, []
        self.stopping = threading.Event()

    def run(self):
        body = json.dumps(chat_body("gpt-4o", self.is_stream, max_tokens=30))
        connection = None
        while True:
            if connection is None or connection.sock is None or is_closed(connection):
                connection = http.client.HTTPConnection(self.gateway.address, timeout=20)
                try:
                    connection.connect()
                except ConnectionRefusedError:
                    return
            is_late = self.stopping.is_set()
            try:
                connection.request("POST", CHAT, body, caller_headers())
                answer = Answer(connection.getresponse())
            except (OSError, http.client.HTTPException) as failure:
                self.broken.append(repr(failure))
                return
            if not answer.is_whole():
                self.broken.append(f"{answer.status} {answer.broke} {answer.body[-200:]!r}")
                return
            self.whole += 1
            self.late += is_late


def probe(gateway, seen, path):
    """Asks a probe until nobody answers; keeps the changes of its status."""
    while True:
        try:
            status = gateway.ask("GET", path).status
        except (OSError, http.client.HTTPException):
            return
        if not seen or seen[-1] != status:
            seen.append(status)


def under_load(aigw, checks, start):
    mock = start(Mock(aigw, "--latency", "5", "--rate", "2000"))
    gateway = start(Gateway(aigw, CONFIG.format(base_url=mock.base_url())))
    half_sent = socket.create_connection(("127.0.0.1", gateway.port))
    request = raw_request("gpt-4o")
    half_sent.sendall(request[:40])
    callers = [Caller(gateway, number % 2 == 0) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    ready, live = [], []
    probes = [threading.Thread(target=probe, args=(gateway, seen, path), daemon=True)
              for seen, path in ((ready, "/health/ready"), (live, "/health/live"))]
    for one in probes:
        one.start()
    wait_until(lambda: sum(caller.whole for caller in callers) > 3 * CALLERS and ready and live, "load")
    for caller in callers:
        caller.stopping.set()
    begin = time.monotonic()
    gateway.send_signal(signal.SIGTERM)
    half_sent.sendall(request[40:])
    checks.equal("the exit code", gateway.wait(), 0)
    took = time.monotonic() - begin
    for thread in callers + probes:
        thread.join(20)
        checks.true("every thread ends", not thread.is_alive())
    broken = [what for caller in callers for what in caller.broken]
    checks.equal("broken replies", broken[:3], [])
    checks.true("calls of the last moment are answered", sum(caller.late for caller in callers) > 0)
    checks.equal("/health/ready", ready, [200, 503])
    checks.equal("/health/live", live, [200])
    checks.true(f"it ends soon after the last reply, not after {took:.1f} s", took < 10)
    reply = http.client.HTTPResponse(half_sent)
    reply.begin()
    answer = Answer(reply)
    checks.true("a request half of which had come is answered", answer.is_whole())
    checks.equal("the head of the last answer", answer.header("connection"), "close")
    answered = [line for line in gateway.log_lines() if line["message"] == "request finished"]
    checks.equal("log lines", len(answered), sum(caller.whole for caller in callers) + 1)
    wait_until(lambda: mock.seen()["open"] == 0, "no call is left at the upstream")
    checks.equal("calls that the gateway gave up", mock.seen()["aborted"], 0)


def stop_in_the_middle(aigw, checks, start):
    """Neither the stream nor the call can end within the drain timeout."""
    mock = start(Mock(aigw, "--rate", "50"))
    gateway = start(Gateway(aigw, CONFIG.format(base_url=mock.base_url()), server='drain_timeout = "300ms"'))
    answers = {}

    def call(name, model, is_stream):
        answers[name] = gateway.chat(model, is_stream)

    threads = [threading.Thread(target=call, args=row, daemon=True)
               for row in (("stream", "sim-tokens-100000", True), ("plain", "sim-fault-never", False))]
    for thread in threads:
        thread.start()
    wait_until(lambda: mock.seen()["open"] == 2, "both calls are under way")
    wait_until(lambda: gateway.metrics().get("aigw_open_streams") == 1, "the stream has begun")
    begin = time.monotonic()
    gateway.send_signal(signal.SIGTERM)
    checks.equal("the exit code", gateway.wait(), 0)
    took = time.monotonic() - begin
    checks.true(f"the drain timeout is kept: {took:.2f} s", 0.25 < took < 5)
    checks.true("the command says so", b"the drain timeout passed" in bytes(gateway.printed))
    for thread in threads:
        thread.join(10)
    cut, refused = answers.get("stream"), answers.get("plain")
    checks.equal("how the stream broke", cut and cut.broke, None)
    checks.equal("the stream's last event", cut and (cut.error() or {}).get("code"), "overloaded")
    checks.true("the stream had begun", cut and len(cut.chunks()) > 1)
    checks.equal("the plain call's status", refused and refused.status, 503)
    checks.equal("the plain call's error", refused and refused.error()["code"], "overloaded")
    statuses = sorted(line["status"] for line in gateway.log_lines() if line["message"] == "request finished")
    checks.equal("the statuses in the log", statuses, [200, 503])
    wait_until(lambda: mock.seen()["aborted"] == 2, "the upstream calls were cancelled")


def test(aigw, checks, start):
    for scenario in (under_load, stop_in_the_middle):
        with checks.of(scenario.__name__):
            scenario(aigw, checks, start)


if __name__ == "__main__":
    run(test)
