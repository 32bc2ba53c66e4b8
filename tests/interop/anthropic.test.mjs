// npm's @anthropic-ai/sdk against a running gateway: its users see Anthropic's protocol, whichever vendor answers.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';

import { ASKED_IN_WORDS, Gateway, KEY, Mock, MODELS, NARROW_KEY, PICTURE, PIXEL, until, WIRES } from './harness.mjs';

// `platform` is the vendor's name in gateway.toml. Only Anthropic's own answers pass as they are; the others' are converted.
// `wire` is the protocol that the vendor speaks, `faults` what its failures mean where that isn't what everybody's mean: MiniMax
// gives them under HTTP 200 with a number of its own, and has none for an unknown model, nor for an overload.
const VENDORS = [
    { vendor: 'Anthropic', platform: 'anthropic', models: ['claude-sonnet-5-5', 'claude-haiku-4-5'], sees: 'claude-haiku-4-5' },
    { vendor: 'OpenAI', platform: 'openai', models: ['gpt-4o', 'gpt-4o-mini', 'o4-mini'], sees: 'gpt-4o' },
    { vendor: 'DashScope', platform: 'qwen', models: ['qwen-plus', 'qwen3-max'], sees: 'qwen3-vl-plus' },
    {
        vendor: 'Gemini', platform: 'gemini', wire: WIRES.gemini, models: ['gemini-3.6-flash', 'gemini-2.5-flash'],
        sees: 'gemini-3.6-flash', alwaysParallel: true,
    },
    {
        vendor: 'Doubao', platform: 'doubao', models: ['doubao-seed-2-0-pro', 'doubao-seed-1-6', 'doubao-1-5-pro-32k'],
        sees: 'doubao-seed-2-0-pro',
    },
    {
        vendor: 'MiniMax', platform: 'minimax', models: ['MiniMax-M3', 'MiniMax-M2.7', 'MiniMax-Text-01'],
        sees: 'MiniMax-M3', alwaysParallel: true,
        faults: {
            'status-404': [Anthropic.BadRequestError, 400, 'invalid_request_error'],
            'status-500': [Anthropic.InternalServerError, 502, 'api_error'],
            'status-503': [Anthropic.InternalServerError, 502, 'api_error'],
        },
    },
];
const EVERY_MODEL = VENDORS.flatMap(({ models }) => models);
const passesThrough = (model) => model.startsWith('claude-');
const wireOf = (model) => VENDORS.find(({ models }) => models.includes(model)).wire ?? WIRES.chat;
// Anthropic's newest refuse a choice that forces a tool; they call one when the prompt names it.
// MiniMax's, and Doubao's before the Seeds, know no such choice: the gateway leaves it to them, and says so.
const NOT_FORCED = EVERY_MODEL.filter((model) => model.startsWith('MiniMax-') || model === 'doubao-1-5-pro-32k');
const FORCEABLE = EVERY_MODEL.filter((model) => model !== 'claude-sonnet-5-5' && !NOT_FORCED.includes(model));
// OpenAI's reasoning models and Doubao's Seeds take no stop sequences.
const NEVER_STOPPED = ['o4-mini', 'doubao-seed-2-0-pro', 'doubao-seed-1-6'];

let mock;
let gateway;
let client;

const clientOf = (apiKey = KEY, baseURL = gateway.origin) => new Anthropic({ apiKey, baseURL, maxRetries: 0, timeout: 20_000 });
const say = (model, content, more = {}) => ({ model, max_tokens: 2048, messages: [{ role: 'user', content }], ...more });

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

const textOf = (message) => message.content.filter((block) => block.type === 'text').map((block) => block.text).join('');
const callsOf = (message) => message.content.filter((block) => block.type === 'tool_use');

/** What the plain answer and the streamed one have in common: all but what the SDK's helper adds. */
const gist = ({ id, type, role, model, content, stop_reason, stop_sequence, usage }) => ({
    id, type, role, model, stop_reason, stop_sequence, input: usage.input_tokens, output: usage.output_tokens,
    content: content.map(({ parsed_output, ...block }) => block),
});

