"""A streamed answer through aigw with PyPI's openai: AIGW_URL=http://127.0.0.1:8080 python chat.py"""

import os

import openai

url = os.environ.get("AIGW_URL", "http://127.0.0.1:8080")
client = openai.OpenAI(base_url=f"{url}/v1", api_key=os.environ.get("AIGW_KEY", "sk-aigw-dev"))
stream = client.chat.completions.create(
    model="gpt-4o", messages=[{"role": "user", "content": "Why is the sky blue?"}], stream=True)
for chunk in stream:
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
print()
