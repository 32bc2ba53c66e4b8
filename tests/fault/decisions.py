#!/usr/bin/env python3
"""What route-test says is what serve does.

    decisions.py AIGW

Sends random requests to `aigw serve` (models, paths, header fields, bodies, callers) under a configuration with rules,
conditions, locations, groups, namespaces and policies, and writes down what came of each: the platform that answered,
the status, what the vendor was asked. Then `aigw route-test --suite` has to say the same of every one.
"""

import json
import os
import pathlib
import random
import subprocess
import tempfile

from gateways import KEY, Gateway, Mock, run

REQUESTS = 600
CONFIG = """
[[auth.static_keys]]
name = "narrow"
key = "sk-narrow-decisions"
models = ["gpt-*"]
{platforms}
[platforms.a.models]
"gpt-4o" = {{ params = {{ clamp = {{ max_tokens = 40, temperature = {{ max = 1 }} }}, drop = ["logit_bias"] }} }}
[platforms.c.models]
"pool-1" = {{ upstream = "gpt-4o" }}
"pool-x" = {{ upstream = "gpt-4o-mini" }}
[platforms.d.models]
"pool-1" = {{ upstream = "gpt-4o" }}
"pool-x" = {{ upstream = "gpt-4o-mini" }}
"gpt-3" = {{ upstream = "gpt-4o" }}
[[routes]]
match = {{ model = "gpt-4o" }}
to = "a"
[[routes]]
match = {{ model = "gpt-4o", header = {{ "X-Level" = "gold*" }} }}
to = "b"
[[routes]]
match = {{ model = "gpt-4o", header = {{ "X-Level" = "gold-1" }}, body = {{ "metadata.tier" = "top" }} }}
to = "c"
[[routes]]
match = {{ model = "gpt-*", path = "/v1/messages" }}
to = "d"
model = "gpt-4o"
[[routes]]
match = {{ model = "gpt-*" }}
to = ["b", "a"]
model = "gpt-4o-mini"
[[routes]]
match = {{ query = {{ team = "core" }} }}
to = "c"
model = "gpt-4o-mini"
[groups.pool]
models = ["pool-*"]
members = ["c", "d"]
[[locations]]
path = "/api/chat"
to = "d"
rewrite = {{ from = "/api/chat", to = "/v1/chat/completions" }}
[[locations]]
path = "^/apps/[0-9]+/messages$"
regex = true
to = "group:pool"
rewrite = {{ from = "/apps/*", to = "/v1/messages" }}
model = "gpt-4o"
[[namespaces]]
name = "vip"
priority = 5
match = [[{{ key = "X-Channel-Code", value = "vip" }}], [{{ source = "body", key = "user", op = "prefix", value = "vip-" }}]]
[[namespaces.policies]]
type = "request_tokens"
max_input = 60
max_output = 30
[[namespaces.policies]]
type = "content_match"
match = [[{{ source = "body", key = "max_tokens", op = "gt", value = 400 }}]]
[[namespaces.policies]]
type = "params"
set = {{ temperature = 0 }}
[[namespaces]]
name = "open"
anonymous = true
match = [[{{ key = "X-Channel-Code", op = "in", value = "open, free" }}]]
[[namespaces.policies]]
type = "models"
allow = ["gpt-4o*"]
[[namespaces.policies]]
type = "routing"
to = "d"
match = [[{{ source = "path", op = "suffix", value = "/chat" }}]]
[[namespaces]]
name = "closed"
enabled = false
match = [[{{ source = "query", key = "channel", value = "closed" }}]]
"""
PLATFORM = """
[platforms.{name}]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-decisions"
"""
NAMES = "abcd"
PATHS = ["/v1/chat/completions", "/v1/messages", "/api/chat", "/apps/12/messages", "/api/v1/chat"]


def random_request(rng):
    """(path with query, headers, key name or None, body)"""
    path = rng.choice(PATHS) + rng.choice(["", "", "?team=core", "?channel=closed&x=1"])
    headers = {}
    if rng.random() < 0.5:
        headers["X-Channel-Code"] = rng.choice(["vip", "open", "free", "nobody"])
    if rng.random() < 0.4:
        headers["X-Level"] = rng.choice(["gold-1", "gold-2", "silver"])
    key = rng.choice(["tests", "tests", "narrow", None])
    body = {"model": rng.choice(["gpt-4o", "gpt-4o-mini", "gpt-3", "pool-1", "pool-x", "nothing"]),
            "max_tokens": rng.choice([1, 20, 50, 300, 500]),
            "messages": [{"role": "user", "content": "word " * rng.choice([1, 10, 100])}]}
    if rng.random() < 0.3:
        body["metadata"] = {"tier": rng.choice(["top", "low"])}
    if rng.random() < 0.3 and "messages" not in path:
        body["user"] = rng.choice(["vip-1", "u"])
    if rng.random() < 0.3:
        body["temperature"] = rng.choice([0, 0.5, 1 if "messages" in path else 1.5])
    if rng.random() < 0.2 and "messages" not in path:
        body["logit_bias"] = {"50256": -100}
    if "/messages" in path:
        body.pop("metadata", None)
    return path, headers, key, body


def is_let_through(answer):
    """A platform was asked, whatever it said."""
    return int(answer.header("x-aigw-attempts") or 0) > 0