describe('messages', () => {
    for (const model of EVERY_MODEL) {
        it(`of ${model} answer`, async () => {
            const { data, response, request_id } = await client.messages.create(say(model, 'Name a river.')).withResponse();
            assert.equal(data.type, 'message');
            assert.equal(data.role, 'assistant');
            assert.equal(data.model, model);
            assert.equal(data.stop_reason, 'end_turn');
            assert.notEqual(textOf(data), '');
            assert.ok(data.usage.input_tokens > 0 && data.usage.output_tokens > 0);
            assert.match(response.headers.get('content-type'), /^application\/json/);
            assert.ok(request_id);
        });

        it(`of ${model} stream what they would have answered`, async () => {
            const request = say(model, 'Name a river.');
            const whole = await client.messages.create(request);
            const pieces = [];
            const stream = client.messages.stream(request).on('text', (text) => pieces.push(text));
            assert.deepEqual(gist(await stream.finalMessage()), gist(whole));
            assert.equal(pieces.join(''), textOf(whole));
            assert.ok(pieces.length > 1);
        });

        it(`of ${model} end where max_tokens says`, async () => {
            const request = { ...say(model, 'Name a river.'), max_tokens: passesThrough(model) ? 8 : 4 };
            const whole = await client.messages.create(request);
            assert.equal(whole.stop_reason, 'max_tokens');
            assert.equal((await client.messages.stream(request).finalMessage()).stop_reason, 'max_tokens');
        });

        it(`of ${model} take a system prompt and several turns`, async () => {
            const messages = [
                { role: 'user', content: 'One?' }, { role: 'assistant', content: 'Two.' }, { role: 'user', content: 'Three?' },
            ];
            const system = [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }];
            await client.messages.create({ model, max_tokens: 2048, system, messages });
            const sent = await mock.lastBody();
            if (passesThrough(model)) {
                assert.deepEqual(sent.system, system);
                assert.deepEqual(sent.messages, messages);
            } else {
                const wire = wireOf(model);
                assert.match(JSON.stringify(wire.system(sent)), /Be brief\./);
                assert.deepEqual(wire.roles(sent), ['user', 'assistant', 'user']);
            }
        });

        it(`of ${model} are counted before they are sent`, async () => {
            const count = async (more) => (await client.messages.countTokens(
                { model, messages: [{ role: 'user', content: 'Name a river.' }], ...more })).input_tokens;
            const bare = await count({});
            assert.ok(bare > 0);
            assert.ok(await count({ system: 'Answer in one short and simple sentence.' }) > bare);
            assert.ok(await count({ tools: [WEATHER] }) > bare);
        });
    }

    for (const model of EVERY_MODEL.filter((name) => !NEVER_STOPPED.includes(name))) {
        it(`of ${model} end before a stop sequence`, async () => {
            const stopped = await client.messages.create(say(model, 'Name a river.', { stop_sequences: ['a river'] }));
            assert.doesNotMatch(textOf(stopped), /a river/);
            assert.match(textOf(stopped), /Name $/);
            // The others don't say which it was that ended their answer.
            if (passesThrough(model)) assert.deepEqual([stopped.stop_reason, stopped.stop_sequence], ['stop_sequence', 'a river']);
        });
    }

    for (const model of NEVER_STOPPED) {
        it(`of ${model} end as they will, and stop sequences are said to be lost`, async () => {
            const request = say(model, 'Name a river.', { stop_sequences: ['a river'] });
            const { data, response } = await client.messages.create(request).withResponse();
            assert.equal(data.stop_reason, 'end_turn');
            assert.match(response.headers.get('x-aigw-warnings'), /dropped:stop_sequences/);
        });
    }

    for (const { vendor, sees, wire = WIRES.chat } of VENDORS) {
        it(`with an image reach ${vendor}`, async () => {
            const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } };
            const answer = await client.messages.create(say(sees, [image, { type: 'text', text: 'What is this?' }]));
            assert.notEqual(textOf(answer), '');
            const sent = await mock.lastBody();
            if (passesThrough(sees)) assert.deepEqual(sent.messages[0].content[0], image);
            else assert.equal(wire.image(sent), PICTURE);
        });
    }
});

