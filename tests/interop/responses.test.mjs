// npm's openai by its Responses: against OpenAI, where they pass, and against vendors for whom they are converted.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';

import { ASKED_IN_WORDS, Gateway, KEY, Mock, PICTURE, PIXEL, until, WIRES } from './harness.mjs';

const PASSES = ['gpt-4o', 'o4-mini'];
const CONVERTED = [
    'claude-sonnet-5-5', 'claude-haiku-4-5', 'qwen-plus', 'qwen3-max', 'gemini-3.6-flash', 'gemini-2.5-flash', 'doubao-seed-2-0-pro',
    'doubao-seed-1-6', 'doubao-1-5-pro-32k', 'MiniMax-M3', 'MiniMax-M2.7', 'MiniMax-Text-01',
];

let mock;
let gateway;
let client;

before(async () => {
    mock = await Mock.start();
    gateway = await Gateway.start(mock.origin, 'anthropic');
    client = new OpenAI({ apiKey: KEY, baseURL: gateway.baseURL, maxRetries: 0, timeout: 20_000 });
});
after(async () => {
    await gateway?.stop();
    await mock?.stop();
});
beforeEach(() => mock.forget());

const WEATHER = {
    type: 'function', name: 'get_weather', description: 'The weather of a city.', strict: false,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** The error of a call, which must fail. */
async function errorOf(call) {
    try {
        await call;
    } catch (error) {
        return error;
    }
    return assert.fail('the call should have failed');
}

async function collect(stream) {
    const events = [];
    for await (const event of stream) events.push(event);
    return events;
}

for (const model of [...PASSES, ...CONVERTED]) {
    describe(model, () => {
        it('answers', async () => {
            const response = await client.responses.create({ model, input: 'Name a river.', instructions: 'Be brief.', store: false });
            assert.equal(response.object, 'response');
            assert.equal(response.status, 'completed');
            assert.equal(response.model, model);
            assert.equal(response.instructions, 'Be brief.');
            assert.equal(response.store, false);
            assert.notEqual(response.output_text, '');
            assert.equal(response.usage.total_tokens, response.usage.input_tokens + response.usage.output_tokens);
        });

        it('streams what it would have answered', async () => {
            const request = { model, input: 'Name a river.' };
            const whole = await client.responses.create(request);
            const stream = client.responses.stream(request);
            const pieces = [];
            stream.on('response.output_text.delta', ({ delta }) => pieces.push(delta));
            const final = await stream.finalResponse();
            assert.equal(final.output_text, whole.output_text);
            assert.equal(pieces.join(''), whole.output_text);
            assert.deepEqual(final.usage, whole.usage);
            assert.deepEqual(final.output.map(({ type }) => type), whole.output.map(({ type }) => type));
        });

        it('numbers its events', async () => {
            const events = await collect(await client.responses.create({ model, input: 'Name a river.', stream: true }));
            assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, index) => index));
            assert.equal(events[0].type, 'response.created');
            assert.equal(events.at(-1).type, 'response.completed');
        });

        it('has a tool called, plainly and in a stream, and reads its output', async () => {
            for (const stream of [false, true]) {
                const question = [{ role: 'user', content: 'Call get_weather for Oslo.' }];
                const request = { model, input: question, tools: [WEATHER] };
                const first = stream ? await client.responses.stream(request).finalResponse() : await client.responses.create(request);
                const calls = first.output.filter(({ type }) => type === 'function_call');
                assert.ok(calls.length > 0, 'no tool was called');
                assert.equal(calls[0].name, 'get_weather');
                assert.equal(typeof JSON.parse(calls[0].arguments).city, 'string');
                const outputs = calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: '{"celsius": 4}' }));
                const second = await client.responses.create({ ...request, input: [...question, ...first.output, ...outputs] });
                assert.notEqual(second.output_text, '');
            }
        });

        const format = zodTextFormat(z.object({ city: z.string(), inhabitants: z.number().int() }), 'place');
        if (ASKED_IN_WORDS.includes(model)) it('is asked for structured output in words, and the caller hears of it', async () => {
            const request = { model, input: 'Where is the Eiffel tower?', text: { format } };
            const { response } = await client.responses.create(request).withResponse();
            assert.equal(response.headers.get('x-aigw-warnings'), 'approximated:text.format');
            assert.match(JSON.stringify(WIRES.chat.system(await mock.lastBody())), /inhabitants/);
        });
        else it('gives structured output through parse', async () => {
            const input = 'Where is the Eiffel tower? Answer in JSON.';
            const { output_parsed: parsed } = await client.responses.parse({ model, input, text: { format } });
            assert.deepEqual(Object.keys(parsed).sort(), ['city', 'inhabitants']);
            const streamed = await client.responses.stream({ model, input, text: { format } }).finalResponse();
            assert.deepEqual(streamed.output_parsed, parsed);
        });

        it('is cut off at its limit', async () => {
            const input = 'Tell a long story.';
            const response = await client.responses.create({ model, input, max_output_tokens: 16 });
            assert.equal(response.status, 'incomplete');
            assert.deepEqual(response.incomplete_details, { reason: 'max_output_tokens' });
            const events = await collect(await client.responses.create({ model, input, max_output_tokens: 16, stream: true }));
            assert.equal(events.at(-1).type, 'response.incomplete');
        });

        it('refuses nonsense as BadRequestError', async () => {
            const error = await errorOf(client.responses.create({ model, input: [{ role: 'nobody', content: 'x' }] }));
            assert.ok(error instanceof OpenAI.BadRequestError, `${error.constructor.name}: ${error.message}`);
            assert.match(error.param ?? '', /^input\[0\]/);
        });
    });
}

