#!/usr/bin/env python3
"""What a caller gets when the first of two platforms goes wrong, one row for each way in which vendors do.

    failover.py AIGW

Every row has a model of its own, served by a platform `NAME.a` that goes wrong and, after it, by `NAME.b`, which
works and calls the model gpt-4o-mini. Checked: what the caller got, which platform it says answered and after how many
attempts, how often each upstream was asked and for which model, and that the log and the price speak of the platform
that answered.
"""

import dataclasses
import decimal
import re
import time

from gateways import (CHAT, DONE, Gateway, Mock, ScriptedUpstream, STREAM_HEAD, abort, chunk,
                      completion, error_body, event, first_then, reply, run, stream, total)

FALLBACK = "gpt-4o-mini"
INPUT, OUTPUT = decimal.Decimal("0.15"), decimal.Decimal("0.60")   # USD per million tokens of it
RETRY = 'retry = { backoff = "1ms..20ms" }'
DEAF = 'retry = { backoff = "1ms..20ms", honour_retry_after = false }'
NEVER_ALONE = "health = { failures = 0 }"


@dataclasses.dataclass
class Call:
    """One call of a row and what is expected of it."""
    status: int = 200
    answers: str = "b"              # the platform that the caller reads of; "": none
    attempts: int = 2
    asked: tuple = (1, 1)           # how often each upstream was called
    error: str = ""                 # code of the error; empty: the answer is whole
    stream: bool = False
    logged: str = ""                # the platform of the log line, where no platform answered: the last one asked
    at_least: float = 0.0           # seconds that it took
    at_most: float = 10.0
    has: tuple = ()                 # texts of the body
    finish: str = "stop"
    counts: tuple = ()              # kinds of aigw_upstream_errors_total that grew, of platform a


@dataclasses.dataclass
class Row:
    name: str
    upstream: object                # a fault of the simulated vendor, or a script
    calls: list
    options: str = ""               # of platform a
    b: object = None                # the same for the second platform; None: it works


def twice(**expected):
    """The same for an answer in one piece and for a stream."""
    return [Call(**expected), Call(**expected | {"stream": True})]


def first(**expected):
    """The first platform's answer, at once."""
    return Call(**{"answers": "a", "attempts": 1, "asked": (1, 0)} | expected)


def broken(error, **expected):
    """A stream of the first platform that ends with an error event."""
    return first(stream=True, error=error, finish="", **expected)


# ---- Scripts ---------------------------------------------------------------------------------------


def reset(connection, _request, _asked):
    abort(connection)


def closed(_connection, _request, _asked):
    """Without a word."""


def silent(connection, _request, _asked):
    """Until the gateway has enough."""
    connection.recv(1)


def after(pause, then):
    def play(connection, request, asked):
        time.sleep(pause)
        return then(connection, request, asked)
    return play


def late_token(pause):
    """The head at once; the first event after the pause."""
    def play(connection, _request, _asked):
        connection.sendall(STREAM_HEAD)
        time.sleep(pause)
        parts = (event("One"), event(finish_reason="stop"), DONE)
        connection.sendall(b"".join(chunk(part) for part in parts) + b"0\r\n\r\n")
        return True
    return play


def begun_then(then, *parts):
    """A stream that begins, and then something else."""
    def play(connection, request, asked):
        connection.sendall(STREAM_HEAD + b"".join(chunk(part) for part in parts))
        return then(connection, request, asked)
    return play


def malformed(connection, _request, _asked):
    connection.sendall(b"xyz\r\n{}\r\n0\r\n\r\n")


def whole_or_stream(connection, request, asked):
    """A platform that works."""
    if request.get("stream"):
        parts = (event("One"), event(finish_reason="stop"), b'data: {"choices":[],"usage":{"prompt_tokens":10,'
                 b'"completion_tokens":4,"total_tokens":14}}\n\n', DONE)
        return stream(*parts)(connection, request, asked)
    return reply(200, completion())(connection, request, asked)


