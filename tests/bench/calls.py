"""What the benchmark sends: calls that the upstream knows how to answer, alike for every row."""

import dataclasses
import json

KEY = "sk-aigw-bench-0123456789abcdef"
WRONG_KEY = "sk-aigw-bench-wrong-9876543210"
PATH = "/v1/chat/completions"


@dataclasses.dataclass(frozen=True)
class Call:
    name: str
    model: str           # tells the upstream how to answer: see upstream.cpp
    body_bytes: int
    events: int = 1      # in the reply
    is_stream: bool = False

    def body(self):
        """JSON of exactly body_bytes, filled up with the words of the user."""
        fields = {"model": self.model}
        if self.is_stream:
            fields |= {"stream": True, "stream_options": {"include_usage": True}}
        fields["messages"] = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": ""}]
        empty = json.dumps(fields, separators=(",", ":"))
        fields["messages"][1]["content"] = ("word " * self.body_bytes)[:self.body_bytes - len(empty)]
        return json.dumps(fields, separators=(",", ":")).encode()


PLAIN = Call("plain", "gpt-4o-mini", 250)
LARGE = Call("large", "gpt-4o-mini", 120 * 1024)
BURST = Call("burst", "gpt-4o", 250, events=64, is_stream=True)
PACED_100MS = Call("paced-100ms", "gpt-4.1-mini", 250, is_stream=True)
PACED_500MS = Call("paced-500ms", "gpt-4.1", 250, is_stream=True)
MODELS = sorted({call.model for call in (PLAIN, LARGE, BURST, PACED_100MS, PACED_500MS)})


def headers(key, extra=()):
    return ["Content-Type: application/json", f"Authorization: Bearer {key}", *extra]


def raw_request(call, port, extra=()):
    """The whole request as it goes over the wire."""
    body = call.body()
    lines = [f"POST {PATH} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers(KEY, extra), f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
