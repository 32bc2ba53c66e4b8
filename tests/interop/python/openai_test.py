"""PyPI's openai against a running gateway, blocking and asynchronous."""

import asyncio
import json
import unittest

import openai
import pydantic

from harness import ASKED_IN_WORDS, KEY, NARROW_KEY, PIXEL, Gateway, Mock, until

HELLO = [{"role": "user", "content": "Name a river."}]
WEATHER = [{"role": "user", "content": "Weather in Oslo?"}]
TOOLS = [{
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}]
# Vendors that speak other protocols, or OpenAI's in their own way, by models that think.
FAMILIES = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-4-5", "gemini-3.6-flash", "gemini-2.5-flash",
            "doubao-seed-2-0-pro", "doubao-seed-1-6", "MiniMax-M3", "MiniMax-M2.7")


class OpenAiSdk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = Mock()
        cls.addClassCleanup(cls.mock.stop)
        cls.gateway = Gateway(cls.mock.origin)
        cls.addClassCleanup(cls.gateway.stop)

    def setUp(self):
        self.mock.forget()
        self.client = self.client_of(KEY)

    def client_of(self, key):
        client = openai.OpenAI(api_key=key, base_url=self.gateway.base_url, max_retries=0, timeout=20)
        self.addCleanup(client.close)
        return client

    def test_chat_answers(self):
        answer = self.client.chat.completions.create(model="gpt-4o", messages=HELLO)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertTrue(answer.choices[0].message.content)
        self.assertEqual(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)

    def test_a_stream_says_what_the_plain_answer_says(self):
        whole = self.client.chat.completions.create(model="gpt-4o", messages=HELLO)
        chunks = list(self.client.chat.completions.create(
            model="gpt-4o", messages=HELLO, stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(text, whole.choices[0].message.content)
        self.assertEqual(chunks[-1].usage, whole.usage)

    def test_leaving_a_stream_stops_the_vendor(self):
        with self.client.chat.completions.create(model="sim-fault-stall-stream", messages=HELLO, stream=True) as stream:
            next(iter(stream))
        until("the vendor sees the reader leave", lambda: self.mock.seen()["aborted"] == 1)

    def test_tools_are_called(self):
        answer = self.client.chat.completions.create(
            model="gpt-4o", messages=WEATHER, tools=TOOLS, tool_choice="required")
        call = answer.choices[0].message.tool_calls[0]
        self.assertEqual(call.function.name, "get_weather")
        self.assertIn("city", json.loads(call.function.arguments))

    def test_structured_output_is_parsed(self):
        class Place(pydantic.BaseModel):
            city: str

        answer = self.client.chat.completions.parse(model="gpt-4o", messages=HELLO, response_format=Place)
        self.assertIsInstance(answer.choices[0].message.parsed, Place)

    def test_unknown_fields_pass_both_ways(self):
        extra = {"x_echo": True, "x_future": {"deep": [1, "2", None]}}
        answer = self.client.chat.completions.create(model="gpt-4o", messages=HELLO, extra_body=extra)
        self.assertEqual(answer.model_extra["x_echo"], {"x_future": extra["x_future"]})

    def test_embeddings_come_as_floats_and_as_base64(self):
        def ask(**more):
            return self.client.embeddings.create(model="text-embedding-3-small", input=["one", "two"], **more).data[1].embedding

        floats, decoded = ask(encoding_format="float"), ask()
        self.assertEqual(len(decoded), 1536)
        for left, right in zip(floats, decoded):
            self.assertAlmostEqual(left, right, places=6)

    def test_models_are_listed_and_retrieved(self):
        self.assertIn("gpt-4o", [model.id for model in self.client.models.list()])
        self.assertEqual(self.client.models.retrieve("gpt-4o").id, "gpt-4o")

    def test_each_failure_has_its_class(self):
        cases = {
            "sim-fault-status-400": (openai.BadRequestError, 400),
            "sim-fault-status-404": (openai.NotFoundError, 404),
            "sim-fault-status-429": (openai.RateLimitError, 429),
            "sim-fault-status-500": (openai.InternalServerError, 500),
            "sim-fault-status-503": (openai.InternalServerError, 503),
            "sim-fault-status-401": (openai.InternalServerError, 502),
            "nobody-has-this": (openai.NotFoundError, 404),
        }
        for model, (kind, status) in cases.items():
            with self.subTest(model), self.assertRaises(openai.APIStatusError) as raised:
                self.client.chat.completions.create(model=model, messages=HELLO)
            self.assertIs(type(raised.exception), kind, model)
            self.assertEqual(raised.exception.status_code, status, model)

    def test_each_failure_of_each_vendor_has_its_class(self):
        cases = {
            "status-400": (openai.BadRequestError, 400),
            "status-429": (openai.RateLimitError, 429),
            "status-500": (openai.InternalServerError, 500),
            "status-401": (openai.InternalServerError, 502),
        }
        for platform in ("anthropic", "qwen", "gemini", "doubao", "minimax"):
            gateway = Gateway(self.mock.origin, platform)
            self.addCleanup(gateway.stop)
            with openai.OpenAI(api_key=KEY, base_url=gateway.base_url, max_retries=0, timeout=20) as client:
                for fault, (kind, status) in cases.items():
                    # MiniMax has a number of its own for an error.
                    status = 502 if (platform, fault) == ("minimax", "status-500") else status
                    with self.subTest(f"{platform}: {fault}"), self.assertRaises(openai.APIStatusError) as raised:
                        client.chat.completions.create(model=f"sim-fault-{fault}", messages=HELLO)
                    self.assertIs(type(raised.exception), kind)
                    self.assertEqual(raised.exception.status_code, status)
                with self.subTest(f"{platform}: error-event"), self.assertRaises(openai.APIError):
                    list(client.chat.completions.create(model="sim-fault-error-event", messages=HELLO, stream=True))

    def test_images_are_seen(self):
        content = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]
        for model in ("gpt-4o", "claude-haiku-4-5", "qwen3-vl-plus", "gemini-3.6-flash", "doubao-seed-2-0-pro", "MiniMax-M3"):
            with self.subTest(model):
                answer = self.client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}])
                self.assertIn("I can see 1 image", answer.choices[0].message.content)

    def test_keys_are_told_apart(self):
        with self.assertRaises(openai.AuthenticationError):
            self.client_of("gw-nobody-0123456789").models.list()
        with self.assertRaises(openai.PermissionDeniedError):
            self.client_of(NARROW_KEY).chat.completions.create(model="gpt-4o", messages=HELLO)

    def test_each_family_answers_streams_calls_tools_and_fits_schemas(self):
        class Place(pydantic.BaseModel):
            city: str

        for model in FAMILIES:
            with self.subTest(model):
                completions = self.client.chat.completions
                whole = completions.create(model=model, messages=HELLO, reasoning_effort="high")
                self.assertTrue(whole.choices[0].message.model_extra["reasoning_content"])
                with completions.stream(model=model, messages=HELLO, reasoning_effort="high",
                                        stream_options={"include_usage": True}) as stream:
                    final = stream.get_final_completion()
                self.assertEqual(final.choices[0].message.content, whole.choices[0].message.content)
                self.assertEqual(final.choices[0].message.model_extra["reasoning_content"],
                                 whole.choices[0].message.model_extra["reasoning_content"])
                self.assertEqual(final.usage, whole.usage)

                question = [{"role": "user", "content": "Call get_weather for Oslo."}]
                first = completions.create(model=model, messages=question, tools=TOOLS).choices[0].message
                results = [{"role": "tool", "tool_call_id": call.id, "content": "rain"} for call in first.tool_calls]
                second = completions.create(model=model, messages=[*question, first, *results], tools=TOOLS)
                self.assertEqual(second.choices[0].finish_reason, "stop")

                if model in ASKED_IN_WORDS:
                    continue
                parsed = completions.parse(model=model, messages=HELLO, response_format=Place)
                self.assertIsInstance(parsed.choices[0].message.parsed, Place)

    def test_many_calls_at_once(self):
        async def ask_all():
            async with openai.AsyncOpenAI(api_key=KEY, base_url=self.gateway.base_url, max_retries=0, timeout=20) as client:
                return await asyncio.gather(*(
                    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": f"Number {i}?"}])
                    for i in range(50)))

        answers = asyncio.run(ask_all())
        self.assertEqual(len({answer.id for answer in answers}), 50)


if __name__ == "__main__":
    unittest.main()