TOO_MANY = error_body("Rate limit reached", "requests", "rate_limit_exceeded")
BROKEN = error_body("The server had an error", "server_error")
TOO_LONG = error_body("This model's maximum context length is 128000 tokens.", code="context_length_exceeded")
FILTERED = error_body("The response was filtered.", code="content_filter")
CUT = "the upstream's answer broke off or was not HTTP"

ROWS = [
    Row("429-retry-after", first_then(reply(429, TOO_MANY, "retry-after-ms: 150"), whole_or_stream),
        [Call(answers="a", asked=(2, 0), at_least=0.15)], 'retry = { backoff = "1ms..1s" }'),
    Row("429-retry-after-of-a-stream", first_then(reply(429, TOO_MANY, "retry-after-ms: 150"), whole_or_stream),
        [Call(stream=True, answers="a", asked=(2, 0), at_least=0.15)], 'retry = { backoff = "1ms..1s" }'),
    Row("429-long-retry-after", reply(429, TOO_MANY, "retry-after: 30"),
        [Call(), Call(attempts=1, asked=(0, 1)), Call(stream=True, attempts=1, asked=(0, 1))]),
    Row("429-for-ever", reply(429, TOO_MANY), twice(attempts=3, asked=(2, 1), counts=("rate_limited",))),
    Row("429-everywhere", reply(429, TOO_MANY),
        twice(status=429, answers="", attempts=4, asked=(2, 2), error="rate_limit_exceeded", logged="b"),
        b=reply(429, TOO_MANY)),
    Row("500-once", first_then(reply(500, BROKEN), whole_or_stream), [Call(answers="a", asked=(2, 0))]),
    Row("500-once-of-a-stream", first_then(reply(500, BROKEN), whole_or_stream),
        [Call(stream=True, answers="a", asked=(2, 0))]),
    Row("503-for-ever", "503", twice(attempts=3, asked=(2, 1), counts=("overloaded",)), DEAF),
    Row("503-left-alone", reply(503, BROKEN),
        [Call(attempts=3, asked=(2, 1)), Call(asked=(1, 1), attempts=2), Call(attempts=1, asked=(0, 1))],
        "health = { failures = 3 }"),
    Row("503-everywhere", reply(503, BROKEN),
        twice(status=503, answers="", attempts=4, asked=(2, 2), error="overloaded", logged="b"), b=reply(503, BROKEN)),
    Row("reset", reset, twice(attempts=3, asked=(2, 1), counts=("upstream_unreachable",))),
    Row("closed", closed, twice(attempts=3, asked=(2, 1))),
    Row("no-http", "garbage", twice(attempts=3, asked=(2, 1), counts=("upstream_invalid",))),
    Row("no-answer", "never", twice(at_least=0.2, at_most=5, counts=("upstream_timeout",)),
        'timeouts = { first_byte = "200ms" }'),
    Row("no-answer-anywhere", silent,
        twice(status=504, answers="", asked=(1, 1), error="timeout", at_least=0.2, logged="b"),
        'timeouts = { first_byte = "100ms" }', b=silent),
    Row("slow-first-token-within", after(0.3, whole_or_stream),
        [first(at_least=0.3), first(stream=True, at_least=0.3)], 'timeouts = { first_byte = "8s" }'),
    Row("slow-first-token-beyond", after(1.5, whole_or_stream), twice(at_least=0.2, at_most=1.4),
        'timeouts = { first_byte = "200ms" }'),
    Row("slow-first-event-within", late_token(0.3),
        [first(stream=True, at_least=0.3)], 'timeouts = { idle = "8s" }'),
    Row("slow-first-event-beyond", late_token(1.5), [Call(stream=True, at_least=0.2, at_most=1.4)],
        'timeouts = { idle = "200ms" }'),
    Row("cut-stream", "cut-stream",
        [broken("response_error", has=(CUT,), counts=("upstream_invalid",))]),
    Row("cut-body", "cut-body", [Call(attempts=3, asked=(2, 1))]),
    Row("reset-stream", begun_then(reset, event("One"), event(", two")),
        [broken("response_error", has=('"One"', '", two"', CUT))]),
    Row("reset-before-the-first-event", begun_then(reset), [Call(stream=True, attempts=3, asked=(2, 1))]),
    Row("cut-after-a-comment", begun_then(reset, b": processing\n\n"),
        [broken("response_error", has=(": processing", CUT))]),
    Row("stalled-stream", "stall-stream",
        [broken("timeout", at_least=0.2, at_most=5, has=("the upstream did not answer in time",),
                counts=("upstream_timeout",))],
        'timeouts = { idle = "200ms" }'),
    Row("stalled-body", "stall-stream", [Call(at_least=0.2, at_most=5)], 'timeouts = { idle = "200ms" }'),
    Row("malformed-chunk", "bad-chunk", [Call(attempts=3, asked=(2, 1), counts=("upstream_invalid",))]),
    Row("malformed-chunk-in-a-stream", begun_then(malformed, event("One")),
        [broken("response_error", has=('"One"', CUT))]),
    Row("no-done", "no-done", [first(stream=True)]),
    Row("no-end-at-all", stream(event("One")), [broken("response_error", has=('"One"',))]),
    Row("empty-stream", stream(), [Call(stream=True, attempts=3, asked=(2, 1))]),
    Row("error-event", "error-event", [broken("*")]),
    Row("error-as-the-first-event", stream(b'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n'),
        [Call(stream=True, attempts=3, asked=(2, 1))]),
    Row("error-in-a-200", "200-error-body", [Call(attempts=3, asked=(2, 1))]),
    Row("page-of-html", "html-500", twice(attempts=3, asked=(2, 1))),
    Row("huge-head", "huge-headers", twice(attempts=3, asked=(2, 1))),
    Row("flapping", "flap",
        [first(), Call(answers="a", asked=(2, 0)), Call(stream=True, answers="a", asked=(2, 0))], DEAF),
    Row("400-context-length", reply(400, TOO_LONG),
        twice(status=400, answers="", attempts=1, asked=(1, 0), error="context_length_exceeded", logged="a")),
    Row("400-content-filter", reply(400, FILTERED),
        twice(status=400, answers="", attempts=1, asked=(1, 0), error="content_filter", logged="a")),
    Row("filtered-answer", reply(200, completion("", "content_filter")), [first(finish="content_filter")]),
    *[Row(f"{status}-is-final", reply(status, error_body("Not like that.", code="no_good")),
          twice(status=status, answers="", attempts=1, asked=(1, 0), error="no_good", logged="a",
                has=("Not like that.",)))
      for status in (400, 404, 405, 409, 410, 413, 415, 422, 451)],
    *[Row(f"{status}-cools-down", reply(status, error_body("Incorrect API key", code="no_good")),
          [Call(), Call(attempts=1, asked=(0, 1)), Call(stream=True, attempts=1, asked=(0, 1))])
      for status in (401, 402, 403)],
    Row("key-refused-everywhere", reply(401, error_body("Incorrect API key", code="invalid_api_key")),
        [Call(status=502, answers="", error="upstream_authentication", logged="b"),
         Call(status=503, answers="", attempts=0, asked=(0, 0), error="no_upstream")],
        b=reply(401, error_body("Incorrect API key", code="invalid_api_key"))),
    Row("408-is-tried-again", first_then(reply(408, BROKEN), whole_or_stream), [Call(answers="a", asked=(2, 0))]),
]


