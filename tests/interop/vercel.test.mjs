// Vercel's ai against a running gateway, by its Anthropic, OpenAI and OpenAI-compatible providers: any of them, any vendor.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

import { ASKED_IN_WORDS, Gateway, KEY, Mock, PIXEL } from './harness.mjs';

const MODELS = [
    'claude-haiku-4-5', 'gpt-4o', 'qwen-plus', 'gemini-3.6-flash', 'gemini-2.5-flash', 'doubao-seed-2-0-pro', 'doubao-1-5-pro-32k',
    'MiniMax-M3', 'MiniMax-Text-01',
];

const SEEING = ['claude-haiku-4-5', 'gpt-4o', 'qwen3-vl-plus', 'gemini-3.6-flash', 'doubao-seed-2-0-pro', 'MiniMax-M3'];

let mock;
let gateway;

before(async () => {
    mock = await Mock.start();
    gateway = await Gateway.start(mock.origin);
});
after(async () => {
    await gateway?.stop();
    await mock?.stop();
});

const providers = {
    anthropic: (apiKey, baseURL) => createAnthropic({ apiKey, baseURL }),
    openai: (apiKey, baseURL) => createOpenAI({ apiKey, baseURL }).chat,
    'openai-compatible': (apiKey, baseURL) => createOpenAICompatible(
        { name: 'gateway', apiKey, baseURL, includeUsage: true, supportsStructuredOutputs: true }),
};

for (const [provider, provide] of Object.entries(providers)) {
    const make = (apiKey, baseURL = gateway.baseURL) => provide(apiKey, baseURL);
    describe(`the provider ${provider}`, () => {
        const call = (model, prompt, more = {}) => ({ model: make(KEY)(model), prompt, maxRetries: 0, maxOutputTokens: 2048, ...more });

        for (const model of MODELS) {
            it(`streams from ${model} what it generates`, async () => {
                const whole = await generateText(call(model, 'Name a river.'));
                assert.notEqual(whole.text, '');
                assert.equal(whole.finishReason, 'stop');
                const stream = streamText(call(model, 'Name a river.'));
                assert.equal(await stream.text, whole.text);
                assert.equal((await stream.usage).outputTokens, whole.usage.outputTokens);
            });

            it(`lets ${model} call a tool, and reads on`, async () => {
                const asked = [];
                const weather = tool({
                    description: 'The weather of a city.', inputSchema: z.object({ city: z.string() }),
                    execute: async ({ city }) => { asked.push(city); return { celsius: 4 }; },
                });
                const looped = call(model, 'Call get_weather for Oslo.', { tools: { get_weather: weather }, stopWhen: stepCountIs(4) });
                assert.notEqual((await generateText(looped)).text, '');
                assert.notEqual(await streamText(looped).text, '');
                assert.ok(asked.length >= 2, 'no tool was called');
            });

            if (!ASKED_IN_WORDS.includes(model)) it(`gets an object from ${model}`, async () => {
                const { output } = await generateText(
                    call(model, 'Where is the Eiffel tower? Answer in JSON.', { output: Output.object({ schema: z.object({ city: z.string() }) }) }));
                assert.equal(typeof output.city, 'string');
            });
        }

        for (const model of SEEING) {
            it(`shows ${model} an image`, async () => {
                const content = [{ type: 'text', text: 'What is this?' }, { type: 'image', image: PIXEL, mediaType: 'image/png' }];
                const { text } = await generateText(call(model, [{ role: 'user', content }]));
                assert.match(text, /I can see 1 image/);
            });
        }

        for (const platform of ['anthropic', 'openai', 'qwen', 'gemini', 'doubao', 'minimax']) {
            it(`knows the failures of ${platform}`, async (test) => {
                const faulty = await Gateway.start(mock.origin, platform);
                test.after(() => faulty.stop());
                // MiniMax has a number of its own for an error.
                const ofItsOwn = platform === 'minimax' ? 502 : 500;
                const expected = { 'status-400': 400, 'status-401': 502, 'status-429': 429, 'status-500': ofItsOwn };
                for (const [fault, status] of Object.entries(expected)) {
                    const request = { ...call('gpt-4o', 'Hello.'), model: make(KEY, faulty.baseURL)(`sim-fault-${fault}`) };
                    await assert.rejects(generateText(request), (error) => APICallError.isInstance(error) && error.statusCode === status);
                }
            });
        }

        it('knows a wrong key and an unknown model', async () => {
            const refused = (status) => (error) => APICallError.isInstance(error) && error.statusCode === status;
            await assert.rejects(generateText({ ...call('gpt-4o', 'Hello.'), model: make('gw-nobody-0123456789')('gpt-4o') }), refused(401));
            await assert.rejects(generateText(call('nobody-has-this', 'Hello.')), refused(404));
        });
    });
}
