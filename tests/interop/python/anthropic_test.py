"""PyPI's anthropic against a running gateway: its users see Anthropic's protocol, whichever vendor answers."""

import asyncio
import json
import unittest

import anthropic
import pydantic

from harness import ASKED_IN_WORDS, KEY, NARROW_KEY, PIXEL, Gateway, Mock, until

# The vendors by their names in gateway.toml: models to ask, and one that sees.
VENDORS = {
    "anthropic": (["claude-sonnet-5-5", "claude-haiku-4-5"], "claude-haiku-4-5"),
    "openai": (["gpt-4o", "gpt-4o-mini", "o4-mini"], "gpt-4o"),
    "qwen": (["qwen-plus", "qwen3-max"], "qwen3-vl-plus"),
    "gemini": (["gemini-3.6-flash", "gemini-2.5-flash"], "gemini-3.6-flash"),
    "doubao": (["doubao-seed-2-0-pro", "doubao-seed-1-6", "doubao-1-5-pro-32k"], "doubao-seed-2-0-pro"),
    "minimax": (["MiniMax-M3", "MiniMax-M2.7", "MiniMax-Text-01"], "MiniMax-M3"),
}
EVERY_MODEL = [model for models, _ in VENDORS.values() for model in models]
# MiniMax has a number of its own for an error, and none for an unknown model.
FAULTS = {
    ("minimax", "sim-fault-status-404"): (anthropic.BadRequestError, 400),
    ("minimax", "sim-fault-status-500"): (anthropic.InternalServerError, 502),
}
# Anthropic's newest refuse a choice that forces a tool.
FORCEABLE = [model for model in EVERY_MODEL if model != "claude-sonnet-5-5"]
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def say(model, content, **more):
    return {"model": model, "max_tokens": 2048, "messages": [{"role": "user", "content": content}], **more}


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def gist(message):
    """What the plain answer and the streamed one have in common: all but what the SDK's helper adds."""
    blocks = [block.to_dict() for block in message.content]
    for block in blocks:
        block.pop("parsed_output", None)
    usage = message.usage
    return message.id, message.model, message.stop_reason, blocks, usage.input_tokens, usage.output_tokens


