// npm's openai against a running gateway: what its users see must be what the vendor would show them.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import OpenAI from 'openai';

import { Gateway, KEY, Mock, MODELS, NARROW_KEY, until } from './harness.mjs';

let mock;
let gateway;
let client;

const clientOf = (apiKey = KEY, baseURL = gateway.baseURL) => new OpenAI({ apiKey, baseURL, maxRetries: 0, timeout: 20_000 });
const say = (content, more = {}) => ({ model: 'gpt-4o', messages: [{ role: 'user', content }], ...more });

before(async () => {
    mock = await Mock.start();
    gateway = await Gateway.start(mock.origin);
    client = clientOf();
});
after(async () => {
    await gateway?.stop();
    await mock?.stop();
});
beforeEach(() => mock.forget());

async function collect(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
}
const textOf = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');

describe('chat', () => {
    it('answers', async () => {
        const { data, response, request_id } = await client.chat.completions.create(say('Name a river.')).withResponse();
        assert.equal(data.object, 'chat.completion');
        assert.equal(data.model.startsWith('gpt-4o'), true);
        assert.equal(data.choices[0].finish_reason, 'stop');
        assert.notEqual(data.choices[0].message.content, '');
        assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
        assert.match(response.headers.get('content-type'), /^application\/json/);
        assert.ok(request_id);
    });

    it('streams what it would have answered, and the usage when asked', async () => {
        const whole = await client.chat.completions.create(say('Name a river.'));
        const chunks = await collect(await client.chat.completions.create(
            say('Name a river.', { stream: true, stream_options: { include_usage: true } })));
        assert.equal(textOf(chunks), whole.choices[0].message.content);
        assert.deepEqual(chunks.at(-1).choices, []);
        assert.deepEqual(chunks.at(-1).usage, whole.usage);
    });

    it('streams no usage when nobody asked for it', async () => {
        const chunks = await collect(await client.chat.completions.create(say('Name a river.', { stream: true })));
        assert.deepEqual(chunks.filter((chunk) => chunk.usage || chunk.choices.length === 0), []);
        assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    });

    it('tells the vendor when a reader leaves', async () => {
        const stream = await client.chat.completions.create({ ...say('Talk.', { stream: true }), model: 'sim-fault-stall-stream' });
        for await (const chunk of stream) {
            assert.ok(chunk);
            break;  // leaves the loop, and so the stream
        }
        await until('the vendor sees the reader leave', async () => (await mock.seen()).aborted === 1);
    });

    it('tells the vendor when a caller gives up before the first byte', async () => {
        const abort = new AbortController();
        const call = client.chat.completions.create({ ...say('Talk.'), model: 'sim-fault-never' }, { signal: abort.signal });
        const refused = assert.rejects(call, OpenAI.APIUserAbortError);
        await until('the vendor has the request', async () => (await mock.seen()).open === 1);
        abort.abort();
        await refused;
        await until('the vendor sees the caller leave', async () => (await mock.seen()).aborted === 1);
    });

    it('passes system prompts and several turns on', async () => {
        const messages = [
            { role: 'system', content: 'Be brief.' }, { role: 'user', content: 'One?' },
            { role: 'assistant', content: 'Two.' }, { role: 'user', content: 'Three?', name: 'ada' },
        ];
        await client.chat.completions.create({ model: 'gpt-4o', messages, temperature: 0.25, stop: ['\n'], seed: 7 });
        const sent = await mock.lastBody();
        assert.deepEqual(sent.messages, messages);
        assert.equal(sent.temperature, 0.25);
        assert.deepEqual(sent.stop, ['\n']);
        assert.equal(sent.seed, 7);
    });

    it('passes unknown fields both ways', async () => {
        const mine = { x_echo: true, x_future: { deep: [1, '2', null, 3.5, { more: true }] } };
        const answer = await client.chat.completions.create({ ...say('Hello.'), ...mine });
        assert.deepEqual(answer.x_echo, { x_future: mine.x_future });
        const chunks = await collect(await client.chat.completions.create({ ...say('Hello.', { stream: true }), ...mine }));
        assert.deepEqual(chunks[0].x_echo, { x_future: mine.x_future });
    });

    it('reasons, and counts what it thought', async () => {
        const answer = await client.chat.completions.create({ ...say('Think.'), model: 'o4-mini', reasoning_effort: 'low' });
        assert.ok(answer.usage.completion_tokens_details.reasoning_tokens > 0);
    });

    it('gives structured output', async () => {
        const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
        const answer = await client.chat.completions.create(say('Where is the Eiffel tower?', {
            response_format: { type: 'json_schema', json_schema: { name: 'place', strict: true, schema } },
        }));
        assert.deepEqual(Object.keys(JSON.parse(answer.choices[0].message.content)), ['city']);
    });
});