def configuration(a, b, scripted):
    lines = []
    for row in ROWS:
        for letter, mock, what in (("a", a, row.upstream), ("b", b, row.b or FALLBACK)):
            is_scripted = callable(what)
            name = f"{row.name}/{letter}" if is_scripted else what if letter == "b" else f"sim-fault-{what}"
            options = [RETRY, NEVER_ALONE]
            for own in row.options.split("\n") if letter == "a" or row.b else []:
                options = [one for one in options if own.split(" ")[0] != one.split(" ")[0]] + [own]
            base_url = (scripted[name] if is_scripted else mock).base_url()
            lines += [f'[platforms."{row.name}.{letter}"]', 'provider = "openai"', f'base_url = "{base_url}"',
                      f'api_key = "sk-{letter}"', f'models = {{ "{row.name}" = {{ upstream = "{name}" }} }}', *options]
        lines += ["[[routes]]", f'match = {{ model = "{row.name}" }}', f'to = ["{row.name}.a", "{row.name}.b"]']
    return "\n".join(lines) + "\n"


class Bench:
    """Both upstreams, and how often each was asked."""

    def __init__(self, aigw, start):
        self.a, self.b = start(Mock(aigw)), start(Mock(aigw))
        # One for each row: no idle connection of another row's is used for it.
        scripts = {f"{row.name}/{letter}": script for row in ROWS
                   for letter, script in (("a", row.upstream), ("b", row.b)) if callable(script)}
        self.scripted = {name: start(ScriptedUpstream({name: script})) for name, script in scripts.items()}
        self.gateway = start(Gateway(aigw, configuration(self.a, self.b, self.scripted)))

    def asked(self, row):
        counts = []
        for letter, mock, what in (("a", self.a, row.upstream), ("b", self.b, row.b)):
            if callable(what):
                name = f"{row.name}/{letter}"
                counts.append(self.scripted[name].count(name))
            else:
                wanted = FALLBACK if letter == "b" else f"sim-fault-{what}"
                models = mock.models()
                counts.append(len(models))
                assert set(models) <= {wanted}, f"upstream {letter} was asked for {models}, not for {wanted}"
        return counts


