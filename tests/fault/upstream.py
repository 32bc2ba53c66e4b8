#!/usr/bin/env python3
"""An upstream dies, stops, swallows or crawls; callers get an answer or an error in bounded time, and it comes back.

    upstream.py AIGW

Real processes: `aigw mock` is killed, stopped and started again at the same address; listeners accept and never answer,
or do not even accept; scripted ones reset in the middle or send byte by byte.
"""

import signal
import socket
import threading
import time

from gateways import (DONE, STREAM_HEAD, Gateway, Mock, ScriptedUpstream, abort, chunk, completion, event, reply, run,
                      total, wait_until)

CONNECT, FIRST_BYTE = 0.3, 0.5      # seconds; what the platforms below have
BOUND = 8                          # seconds within which every call ends, however busy the machine
CONFIG = """
[platforms.{name}]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-main"
models = {{ {models} }}
timeouts = {{ connect = "300ms", first_byte = "{wait}", idle = "{wait}", total = "{total}" }}
retry = {{ attempts = 1 }}
"""


def platform(name, base_url, *models, wait="500ms", total_time="20s"):
    return CONFIG.format(name=name, base_url=base_url, wait=wait, total=total_time,
                         models=", ".join(f'"{model}" = {{}}' for model in models))


class Calls:
    """Many callers at once, some for whole answers and some for streams; every one ends."""

    def __init__(self, gateway, model, count, is_stream=lambda number: number % 2 == 0):
        self.answers, self.failures, self.longest = [], [], 0.0
        self.begin = time.monotonic()
        self.threads = [threading.Thread(target=self._call, args=(gateway, model, is_stream(number)), daemon=True)
                        for number in range(count)]
        for thread in self.threads:
            thread.start()

    def _call(self, gateway, model, is_stream):
        try:
            self.answers.append(gateway.chat(model, is_stream))
        except OSError as failure:
            self.failures.append(repr(failure))
        self.longest = max(self.longest, time.monotonic() - self.begin)

    def check(self, checks, statuses, codes):
        """Each is whole, or an error of these statuses and codes, said in the protocol's way."""
        for thread in self.threads:
            thread.join(BOUND + 10)
        checks.equal("callers without an answer", (len(self.threads) - len(self.answers), self.failures[:3]), (0, []))
        checks.true(f"every call ends in {BOUND} s: {self.longest:.2f}", self.longest < BOUND)
        for answer in self.answers:
            is_good = not answer.broke and (answer.is_whole() or (answer.status in statuses and answer.error()
                                                                  and answer.error()["code"] in codes))
            if not is_good:
                checks.true(f"whole or an error: {answer.status} {answer.broke} {answer.body[-200:]!r}", False)
                return

    def errors(self):
        return sum(not answer.is_whole() for answer in self.answers)


def recovers(checks, gateway, model):
    wait_until(lambda: gateway.chat(model).is_whole(), "the upstream is back, and calls are answered")
    checks.true("streams too", gateway.chat(model, True).is_whole())
    checks.equal("open streams", total(gateway.metrics(), "aigw_open_streams"), 0)


def killed(aigw, checks, start):
    """SIGKILL while calls are under way, then nobody there, then a new process."""
    mock = start(Mock(aigw, "--rate", "40"))
    gateway = start(Gateway(aigw, platform("main", mock.base_url(), "sim-tokens-5000", wait="8s")))
    calls = Calls(gateway, "sim-tokens-5000", 20, lambda number: number < 18)
    wait_until(lambda: total(gateway.metrics(), "aigw_open_streams") == 18, "streams are under way")
    mock.send_signal(signal.SIGKILL)
    calls.check(checks, (200, 502), ("response_error", "connection_error"))
    checks.equal("calls that broke off", calls.errors(), 20)
    for is_stream in (False, True):
        answer = gateway.chat("sim-tokens-5000", is_stream)
        checks.equal("with nobody there", (answer.status, answer.error()["code"]), (502, "connection_error"))
    address = mock.address
    mock.kill()
    start(Mock(aigw, listen=address))
    recovers(checks, gateway, "sim-tokens-5000")


def stopped(aigw, checks, start):
    """SIGSTOP: the kernel still accepts for it, and nothing comes."""
    mock = start(Mock(aigw))
    gateway = start(Gateway(aigw, platform("main", mock.base_url(), "gpt-4o")))
    recovers(checks, gateway, "gpt-4o")
    mock.freeze()
    calls = Calls(gateway, "gpt-4o", 16)
    calls.check(checks, (504,), ("timeout",))
    checks.equal("calls in vain", calls.errors(), 16)
    checks.true("none was given up too early", calls.longest >= FIRST_BYTE)
    mock.send_signal(signal.SIGCONT)
    recovers(checks, gateway, "gpt-4o")
    metrics = gateway.metrics()
    checks.equal("timeouts in the metrics", total(metrics, "aigw_upstream_errors_total", 'kind="upstream_timeout"'), 16)