describe('what passes', () => {
    it('is sent as it came, and what is unknown comes back', async () => {
        const response = await client.responses.create({ model: 'gpt-4o', input: 'Hello.', x_echo: true, x_future: { deep: [1, '2', null] } });
        assert.deepEqual(response.x_echo, { x_future: { deep: [1, '2', null] } });
        assert.equal((await mock.seen()).requests.at(-1).target, '/v1/responses');
    });
});

describe('what is converted', () => {
    it('brings signed thoughts back to who signed them', async () => {
        const model = 'claude-haiku-4-5';
        const question = [{ role: 'user', content: 'Call get_weather for Oslo.' }];
        const request = { model, tools: [WEATHER], reasoning: { effort: 'high', summary: 'auto' } };
        const first = await client.responses.create({ ...request, input: question, include: ['reasoning.encrypted_content'] });
        const thought = first.output.find(({ type }) => type === 'reasoning');
        assert.notEqual(thought.summary[0].text, '');
        assert.ok(thought.encrypted_content);
        const outputs = first.output.filter(({ type }) => type === 'function_call')
            .map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'rain' }));
        await client.responses.create({ ...request, input: [...question, ...first.output, ...outputs] });
        const turn = (await mock.lastBody()).messages[1].content;
        assert.equal(turn[0].type, 'thinking');
        assert.equal(turn[0].thinking, thought.summary[0].text);
        assert.ok(turn[0].signature);
    });

    for (const [model, keptIn] of [
        ['gemini-3.6-flash', (sent, { encrypted_content }) => sent.contents[1].parts.some(
            ({ thoughtSignature }) => thoughtSignature && encrypted_content.endsWith(thoughtSignature))],
        ['doubao-seed-2-0-pro', (sent, { summary: [{ text }] }) => sent.messages[1].reasoning_content === text],
        ['MiniMax-M3', (sent, { summary: [{ text }] }) => sent.messages[1].reasoning_details[0].text === text],
    ]) {
        it(`brings the thoughts of ${model} back beside the outputs of its calls`, async () => {
            const question = [{ role: 'user', content: 'Call get_weather for Oslo.' }];
            const request = { model, tools: [WEATHER], reasoning: { effort: 'high', summary: 'auto' } };
            const first = await client.responses.create({ ...request, input: question, include: ['reasoning.encrypted_content'] });
            const thought = first.output.find(({ type }) => type === 'reasoning');
            assert.notEqual(thought.summary[0].text, '');
            const outputs = first.output.filter(({ type }) => type === 'function_call')
                .map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'rain' }));
            const second = await client.responses.create({ ...request, input: [...question, ...first.output, ...outputs] });
            assert.notEqual(second.output_text, '');
            assert.ok(keptIn(await mock.lastBody(), thought));
        });
    }

    for (const model of ['claude-sonnet-5-5', 'gemini-3.6-flash', 'doubao-seed-2-0-pro', 'MiniMax-M3']) {
        it(`streams thoughts of ${model} as summaries`, async () => {
            const request = { model, input: 'Think.', reasoning: { effort: 'high', summary: 'auto' } };
            const whole = await client.responses.create(request);
            const events = await collect(await client.responses.create({ ...request, stream: true }));
            const told = events.filter(({ type }) => type === 'response.reasoning_summary_text.delta').map(({ delta }) => delta).join('');
            assert.equal(told, whole.output[0].summary[0].text);
            assert.notEqual(told, '');
        });
    }

    for (const [model, wire] of [
        ['qwen3-vl-plus', WIRES.chat], ['gemini-3.6-flash', WIRES.gemini], ['doubao-seed-2-0-pro', WIRES.chat], ['MiniMax-M3', WIRES.chat],
    ]) {
        it(`shows ${model} an image`, async () => {
            const picture = { type: 'input_image', image_url: PICTURE, detail: 'auto' };
            const response = await client.responses.create({
                model, input: [{ role: 'user', content: [{ type: 'input_text', text: 'What is this?' }, picture] }],
            });
            assert.notEqual(response.output_text, '');
            assert.equal(wire.image(await mock.lastBody()), PICTURE);
        });
    }

    it('sees an image and reads a file', async () => {
        await client.responses.create({
            model: 'claude-sonnet-5-5', input: [{
                role: 'user', content: [
                    { type: 'input_text', text: 'What is this?' },
                    { type: 'input_image', image_url: PICTURE, detail: 'auto' },
                    { type: 'input_file', filename: 'a.txt', file_data: 'data:text/plain;base64,aGk=' },
                ],
            }],
        });
        const [, image, file] = (await mock.lastBody()).messages[0].content;
        assert.deepEqual(image, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } });
        assert.equal(file.source.data, 'hi');
    });

    it('says what is lost', async () => {
        const { response } = await client.responses.create({ model: 'claude-sonnet-5-5', input: 'Hello.', truncation: 'auto' }).withResponse();
        assert.equal(response.headers.get('x-aigw-warnings'), 'dropped:truncation');
    });

    it('can refer to nothing that was kept', async () => {
        const error = await errorOf(client.responses.create({ model: 'qwen-plus', input: 'And then?', previous_response_id: 'resp_1' }));
        assert.ok(error instanceof OpenAI.BadRequestError);
        assert.equal(error.param, 'previous_response_id');
    });
});