def cost(line):
    """What the fallback's tokens cost: counts of the log line, rates of its model."""
    million = decimal.Decimal(1_000_000)
    step = decimal.Decimal("0.00000001")
    return sum((line[kind] * rate / million).quantize(step, decimal.ROUND_HALF_EVEN)
               for kind, rate in (("input_tokens", INPUT), ("output_tokens", OUTPUT)))


def usage_of(answer):
    if answer.header("content-type").startswith("text/event-stream"):
        found = [part["usage"] for part in answer.chunks() if part.get("usage")]
        return found[-1] if found else None
    return answer.json().get("usage")


def check_answer(checks, row, call, answer):
    checks.equal("the status", answer.status, call.status)
    checks.equal("how the transfer broke", answer.broke, None)
    platform = f"{row.name}.{call.answers}" if call.answers else None
    checks.equal("X-Aigw-Platform", answer.header("x-aigw-platform"), platform)
    checks.equal("X-Aigw-Attempts", answer.header("x-aigw-attempts"), str(call.attempts) if call.attempts else None)
    is_stream = call.stream and call.status == 200
    checks.equal("the content type", answer.header("content-type").split(";")[0],
                 "text/event-stream" if is_stream else "application/json")
    if call.error:
        error = answer.error() or {}
        checks.true(f"the error's code is {call.error}: {answer.text()[-300:]!r}",
                    call.error in ("*", error.get("code")))
        checks.true("an error has a message and a type", error.get("message") and error.get("type"))
        checks.true("nothing follows the error", "[DONE]" not in answer.text())
    else:
        checks.true(f"the answer is whole: {answer.text()[-300:]!r}", answer.is_whole())
    finish = [call.finish] if call.finish and call.status == 200 else []
    checks.equal("the finish_reasons", answer.finish_reasons(), finish)
    for text in call.has:
        checks.true(f"{text!r} is in {answer.text()!r}", text in answer.text())
    if call.status == 429:
        checks.true("nothing tells when to come back, since no vendor did", answer.header("retry-after") is None)


