#!/usr/bin/env python3
"""Callers who vanish, who do not read, and who are many.

    clients.py AIGW

A thousand streams are cut by their callers: every upstream call ends, and what they took is given back. Callers who do
not read make neither the gateway grow nor the upstream hurry. Eight thousand connections are served, and one more is
told to come back.
"""

import contextlib
import json
import resource
import selectors
import socket
import time

from gateways import (CHAT, STREAM_HEAD, Gateway, Mock, ScriptedUpstream, abort, caller_headers, chat_body, chunk,
                      event, memory_factor, raw_request, run, skip, total, wait_until)

CALLERS = 1000
IDLE_READERS = 24
CONNECTIONS = 8000
SPARE = 200                            # descriptors of this process and the gateway beside the connections
MOST_GROWTH = 16 * 1024                # KiB of RSS
MOST_BUFFERED = 24 * 1024 * 1024       # bytes that the kernel takes for one stream, on its way through two sockets
CONFIG = """
[platforms.main]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-main"
models = {{ "sim-tokens-60" = {{}}, "gpt-4o" = {{}}, "flood" = {{}} }}
timeouts = {{ idle = "1m", total = "10m" }}
"""


def connect(gateway):
    return socket.create_connection(("127.0.0.1", gateway.port), timeout=20)


def vanish(connections):
    """The first half by a reset, the others by an end."""
    for connection in connections[::2]:
        abort(connection)
    for connection in connections[1::2]:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def killed_in_a_stream(aigw, checks, start):
    mock = start(Mock(aigw, "--rate", "1"))
    gateway = start(Gateway(aigw, CONFIG.format(base_url=mock.base_url())))
    request = raw_request("sim-tokens-60", True)
    before = gateway.descriptors()
    sizes = []
    for _ in range(2):
        mock.forget()
        connections = [connect(gateway) for _ in range(CALLERS)]
        for connection in connections:
            connection.sendall(request)
        wait_until(lambda: total(gateway.metrics(), "aigw_open_streams") == CALLERS, "all streams are under way", 60)
        checks.equal("calls at the upstream", mock.seen()["open"], CALLERS)
        vanish(connections)
        wait_until(lambda: mock.seen()["open"] == 0, lambda: f"{mock.seen()['open']} upstream calls are left", 60)
        checks.equal("upstream calls that were given up", mock.seen()["aborted"], CALLERS)
        wait_until(lambda: total(gateway.metrics(), "aigw_open_streams") == 0, "no stream is open")
        wait_until(lambda: gateway.descriptors() <= before + 8,
                   lambda: f"{gateway.descriptors()} descriptors are left of {before}")
        sizes.append(gateway.memory())
    checks.true(f"memory is used again: {sizes} KiB", sizes[1] < sizes[0] + MOST_GROWTH // 2 * memory_factor(aigw))
    checks.equal("the requests' status", total(gateway.metrics(), "aigw_requests_total", 'code="499"'), 2 * CALLERS)
    checks.equal("errors of the upstream", total(gateway.metrics(), "aigw_upstream_errors_total"), 0)


class Flood:
    """A script that sends as much as is taken, and counts it."""

    def __init__(self):
        self.sent = {}

    def __call__(self, connection, _request, _asked):
        data = chunk(event("x" * 16_000)) * 4
        connection.sendall(STREAM_HEAD)
        connection.settimeout(60)
        while True:
            connection.sendall(data)
            self.sent[connection] = self.sent.get(connection, 0) + len(data)


def is_still(read, seconds=0.5):
    """True when the value has not changed for a while."""
    value, until = read(), time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.02)
        if read() != value:
            return False
    return True