describe('gpt-5-pro, which has Responses only', () => {
    const model = 'gpt-5-pro';

    it('answers chats, plainly and in a stream', async () => {
        const request = { model, messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Name a river.' }] };
        const whole = await client.chat.completions.create(request);
        assert.notEqual(whole.choices[0].message.content, '');
        assert.equal(whole.choices[0].finish_reason, 'stop');
        const [seen] = (await mock.seen()).requests;
        assert.equal(seen.target, '/v1/responses');
        assert.equal(JSON.parse(seen.body).store, false);
        const stream = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
        assert.equal((await stream.finalChatCompletion()).choices[0].message.content, whole.choices[0].message.content);
        assert.equal((await stream.totalUsage()).total_tokens, whole.usage.total_tokens);
    });

    it('has its tools run by the SDK\'s own loop', async () => {
        const asked = [];
        const { name, description, parameters } = WEATHER;
        const tool = { type: 'function', function: { name, description, parameters, parse: JSON.parse, function: ({ city }) => { asked.push(city); return 'rain'; } } };
        const messages = [{ role: 'user', content: 'Call get_weather for Oslo.' }];
        for (const stream of [false, true]) {
            assert.notEqual(await client.chat.completions.runTools({ model, messages, tools: [tool], stream }).finalContent(), '');
        }
        assert.ok(asked.length > 1, 'no tool was called');
    });

    it('answers Anthropic\'s SDK, and so does a model that thinks beside tools there only', async () => {
        const claude = new Anthropic({ apiKey: KEY, baseURL: gateway.origin, maxRetries: 0, timeout: 20_000 });
        const tools = [{ name: WEATHER.name, input_schema: WEATHER.parameters }];
        for (const each of [model, 'gpt-6-luna']) {
            const question = { role: 'user', content: 'Call get_weather for Oslo.' };
            const request = { model: each, max_tokens: 8000, thinking: { type: 'enabled', budget_tokens: 4000 }, tools };
            const first = await claude.messages.stream({ ...request, messages: [question] }).finalMessage();
            assert.equal(first.stop_reason, 'tool_use');
            const results = first.content.filter(({ type }) => type === 'tool_use').map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'rain' }));
            const messages = [question, { role: 'assistant', content: first.content }, { role: 'user', content: results }];
            const second = await claude.messages.create({ ...request, messages });
            assert.equal(second.stop_reason, 'end_turn');
            assert.ok((await mock.seen()).requests.every(({ target }) => target === '/v1/responses'));
        }
    });
});