def stopped_in_a_stream(aigw, checks, start):
    mock = start(Mock(aigw, "--rate", "200"))
    gateway = start(Gateway(aigw, platform("main", mock.base_url(), "sim-tokens-5000", wait="1500ms")))
    calls = Calls(gateway, "sim-tokens-5000", 8, lambda number: True)
    wait_until(lambda: total(gateway.metrics(), "aigw_open_streams") == 8, "streams are under way")
    mock.freeze()
    calls.check(checks, (200,), ("timeout",))
    checks.equal("streams that end with an error", calls.errors(), 8)
    mock.send_signal(signal.SIGCONT)


def black_holes(aigw, checks, start):
    """A listener that never takes anybody, with a full backlog; and one whose kernel takes them and nobody else."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(full.getsockname())
    mute = socket.create_server(("127.0.0.1", 0), backlog=100)
    gateway = start(Gateway(aigw, platform("full", "http://127.0.0.1:%d/v1" % full.getsockname()[1], "full")
                            + platform("mute", "http://127.0.0.1:%d/v1" % mute.getsockname()[1], "mute")))
    for model, least in (("full", CONNECT), ("mute", FIRST_BYTE)):
        with checks.of(model):
            calls = Calls(gateway, model, 8)
            calls.check(checks, (504,), ("timeout",))
            checks.equal("calls in vain", calls.errors(), 8)
            checks.true(f"none was given up too early: {calls.longest:.2f} s", calls.longest >= least)
    wait_until(lambda: total(gateway.metrics(), "aigw_pool_connections", 'state="busy"') == 0, "no call is left")
    checks.equal("connections that are kept", total(gateway.metrics(), "aigw_pool_connections"), 0)
    for one in waiting + [full, mute]:
        one.close()


def by_byte(data, pause):
    def play(connection, _request, _asked):
        for at in range(len(data)):
            connection.sendall(data[at:at + 1])
            if at % 8 == 0:
                time.sleep(pause)
        return True
    return play


def raw_reply():
    body = str(completion()).replace("'", '"').replace("None", "null").encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def raw_stream():
    parts = (event("One"), event(", two"), event(finish_reason="stop"), DONE)
    return STREAM_HEAD + b"".join(chunk(part) for part in parts) + b"0\r\n\r\n"


def endless(connection, _request, _asked):
    connection.sendall(STREAM_HEAD)
    while True:
        connection.sendall(chunk(event("more ")))
        time.sleep(0.01)


def reset_in_the_middle(connection, _request, _asked):
    connection.sendall(STREAM_HEAD + chunk(event("One")) + b"40\r\ndata: {")
    abort(connection)


def slow_and_broken(aigw, checks, start):
    scripts = {"slow-body": by_byte(raw_reply(), 0.002), "slow-stream": by_byte(raw_stream(), 0.002),
               "slower": by_byte(raw_reply(), 0.1), "endless": endless, "reset": reset_in_the_middle,
               "good": reply(200, completion())}
    upstream = start(ScriptedUpstream(scripts))
    gateway = start(Gateway(aigw, platform("main", upstream.base_url(), "slow-body", "slow-stream", "reset", "good")
                            + platform("brief", upstream.base_url(), "slower", "endless", total_time="800ms")))
    with checks.of("byte by byte"):
        for model, is_stream in (("slow-body", False), ("slow-stream", True)):
            checks.true(f"{model} is whole", gateway.chat(model, is_stream).is_whole())
    with checks.of("beyond the total time"):
        begin = time.monotonic()
        answer = gateway.chat("slower")
        checks.equal("a body", (answer.status, answer.error()["code"]), (504, "timeout"))
        answer = gateway.chat("endless", True)
        checks.equal("a stream", (answer.status, answer.broke, answer.error()["code"]), (200, None, "timeout"))
        checks.true("both end", 1.2 <= time.monotonic() - begin < BOUND)
    with checks.of("reset"):
        calls = Calls(gateway, "reset", 16, lambda number: True)
        calls.check(checks, (200,), ("response_error",))
        checks.equal("streams that end with an error", calls.errors(), 16)
    recovers_after = gateway.chat("good")
    checks.true("other models of the platform are served", recovers_after.is_whole())
    wait_until(lambda: upstream.open <= 2, lambda: f"{upstream.open} connections are left at the upstream")


def test(aigw, checks, start):
    for scenario in (killed, stopped, stopped_in_a_stream, black_holes, slow_and_broken):
        with checks.of(scenario.__name__):
            scenario(aigw, checks, start)


if __name__ == "__main__":
    run(test)
