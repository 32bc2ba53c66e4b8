#!/usr/bin/env python3
"""What calls reserve comes back whichever way they end, and limits hold under many callers.

    reservations.py AIGW

Runs `aigw mock` with faults and `aigw serve` before it. Ten thousand exchanges end in every way there is: answered,
streamed, refused, failed, timed out, cut off by their callers; beside them the configuration is read again and again.
Then as many calls are in flight as the limits allow, and not one more; what was counted is what was let through.
"""

import collections
import http.client
import json
import random
import signal
import socket
import threading

from gateways import CHAT, KEY, Gateway, Mock, abort, chat_body, raw_request, run, wait_until

EXCHANGES = 10_000
CALLERS = 64
AT_A_TIME = 100
REQUESTS = 1_000_000
FEW = 500
CONFIG = """
[platforms.a]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-reservations"
limits = {{ concurrency = {at_a_time} }}
models = {{ "gpt-4o" = {{ limits = {{ concurrency = {at_a_time} }} }} }}
retry = {{ attempts = 1, honour_retry_after = false }}
timeouts = {{ first_byte = "300ms", idle = "1s" }}
health = {{ failures = 0 }}
[platforms.b]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-reservations"
retry = {{ attempts = 1, honour_retry_after = false }}
timeouts = {{ first_byte = "300ms", idle = "1s" }}
health = {{ failures = 0 }}
[[routes]]
match = {{ model = "gpt-4o" }}
to = ["a", "b"]
[[routes]]
match = {{ model = "gpt-4o-mini" }}
to = "b"
[[limits]]
name = "at-a-time"
by = "key,namespace"
concurrency = {at_a_time}
requests = [{{ window = "month", max = {requests} }}]
tokens = [{{ window = "month", max = 100000000000 }}]
[[namespaces]]
name = "mixed"
match = [[{{ key = "X-Channel-Code", value = "mixed" }}]]
[[namespaces.policies]]
type = "concurrency"
max = {at_a_time}
[[namespaces.policies]]
name = "words"
type = "content_match"
match = [[{{ source = "body", key = "user", op = "eq", value = "refused" }}]]
[[namespaces]]
name = "few"
match = [[{{ key = "X-Channel-Code", value = "few" }}]]
[[namespaces.policies]]
type = "rate"
qps = {few}
window = "month"
"""
FAULTS = ["status-500:20%", "status-429:10%", "cut-stream:5%", "never:1%"]


def headers(channel="mixed"):
    return {"authorization": f"Bearer {KEY}", "content-type": "application/json", "X-Channel-Code": channel}


class Caller(threading.Thread):
    """Makes its share of the exchanges, and counts how they ended."""

    def __init__(self, address, seed, exchanges):
        super().__init__()
        self.address, self.random, self.exchanges = address, random.Random(seed), exchanges
        self.connection = None
        self.ended = collections.Counter()
        self.admitted = 0
        self.tokens = 0
        self.wrong = []

    def send(self, body):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=30)
        self.connection.request("POST", CHAT, json.dumps(body), headers())
        return self.connection.getresponse()

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def answered(self):
        reply = self.send(chat_body("gpt-4o", max_tokens=self.random.randint(1, 30)))
        text = reply.read()
        self.admitted += 1
        if reply.status == 200:
            self.tokens += json.loads(text)["usage"]["total_tokens"]
        return f"answered {reply.status}"

    def streamed(self):
        reply = self.send(chat_body("gpt-4o", stream=True, max_tokens=20, stream_options={"include_usage": True}))
        reply.read()
        self.admitted += 1
        return f"streamed {reply.status}"

    def refused(self):
        reply = self.send(chat_body("gpt-4o", user="refused"))
        reply.read()
        if reply.status != 403:
            self.wrong.append(f"a policy refuses with {reply.status}")
        return "refused by a policy"

    def unknown(self):
        reply = self.send(chat_body("nobody-has-this"))
        reply.read()
        return f"unknown model {reply.status}"

    def left(self):
        """Leaves in the middle of a stream, by a reset."""
        reply = self.send(chat_body("gpt-4o", stream=True, max_tokens=2000))
        if reply.status == 200:
            reply.read(30)
        abort(self.connection.sock)
        self.close()
        self.admitted += 1
        return "left in the middle"

    def hung_up(self):
        """Sends a whole request and waits for nothing."""
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as raw:
            raw.sendall(raw_request("gpt-4o", head="X-Channel-Code: mixed\r\n"))
            abort(raw)
        return "hung up"

    def run(self):
        kinds = [self.answered, self.streamed, self.refused, self.unknown, self.left, self.hung_up]
        for _ in range(self.exchanges):
            kind = self.random.choices(kinds, [8, 5, 2, 1, 2, 1])[0]
            try:
                self.ended[kind()] += 1
            except (OSError, http.client.HTTPException, ValueError) as failure:
                self.wrong.append(f"{kind.__name__}: {failure!r}")
                self.close()
        self.close()


