"""PyPI's openai by its Responses, where they pass and where they are converted."""

import json
import unittest

import openai
import pydantic

from harness import ASKED_IN_WORDS, KEY, PIXEL, Gateway, Mock

HELLO = "Name a river."
WEATHER = [{"role": "user", "content": "Call get_weather for Oslo."}]
TOOLS = [{
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city.",
    "strict": False,
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}]
PASSES = ("gpt-4o", "o4-mini")
CONVERTED = ("claude-sonnet-5-5", "claude-haiku-4-5", "qwen-plus", "gemini-3.6-flash", "gemini-2.5-flash", "doubao-seed-2-0-pro",
             "doubao-seed-1-6", "doubao-1-5-pro-32k", "MiniMax-M3", "MiniMax-M2.7", "MiniMax-Text-01")


class Place(pydantic.BaseModel):
    city: str


class Responses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = Mock()
        cls.addClassCleanup(cls.mock.stop)
        cls.gateway = Gateway(cls.mock.origin)
        cls.addClassCleanup(cls.gateway.stop)
        cls.client = openai.OpenAI(api_key=KEY, base_url=cls.gateway.base_url, max_retries=0, timeout=20)
        cls.addClassCleanup(cls.client.close)

    def each_model(self, without=()):
        for model in PASSES + CONVERTED:
            if model in without:
                continue
            with self.subTest(model):
                yield model

    def test_it_answers(self):
        for model in self.each_model():
            response = self.client.responses.create(model=model, input=HELLO, instructions="Be brief.")
            self.assertEqual(response.status, "completed")
            self.assertTrue(response.output_text)
            self.assertEqual(response.usage.total_tokens, response.usage.input_tokens + response.usage.output_tokens)

    def test_a_stream_says_what_the_plain_answer_says(self):
        for model in self.each_model():
            whole = self.client.responses.create(model=model, input=HELLO)
            with self.client.responses.stream(model=model, input=HELLO) as stream:
                text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
                final = stream.get_final_response()
            self.assertEqual(text, whole.output_text)
            self.assertEqual(final.output_text, whole.output_text)
            self.assertEqual(final.usage, whole.usage)

    def test_a_tool_is_called_and_its_output_read(self):
        for model in self.each_model():
            with self.client.responses.stream(model=model, input=WEATHER, tools=TOOLS) as stream:
                first = stream.get_final_response()
            calls = [item for item in first.output if item.type == "function_call"]
            self.assertTrue(calls, model)
            self.assertIn("city", json.loads(calls[0].arguments))
            outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": "rain"} for call in calls]
            history = [item.model_dump(exclude={"parsed_arguments"}, exclude_none=True) for item in first.output]
            second = self.client.responses.create(model=model, input=[*WEATHER, *history, *outputs], tools=TOOLS)
            self.assertTrue(second.output_text)

    def test_structured_output_is_parsed(self):
        for model in self.each_model(without=ASKED_IN_WORDS):
            response = self.client.responses.parse(model=model, input="Where is the Louvre?", text_format=Place)
            self.assertIsInstance(response.output_parsed, Place)

    def test_events_have_the_types_that_the_library_knows(self):
        for model in self.each_model():
            request = {"model": model, "input": "Call get_weather for Oslo.", "tools": TOOLS}
            for event in self.client.responses.create(**request, stream=True):
                type(event).model_validate(event.model_dump(warnings=False))

    def test_each_failure_has_its_class(self):
        for model, kind in {
            "sim-fault-status-400": openai.BadRequestError,
            "sim-fault-status-429": openai.RateLimitError,
            "sim-fault-status-500": openai.InternalServerError,
            "nobody-has-this": openai.NotFoundError,
        }.items():
            with self.subTest(model), self.assertRaises(openai.APIStatusError) as raised:
                self.client.responses.create(model=model, input=HELLO)
            self.assertIs(type(raised.exception), kind, model)

    def test_each_failure_of_each_vendor_has_its_class(self):
        for at in ("anthropic", "qwen", "gemini", "doubao", "minimax"):
            gateway = Gateway(self.mock.origin, at)
            self.addCleanup(gateway.stop)
            with openai.OpenAI(api_key=KEY, base_url=gateway.base_url, max_retries=0, timeout=20) as client:
                for fault, kind in {
                    "status-400": openai.BadRequestError,
                    "status-429": openai.RateLimitError,
                    "status-500": openai.InternalServerError,
                }.items():
                    with self.subTest(f"{at}: {fault}"), self.assertRaises(openai.APIStatusError) as raised:
                        client.responses.create(model=f"sim-fault-{fault}", input=HELLO)
                    self.assertIs(type(raised.exception), kind)

    def test_images_are_seen(self):
        content = [{"type": "input_text", "text": "What is this?"},
                   {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "auto"}]
        for model in ("gpt-4o", "claude-haiku-4-5", "qwen3-vl-plus", "gemini-3.6-flash", "doubao-seed-2-0-pro", "MiniMax-M3"):
            with self.subTest(model):
                response = self.client.responses.create(model=model, input=[{"role": "user", "content": content}])
                self.assertIn("I can see 1 image", response.output_text)

    def test_thoughts_come_back_beside_outputs(self):
        for model in ("claude-haiku-4-5", "gemini-3.6-flash", "doubao-seed-2-0-pro", "MiniMax-M3"):
            with self.subTest(model):
                request = {"model": model, "tools": TOOLS, "reasoning": {"effort": "high", "summary": "auto"},
                           "include": ["reasoning.encrypted_content"]}
                first = self.client.responses.create(**request, input=WEATHER)
                thought = next(item for item in first.output if item.type == "reasoning")
                self.assertTrue(thought.summary[0].text)
                outputs = [{"type": "function_call_output", "call_id": item.call_id, "output": "rain"}
                           for item in first.output if item.type == "function_call"]
                self.assertTrue(outputs)
                history = [item.model_dump(exclude_none=True) for item in first.output]
                self.assertTrue(self.client.responses.create(**request, input=[*WEATHER, *history, *outputs]).output_text)

    def test_a_stream_that_breaks_off_raises(self):
        for at in ("openai", "anthropic", "qwen", "gemini", "doubao", "minimax"):
            with self.subTest(at):
                gateway = Gateway(self.mock.origin, at)
                self.addCleanup(gateway.stop)
                with openai.OpenAI(api_key=KEY, base_url=gateway.base_url, max_retries=0, timeout=20) as client:
                    for fault in ("cut-stream", "error-event"):
                        with self.assertRaises(openai.APIError):
                            for event in client.responses.create(model=f"sim-fault-{fault}", input=HELLO, stream=True):
                                self.assertNotEqual(event.type, "response.completed")

    def test_what_nobody_has_kept_is_refused(self):
        with self.assertRaises(openai.BadRequestError) as raised:
            self.client.responses.create(model="qwen-plus", input=HELLO, previous_response_id="resp_1")
        self.assertEqual(raised.exception.param, "previous_response_id")


if __name__ == "__main__":
    unittest.main()
