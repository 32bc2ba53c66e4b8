"""Starts `aigw mock` and `aigw serve` on free ports, by the gateway.toml that all interoperability tests share."""

import json
import os
import pathlib
import re
import subprocess
import threading
import time
import urllib.request

INTEROP = pathlib.Path(__file__).resolve().parents[1]
BINARY = os.environ.get("AIGW", str(INTEROP.parents[1] / "build/release/aigw"))
DEADLINE_SECONDS = 20

KEY = "gw-interop-all-models-0123456789"
NARROW_KEY = "gw-interop-one-model-0123456789"
# Models whose vendors take no JSON Schema: they are asked for it in words, which no simulated model understands.
ASKED_IN_WORDS = ["doubao-1-5-pro-32k", "MiniMax-M3", "MiniMax-M2.7"]
# A picture: PNG in base64.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def until(what, ask):
    """Asks until ask() gives something true; fails when the deadline passes first."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still waiting after {DEADLINE_SECONDS} s: {what}")
        time.sleep(0.01)
    return answer


class Listener:
    """A program of ours that says on stderr where it listens."""

    def __init__(self, *arguments, **environment):
        self._process = subprocess.Popen([BINARY, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"], **environment})
        self._lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.origin = "http://" + until(f"aigw {arguments[0]} says where it listens", self._address)

    def _read(self):
        for line in self._process.stderr:
            self._lines.append(line)

    def _address(self):
        if self._process.poll() is not None:
            self._reader.join()
            raise RuntimeError("it ended:\n" + "".join(self._lines))
        match = re.search(r"ready on (?:http://)?(127\.0\.0\.1:\d+)", "".join(self._lines))
        return match and match[1]

    def stop(self):
        self._process.terminate()
        self._process.wait(DEADLINE_SECONDS)
        self._reader.join()
        self._process.stderr.close()


class Mock(Listener):
    def __init__(self):
        super().__init__("mock", "--listen", "127.0.0.1:0")

    def seen(self):
        """What came in since the last forget(): count, open, aborted, requests."""
        with urllib.request.urlopen(self.origin + "/__sim/requests") as answer:
            return json.load(answer)

    def forget(self):
        urllib.request.urlopen(urllib.request.Request(self.origin + "/__sim/requests", method="DELETE")).close()


class Gateway(Listener):
    """Its platforms are at upstream_origin, and faults_at is the one that plays faults."""

    def __init__(self, upstream_origin, faults_at="openai"):
        super().__init__("serve", "-c", str(INTEROP / "gateway.toml"), UPSTREAM=upstream_origin, FAULTS_AT=faults_at,
                         ALL_MODELS_KEY=KEY, ONE_MODEL_KEY=NARROW_KEY, VENDOR_KEY="sk-interop")
        self.base_url = self.origin + "/v1"
