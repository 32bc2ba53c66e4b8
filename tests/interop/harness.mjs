// Starts the real programs for a test: `aigw mock` as the vendor, `aigw serve` as the gateway in front of it, both on
// free ports. Whoever starts one stops it; nothing here waits for a length of time, only for conditions.

import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const BINARY = process.env.AIGW ?? beside('../../build/release/aigw');
const DEADLINE_MS = 20_000;

// What gateway.toml lists, and the callers it knows.
export const MODELS = [
    'MiniMax-M2.7', 'MiniMax-M3', 'MiniMax-Text-01', 'claude-haiku-4-5', 'claude-opus-5-5', 'claude-sonnet-5-5', 'doubao-1-5-pro-32k',
    'doubao-seed-1-6', 'doubao-seed-2-0-pro', 'gemini-2.5-flash', 'gemini-3.6-flash', 'gpt-4o', 'gpt-4o-mini', 'gpt-5-pro', 'gpt-6-luna',
    'o4-mini', 'qwen-plus', 'qwen3-max', 'qwen3-vl-plus', 'text-embedding-3-small',
];
// Models whose vendors take no JSON Schema: they are asked for it in words, which no simulated model understands.
export const ASKED_IN_WORDS = ['doubao-1-5-pro-32k', 'MiniMax-M3', 'MiniMax-M2.7'];
export const KEY = 'gw-interop-all-models-0123456789';
export const NARROW_KEY = 'gw-interop-one-model-0123456789';

/** A picture: PNG in base64. */
export const PIXEL =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const dataUrl = (type, data) => `data:${type};base64,${data}`;

/** A picture: PNG. */
export const PICTURE = dataUrl('image/png', PIXEL);

/** What a vendor was sent by its protocol: the system prompt, the roles of the turns, the first turn's image. */
export const WIRES = {
    anthropic: {
        system: (sent) => sent.system,
        roles: (sent) => sent.messages.map(({ role }) => role),
        image: (sent) => {
            const { source } = sent.messages[0].content.find(({ type }) => type === 'image');
            return dataUrl(source.media_type, source.data);
        },
    },
    chat: {
        system: ({ messages: [first] }) => (/^(system|developer)$/.test(first.role) ? first.content : undefined),
        roles: (sent) => sent.messages.map(({ role }) => role).filter((role) => !/^(system|developer)$/.test(role)),
        image: (sent) => sent.messages[0].content.find(({ type }) => type === 'image_url').image_url.url,
    },
    gemini: {
        system: (sent) => sent.systemInstruction,
        roles: (sent) => sent.contents.map(({ role }) => (role === 'model' ? 'assistant' : role)),
        image: (sent) => {
            const { inlineData } = sent.contents[0].parts.find((part) => part.inlineData);
            return dataUrl(inlineData.mimeType, inlineData.data);
        },
    },
};

/** Asks until `ask()` gives something true; fails with `what` when the deadline passes first. */
export async function until(what, ask) {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
        const answer = await ask();
        if (answer) return answer;
        if (Date.now() > deadline) throw new Error(`still waiting after ${DEADLINE_MS} ms: ${what}`);
        await pause(10);
    }
}

/** A program of ours that says on stderr where it listens. */
class Listener {
    #process;
    #log = '';
    #ended = false;

    static async start(args, env = {}) {
        const listener = new Listener();
        listener.#process = spawn(BINARY, args, {
            env: { PATH: process.env.PATH, HOME: tmpdir(), ...env }, stdio: ['ignore', 'ignore', 'pipe'],
        });
        listener.#process.stderr.setEncoding('utf8').on('data', (text) => { listener.#log += text; });
        listener.#process.on('error', (error) => { listener.#log += error.message; listener.#ended = true; });
        listener.#process.on('exit', () => { listener.#ended = true; });
        listener.origin = await until(`${args[0]} says where it listens`, () => {
            if (listener.#ended) throw new Error(`aigw ${args.join(' ')} ended:\n${listener.#log}`);
            const address = /ready on (?:http:\/\/)?(127\.0\.0\.1:\d+).*\n/.exec(listener.#log);
            return address && `http://${address[1]}`;
        });
        return listener;
    }

    async stop() {
        if (!this.#ended) this.#process.kill('SIGTERM');
        await until('the program ends', () => this.#ended);
    }
}

/** The simulated vendors. */
export class Mock {
    #listener;

    static async start(...args) {
        const mock = new Mock();
        mock.#listener = await Listener.start(['mock', '--listen', '127.0.0.1:0', ...args]);
        mock.origin = mock.#listener.origin;
        return mock;
    }

    /** What came in since the last forget(): {count, open, aborted, requests}. */
    async seen() {
        return (await fetch(`${this.origin}/__sim/requests`)).json();
    }

    async forget() {
        await fetch(`${this.origin}/__sim/requests`, { method: 'DELETE' });
    }

    async lastBody() {
        return JSON.parse((await this.seen()).requests.at(-1).body);
    }

    stop() {
        return this.#listener.stop();
    }
}

/** A gateway by gateway.toml: its platforms are at `upstreamOrigin`, and `faultsAt` is the one that plays faults. */
export class Gateway {
    #listener;

    static async start(upstreamOrigin, faultsAt = 'openai') {
        const gateway = new Gateway();
        gateway.#listener = await Listener.start(['serve', '-c', beside('gateway.toml')], {
            UPSTREAM: upstreamOrigin, FAULTS_AT: faultsAt, ALL_MODELS_KEY: KEY, ONE_MODEL_KEY: NARROW_KEY, VENDOR_KEY: 'sk-interop',
        });
        gateway.origin = gateway.#listener.origin;
        gateway.baseURL = `${gateway.origin}/v1`;
        return gateway;
    }

    stop() {
        return this.#listener.stop();
    }
}
