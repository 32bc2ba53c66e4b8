#!/usr/bin/env python3
"""No secret and no prompt is in anything that is written.

    canary.py AIGW

Every secret has a random part. Commands and a gateway (log level debug) are run with them: good calls and bad ones,
keys in the wrong places, configurations that are wrong, a vendor that repeats the gateway's own key in its errors.
Every byte that they print, log or answer is kept, and none may hold a piece of a secret, as it is or in base64. What
the upstream is sent is left out, as it is meant for it.
"""

import base64
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import tempfile

from gateways import (CHAT, DONE, STREAM_HEAD, Gateway, Mock, ScriptedUpstream, chat_body, chunk, completion,
                      error_body, event, reply, run, stream)

PIECE = 8                       # characters of a secret in a row that give it away


class Canaries:
    """Secrets by what they are; each is known again by any piece of its random part."""

    def __init__(self):
        self.random = {}

    def make(self, what, form="{}"):
        self.random[what] = secrets.token_hex(16)
        return form.format(self.random[what])

    def found_in(self, data):
        """Which of them a text gives away, and where."""
        for what, hidden in self.random.items():
            places = [data.find(piece) for piece in self.pieces(hidden.encode())]
            if max(places) >= 0:
                yield what, max(places)

    @staticmethod
    def pieces(hidden):
        """What gives it away: parts of it, and of its base64, wherever in a longer text it began."""
        return ([hidden[at:at + PIECE] for at in range(len(hidden) - PIECE + 1)]
                + [base64.b64encode(b"x" * shift + hidden)[4:20] for shift in range(3)])


class Written:
    """Everything that was written, by where."""

    def __init__(self, canaries, checks):
        self.canaries, self.checks = canaries, checks
        self.bytes = 0

    def add(self, where, data):
        self.bytes += len(data)
        for what, place in self.canaries.found_in(data):
            self.checks.true(f"{where} keeps {what}: {data[max(place - 150, 0):place + 50]!r}", False)


# ---- The vendor that talks too much ----------------------------------------------------------------


def spoken(request):
    """What an upstream was sent in confidence."""
    lines = [line.split(": ", 1) for line in request["head"].split("\r\n")[1:]]
    return " ".join(value for name, value in lines if name.lower() in ("authorization", "x-proxy-token"))


def failing(status):
    def play(connection, request, asked):
        secret = spoken(request)
        body = error_body(f"Not with {secret}, '{secret.split()[1]}'", f"type {secret}", f"code {secret}")
        body["error"]["param"] = secret
        return reply(status, body)(connection, request, asked)
    return play


def as_page(connection, request, _asked):
    page = f"<html><body>Bad: {spoken(request)}</body></html>".encode()
    connection.sendall(b"HTTP/1.1 500 Oops\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n" % len(page) + page)
    return True


def as_event(*before):
    def play(connection, request, asked):
        body = error_body(f"Not with {spoken(request)}", "server_error", spoken(request))
        return stream(*before, b"data: " + json.dumps(body).encode() + b"\n\n")(connection, request, asked)
    return play


def no_http(connection, request, _asked):
    connection.sendall(f"{spoken(request)}\r\n\r\n".encode())


def bad_chunk(connection, request, _asked):
    connection.sendall(STREAM_HEAD + chunk(event("One")) + f"{spoken(request)}\r\n".encode())


SCRIPTS = {
    "good": reply(200, completion()),
    "good-stream": stream(event("One"), event(finish_reason="stop"), DONE),
    **{f"status-{status}": failing(status) for status in (400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 503)},
    "error-in-200": failing(200),
    "page": as_page,
    "first-event": as_event(),
    "later-event": as_event(event("One")),
    "no-http": no_http,
    "bad-chunk": bad_chunk,
}
CONFIG = """
[metrics]
compat = ["s1"]
[platforms.main]
provider = "openai"
base_url = "{base_url}"
api_key = "${{CANARY_PLATFORM}}"
headers = {{ "X-Proxy-Token" = "{header}" }}
models = {{ {models} }}
retry = {{ attempts = 1 }}
[platforms.second]
provider = "openai"
base_url = "{base_url}"
api_key = "{inline}"
models = {{ "status-500" = {{}}, "status-401" = {{}} }}
[[auth.static_keys]]
name = "inline"
key = "{inline_caller}"
[[routes]]
match = {{ model = "status-500" }}
to = ["main", "second"]
[[limits]]
by = "key"
rpm = 100000
"""


