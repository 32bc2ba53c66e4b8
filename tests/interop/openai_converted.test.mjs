// npm's openai against vendors that speak other protocols, or OpenAI's in their own way: its users see OpenAI's all the same.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

import { ASKED_IN_WORDS, Gateway, KEY, Mock, PICTURE, PIXEL, until, WIRES } from './harness.mjs';

// `platform` is the vendor's name in gateway.toml, `overload` its fault when it has too much to do, and `faults` what its failures
// mean where that isn't what everybody's mean: MiniMax has no number for an unknown model, nor for an overload.
const VENDORS = [
    {
        vendor: 'Anthropic', platform: 'anthropic', wire: WIRES.anthropic, overload: 'status-529', mergesTurns: true,
        models: ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-4-5'],
    },
    { vendor: 'DashScope', platform: 'qwen', models: ['qwen-plus', 'qwen3-max'] },
    { vendor: 'Gemini', platform: 'gemini', wire: WIRES.gemini, mergesTurns: true, models: ['gemini-3.6-flash', 'gemini-2.5-flash'] },
    { vendor: 'Doubao', platform: 'doubao', models: ['doubao-seed-2-0-pro', 'doubao-seed-1-6', 'doubao-1-5-pro-32k'] },
    {
        vendor: 'MiniMax', platform: 'minimax', mergesTurns: true, models: ['MiniMax-M3', 'MiniMax-M2.7', 'MiniMax-Text-01'],
        faults: {
            'status-404': [OpenAI.BadRequestError, 400],
            'status-500': [OpenAI.InternalServerError, 502],
            'status-503': [OpenAI.InternalServerError, 502],
        },
    },
];
const MODELS = VENDORS.flatMap(({ models, ...vendor }) => models.map((model) => ({ model, wire: WIRES.chat, ...vendor })));
// Where the thoughts of an answer stand when it comes back. Doubao's 1.6 thinks, but takes no thoughts.
const keptBy = {
    'gemini-3.6-flash': (sent, { tool_calls: [call] }) => sent.contents[1].parts.some(
        ({ functionCall, thoughtSignature }) => functionCall && thoughtSignature === call.extra_content.google.thought_signature),
    'doubao-seed-2-0-pro': (sent, { reasoning_content }) => sent.messages[1].reasoning_content === reasoning_content,
    'doubao-seed-1-6': (sent) => sent.messages[1].reasoning_content === undefined,
    'MiniMax-M3': (sent, { reasoning_content }) => sent.messages[1].reasoning_details[0].text === reasoning_content,
    'MiniMax-M2.7': (sent, { reasoning_content }) => sent.messages[1].reasoning_details[0].text === reasoning_content,
};
const NEVER_THINKS = ['doubao-1-5-pro-32k', 'MiniMax-Text-01'];
const BLIND = ['qwen-plus', 'qwen3-max', 'doubao-1-5-pro-32k', 'MiniMax-M2.7', 'MiniMax-Text-01'];

let mock;
let gateway;
let client;

const clientOf = ({ baseURL }) => new OpenAI({ apiKey: KEY, baseURL, maxRetries: 0, timeout: 20_000 });
const say = (model, content, more = {}) => ({ model, messages: [{ role: 'user', content }], ...more });

before(async () => {
    mock = await Mock.start();
    gateway = await Gateway.start(mock.origin);
    client = clientOf(gateway);
});
after(async () => {
    await gateway?.stop();
    await mock?.stop();
});
beforeEach(() => mock.forget());