const WEATHER = {
    name: 'get_weather', description: 'The weather of a city.',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const CLOCK = {
    name: 'get_time', description: 'The time of a city.',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

describe('tools', () => {
    const ways = [
        ['plainly', (request) => client.messages.create(request)],
        ['in a stream', (request) => client.messages.stream(request).finalMessage()],
    ];
    for (const model of EVERY_MODEL) {
        for (const [way, ask] of ways) {
            it(`are called by ${model} ${way}, and their results read`, async () => {
                const forced = FORCEABLE.includes(model) ? { tool_choice: { type: 'any' } } : {};
                const request = say(model, 'Call get_weather for Oslo.', { tools: [WEATHER], ...forced });
                const first = await ask(request);
                assert.equal(first.stop_reason, 'tool_use');
                const calls = callsOf(first);
                assert.equal(calls[0].name, 'get_weather');
                assert.equal(typeof calls[0].input.city, 'string');
                const results = calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: '{"celsius": 4}' }));
                const second = await ask({
                    ...request, tool_choice: { type: 'auto' },
                    messages: [...request.messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
                });
                assert.equal(second.stop_reason, 'end_turn');
                assert.notEqual(textOf(second), '');
            });
        }

        it(`are left alone by ${model} when the choice is none`, async () => {
            const answer = await client.messages.create(say(model, 'Weather in Oslo?', { tools: [WEATHER], tool_choice: { type: 'none' } }));
            assert.deepEqual(callsOf(answer), []);
            assert.equal(answer.stop_reason, 'end_turn');
        });

        // The loop asks the vendor to hold the conversation (the beta message-threads), and then sends new turns only. The
        // simulated Anthropic remembers nothing from one request to the next, and refuses.
        const todo = passesThrough(model) && 'the simulated vendor holds no conversation';
        it(`are run for ${model} by the SDK's own loop`, { todo }, async () => {
            const asked = [];
            const weather = betaZodTool({
                name: 'get_weather', description: 'The weather of a city.', inputSchema: z.object({ city: z.string() }),
                run: ({ city }) => { asked.push(city); return '{"celsius": 4}'; },
            });
            const last = await client.beta.messages.toolRunner(
                { ...say(model, 'Call get_weather for Oslo.', { tools: [weather] }), max_iterations: 4 });
            assert.equal(last.stop_reason, 'end_turn');
            assert.ok(asked.length > 0, 'no tool was called');
        });
    }

    for (const model of NOT_FORCED) {
        it(`are left to ${model} where the choice forces one, and the caller hears of it`, async () => {
            const choice = { tools: [WEATHER, CLOCK], tool_choice: { type: 'tool', name: 'get_time' } };
            const request = say(model, 'Call get_time for Oslo.', choice);
            const { data, response } = await client.messages.create(request).withResponse();
            assert.equal(response.headers.get('x-aigw-warnings'), 'approximated:tool_choice');
            assert.deepEqual(callsOf(data).map(({ name }) => name), ['get_time']);
            assert.deepEqual(gist(await client.messages.stream(request).finalMessage()), gist(data));
        });
    }

    for (const model of FORCEABLE) {
        it(`are called by ${model} in a stream as they would be plainly`, async () => {
            const request = say(model, 'Weather in Oslo?', { tools: [WEATHER, CLOCK], tool_choice: { type: 'tool', name: 'get_time' } });
            const whole = await client.messages.create(request);
            assert.deepEqual(callsOf(whole).map(({ name }) => name), ['get_time']);
            assert.deepEqual(gist(await client.messages.stream(request).finalMessage()), gist(whole));
        });
    }
});