def unread(aigw, checks, start):
    flood = Flood()
    upstream = start(ScriptedUpstream({"flood": flood}))
    gateway = start(Gateway(aigw, CONFIG.format(base_url=upstream.base_url()), server='timeouts = { write = "4s" }'))
    before = gateway.memory()
    connections = []
    for _ in range(IDLE_READERS):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        connection.connect(("127.0.0.1", gateway.port))
        connection.sendall(raw_request("flood", True))
        connections.append(connection)
    wait_until(lambda: len(flood.sent) == IDLE_READERS and is_still(lambda: sum(flood.sent.values())),
               lambda: f"the upstream is held up; it has sent {sum(flood.sent.values())}", 60)
    grown = gateway.memory() - before
    checks.true(f"memory grew by {grown} KiB", grown < MOST_GROWTH * memory_factor(aigw))
    checks.true(f"the upstream is held up: {max(flood.sent.values())} bytes", max(flood.sent.values()) < MOST_BUFFERED)
    # None of them reads within the write timeout: they are let go, and so are their upstream calls.
    wait_until(lambda: total(gateway.metrics(), "aigw_open_streams") == 0, "they are given up", 30)
    wait_until(lambda: upstream.open == 0, lambda: f"{upstream.open} upstream calls are left")
    for connection in connections:
        connection.close()


def ask_all(connections, request, wanted):
    """Sends a request on each and counts the answers that begin as wanted."""
    selector = selectors.DefaultSelector()
    for connection in connections:
        connection.sendall(request)
        selector.register(connection, selectors.EVENT_READ)
    left, good, until = len(connections), 0, time.monotonic() + 60
    while left > 0 and time.monotonic() < until:
        for key, _ in selector.select(1):
            good += key.fileobj.recv(65536).startswith(wanted)
            selector.unregister(key.fileobj)
            left -= 1
    selector.close()
    return good


def many_connections(aigw, checks, start):
    mock = start(Mock(aigw))
    gateway = start(Gateway(aigw, CONFIG.format(base_url=mock.base_url()), server=f"max_connections = {CONNECTIONS}"))
    before = gateway.descriptors()
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(gateway)) for _ in range(CONNECTIONS)]
        live = b"GET /health/live HTTP/1.1\r\nhost: gateway\r\n\r\n"
        checks.equal("connections that are served", ask_all(connections, live, b"HTTP/1.1 200"), CONNECTIONS)
        # They send before they read: what they are told must reach them nevertheless.
        for answer in [gateway.chat("gpt-4o") for _ in range(8)]:
            told = (answer.status, answer.error()["code"], answer.header("retry-after"))
            checks.equal("what one more is told", told, (503, "overloaded", "1"))
        checks.equal("calls among the idle", ask_all(connections[::40], raw_request("gpt-4o"), b"HTTP/1.1 200"),
                     CONNECTIONS // 40)
        checks.true(f"memory is modest: {gateway.memory()} KiB", gateway.memory() < 250 * 1024 * memory_factor(aigw))
        connections[0].close()
        wait_until(lambda: gateway.ask("GET", "/health/live").status == 200, "there is room for another")
        served = ask_all(connections[1:], live, b"HTTP/1.1 200")
        checks.equal("connections that are still served", served, CONNECTIONS - 1)
    wait_until(lambda: gateway.descriptors() <= before + SPARE, "the descriptors are given back")
    checks.equal("the exit code", gateway.stop(), 0)


def too_much(aigw, checks, start):
    """Bodies that are refused before they are read: the refusal reaches those who send on."""
    mock = start(Mock(aigw))
    gateway = start(Gateway(aigw, CONFIG.format(base_url=mock.base_url()), server='max_body = "64KiB"'))
    body = json.dumps(chat_body("gpt-4o", user="x" * 4_000_000))
    for _ in range(8):
        answer = gateway.ask("POST", CHAT, body, caller_headers())
        checks.equal("a body that is too large", (answer.status, answer.error()["code"]), (413, "request_too_large"))
        answer = gateway.ask("POST", CHAT, body, caller_headers("sk-unknown"))
        checks.equal("a body of nobody known", (answer.status, answer.error()["code"]), (401, "invalid_api_key"))
    wait_until(lambda: gateway.chat("gpt-4o").is_whole(), "others are served")


def test(aigw, checks, start):
    for scenario in (killed_in_a_stream, unread, too_much, many_connections):
        with checks.of(scenario.__name__):
            scenario(aigw, checks, start)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    needed = 2 * CONNECTIONS + SPARE
    if hard != resource.RLIM_INFINITY and hard < needed:
        skip(f"{CONNECTIONS} connections need {needed} descriptors, and this machine gives {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed + 2000, hard) if hard > 0 else needed + 2000, hard))
    run(test)
