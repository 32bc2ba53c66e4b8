#!/usr/bin/env python3
"""What a gateway tells about its work: heads of answers, a line of log for each request, metrics, probes.

    observability.py AIGW
"""

import json
import re
import signal
import subprocess
import time

from gateways import (CHAT, Gateway, Mock, ScriptedUpstream, caller_headers, error_body, reply, run, total, wait_until)

LATENCY = 0.05
CONFIG = """
[[auth.static_keys]]
name = "busy"
key = "sk-busy-caller"
[[limits]]
name = "few"
by = "key"
rpm = 3
match = {{ model = "sim-*" }}
[platforms.main]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-main"
models = {{ "gpt-4o" = {{}}, "sim-chat" = {{}} }}
[platforms.refused]
provider = "openai"
base_url = "{refusing}"
api_key = "sk-refused"
models = {{ "both" = {{}} }}
[platforms.after]
provider = "openai"
base_url = "{base_url}"
api_key = "sk-after"
models = {{ "both" = {{ upstream = "gpt-4o-mini" }} }}
[[routes]]
match = {{ model = "both" }}
to = ["refused", "after"]
"""
LINE = {"time", "level", "message", "id", "route", "key", "namespace", "client_ip", "model", "platform", "status", "stream",
        "attempts", "input_tokens", "output_tokens", "estimated", "counted_by", "price", "currency", "ms", "upstream_ms",
        "warnings", "truncated", "error"}
FAMILIES = {
    "aigw_requests_total": "counter", "aigw_tokens_total": "counter", "aigw_cost_total": "counter",
    "aigw_unpriced_total": "counter", "aigw_limit_refusals_total": "counter", "aigw_upstream_errors_total": "counter",
    "aigw_request_seconds": "histogram", "aigw_first_byte_seconds": "histogram", "aigw_overhead_seconds": "histogram",
    "aigw_open_streams": "gauge", "aigw_platform_state": "gauge", "aigw_pool_connections": "gauge",
    "aigw_build_info": "gauge",
}


def timing(answer):
    """Server-Timing as {name: seconds}."""
    pairs = re.findall(r"(\w+);dur=(\d+\.\d{3})", answer.header("server-timing") or "")
    return {name: float(duration) / 1000 for name, duration in pairs}


def check_heads(checks, gateway):
    for is_stream in (False, True):
        with checks.of("a stream" if is_stream else "a whole answer"):
            begin = time.monotonic()
            answer = gateway.chat("gpt-4o", is_stream)
            took = time.monotonic() - begin
            spent = timing(answer)
            checks.equal("the names in Server-Timing", sorted(spent), ["gateway", "upstream"])
            checks.true(f"waiting for the vendor is in it: {spent}", LATENCY * 0.8 <= spent["upstream"] <= took)
            checks.true(f"no more than was spent: {spent} of {took}", sum(spent.values()) <= took + 0.001)
            checks.true("a request id", re.fullmatch(r"req_\w+", answer.header("x-request-id")))
            checks.equal("platform and attempts", (answer.header("x-aigw-platform"), answer.header("x-aigw-attempts")),
                         ("main", "1"))
            price = answer.header("x-aigw-price-estimate" if is_stream else "x-aigw-price")
            checks.true("a price", re.fullmatch(r"\d+\.\d{8} USD", price or ""))
            line = gateway.log_of(answer)
            checks.equal("the fields of the log line", set(line), LINE)
            checks.true("times in the log", LATENCY * 800 <= line["upstream_ms"] <= line["ms"] <= took * 1000 + 50)
            checks.equal("the caller's address", line["client_ip"], "127.0.0.1")
    refused = gateway.ask("POST", CHAT, "{}", caller_headers())
    checks.true("a refusal has an id and times", refused.header("x-request-id") and timing(refused))
    checks.equal("attempts of a refusal", refused.header("x-aigw-attempts"), None)
    unknown = gateway.ask("GET", "/v1/models", headers=caller_headers("sk-unknown"))
    checks.equal("an unknown key", (unknown.status, gateway.log_of(unknown)["status"]), (401, 401))