describe('completions', () => {
    it('reach models that only chat', async () => {
        const completion = await client.completions.create({ model: 'claude-sonnet-5-5', prompt: 'Once upon a time', max_tokens: 50 });
        assert.equal(completion.object, 'text_completion');
        assert.notEqual(completion.choices[0].text, '');
        const chunks = await collect(await client.completions.create({ model: 'claude-sonnet-5-5', prompt: 'Once upon a time', max_tokens: 50, stream: true }));
        assert.equal(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join(''), completion.choices[0].text);
    });
});

describe('faults', () => {
    for (const [fault, kind, status] of [
        ['status-400', OpenAI.BadRequestError, 400], ['status-429', OpenAI.RateLimitError, 429], ['status-529', OpenAI.InternalServerError, 503],
    ]) {
        it(`${fault} is ${kind.name}`, async () => {
            const error = await errorOf(client.responses.create({ model: `sim-fault-${fault}`, input: 'Hello.' }));
            assert.ok(error instanceof kind, `${error.constructor.name}: ${error.message}`);
            assert.equal(error.status, status);
        });
    }

    for (const at of ['openai', 'qwen', 'gemini', 'doubao', 'minimax']) {
        it(`of ${at}'s have their classes`, async (test) => {
            const other = await Gateway.start(mock.origin, at);
            test.after(() => other.stop());
            const its = new OpenAI({ apiKey: KEY, baseURL: other.baseURL, maxRetries: 0, timeout: 20_000 });
            for (const [fault, kind, status] of [
                ['status-400', OpenAI.BadRequestError, 400],
                ['status-429', OpenAI.RateLimitError, 429],
                ['status-401', OpenAI.InternalServerError, 502],
                // MiniMax has a number for an error of its own, and no HTTP status of it.
                ['status-500', OpenAI.InternalServerError, at === 'minimax' ? 502 : 500],
            ]) {
                const error = await errorOf(its.responses.create({ model: `sim-fault-${fault}`, input: 'Hello.' }));
                assert.ok(error instanceof kind, `${fault}: ${error.constructor.name}: ${error.message}`);
                assert.equal(error.status, status);
            }
        });
    }

    for (const at of ['openai', 'anthropic', 'qwen', 'gemini', 'doubao', 'minimax']) {
        it(`a stream of ${at}'s that breaks off raises`, async () => {
            const other = at === 'anthropic' ? gateway : await Gateway.start(mock.origin, at);
            const its = new OpenAI({ apiKey: KEY, baseURL: other.baseURL, maxRetries: 0, timeout: 20_000 });
            const error = await errorOf((async () => {
                for await (const event of await its.responses.create({ model: 'sim-fault-cut-stream', input: 'Hello.', stream: true })) {
                    assert.notEqual(event.type, 'response.completed');
                }
            })());
            assert.ok(error instanceof OpenAI.APIError, `${error.constructor.name}: ${error.message}`);
            if (other !== gateway) await other.stop();
        });
    }

    it('a caller who leaves stops the vendor', async () => {
        const stream = await client.responses.create({ model: 'sim-fault-stall-stream', input: 'Hello.', stream: true });
        for await (const event of stream) {
            assert.ok(event.type);
            break;
        }
        stream.controller.abort();
        await until('the vendor sees the reader leave', async () => (await mock.seen()).aborted === 1);
    });
});
