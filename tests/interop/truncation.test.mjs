// Answers that a policy cuts at the exact token, as npm's openai and @anthropic-ai/sdk read them: whole and streamed, where they
// pass and where they are converted.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { Gateway, KEY, Mock } from './harness.mjs';

// Those that don't think unless they are asked to: the others have used up five tokens before their first word.
const MODELS = ['gpt-4o', 'claude-haiku-4-5', 'qwen-plus', 'doubao-1-5-pro-32k', 'MiniMax-Text-01'];
const PROMPT = 'Tell me all about tokens, and at length, please.';
const MESSAGES = [{ role: 'user', content: PROMPT }];
const MOST = 5;

let mock;
let gateway;
let openai;
let anthropic;

before(async () => {
    mock = await Mock.start();
    gateway = await Gateway.start(mock.origin, 'anthropic');
    const options = { apiKey: KEY, maxRetries: 0, timeout: 20_000, defaultHeaders: { 'X-Channel-Code': 'brief' } };
    openai = new OpenAI({ baseURL: gateway.baseURL, ...options });
    anthropic = new Anthropic({ baseURL: gateway.baseURL.replace(/\/v1$/, ''), ...options });
});
after(async () => {
    await gateway?.stop();
    await mock?.stop();
});

function check(text, reason, wanted, tokens) {
    assert.equal(reason, wanted);
    assert.ok(tokens <= MOST, `${tokens} tokens`);
    assert.ok(text.endsWith(' [cut]'), text);
}

for (const model of MODELS) {
    describe(`a cut answer of ${model}`, () => {
        it('is a whole chat completion', async () => {
            const { choices: [{ message, finish_reason: reason }], usage } =
                await openai.chat.completions.create({ model, messages: MESSAGES });
            check(message.content, reason, 'length', usage.completion_tokens);
        });

        it('is a streamed chat completion', async () => {
            const stream = openai.chat.completions.stream({ model, messages: MESSAGES, stream_options: { include_usage: true } });
            const { choices: [{ message, finish_reason: reason }], usage } = await stream.finalChatCompletion();
            check(message.content, reason, 'length', usage.completion_tokens);
        });

        it('is a whole response', async () => {
            const response = await openai.responses.create({ model, input: PROMPT });
            assert.equal(response.status, 'incomplete');
            check(response.output_text, response.incomplete_details.reason, 'max_output_tokens', response.usage.output_tokens);
        });

        it('is a streamed response', async () => {
            const response = await openai.responses.stream({ model, input: PROMPT }).finalResponse();
            assert.equal(response.status, 'incomplete');
            check(response.output_text, response.incomplete_details.reason, 'max_output_tokens', response.usage.output_tokens);
        });

        it('is a whole message', async () => {
            const message = await anthropic.messages.create({ model, max_tokens: 500, messages: MESSAGES });
            check(message.content.at(-1).text, message.stop_reason, 'max_tokens', message.usage.output_tokens);
        });

        it('is a streamed message', async () => {
            const message = await anthropic.messages.stream({ model, max_tokens: 500, messages: MESSAGES }).finalMessage();
            check(message.content.at(-1).text, message.stop_reason, 'max_tokens', message.usage.output_tokens);
        });
    });
}