class Reloads(threading.Thread):
    """Reads the configuration again and again."""

    def __init__(self, gateway):
        super().__init__()
        self.gateway, self.is_over, self.count = gateway, threading.Event(), 0

    def run(self):
        while not self.is_over.wait(0.2):
            self.gateway.send_signal(signal.SIGHUP)
            self.count += 1


def remaining(gateway, what):
    """What is left of the caller's limit, as an answer says it that counts nothing but itself."""
    return int(gateway.chat("gpt-4o-mini", headers=headers(), max_tokens=1).header(f"x-ratelimit-remaining-{what}"))


class Held:
    """Streams that stay open."""

    def __init__(self, gateway, count):
        self.open = []
        for _ in range(count):
            connection = http.client.HTTPConnection(gateway.address, timeout=30)
            connection.request("POST", CHAT, json.dumps(chat_body("held", stream=True, max_tokens=2000)), headers())
            self.open.append(connection)
        self.statuses = collections.Counter(connection.getresponse().status for connection in self.open)

    def close(self):
        for connection in self.open:
            connection.close()


HELD = """
[platforms.slow]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-slow"
[[routes]]
match = {{ model = "held" }}
to = "slow"
model = "gpt-4o"
"""


def test_exchanges(gateway, checks):
    reloads = Reloads(gateway)
    reloads.start()
    callers = [Caller(gateway.address, seed, EXCHANGES // CALLERS) for seed in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    reloads.is_over.set()
    reloads.join()
    ended = sum((caller.ended for caller in callers), collections.Counter())
    wrong = [each for caller in callers for each in caller.wrong]
    checks.equal("exchanges that went wrong", wrong[:3], [])
    print(f"{dict(ended)}; {reloads.count} reloads")
    checks.true("the configuration was read again under load", reloads.count > 3)
    checks.true(f"the ways to end: {sorted(ended)}", len(ended) > 8)
    return callers, ended


def test_counts(gateway, checks, callers, ended):
    """A request that was let through stays counted, once; nothing else is."""
    sure = sum(caller.admitted for caller in callers)
    counted = REQUESTS - remaining(gateway, "requests") - 1
    checks.true(f"{counted} requests counted, {sure} let through for sure, {ended['hung up']} perhaps",
                sure <= counted <= sure + ended["hung up"] + 1)


def test_nothing_leaks(gateway, checks):
    """As many at a time as there may be, and not one more."""
    def holds_all():
        held = Held(gateway, AT_A_TIME)
        if held.statuses == {200: AT_A_TIME}:
            return held
        held.close()
        return None

    held = wait_until(holds_all, "room for all")
    over = gateway.chat("held", headers=headers())
    checks.equal("one more", over.status, 429)
    held.close()
    wait_until(lambda: gateway.chat("gpt-4o-mini", headers=headers(), max_tokens=1).status == 200, "room again")


def test_limit_holds(gateway, checks):
    """64 callers at once: as many pass as the limit says."""
    statuses, lock = collections.Counter(), threading.Lock()

    def ask():
        seen = collections.Counter()
        connection = http.client.HTTPConnection(gateway.address, timeout=30)
        for _ in range(2 * FEW // CALLERS):
            connection.request("POST", CHAT, json.dumps(chat_body("held", max_tokens=1)), headers("few"))
            reply = connection.getresponse()
            reply.read()
            seen[reply.status != 429] += 1
        connection.close()
        with lock:
            statuses.update(seen)

    threads = [threading.Thread(target=ask) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    checks.equal("let through", statuses[True], FEW)
    checks.equal("refused", statuses[False], 2 * FEW // CALLERS * CALLERS - FEW)


def test(aigw, checks, start):
    faults = [word for fault in FAULTS for word in ("--fail", fault)]
    mock = start(Mock(aigw, "--rate", "4000", *faults))
    slow = start(Mock(aigw, "--rate", "5"))
    config = CONFIG.format(base_url=mock.base_url(), at_a_time=AT_A_TIME, requests=REQUESTS, few=FEW)
    gateway = start(Gateway(aigw, config + HELD.format(base_url=slow.base_url()), log='level = "error"'))
    callers, ended = test_exchanges(gateway, checks)
    test_counts(gateway, checks, callers, ended)
    test_nothing_leaks(gateway, checks)
    test_limit_holds(gateway, checks)
    checks.equal("the exit code", gateway.stop(), 0)


if __name__ == "__main__":
    run(test)