def configuration(upstream, canaries):
    models = ", ".join(f'"{model}" = {{}}' for model in SCRIPTS)
    return CONFIG.format(base_url=upstream.base_url(), models=models,
                         header=canaries.make("a platform's header", "sesame-{}"),
                         inline=canaries.make("a platform's key in the clear", "platform.{}"),
                         inline_caller=canaries.make("a caller's key in the clear", "caller.{}"))


# ---- Calls -----------------------------------------------------------------------------------------


def exchange(address, data):
    """What a gateway says to these bytes."""
    host, port = address.rsplit(":", 1)
    said = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65536):
            said += more
    return said


def http_request(method, target, headers, body=b""):
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {target} HTTP/1.1\r\nhost: gateway\r\n{head}content-length: {len(body)}\r\n\r\n".encode() + body


def good_and_bad_calls(gateway, key, prompt, canaries, written):
    wrong, query = canaries.make("a wrong key", "sk-{}"), canaries.make("a key in a query", "sk-{}")
    json_head = {"content-type": "application/json"}
    known = json_head | {"authorization": f"Bearer {key}"}
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": [{"type": "text", "text": prompt}]}]

    def body(model, **fields):
        return json.dumps(chat_body(model, messages=messages, user=prompt) | fields).encode()

    requests = [http_request("POST", f"{path}?api_key={query}&key={query}", known, body(model, stream=is_stream))
                for model in SCRIPTS for is_stream in (False, True) for path in (CHAT,)]
    requests += [
        http_request("POST", f"/v1/engines/good/completions?key={query}", known, body("good", prompt=prompt)),
        http_request("POST", "/v1/embeddings", known, json.dumps({"model": "good", "input": prompt}).encode()),
        *[http_request("POST", CHAT, json_head | {name: value}, body("good"))
          for name, value in (("authorization", f"Bearer {wrong}"), ("authorization", wrong), ("x-api-key", wrong),
                              ("authorization", f"Basic {wrong}"), ("x-tenant-api-key", wrong),
                              ("cookie", f"key={wrong}"))],
        http_request("POST", f"{CHAT}?api_key={query}", json_head, body("good")),
        *[http_request(method, f"{path}?api_key={query}&token={query}", headers)
          for path in ("/", "/health", "/metrics", "/v1/models", "/v1/models/nosuch", "/nosuch", "/v1/nosuch")
          for method in ("GET", "HEAD", "DELETE") for headers in ({}, known, {"authorization": f"Bearer {wrong}"})],
        # Bodies that are refused: what they say is the prompt's.
        *[http_request("POST", CHAT, known, text.encode())
          for text in (f'{{"model": "good", "messages": "{prompt}"', f'"{prompt}"', f'{{"model": ["{prompt}"]}}',
                       f'{{"model": "good", "stream": "{prompt}", "messages": []}}', f"{prompt}",
                       f'{{"model": "good", "max_tokens": "{prompt}", "messages": []}}',
                       f'{{"model": "good", "model": "{prompt}", "messages": []}}', f'[{{"content": "{prompt}"}}]')],
        # What is no HTTP.
        f"POST {CHAT}?key={query} HTTP/1.1\r\nhost: a\r\nauthorization : Bearer {wrong}\r\n\r\n".encode(),
        f"POST {CHAT} HTTP/1.1\r\nhost: a\r\n{wrong}\r\n\r\n".encode(),
        f"POST {CHAT} HTTP/1.1\r\nauthorization: Bearer {wrong}\r\n x: {wrong}\r\n\r\n".encode(),
        f"GET /?key={query} HTTP/9.9\r\nhost: a\r\n\r\n".encode(),
        f"GET /?key={query}\r\n\r\n".encode(),
        f"{wrong}\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nhost: {wrong}\x01\r\n\r\n".encode(),
        f"POST {CHAT} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\ncontent-length: {wrong}\r\n\r\n".encode(),
        f"POST {CHAT} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\ntransfer-encoding: chunked\r\n\r\n"
        f"{prompt}\r\n".encode(),
        f"GET / HTTP/1.1\r\nhost: a\r\nx: {wrong * 3000}\r\n\r\n".encode(),
    ]
    for request in requests:
        written.add(f"the answer to {request[:60]!r}", exchange(gateway.address, request))
    written.add("the metrics", exchange(gateway.address, http_request("GET", "/metrics", {"connection": "close"})))


