"""Real programs of a test: gateways, simulated vendors, upstreams that play a script; and callers who look closely.

Every program listens on a port of its own. Nothing here sleeps for a fixed time: `wait_until` waits for what must
come to be, and says what did not.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 20                   # seconds for what comes at once on an idle machine
KEY = "sk-caller-of-the-tests"
CHAT = "/v1/chat/completions"
SKIPPED = 77
# Under the address sanitizer freed memory is kept aside, a quarter of a GB of it: nothing could be said of growth.
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}


def wait_until(condition, what, seconds=PATIENCE):
    """The condition's value, once it is true."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.005)


def abort(connection):
    """Closes a socket by a reset."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def memory_factor(aigw):
    """How many bytes a program takes for each of its own: a sanitizer keeps what it knows of a byte beside it."""
    program = pathlib.Path(aigw).read_bytes()
    return 8 if b"__tsan_init" in program else 2 if b"__asan_init" in program else 1


# ---- Programs --------------------------------------------------------------------------------------


class Program:
    """A process of aigw that serves; everything it prints is kept."""

    def __init__(self, command, environment=None, before=None):
        self.printed = bytearray()
        self.address = None
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=before,
                                        env=SANITIZERS | os.environ | (environment or {}))
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            wait_until(self._is_ready, lambda: f"{command[1]} is ready; it printed {bytes(self.printed)!r}")
        except AssertionError:
            self.kill()
            raise

    def _read(self):
        while chunk := self.process.stdout.read1(65536):
            self.printed += chunk

    def _is_ready(self):
        found = re.search(rb"ready on (?:https?://)?([^\s,]+)", bytes(self.printed))
        if found:
            self.address = found.group(1).decode()
        elif self.process.poll() is not None:
            self.reader.join(5)
            raise AssertionError(f"ended with {self.process.returncode}: {bytes(self.printed)!r}")
        return self.address

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def ask(self, method, path, body=None, headers=None, timeout=PATIENCE):
        """One request on a connection of its own; its Answer."""
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def memory(self):
        """Resident, in KiB."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def send_signal(self, number):
        self.process.send_signal(number)

    def freeze(self):
        """Stops it where it is; no thread of it runs when this returns."""
        self.send_signal(signal.SIGSTOP)
        tasks = pathlib.Path(f"/proc/{self.pid}/task")
        wait_until(lambda: all((task / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "T"
                               for task in tasks.iterdir()), "all threads are stopped")

    def wait(self, seconds=PATIENCE):
        """The exit code; everything printed has been read by then."""
        code = self.process.wait(seconds)
        self.reader.join(5)
        return code

    def stop(self):
        """Ends it in the regular way; its exit code."""
        self.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()


class Mock(Program):
    """`aigw mock`."""

    def __init__(self, aigw, *options, listen="127.0.0.1:0"):
        super().__init__([aigw, "mock", "--listen", listen, *options])

    def base_url(self):
        return f"http://{self.address}/v1"

    def seen(self):
        """What came in: count, open, aborted, requests."""
        return json.loads(self.ask("GET", "/__sim/requests").body)

    def models(self):
        """The models that were asked for, in order."""
        return [json.loads(request["body"])["model"] for request in self.seen()["requests"]]

    def forget(self):
        self.ask("DELETE", "/__sim/requests")


class Gateway(Program):
    """`aigw serve` with a configuration; its listener and its caller's key are added to the text."""

    def __init__(self, aigw, config, server="", environment=None, before=None, log='level = "info"'):
        self.folder = tempfile.TemporaryDirectory()
        file = pathlib.Path(self.folder.name, "gateway.toml")
        file.write_text(f'[server]\nlisten = ["127.0.0.1:0"]\n{server}\n[log]\n{log}\n'
                        f'[[auth.static_keys]]\nname = "tests"\nkey = "${{FAULT_TESTS_KEY}}"\n{config}',
                        encoding="utf-8")
        self.file = file
        try:
            super().__init__([aigw, "serve", "-c", file], {"FAULT_TESTS_KEY": KEY} | (environment or {}), before)
        except BaseException:
            self.folder.cleanup()
            raise

    def kill(self):
        super().kill()
        self.folder.cleanup()

    def chat(self, model, stream=False, headers=None, timeout=PATIENCE, **fields):
        body = json.dumps(chat_body(model, stream, **fields))
        return self.ask("POST", CHAT, body, caller_headers() | (headers or {}), timeout)

    def log_lines(self):
        """The whole lines of its log."""
        text = bytes(self.printed)
        lines = text[:text.rfind(b"\n") + 1].decode("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def log_of(self, answer):
        """The line of one answer."""
        wanted = answer.header("x-request-id")
        found = wait_until(lambda: [line for line in self.log_lines() if line.get("id") == wanted],
                           f"a log line of request {wanted}")
        if len(found) != 1:
            raise AssertionError(f"{len(found)} log lines of request {wanted}")
        return found[0]

    def metrics(self):
        return read_metrics(self.ask("GET", "/metrics").text())


def read_metrics(text):
    """Prometheus' text as {'name{label="value"}': number}."""
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def total(metrics, name, *labels):
    """The sum of a metric over the series that have these labels, as 'code="200"'."""
    return sum(value for series, value in metrics.items()
               if series.split("{")[0] == name and all(label in series for label in labels))


# ---- Calls -----------------------------------------------------------------------------------------


def chat_body(model, stream=False, **fields):
    body = {"model": model, "messages": [{"role": "user", "content": "Count to ten, slowly."}]}
    return body | ({"stream": True} if stream else {}) | fields


def caller_headers(key=KEY):
    return {"authorization": f"Bearer {key}", "content-type": "application/json"}


def raw_request(model, stream=False, key=KEY, head="", **fields):
    """A chat request as bytes."""
    body = json.dumps(chat_body(model, stream, **fields)).encode()
    return (f"POST {CHAT} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {key}\r\n{head}"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n").encode() + body


class Answer:
    """A reply, read to its end; `broke` says how when it had none."""

    def __init__(self, reply):
        self.status = reply.status
        self.headers = reply.headers
        self.broke = None
        try:
            self.body = reply.read()
        except (http.client.HTTPException, OSError) as failure:
            self.broke = failure
            self.body = getattr(failure, "partial", b"")

    def header(self, name):
        return self.headers.get(name)

    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def events(self):
        """The data of a stream's events. Half an event at the end is one, too, so that it is noticed."""
        parts = re.split(r"\r?\n\r?\n", self.text())
        return ["\n".join(line[5:].strip() for line in part.splitlines() if line.startswith("data:"))
                for part in parts if "data:" in part]

    def is_done(self):
        return self.text().endswith("data: [DONE]\n\n")

    def chunks(self):
        return [json.loads(event) for event in self.events() if event != "[DONE]"]

    def error(self):
        """The error of a whole answer, or of a stream's last event; None without one."""
        if self.header("content-type").startswith("text/event-stream"):
            last = self.events()[-1]
            return None if last == "[DONE]" else json.loads(last).get("error")
        return self.json().get("error")

    def finish_reasons(self):
        if self.header("content-type").startswith("text/event-stream"):
            choices = [choice for chunk in self.chunks() for choice in chunk.get("choices", [])]
        else:
            choices = self.json().get("choices", [])
        return [choice["finish_reason"] for choice in choices if choice.get("finish_reason")]

    def is_whole(self):
        """A finished answer of its kind, without an error."""
        if self.broke or self.status != 200 or self.error():
            return False
        is_stream = self.header("content-type").startswith("text/event-stream")
        return len(self.finish_reasons()) == 1 and (self.is_done() or not is_stream)


# ---- Upstreams that play a script ------------------------------------------------------------------


class ScriptedUpstream:
    """Answers each request by the script of its model: a function of (socket, request, how often it was asked).

    The connection goes on after a script that returns true, and is closed after any other.
    """

    def __init__(self, scripts, backlog=1024):
        self.scripts = scripts
        self.requests = []
        self.open = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def base_url(self):
        return f"http://{self.address}/v1"

    def count(self, model):
        with self.lock:
            return sum(request["model"] == model for request in self.requests)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with self.lock:
            self.open += 1
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while request := self._read(connection):
                with self.lock:
                    self.requests.append(request)
                    asked = sum(one["model"] == request["model"] for one in self.requests)
                if not self.scripts[request["model"]](connection, request, asked):
                    return
        except OSError:
            pass
        finally:
            connection.close()
            with self.lock:
                self.open -= 1

    @staticmethod
    def _read(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        length = int(re.search(rb"content-length: (\d+)", head.lower()).group(1))
        while len(body) < length:
            body += connection.recv(65536)
        return json.loads(body) | {"head": head.decode()}


def reply(status, body, *fields):
    """A script: one whole answer."""
    text = json.dumps(body).encode()
    head = "\r\n".join([f"HTTP/1.1 {status} Status", "content-type: application/json", *fields,
                        f"content-length: {len(text)}", "", ""]).encode()

    def play(connection, _request, _asked):
        connection.sendall(head + text)
        return True
    return play


def error_body(message, kind="invalid_request_error", code=None):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def completion(content="One, two, three.", finish_reason="stop", model="gpt-4o", usage=(10, 4)):
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "logprobs": None,
                         "finish_reason": finish_reason}],
            "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}}


def event(content=None, finish_reason=None):
    """One event of a stream, as bytes."""
    delta = {} if content is None else {"content": content}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o",
             "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
STREAM_HEAD = (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def stream(*parts, last=b"0\r\n\r\n"):
    """A script: a stream of these parts, then its end mark."""
    def play(connection, _request, _asked):
        connection.sendall(STREAM_HEAD + b"".join(chunk(part) for part in parts) + last)
        return bool(last)
    return play


def first_then(first, then):
    """A script: one thing for the first request, another for all that follow."""
    return lambda connection, request, asked: (first if asked == 1 else then)(connection, request, asked)


# ---- Running ---------------------------------------------------------------------------------------


class Checks:
    """Collects what is not as it should be, so that one run says everything."""

    def __init__(self):
        self.problems = []
        self.place = ""

    @contextlib.contextmanager
    def of(self, place):
        """What fails within is reported as belonging to that place, and the next one goes on."""
        before, self.place = self.place, f"{self.place}{place}: "
        begin = time.monotonic()
        try:
            yield
        except (AssertionError, OSError, http.client.HTTPException, ValueError, KeyError, IndexError,
                subprocess.TimeoutExpired) as failure:
            self.problems.append(f"{self.place}{type(failure).__name__}: {failure}")
        finally:
            if "AIGW_FAULT_TIMES" in os.environ:
                print(f"{self.place}{time.monotonic() - begin:.2f} s")
            self.place = before

    def equal(self, what, actual, expected):
        if actual != expected:
            self.problems.append(f"{self.place}{what} is {actual!r}, not {expected!r}")

    def true(self, what, condition):
        if not condition:
            self.problems.append(f"{self.place}not so: {what}")


def run(test):
    """Runs test(aigw, checks, start); what goes through `start` is ended at the end."""
    checks = Checks()
    with contextlib.ExitStack() as stack:
        def start(program):
            stack.callback(program.close if isinstance(program, ScriptedUpstream) else program.kill)
            return program
        with checks.of(pathlib.Path(sys.argv[0]).stem):
            test(pathlib.Path(sys.argv[1]).resolve(), checks, start)
    for problem in checks.problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if checks.problems else 0)


def skip(reason):
    print(reason)
    sys.exit(SKIPPED)