describe('tools', () => {
    const tools = [{
        type: 'function',
        function: {
            name: 'get_weather',
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
    }];
    const choice = { tools, tool_choice: { type: 'function', function: { name: 'get_weather' } } };

    it('are called, and their results read', async () => {
        const question = { role: 'user', content: 'Weather in Oslo?' };
        const first = await client.chat.completions.create({ model: 'gpt-4o', messages: [question], ...choice });
        const { message } = first.choices[0];
        const [call] = message.tool_calls;
        assert.equal(call.function.name, 'get_weather');
        assert.equal(typeof JSON.parse(call.function.arguments).city, 'string');

        const result = { role: 'tool', tool_call_id: call.id, content: '{"celsius": 4}' };
        const second = await client.chat.completions.create({ model: 'gpt-4o', messages: [question, message, result], tools });
        assert.equal(second.choices[0].finish_reason, 'stop');
        assert.notEqual(second.choices[0].message.content, '');
    });

    it('are called in a stream, piece by piece', async () => {
        const chunks = await collect(await client.chat.completions.create(say('Weather in Oslo?', { stream: true, ...choice })));
        const pieces = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
        assert.equal(pieces[0].function.name, 'get_weather');
        assert.equal(typeof JSON.parse(pieces.map((piece) => piece.function?.arguments ?? '').join('')).city, 'string');
    });

    it('work through the SDK\'s own stream helper', async () => {
        const final = await client.chat.completions.stream(say('Weather in Oslo?', choice)).finalChatCompletion();
        assert.equal(final.choices[0].message.tool_calls[0].function.name, 'get_weather');
    });
});

describe('vision', () => {
    it('passes images on as they are', async () => {
        const pixel = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
        const content = [
            { type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url: pixel, detail: 'low' } },
        ];
        const answer = await client.chat.completions.create(say(content));
        assert.deepEqual((await mock.lastBody()).messages[0].content, content);
        assert.notEqual(answer.choices[0].message.content, '');
    });
});

describe('embeddings', () => {
    const ask = (more = {}) => client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'], ...more });

    it('come as floats', async () => {
        const { data, usage } = await ask({ encoding_format: 'float' });
        assert.deepEqual(data.map((row) => row.index), [0, 1]);
        assert.equal(data[0].embedding.length, 1536);
        assert.ok(usage.prompt_tokens > 0);
    });

    it('come as base64, which the SDK asks for by itself and decodes', async () => {
        const [floats, decoded] = [await ask({ encoding_format: 'float' }), await ask()];
        assert.equal((await mock.lastBody()).encoding_format, 'base64');
        assert.equal(decoded.data[1].embedding.length, 1536);
        decoded.data[1].embedding.forEach((value, i) => assert.ok(Math.abs(value - floats.data[1].embedding[i]) < 1e-6));
    });

    it('come shorter on request', async () => {
        assert.equal((await ask({ dimensions: 256, encoding_format: 'float' })).data[0].embedding.length, 256);
    });
});

describe('models', () => {
    it('are listed, those of the key only', async () => {
        const ids = async (from) => (await collect(await from.models.list())).map((model) => model.id).sort();
        assert.deepEqual(await ids(client), MODELS);
        assert.deepEqual(await ids(clientOf(NARROW_KEY)), ['gpt-4o-mini']);
    });

    it('are retrieved by name, or not found', async () => {
        const model = await client.models.retrieve('gpt-4o');
        assert.equal(model.id, 'gpt-4o');
        assert.equal(model.object, 'model');
        await assert.rejects(client.models.retrieve('gpt-none'), OpenAI.NotFoundError);
    });
});