describe('several tools at once', () => {
    const question = 'Call get_weather for Oslo and get_time for Oslo.';
    for (const { vendor, models: [model], alwaysParallel } of VENDORS) {
        it(`of ${vendor}: each call gets its result`, async () => {
            const request = say(model, question, { tools: [WEATHER, CLOCK] });
            const first = await client.messages.create(request);
            assert.deepEqual(gist(await client.messages.stream(request).finalMessage()), gist(first));
            const calls = callsOf(first);
            assert.deepEqual(calls.map(({ name }) => name).sort(), ['get_time', 'get_weather']);
            assert.equal(new Set(calls.map(({ id }) => id)).size, 2);
            const results = calls.map(({ id, name }) => ({ type: 'tool_result', tool_use_id: id, content: `${name} is fine` }));
            const second = await client.messages.create({
                ...request,
                messages: [...request.messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
            });
            assert.equal(second.stop_reason, 'end_turn');
        });

        const manner = alwaysParallel ? 'all the same, and said so,' : 'one at a time';
        it(`of ${vendor}: ${manner} when parallel calls are off`, async () => {
            const { data, response } = await client.messages.create(
                say(model, question, { tools: [WEATHER, CLOCK], tool_choice: { type: 'auto', disable_parallel_tool_use: true } }))
                .withResponse();
            assert.equal(callsOf(data).length, alwaysParallel ? 2 : 1);
            const warnings = response.headers.get('x-aigw-warnings');
            assert.equal(warnings, alwaysParallel ? 'dropped:tool_choice.disable_parallel_tool_use' : null);
        });
    }
});

describe('thinking', () => {
    // Gemini's signatures carry its name, for the gateway to know whose they are.
    const signedFor = ({ signature }) => (signature.startsWith('gemini:') ? 'gemini:' : '');
    const CASES = [
        ['claude-sonnet-5-5', { type: 'adaptive', display: 'summarized' }],
        ['claude-haiku-4-5', { type: 'enabled', budget_tokens: 1024 }],
        ['gemini-3.6-flash', { type: 'enabled', budget_tokens: 1024 }],
    ];
    for (const [model, thinking] of CASES) {
        it(`of ${model} is signed, streamed alike, and verified when it comes back`, async () => {
            const request = say(model, 'Call get_weather for Oslo.', { thinking, tools: [WEATHER] });
            const first = await client.messages.create(request);
            assert.deepEqual(gist(await client.messages.stream(request).finalMessage()), gist(first));
            const thought = first.content.find(({ type }) => type === 'thinking');
            assert.notEqual(thought.thinking, '');
            assert.notEqual(thought.signature, '');

            const results = callsOf(first).map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'rain' }));
            assert.ok(results.length > 0);
            const goOn = (content) => client.messages.create({
                ...request, messages: [...request.messages, { role: 'assistant', content }, { role: 'user', content: results }],
            });
            assert.notEqual(textOf(await goOn(first.content)), '');
            const signature = `${signedFor(thought)}Zm9yZ2Vk`;
            const forged = first.content.map((block) => (block === thought ? { ...block, signature } : block));
            await assert.rejects(goOn(forged), Anthropic.BadRequestError);
        });
    }

    for (const model of EVERY_MODEL.filter((name) => !passesThrough(name) && !name.startsWith('gpt-'))) {
        it(`asked of ${model} is understood, and its answer may come back`, async () => {
            const request = say(model, 'Think.', { max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 1024 } });
            const first = await client.messages.create(request);
            assert.deepEqual(gist(await client.messages.stream(request).finalMessage()), gist(first));
            const second = await client.messages.create({
                ...request,
                messages: [...request.messages, { role: 'assistant', content: first.content }, { role: 'user', content: 'And now?' }],
            });
            assert.notEqual(textOf(second), '');
        });
    }

    // Doubao's 1.6 thinks, but takes no thoughts back.
    for (const model of ['qwen3-max', 'gemini-2.5-flash', 'doubao-seed-2-0-pro', 'doubao-seed-1-6', 'MiniMax-M3', 'MiniMax-M2.7']) {
        it(`of ${model} is told, and comes back beside the results of the tools it called`, async () => {
            const request = say(model, 'Call get_weather for Oslo.', {
                max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 1024 }, tools: [WEATHER],
            });
            const first = await client.messages.create(request);
            assert.deepEqual(gist(await client.messages.stream(request).finalMessage()), gist(first));
            const thought = first.content.find(({ type }) => type === 'thinking');
            assert.notEqual(thought.thinking, '');
            const results = callsOf(first).map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'rain' }));
            assert.ok(results.length > 0);
            const second = await client.messages.create({
                ...request,
                messages: [...request.messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
            });
            assert.notEqual(textOf(second), '');
            const sent = JSON.stringify(await mock.lastBody());
            const kept = thought.signature ? thought.signature.split(':').at(-1) : JSON.stringify(thought.thinking).slice(1, -1);
            assert.equal(sent.includes(kept), model !== 'doubao-seed-1-6', sent);
        });
    }
});