def end(gateway, where, checks, written):
    """A file that is wrong by then, a reload, an orderly end; all that was printed."""
    gateway.file.write_text(gateway.file.read_text(encoding="utf-8") + "\nnonsense = 1\n", encoding="utf-8")
    gateway.send_signal(signal.SIGHUP)
    checks.equal("the exit code", gateway.stop(), 0)
    checks.true("it logs a lot", len(gateway.printed) > 1000)
    written.add(where, bytes(gateway.printed))


# ---- Commands --------------------------------------------------------------------------------------


def run_command(aigw, row, folder, environment):
    """All that it prints."""
    done = subprocess.run([str(word) for word in [aigw, *row]], cwd=folder, env=environment, timeout=60, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def commands(aigw, folder, gateway, key, environment, canaries, written):
    url_key = canaries.make("a key in an address", "{}")
    prompt = canaries.make("a prompt of a command")
    request = folder / "request.json"
    request.write_text(json.dumps(chat_body("good", messages=[{"role": "user", "content": prompt}])), encoding="utf-8")
    fault = folder / "fault.json"
    fault.write_text(f'{{"model": "good", "messages": "{prompt}', encoding="utf-8")
    url, wrong = f"http://{gateway.address}", canaries.make("a wrong key of a command", "sk-{}")
    rows = [
        ["check"], ["check", "--json"], ["check", "--strict", "-v"], ["check", "--print"],
        ["check", "--print", "--json"], ["check", "--print", "--with-origin"],
        ["route-test", "-m", "good", "-v"], ["route-test", "--request", request, "--json"],
        ["route-test", "--request", fault], ["route-test", "-m", "good", "--as", "tests", "--json"],
        ["route-test", "-m", "nosuch", "-v"],
        ["price", "-m", "gpt-4o"], ["price", "--request", request, "--json"], ["price", "--request", fault],
        *[["call", "chat", "-v", "--usage", *more, "-m", model, prompt] for model in SCRIPTS
          for more in ([], ["--json"], ["--url", url, "--key", key])],
        ["call", "chat", "-v", "--url", url, "--key", wrong, "-m", "good", prompt],
        ["call", "chat", "-v", "--url", f"http://user:{url_key}@{gateway.address}", "-m", "good", prompt],
        ["call", "chat", "-v", "--url", f"{url}/?key={url_key}", "--key", wrong, "-m", "good", prompt],
        ["call", "chat", "-v", "--url", f"http://127.0.0.1:1/{url_key}", "--key", wrong, "-m", "good", prompt],
        ["call", "models", "-v", "--url", url, "--key", key], ["call", "models"],
        ["call", "raw", "POST", CHAT, "-i", "-d", f"@{request}"],
        ["call", "raw", "GET", f"/v1/models?key={wrong}", "-i"],
        ["call", "raw", "GET", f"/nosuch?key={wrong}", "-i", "-H", f"authorization: Bearer {wrong}", "--url", url],
        ["call", "embed", "-m", "good", prompt],
        ["healthcheck", "-v", "--url", url], ["healthcheck", "-v", "--url", f"http://user:{url_key}@{gateway.address}"],
        ["healthcheck", "-v", "--url", f"http://127.0.0.1:1/?key={url_key}"],
        ["serve", "--listen", gateway.address],
    ]
    for row in rows:
        written.add(" ".join(str(word) for word in row), run_command(aigw, row, folder, environment))


def wrong_files(aigw, folder, environment, canaries, written):
    """Configurations that are refused: their lines are shown without their secrets."""
    secret = canaries.make("a key in a wrong file", "sk-{}")
    head = '[platforms.a]\nprovider = "openai"\n'
    texts = [
        f'{head}api_key = "{secret}', f'{head}api_key = {secret}\n', f'{head}api_key = ["{secret}"]\n',
        f'{head}api_kye = "{secret}"\n', f'{head}api_key = "{secret}"\napi_key = "{secret}"\n',
        f'{head}api_key = "{secret}\\q"\n', f'{head}api_key = "{secret}" trailing\n',
        f'{head}api_key = "{secret}"\nbase_url = "http://user:{secret}@127.0.0.1/v1"\n',
        f'{head}api_key = "{secret}"\nbase_url = "http://127.0.0.1/v1?api-key={secret}"\n',
        f'{head}api_key = "{secret}"\nheaders = {{ "Authorization" = "Bearer {secret}" }}\n',
        f'{head}api_key = "{secret}"\nheaders = {{ "X-Key" = "{secret}\\u0001" }}\n',
        f'{head}api_key = "{secret}"\nheaders = {{ "X-Key" = "{secret}" }}\nnonsense = true\n',
        f'{head}api_key = "${{UNSET_{{}}}} {secret}"\n', f'{head}api_key = "enc:v1:{secret}"\n',
        f'[[auth.static_keys]]\nname = "a"\nkey = "{secret} with blanks"\n',
        f'[[auth.static_keys]]\nname = "a"\nkey = "{secret}"\n[[auth.static_keys]]\nname = "b"\nkey = "{secret}"\n',
        f'[[auth.static_keys]]\nname = "a"\nkey = "${{UNSET:-{secret}}}"\nnonsense = 1\n',
    ]
    for text in texts:
        file = folder / "wrong.toml"
        file.write_text(text, encoding="utf-8")
        # An address that cannot be had: even a file that is accepted is not served.
        for row in (["check", file], ["check", file, "--json"], ["check", file, "--print"],
                    ["serve", "-c", file, "--listen", "192.0.2.1:1"], ["route-test", "-c", file, "-m", "gpt-4o"]):
            where = f"{row[0]} of {text!r}".replace(secret, "SECRET")
            written.add(where, run_command(aigw, row, folder, environment))


def test(aigw, checks, start):
    canaries = Canaries()
    written = Written(canaries, checks)
    upstream = start(ScriptedUpstream(SCRIPTS))
    config = configuration(upstream, canaries)
    environment = {"CANARY_PLATFORM": canaries.make("a platform's key", "platform-{}"), "FAULT_TESTS_KEY":
                   canaries.make("a caller's key", "caller-{}")}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for log_format in ("json", "text"):
            with checks.of(log_format):
                gateway = start(Gateway(aigw, config, environment=environment,
                                        log=f'level = "debug"\nformat = "{log_format}"'))
                key = environment["FAULT_TESTS_KEY"]
                good_and_bad_calls(gateway, key, canaries.make("a prompt"), canaries, written)
                if log_format == "json":
                    (folder / "gateway.toml").write_text(gateway.file.read_text(encoding="utf-8"), encoding="utf-8")
                    commands(aigw, folder, gateway, key, os.environ | environment, canaries, written)
                end(gateway, "the gateway", checks, written)
        with checks.of("wrong files"):
            wrong_files(aigw, folder, os.environ | environment, canaries, written)
    with checks.of("mock"):
        mock = start(Mock(aigw))
        key, prompt = canaries.make("a key of the mock", "bad-{}"), canaries.make("a prompt of the mock")
        for text in (http_request("POST", f"{CHAT}?key={key}", {"authorization": f"Bearer {key}"}, prompt.encode()),
                     f"{key}\r\n\r\n".encode()):
            written.add("the mock's answer", exchange(mock.address, text))
        mock.stop()
        written.add("the mock", bytes(mock.printed))
    checks.true("much was written", written.bytes > 100_000)


if __name__ == "__main__":
    run(test)