describe('errors', () => {
    /** The error of a call, which must fail. */
    async function errorOf(call) {
        try {
            await call;
        } catch (error) {
            return error;
        }
        return assert.fail('the call should have failed');
    }
    const faulty = (name, more = {}) => client.chat.completions.create({ ...say('Hello.', more), model: `sim-fault-${name}` });

    const ofTheVendor = [
        ['status-400', OpenAI.BadRequestError, 400],
        ['status-404', OpenAI.NotFoundError, 404],
        ['status-429', OpenAI.RateLimitError, 429],
        ['status-500', OpenAI.InternalServerError, 500],
        ['status-503', OpenAI.InternalServerError, 503],
        // The gateway's own key was refused: that is not the caller's mistake.
        ['status-401', OpenAI.InternalServerError, 502],
        ['status-403', OpenAI.InternalServerError, 502],
    ];
    for (const [fault, type, status] of ofTheVendor) {
        it(`of the vendor: ${fault} is ${type.name} ${status}`, async () => {
            for (const stream of [false, true]) {
                const error = await errorOf(faulty(fault, { stream }));
                assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
                assert.equal(error.status, status);
                assert.notEqual(error.error.message, '');
                assert.equal(typeof error.type, 'string');
                assert.ok(error.requestID);
            }
        });
    }

    it('of the vendor keep when to come back', async () => {
        const error = await errorOf(faulty('status-429'));
        assert.ok(Number(error.headers.get('retry-after')) > 0);
    });

    it('of a key: unknown is AuthenticationError, a model out of its reach PermissionDeniedError', async () => {
        const unknown = await errorOf(clientOf('gw-nobody-0123456789').chat.completions.create(say('Hello.')));
        assert.ok(unknown instanceof OpenAI.AuthenticationError);
        assert.equal(unknown.code, 'invalid_api_key');
        const narrow = await errorOf(clientOf(NARROW_KEY).chat.completions.create(say('Hello.')));
        assert.ok(narrow instanceof OpenAI.PermissionDeniedError);
    });

    it('of the request: an unknown model is NotFoundError, nonsense BadRequestError', async () => {
        const missing = await errorOf(client.chat.completions.create({ ...say('Hello.'), model: 'nobody-has-this' }));
        assert.ok(missing instanceof OpenAI.NotFoundError);
        assert.equal(missing.code, 'model_not_found');
        const nonsense = await errorOf(client.chat.completions.create({ model: 'gpt-4o', messages: 'Hello.' }));
        assert.ok(nonsense instanceof OpenAI.BadRequestError);
    });

    it('of a limit: RateLimitError says which limit and when to come back', async () => {
        const once = () => client.chat.completions.create({ ...say('Hello.'), model: 'sim-once' });
        await once();
        const error = await errorOf(once());
        assert.ok(error instanceof OpenAI.RateLimitError);
        assert.equal(error.code, 'rate_limit_exceeded');
        assert.match(error.message, /at its limit of 1 request/);
        assert.ok(Number(error.headers.get('retry-after')) > 0);
    });

    it('after the stream began: the vendor\'s error event is raised', async () => {
        const error = await errorOf(faulty('error-event', { stream: true }).then(collect));
        assert.ok(error instanceof OpenAI.APIError, `${error.constructor.name}: ${error.message}`);
    });

    it('after the stream began: a cut is no silent end', async () => {
        const chunks = [];
        await errorOf((async () => {
            for await (const chunk of await faulty('cut-stream', { stream: true })) chunks.push(chunk);
        })());
        assert.ok(chunks.length > 0);
        assert.notEqual(chunks.at(-1).choices[0]?.finish_reason, 'stop');
    });

    it('of a vendor out of reach: InternalServerError, and of a gateway out of reach: APIConnectionError', async () => {
        const gone = await Mock.start();
        await gone.stop();
        const lonely = await Gateway.start(gone.origin);
        const error = await errorOf(clientOf(KEY, lonely.baseURL).chat.completions.create(say('Hello.')));
        await lonely.stop();
        assert.ok(error instanceof OpenAI.InternalServerError);
        assert.equal(error.status, 502);
        assert.equal(error.code, 'connection_error');
        const nobody = await errorOf(clientOf(KEY, lonely.baseURL).chat.completions.create(say('Hello.')));
        assert.ok(nobody instanceof OpenAI.APIConnectionError);
    });
});