describe('structured output', () => {
    const Place = z.object({ city: z.string(), inhabitants: z.number().int() });
    for (const model of ASKED_IN_WORDS) {
        it(`is asked of ${model} in words, and the caller hears of it`, async () => {
            const request = say(model, 'Where is the Eiffel tower?', { output_config: { format: zodOutputFormat(Place) } });
            const { response } = await client.messages.create(request).withResponse();
            assert.equal(response.headers.get('x-aigw-warnings'), 'approximated:output_config.format');
            assert.match(JSON.stringify(WIRES.chat.system(await mock.lastBody())), /inhabitants/);
        });
    }

    for (const model of EVERY_MODEL.filter((name) => !ASKED_IN_WORDS.includes(name))) {
        it(`of ${model} is parsed`, async () => {
            const request = say(model, 'Where is the Eiffel tower? Answer in JSON.', { output_config: { format: zodOutputFormat(Place) } });
            const { parsed_output } = await client.messages.parse(request);
            assert.deepEqual(Object.keys(parsed_output).sort(), ['city', 'inhabitants']);
            assert.deepEqual((await client.messages.stream(request).finalMessage()).parsed_output, parsed_output);
        });
    }
});

describe('models', () => {
    it('are listed, those of the key only', async () => {
        const ids = async (from) => {
            const listed = [];
            for await (const { id, type } of from.models.list()) {
                assert.equal(type, 'model');
                listed.push(id);
            }
            return listed.sort();
        };
        assert.deepEqual(await ids(client), MODELS);
        assert.deepEqual(await ids(clientOf(NARROW_KEY)), ['gpt-4o-mini']);
    });

    it('are retrieved by name, or not found', async () => {
        for (const { models: [id] } of VENDORS) assert.equal((await client.models.retrieve(id)).id, id);
        await assert.rejects(client.models.retrieve('claude-none'), Anthropic.NotFoundError);
    });
});

/** The error of a call, which must fail. */
async function errorOf(call) {
    try {
        await call;
    } catch (error) {
        return error;
    }
    return assert.fail('the call should have failed');
}