const WEATHER = {
    type: 'function',
    function: {
        name: 'get_weather', description: 'The weather of a city.',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
};

async function collect(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
}

/** The error of a call, which must fail. */
async function errorOf(call) {
    try {
        await call;
    } catch (error) {
        return error;
    }
    return assert.fail('the call should have failed');
}

for (const { model, platform, wire, mergesTurns } of MODELS) {
    describe(model, () => {
        it('answers', async () => {
            const answer = await client.chat.completions.create(say(model, 'Name a river.'));
            assert.equal(answer.object, 'chat.completion');
            assert.equal(answer.model, model);
            assert.equal(answer.choices[0].finish_reason, 'stop');
            assert.notEqual(answer.choices[0].message.content, '');
            assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
        });

        it('streams what it would have answered, and the usage when asked', async () => {
            const request = say(model, 'Name a river.');
            const whole = await client.chat.completions.create(request);
            const stream = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
            const final = await stream.finalChatCompletion();
            assert.equal(final.choices[0].message.content, whole.choices[0].message.content);
            assert.equal(final.choices[0].finish_reason, 'stop');
            assert.deepEqual(await stream.totalUsage(), {
                completion_tokens: whole.usage.completion_tokens, prompt_tokens: whole.usage.prompt_tokens, total_tokens: whole.usage.total_tokens,
            });
            const chunks = await collect(await client.chat.completions.create({ ...request, stream: true }));
            assert.deepEqual(chunks.filter((chunk) => chunk.usage || chunk.choices.length === 0), []);
        });

        it('takes a system prompt, and turns of any order', async () => {
            await client.chat.completions.create({
                model, messages: [
                    { role: 'system', content: 'Be brief.' }, { role: 'user', content: 'One?' }, { role: 'user', content: 'Two?' },
                    { role: 'assistant', content: 'Three.' }, { role: 'user', content: 'Four?' },
                ],
            });
            const sent = await mock.lastBody();
            assert.match(JSON.stringify(wire.system(sent)), /Be brief\./);
            assert.deepEqual(wire.roles(sent), [...(mergesTurns ? [] : ['user']), 'user', 'assistant', 'user']);
            if (platform === 'anthropic') assert.ok(sent.max_tokens > 0);
        });

        it('has its tools run by the SDK\'s own loop, plainly and in a stream', async () => {
            for (const stream of [false, true]) {
                const asked = [];
                const tool = {
                    type: 'function',
                    function: {
                        ...WEATHER.function, parse: JSON.parse,
                        function: ({ city }) => { asked.push(city); return '{"celsius": 4}'; },
                    },
                };
                const runner = client.chat.completions.runTools({ ...say(model, 'Call get_weather for Oslo.', { tools: [tool] }), stream });
                assert.notEqual(await runner.finalContent(), '');
                assert.ok(asked.length > 0, 'no tool was called');
                assert.equal(typeof asked[0], 'string');
            }
        });

        const format = zodResponseFormat(z.object({ city: z.string(), inhabitants: z.number().int() }), 'place');
        if (ASKED_IN_WORDS.includes(model)) it('is asked for structured output in words, and the caller hears of it', async () => {
            const request = say(model, 'Where is the Eiffel tower?', { response_format: format });
            const { response } = await client.chat.completions.create(request).withResponse();
            assert.equal(response.headers.get('x-aigw-warnings'), 'approximated:response_format');
            assert.match(JSON.stringify(wire.system(await mock.lastBody())), /inhabitants/);
        });
        else it('gives structured output through parse', async () => {
            const request = say(model, 'Where is the Eiffel tower?', { response_format: format });
            const { parsed } = (await client.chat.completions.parse(request)).choices[0].message;
            assert.deepEqual(Object.keys(parsed).sort(), ['city', 'inhabitants']);
            const streamed = await client.chat.completions.stream(request).finalChatCompletion();
            assert.deepEqual(streamed.choices[0].message.parsed, parsed);
            assert.equal(streamed.choices[0].finish_reason, 'stop');
        });

        if (!NEVER_THINKS.includes(model)) it('reasons with an effort, plainly and in a stream', async () => {
            const request = say(model, 'Think.', { reasoning_effort: 'high' });
            const whole = (await client.chat.completions.create(request)).choices[0].message;
            assert.ok(whole.reasoning_content);
            const chunks = await collect(await client.chat.completions.create({ ...request, stream: true }));
            const joined = (field) => chunks.map((chunk) => chunk.choices[0]?.delta[field] ?? '').join('');
            assert.equal(joined('reasoning_content'), whole.reasoning_content);
            assert.equal(joined('content'), whole.content);
        });

        if (keptBy[model]) it('has its thoughts back beside the results of its tools', async () => {
            const question = { role: 'user', content: 'Call get_weather for Oslo.' };
            const request = { model, tools: [WEATHER], reasoning_effort: 'high' };
            const { message } = (await client.chat.completions.create({ ...request, messages: [question] })).choices[0];
            assert.ok(message.reasoning_content);
            const results = message.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'rain' }));
            assert.ok(results.length > 0);
            const second = await client.chat.completions.create({ ...request, messages: [question, message, ...results] });
            assert.equal(second.choices[0].finish_reason, 'stop');
            assert.ok(keptBy[model](await mock.lastBody(), message));
        });

        if (!BLIND.includes(model)) it('sees an image', async () => {
            const picture = { type: 'image_url', image_url: { url: PICTURE } };
            await client.chat.completions.create(say(model, [{ type: 'text', text: 'What is this?' }, picture]));
            const sent = await mock.lastBody();
            assert.equal(wire.image(sent), PICTURE);
            if (platform === 'anthropic') assert.deepEqual(sent.messages[0].content[1],
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } });
        });

        it('refuses nonsense as BadRequestError', async () => {
            const error = await errorOf(client.chat.completions.create({ model, messages: 'Hello.' }));
            assert.ok(error instanceof OpenAI.BadRequestError, `${error.constructor.name}: ${error.message}`);
        });
    });
}