def check_counts(checks, gateway):
    """After calls of every kind each metric says so."""
    before = gateway.metrics()
    checks.equal("the statuses of a limit", [gateway.chat("sim-chat", headers=caller_headers("sk-busy-caller")).status
                                            for _ in range(4)], [200, 200, 200, 429])
    attempts = [gateway.chat("both").header("x-aigw-attempts") for _ in range(2)]
    checks.equal("attempts where a key is refused", attempts, ["2", "1"])
    text = gateway.ask("GET", "/metrics").text()
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    checks.equal("families", {name: kinds.get(name) for name in FAMILIES}, FAMILIES)
    metrics = gateway.metrics()

    def grown(name, *labels):
        return total(metrics, name, *labels) - total(before, name, *labels)

    checks.equal("good requests", grown("aigw_requests_total", 'code="200"'), 5)
    checks.equal("refused requests", grown("aigw_requests_total", 'code="429"'), 1)
    checks.equal("requests of a platform", grown("aigw_requests_total", 'platform="after"', 'model="both"'), 2)
    checks.equal("refusals", grown("aigw_limit_refusals_total", 'limit="few"'), 1)
    checks.equal("refused keys",
                 grown("aigw_upstream_errors_total", 'platform="refused"', 'kind="upstream_credentials"'), 1)
    checks.equal("unpriced", grown("aigw_unpriced_total", 'model="sim-chat"'), 3)
    checks.true("tokens", all(grown("aigw_tokens_total", f'kind="{kind}"', 'platform="after"') > 0
                              for kind in ("input", "output")))
    checks.true("cost", grown("aigw_cost_total", 'currency="USD"', 'platform="after"') > 0)
    for name in ("aigw_request_seconds_count", "aigw_first_byte_seconds_count", "aigw_overhead_seconds_count"):
        checks.equal(name, grown(name), 5 + (name == "aigw_request_seconds_count"))
    states = {name: metrics[f'aigw_platform_state{{platform="{name}"}}'] for name in ("main", "refused", "after")}
    checks.equal("states", states, {"main": 1, "refused": 0, "after": 1})
    checks.true("idle connections", total(metrics, "aigw_pool_connections", 'platform="main"', 'state="idle"') > 0)
    checks.equal("busy connections", total(metrics, "aigw_pool_connections", 'state="busy"'), 0)
    labels = {label for series in metrics for label in re.findall(r'platform="([^"]*)"', series)}
    checks.equal("labels of platforms", labels, {"", "main", "refused", "after"})


def check_debug_lines(checks, gateway):
    """What a conversion leaves out without telling its caller."""
    body = {"model": "gpt-4o", "max_tokens": 9, "hologram": 1, "messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "t", "signature": "s"},
                                          {"type": "text", "text": "a"}]},
        {"role": "user", "content": "go on"}]}
    answer = gateway.ask("POST", "/v1/messages", json.dumps(body), caller_headers())
    checks.equal("the answer", (answer.status, answer.header("x-aigw-warnings")), (200, None))
    gateway.log_of(answer)
    lines = [line for line in gateway.log_lines() if line["message"] == "left out of a conversion"]
    checks.equal("its lines", [(line["level"], line["id"], line["paths"]) for line in lines],
                 [("debug", answer.header("x-request-id"), "hologram, messages[1].content[0]")])


def healthcheck(aigw, gateway):
    return subprocess.run([aigw, "healthcheck", "--url", f"http://{gateway.address}"], capture_output=True, timeout=20,
                          check=False).returncode


def check_probes(checks, aigw, gateway):
    for path in ("/", "/health", "/health/live", "/health/ready"):
        checks.equal(path, gateway.ask("GET", path).status, 200)
    checks.equal("healthcheck of one that is ready", healthcheck(aigw, gateway), 0)
    gateway.send_signal(signal.SIGTERM)
    wait_until(lambda: gateway.ask("GET", "/health/ready").status == 503, "readiness turns false")
    checks.equal("/health/live of one that drains", gateway.ask("GET", "/health/live").status, 200)
    checks.equal("the exit code", gateway.wait(), 0)
    checks.equal("healthcheck of one that has gone", healthcheck(aigw, gateway), 1)


def test(aigw, checks, start):
    mock = start(Mock(aigw, "--latency", str(int(LATENCY * 1000))))
    refusing = start(ScriptedUpstream({"both": reply(401, error_body("Incorrect API key"))}))
    config = CONFIG.format(base_url=mock.base_url(), refusing=refusing.base_url())
    gateway = start(Gateway(aigw, config))
    with checks.of("heads"):
        check_heads(checks, gateway)
    with checks.of("metrics"):
        check_counts(checks, gateway)
    with checks.of("probes"):
        check_probes(checks, aigw, gateway)
    with checks.of("debug"):
        check_debug_lines(checks, start(Gateway(aigw, config, log='level = "debug"')))
    with checks.of("private"):
        private = start(Gateway(aigw, config, server="answer_headers = false"))
        for model, is_stream in (("gpt-4o", False), ("gpt-4o", True), ("both", False), ("nosuch", False)):
            answer = private.chat(model, is_stream)
            names = [name.lower() for name in answer.headers]
            checks.equal("what the heads tell", [name for name in names if "aigw" in name or "timing" in name], [])
            checks.true("there is an id", "x-request-id" in names)


if __name__ == "__main__":
    run(test)