for (const { vendor, platform, faults = {} } of VENDORS) {
    describe(`faults of ${vendor}`, () => {
        let faulty;
        let from;
        before(async () => {
            faulty = await Gateway.start(mock.origin, platform);
            from = clientOf(KEY, faulty.origin);
        });
        after(() => faulty?.stop());
        const asking = (fault) => say(`sim-fault-${fault}`, 'Hello.');

        const statuses = [
            ['status-400', Anthropic.BadRequestError, 400, 'invalid_request_error'],
            ['status-404', Anthropic.NotFoundError, 404, 'not_found_error'],
            ['status-429', Anthropic.RateLimitError, 429, 'rate_limit_error'],
            ['status-500', Anthropic.InternalServerError, 500, 'api_error'],
            // The gateway's own key was refused: that is not the caller's mistake.
            ['status-401', Anthropic.InternalServerError, 502, 'api_error'],
        ];
        for (const [fault, ...everybodys] of statuses) {
            const [type, status, wire] = faults[fault] ?? everybodys;
            it(`${fault} is ${type.name} ${status}`, async () => {
                for (const ask of [() => from.messages.create(asking(fault)), () => from.messages.stream(asking(fault)).finalMessage()]) {
                    const error = await errorOf(ask());
                    assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
                    assert.equal(error.status, status);
                    assert.equal(error.error.type, 'error');
                    assert.equal(error.error.error.type, wire);
                    assert.notEqual(error.error.error.message, '');
                    assert.ok(error.requestID);
                }
            });
        }

        it(`an overload is InternalServerError, and ${faults['status-503'] ? 'not told apart' : 'called overloaded'}`, async () => {
            const fault = platform === 'anthropic' ? 'status-529' : 'status-503';
            const [type, status, wire] = faults[fault] ?? [Anthropic.InternalServerError, 529, 'overloaded_error'];
            const error = await errorOf(from.messages.create(asking(fault)));
            assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
            assert.equal(error.status, status);
            assert.equal(error.error.error.type, wire);
        });

        it('in mid-stream are raised: an error event, and a cut', async () => {
            for (const fault of ['error-event', 'cut-stream']) {
                const pieces = [];
                const stream = from.messages.stream(asking(fault)).on('text', (text) => pieces.push(text));
                const error = await errorOf(stream.finalMessage());
                assert.ok(error instanceof Anthropic.AnthropicError, `${error.constructor.name}: ${error.message}`);
                assert.ok(pieces.length > 0, `${fault}: nothing came before it`);
            }
        });

        it('do not hide a reader who leaves: the vendor sees it', async () => {
            const stream = from.messages.stream(asking('stall-stream'));
            const refused = assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
            await new Promise((resolve) => { stream.once('text', resolve); });
            stream.abort();
            await refused;
            await until('the vendor sees the reader leave', async () => (await mock.seen()).aborted === 1);
        });

        it('do not hide a caller who gives up before the first byte', async () => {
            const abort = new AbortController();
            const refused = assert.rejects(
                from.messages.create(asking('never'), { signal: abort.signal }), Anthropic.APIUserAbortError);
            await until('the vendor has the request', async () => (await mock.seen()).open === 1);
            abort.abort();
            await refused;
            await until('the vendor sees the caller leave', async () => (await mock.seen()).aborted === 1);
        });
    });
}

describe('refusals of the gateway', () => {
    it('of a key: unknown is AuthenticationError, a model out of its reach PermissionDeniedError', async () => {
        for (const model of EVERY_MODEL) {
            const unknown = await errorOf(clientOf('gw-nobody-0123456789').messages.create(say(model, 'Hello.')));
            assert.ok(unknown instanceof Anthropic.AuthenticationError);
            assert.equal(unknown.error.error.type, 'authentication_error');
        }
        const narrow = await errorOf(clientOf(NARROW_KEY).messages.create(say('claude-haiku-4-5', 'Hello.')));
        assert.ok(narrow instanceof Anthropic.PermissionDeniedError);
        assert.equal(narrow.error.error.type, 'permission_error');
    });

    it('take a key as a bearer as well', async () => {
        const bearer = new Anthropic({ apiKey: null, authToken: KEY, baseURL: gateway.origin, maxRetries: 0 });
        assert.equal((await bearer.messages.create(say('gpt-4o', 'Hello.'))).type, 'message');
    });

    it('of a model: NotFoundError', async () => {
        const missing = await errorOf(client.messages.create(say('nobody-has-this', 'Hello.')));
        assert.ok(missing instanceof Anthropic.NotFoundError);
        assert.equal(missing.error.error.type, 'not_found_error');
    });

    for (const model of EVERY_MODEL) {
        it(`of a request to ${model} without max_tokens, or with nonsense: BadRequestError`, async () => {
            const { max_tokens, ...lacking } = say(model, 'Hello.');
            for (const body of [lacking, { ...lacking, max_tokens, messages: 'Hello.' }]) {
                const error = await errorOf(client.post('/v1/messages', { body }));
                assert.ok(error instanceof Anthropic.BadRequestError, `${error.constructor.name}: ${error.message}`);
                assert.equal(error.error.error.type, 'invalid_request_error');
            }
        });
    }

    it('of a limit: RateLimitError says when to come back', async () => {
        const once = () => client.messages.create(say('sim-once', 'Hello.'));
        await once();
        const error = await errorOf(once());
        assert.ok(error instanceof Anthropic.RateLimitError);
        assert.equal(error.error.error.type, 'rate_limit_error');
        assert.ok(Number(error.headers.get('retry-after')) > 0);
    });
});