def check_log(checks, row, call, answer, line):
    letter = call.answers or call.logged
    expected = {"platform": f"{row.name}.{letter}" if letter else "", "attempts": call.attempts, "status": call.status,
                "stream": call.stream, "model": row.name, "key": "tests", "route": CHAT}
    checks.equal("the log line", {name: line[name] for name in expected}, expected)
    checks.equal("that the log names an error", bool(line["error"]), bool(call.error))
    if call.answers == "b":
        checks.equal("the price in the log", decimal.Decimal(line["price"]), cost(line))
        checks.equal("the currency", line["currency"], "USD")
        checks.true("tokens are counted", line["input_tokens"] > 0 and line["output_tokens"] > 0)
        usage = usage_of(answer)
        if usage:
            checks.equal("the tokens in the log", (line["input_tokens"], line["output_tokens"], line["estimated"]),
                         (usage["prompt_tokens"], usage["completion_tokens"], False))
        if call.stream:
            checks.true("a stream's price is an estimate",
                        re.fullmatch(r"[0-9.]+ USD", answer.header("x-aigw-price-estimate")))
        else:
            checks.equal("X-Aigw-Price", answer.header("x-aigw-price"), f"{line['price']} USD")
            checks.equal("the model of the answer", answer.json()["model"].startswith(FALLBACK), True)
    if not call.answers:
        counted = (line["input_tokens"], line["output_tokens"], line["price"])
        checks.equal("tokens and price of no answer", counted, (0, 0, ""))


def play(bench, checks, row):
    gateway = bench.gateway
    for mock in (bench.a, bench.b):
        mock.forget()
    for number, call in enumerate(row.calls, 1):
        with checks.of(f"call {number}"):
            before, metrics = bench.asked(row), gateway.metrics()
            begin = time.monotonic()
            answer = gateway.chat(row.name, call.stream)
            took = time.monotonic() - begin
            check_answer(checks, row, call, answer)
            checks.true(f"it took {took:.3f} s, at least {call.at_least}", took >= call.at_least)
            checks.true(f"it took {took:.3f} s, at most {call.at_most}", took <= call.at_most)
            checks.equal("how often the upstreams were asked",
                         tuple(now - was for now, was in zip(bench.asked(row), before)), call.asked)
            check_log(checks, row, call, answer, gateway.log_of(answer))
            platform = f'platform="{row.name}.a"'
            for kind in call.counts:
                grown = (total(gateway.metrics(), "aigw_upstream_errors_total", platform, f'kind="{kind}"')
                         - total(metrics, "aigw_upstream_errors_total", platform, f'kind="{kind}"'))
                checks.equal(f"the errors of kind {kind}", grown, call.asked[0])


def check_totals(checks, gateway):
    """The metrics say what the log says."""
    metrics, lines = gateway.metrics(), gateway.log_lines()
    lines = [line for line in lines if line["message"] == "request finished"]
    for code in sorted({line["status"] for line in lines}):
        checks.equal(f"requests with status {code}", total(metrics, "aigw_requests_total", f'code="{code}"'),
                     sum(line["status"] == code for line in lines))
    checks.equal("output tokens", total(metrics, "aigw_tokens_total", 'kind="output"'),
                 sum(line["output_tokens"] for line in lines))
    checks.equal("the cost", round(total(metrics, "aigw_cost_total", 'currency="USD"'), 8),
                 float(sum(decimal.Decimal(line["price"] or 0) for line in lines)))
    checks.equal("streams that are open", total(metrics, "aigw_open_streams"), 0)


def test(aigw, checks, start):
    bench = Bench(aigw, start)
    for row in ROWS:
        with checks.of(row.name):
            play(bench, checks, row)
    with checks.of("metrics"):
        check_totals(checks, bench.gateway)


if __name__ == "__main__":
    run(test)