class AnthropicSdk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = Mock()
        cls.addClassCleanup(cls.mock.stop)
        cls.gateways = {}
        for platform in VENDORS:
            cls.gateways[platform] = Gateway(cls.mock.origin, platform)
            cls.addClassCleanup(cls.gateways[platform].stop)

    def setUp(self):
        self.mock.forget()
        self.client = self.client_of(KEY)

    def client_of(self, key, platform="openai"):
        client = anthropic.Anthropic(api_key=key, base_url=self.gateways[platform].origin, max_retries=0, timeout=20)
        self.addCleanup(client.close)
        return client

    def streamed(self, request):
        with self.client.messages.stream(**request) as stream:
            return "".join(stream.text_stream), stream.get_final_message()

    def test_a_stream_says_what_the_plain_answer_says(self):
        for model in EVERY_MODEL:
            with self.subTest(model):
                whole = self.client.messages.create(**say(model, "Name a river."))
                self.assertEqual(whole.stop_reason, "end_turn")
                text, final = self.streamed(say(model, "Name a river."))
                self.assertEqual(text, text_of(whole))
                self.assertEqual(gist(final), gist(whole))

    def test_tools_are_called_and_their_results_read(self):
        for model in EVERY_MODEL:
            with self.subTest(model):
                request = say(model, "Call get_weather for Oslo.", tools=[WEATHER])
                if model in FORCEABLE:
                    request["tool_choice"] = {"type": "any"}
                first = self.client.messages.create(**request)
                calls = [block for block in first.content if block.type == "tool_use"]
                final = self.streamed(request)[1]
                # The SDK writes a streamed request's fields in another order, for which the simulated vendor has other ids.
                self.assertEqual([(block.name, block.input) for block in final.content if block.type == "tool_use"],
                                 [(call.name, call.input) for call in calls])
                self.assertEqual((final.stop_reason, final.usage.output_tokens), ("tool_use", first.usage.output_tokens))
                self.assertEqual(calls[0].name, "get_weather")
                self.assertIsInstance(calls[0].input["city"], str)
                results = [{"type": "tool_result", "tool_use_id": call.id, "content": "rain"} for call in calls]
                request["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
                request["tool_choice"] = {"type": "auto"}
                self.assertEqual(self.client.messages.create(**request).stop_reason, "end_turn")

    def test_thoughts_come_back_signed(self):
        cases = {
            "claude-sonnet-5-5": {"type": "adaptive", "display": "summarized"},
            "claude-haiku-4-5": {"type": "enabled", "budget_tokens": 1024},
        }
        for model, thinking in cases.items():
            with self.subTest(model):
                request = say(model, "Think.", thinking=thinking)
                first = self.client.messages.create(**request)
                self.assertEqual(gist(self.streamed(request)[1]), gist(first))
                self.assertTrue(first.content[0].signature)
                request["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": "And now?"}]
                self.assertTrue(text_of(self.client.messages.create(**request)))

    def test_thoughts_come_back_beside_results(self):
        kept = {
            "gemini-3.6-flash": lambda sent, thought: thought.signature.split(":")[-1] in json.dumps(sent),
            "doubao-seed-2-0-pro": lambda sent, thought: sent["messages"][1]["reasoning_content"] == thought.thinking,
            "MiniMax-M3": lambda sent, thought: sent["messages"][1]["reasoning_details"][0]["text"] == thought.thinking,
            "MiniMax-M2.7": lambda sent, thought: sent["messages"][1]["reasoning_details"][0]["text"] == thought.thinking,
        }
        for model, is_kept in kept.items():
            with self.subTest(model):
                request = say(model, "Call get_weather for Oslo.", thinking={"type": "enabled", "budget_tokens": 1024}, tools=[WEATHER])
                first = self.client.messages.create(**request)
                thought = first.content[0]
                self.assertEqual(thought.type, "thinking")
                self.assertTrue(thought.thinking)
                results = [{"type": "tool_result", "tool_use_id": block.id, "content": "rain"}
                           for block in first.content if block.type == "tool_use"]
                request["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
                self.assertTrue(text_of(self.client.messages.create(**request)))
                self.assertTrue(is_kept(json.loads(self.mock.seen()["requests"][-1]["body"]), thought))

    def test_structured_output_is_parsed(self):
        class Place(pydantic.BaseModel):
            city: str

        for model in EVERY_MODEL:
            if model in ASKED_IN_WORDS:
                continue
            with self.subTest(model):
                answer = self.client.messages.parse(**say(model, "Where is the Eiffel tower?"), output_format=Place)
                self.assertIsInstance(answer.parsed_output, Place)

    def test_images_are_seen(self):
        image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
        for platform, (_, model) in VENDORS.items():
            with self.subTest(platform):
                self.assertTrue(text_of(self.client.messages.create(**say(model, [image, {"type": "text", "text": "What?"}]))))
                self.assertIn(PIXEL, self.mock.seen()["requests"][-1]["body"])

    def test_tokens_are_counted_and_models_listed(self):
        for model in EVERY_MODEL:
            with self.subTest(model):
                count = self.client.messages.count_tokens(model=model, messages=[{"role": "user", "content": "Name a river."}])
                self.assertGreater(count.input_tokens, 0)
                self.assertIn(model, [listed.id for listed in self.client.models.list()])

    def test_each_failure_has_its_class(self):
        cases = {
            "sim-fault-status-400": (anthropic.BadRequestError, 400),
            "sim-fault-status-404": (anthropic.NotFoundError, 404),
            "sim-fault-status-429": (anthropic.RateLimitError, 429),
            "sim-fault-status-500": (anthropic.InternalServerError, 500),
            "sim-fault-status-401": (anthropic.InternalServerError, 502),
            "nobody-has-this": (anthropic.NotFoundError, 404),
        }
        for platform in VENDORS:
            for model, everybodys in cases.items():
                kind, status = FAULTS.get((platform, model), everybodys)
                with self.subTest(f"{platform}: {model}"), self.assertRaises(anthropic.APIStatusError) as raised:
                    self.client_of(KEY, platform).messages.create(**say(model, "Hello."))
                self.assertIsInstance(raised.exception, kind, model)
                self.assertEqual(raised.exception.status_code, status, model)

    def test_a_failure_in_mid_stream_is_raised(self):
        for platform in VENDORS:
            with self.subTest(platform), self.assertRaises(anthropic.APIStatusError):
                with self.client_of(KEY, platform).messages.stream(**say("sim-fault-error-event", "Hello.")) as stream:
                    stream.until_done()

    def test_leaving_a_stream_stops_the_vendor(self):
        for platform in VENDORS:
            with self.subTest(platform):
                self.mock.forget()
                with self.client_of(KEY, platform).messages.stream(**say("sim-fault-stall-stream", "Talk.")) as stream:
                    next(iter(stream.text_stream))
                until("the vendor sees the reader leave", lambda: self.mock.seen()["aborted"] == 1)

    def test_keys_are_told_apart(self):
        with self.assertRaises(anthropic.AuthenticationError):
            self.client_of("gw-nobody-0123456789").models.list()
        with self.assertRaises(anthropic.PermissionDeniedError):
            self.client_of(NARROW_KEY).messages.create(**say("claude-haiku-4-5", "Hello."))

    def test_many_calls_at_once(self):
        async def ask_all():
            origin = self.gateways["openai"].origin
            async with anthropic.AsyncAnthropic(api_key=KEY, base_url=origin, max_retries=0, timeout=20) as client:
                return await asyncio.gather(*(client.messages.create(**say(EVERY_MODEL[i % len(EVERY_MODEL)], f"Number {i}?"))
                                              for i in range(42)))

        self.assertEqual(len({answer.id for answer in asyncio.run(ask_all())}), 42)


if __name__ == "__main__":
    unittest.main()
