#!/usr/bin/env python3
"""What active probes find out is acted on, and said once.

    probes.py AIGW

A vendor nobody calls goes down, comes back and refuses the gateway's key, again and again. Each change is one line of
the log, the metrics agree, and no probe was ever anything but a GET. Then a reload drains it.
"""

import http.server
import json
import signal
import threading

from gateways import Gateway, Mock, completion, error_body, run, total, wait_until

CONFIG = """
[platforms.probed]
provider = "openai"
base_url = "http://{address}/v1"
api_key = "sk-probed-secret"
retry = {{ attempts = 1 }}
health = {{ path = "/models", every = "100ms", failures = 3, open_for = "1h" }}
{lines}
[platforms.spare]
provider = "openai"
base_url = "{spare}"
api_key = "sk-spare"
[[routes]]
match = {{ model = "gpt-4o" }}
to = ["probed", "spare"]
"""


class Vendor:
    """Answers probes with the status that the test sets, and calls with a completion."""

    def __init__(self):
        vendor = self
        self.status, self.methods, self.bodies = 200, [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer(vendor.status, {"data": []} if vendor.status == 200 else error_body("no"))

            def do_POST(self):
                self.answer(200, completion())

            def answer(self, status, value):
                vendor.bodies.append(self.rfile.read(int(self.headers.get("content-length", 0))))
                vendor.methods.append(self.command)
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = "127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kill(self):
        self.server.shutdown()
        self.server.server_close()

    def probes(self):
        return self.methods.count("GET")

    def wait_for_probes(self, more):
        wanted = self.probes() + more
        wait_until(lambda: self.probes() >= wanted, f"{more} more probes")


def lines(gateway, message):
    return [line for line in gateway.log_lines() if line["message"] == message]


def state(gateway):
    return gateway.metrics()['aigw_platform_state{platform="probed"}']


def check_changes(checks, gateway, vendor):
    vendor.wait_for_probes(2)
    checks.equal("the state of a vendor that is well", state(gateway), 1)
    for round_ in (1, 2):
        with checks.of(f"time {round_}"):
            vendor.status = 503
            wait_until(lambda: state(gateway) == 0, "it is left alone")
            vendor.wait_for_probes(3)
            checks.equal("who answers", gateway.chat("gpt-4o").header("x-aigw-platform"), "spare")
            vendor.status = 200
            wait_until(lambda: state(gateway) == 1, "it is called again")
            vendor.wait_for_probes(3)
            checks.equal("who answers", gateway.chat("gpt-4o").header("x-aigw-platform"), "probed")
            wait_until(lambda: len(lines(gateway, "platform back")) == round_, "a line about it")
            checks.equal("lines about its fall", len(lines(gateway, "platform left alone")), round_)
    left = lines(gateway, "platform left alone")[0]
    checks.equal("what is said", (left["level"], left["platform"], left["error"]), ("warn", "probed", "HTTP 503"))


def check_refusals(checks, gateway, vendor):
    for status in (401, 403):
        vendor.status = status
        vendor.wait_for_probes(4)
    vendor.status = 429
    vendor.wait_for_probes(4)
    refusals = wait_until(lambda: len(lines(gateway, "probe refused")) >= 2 and lines(gateway, "probe refused"), "lines")
    checks.equal("refusals in the log", [line["status"] for line in refusals], [401, 403])
    checks.equal("the state of a vendor that refuses", state(gateway), 1)
    vendor.status = 200
    vendor.wait_for_probes(2)


def check_drain(checks, gateway, vendor):
    checks.equal("who answers before", gateway.chat("gpt-4o").header("x-aigw-platform"), "probed")
    text = gateway.file.read_text(encoding="utf-8")
    gateway.file.write_text(text.replace("# lines", "drain = true"), encoding="utf-8")
    gateway.send_signal(signal.SIGHUP)
    wait_until(lambda: gateway.chat("gpt-4o").header("x-aigw-platform") == "spare", "the reload")
    vendor.wait_for_probes(1)  # it may be wanted again


def test(aigw, checks, start):
    vendor = start(Vendor())
    spare = start(Mock(aigw))
    gateway = start(Gateway(aigw, CONFIG.format(address=vendor.address, spare=spare.base_url(), lines="# lines")))
    check_changes(checks, gateway, vendor)
    check_refusals(checks, gateway, vendor)
    check_drain(checks, gateway, vendor)
    metrics = gateway.metrics()
    for outcome, least in (("healthy", 10), ("failed", 8), ("refused", 12)):
        count = total(metrics, "aigw_probes_total", 'platform="probed"', f'outcome="{outcome}"')
        checks.true(f"probes that were {outcome}: {count}", count >= least)
    checks.equal("errors of calls", total(metrics, "aigw_upstream_errors_total"), 0)
    checks.equal("what is asked of a vendor", set(vendor.methods), {"GET", "POST"})
    checks.equal("bodies of probes", [body for method, body in zip(vendor.methods, vendor.bodies)
                                      if method == "GET" and body], [])
    checks.true("no key in the log", b"sk-probed" not in bytes(gateway.printed))
    checks.equal("the exit code", gateway.stop(), 0)


if __name__ == "__main__":
    run(test)