for (const { vendor, platform, overload = 'status-503', faults = {} } of VENDORS) {
    describe(`faults of ${vendor}`, () => {
        let faulty;
        let from;
        before(async () => {
            faulty = await Gateway.start(mock.origin, platform);
            from = clientOf(faulty);
        });
        after(() => faulty?.stop());

        const statuses = [
            ['status-400', OpenAI.BadRequestError, 400],
            ['status-404', OpenAI.NotFoundError, 404],
            ['status-429', OpenAI.RateLimitError, 429],
            ['status-500', OpenAI.InternalServerError, 500],
            [overload, OpenAI.InternalServerError, 503],
            ['status-401', OpenAI.InternalServerError, 502],
        ];
        for (const [fault, ...everybodys] of statuses) {
            const [type, status] = faults[fault] ?? everybodys;
            it(`${fault} is ${type.name} ${status}`, async () => {
                for (const stream of [false, true]) {
                    const error = await errorOf(from.chat.completions.create(say(`sim-fault-${fault}`, 'Hello.', { stream })));
                    assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
                    assert.equal(error.status, status);
                    assert.equal(typeof error.type, 'string');
                    assert.ok(error.requestID);
                }
            });
        }

        it('in mid-stream are raised: an error event, and a cut', async () => {
            for (const fault of ['error-event', 'cut-stream']) {
                const chunks = [];
                await errorOf((async () => {
                    const stream = await from.chat.completions.create(say(`sim-fault-${fault}`, 'Hello.', { stream: true }));
                    for await (const chunk of stream) chunks.push(chunk);
                })());
                assert.ok(chunks.length > 0);
                assert.notEqual(chunks.at(-1).choices[0]?.finish_reason, 'stop');
            }
        });

        it('do not hide a reader who leaves: the vendor sees it', async () => {
            const stream = await from.chat.completions.create(say('sim-fault-stall-stream', 'Talk.', { stream: true }));
            for await (const chunk of stream) {
                assert.ok(chunk);
                break;  // leaves the loop, and so the stream
            }
            await until('the vendor sees the reader leave', async () => (await mock.seen()).aborted === 1);
        });
    });
}