def case_of(number, request, answer):
    """One case of a suite, with what serve did as what is expected."""
    path, headers, key, body = request
    lines = ["[[cases]]", f'name = "{number}"', f"path = {json.dumps(path)}",
             f"body = {json.dumps(json.dumps(body))}", f"as = {json.dumps(key or 'anonymous')}", 'ip = "127.0.0.1"']
    fields = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in headers.items())
    lines.append(f"headers = {{ {fields} }}")
    expect = [f"status = {200 if is_let_through(answer) else answer.status}"]
    if answer.header("x-aigw-platform"):
        expect.append(f'platform = "{answer.header("x-aigw-platform")}"')
    lines.append(f"expect = {{ {', '.join(expect)} }}")
    return "\n".join(lines)


def ask(gateway, request):
    path, headers, key, body = request
    secret = {"tests": KEY, "narrow": "sk-narrow-decisions"}.get(key)
    fields = headers | {"content-type": "application/json"} | ({"authorization": f"Bearer {secret}"} if secret else {})
    return gateway.ask("POST", path, json.dumps(body), fields)


def check_upstream(checks, mock, requests, answers):
    """No vendor was asked for more than a policy or a platform allows."""
    seen = mock.seen()["requests"]
    answered = [(request, answer) for request, answer in zip(requests, answers) if is_let_through(answer)]
    for (request, answer), upstream in zip(answered[-len(seen):], seen):
        body = json.loads(upstream["body"])
        most = body.get("max_tokens") or body.get("max_completion_tokens")
        is_vip = request[1].get("X-Channel-Code") == "vip" or str(request[3].get("user", "")).startswith("vip-")
        if is_vip:
            checks.true(f"a vip's answer has at most 30 tokens, not {most}", most <= 30)
            checks.equal("a vip's temperature", body.get("temperature"), 0)
        if answer.header("x-aigw-platform") == "a" and body["model"] == "gpt-4o":
            checks.true(f"platform a gives at most 40 tokens, not {most}", most <= 40)
            checks.true("platform a takes no logit_bias", "logit_bias" not in body)


ORDERED = """
[platforms.{name}]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-order-{name}"
retry = {{ attempts = 1 }}
health = {{ failures = 0 }}
"""


def test_fallback(aigw, checks, start):
    """Platforms that fail are asked in the order in which the Decision has them."""
    mock = start(Mock(aigw, "--fail", "status-500"))
    rng = random.Random(7)
    names = "pqrst"
    config = "".join(ORDERED.format(name=name, base_url=mock.base_url()) for name in names)
    for number in range(12):
        order = rng.sample(names, rng.randint(2, len(names)))
        config += f'[groups.g{number}]\nalgorithm = "{rng.choice(["failover", "round_robin", "weighted"])}"\n'
        config += f"members = {json.dumps(order)}\n"
        config += f'[[routes]]\nmatch = {{ model = "m{number}" }}\nto = "group:g{number}"\nmodel = "gpt-4o"\n'
    gateway = start(Gateway(aigw, config, log='level = "error"'))
    for number in range(12):
        said = subprocess.run([aigw, "route-test", "-c", gateway.file, "-m", f"m{number}", "--json", "-q"],
                              capture_output=True, text=True, timeout=60, check=True,
                              env=os.environ | {"FAULT_TESTS_KEY": KEY})
        expected = [candidate["platform"] for candidate in json.loads(said.stdout)["candidates"]]
        mock.forget()
        gateway.chat(f"m{number}")
        asked = [dict(request["headers"])["authorization"].removeprefix("Bearer sk-order-")
                 for request in mock.seen()["requests"]]
        checks.equal(f"who was asked for m{number}", asked, expected)


def test(aigw, checks, start):
    test_fallback(aigw, checks, start)
    mock = start(Mock(aigw))
    platforms = "".join(PLATFORM.format(name=name, base_url=mock.base_url()) for name in NAMES)
    config = CONFIG.format(platforms=platforms)
    gateway = start(Gateway(aigw, config, log='level = "error"'))
    rng = random.Random(6)
    requests = [random_request(rng) for _ in range(REQUESTS)]
    answers = [ask(gateway, request) for request in requests]
    statuses = {answer.status for answer in answers}
    checks.equal("the statuses that came", statuses, {200, 401, 403, 404, 413})
    check_upstream(checks, mock, requests, answers)
    with tempfile.TemporaryDirectory() as folder:
        suite = pathlib.Path(folder, "suite.toml")
        cases = [case_of(number, request, answer)
                 for number, (request, answer) in enumerate(zip(requests, answers))]
        suite.write_text("\n".join(cases), encoding="utf-8")
        said = subprocess.run([aigw, "route-test", "-c", gateway.file, "--suite", suite, "--coverage", "-q"],
                              capture_output=True, text=True, timeout=120, check=False,
                              env=os.environ | {"FAULT_TESTS_KEY": KEY})
        wrong = [line for line in said.stdout.splitlines() if not line.startswith("ok")]
        checks.equal("what route-test says", (said.returncode, wrong[:12], said.stderr[-500:]), (0, wrong[:12], ""))
    checks.equal("the exit code", gateway.stop(), 0)


if __name__ == "__main__":
    run(test)
