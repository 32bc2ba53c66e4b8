// Texts that tokenizers find hard, the same ones in every run.

/** Numbers from 0 to 1, always the same for a seed. */
function randomNumbers(seed) {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

const PARTS = [
    'a', 'b', 'A', 'Z', 'the', ' the', 'The', 'ing', 'ERROR', 'camelCase', 'HTTPServer', 'x_y', 'naïve', 'Straße', 'ǅ', 'ſ', 'ı', 'İ',
    ' ', '  ', '    ', '\n', '\r', '\r\n', '\n\n', '\t', '\u0085', '\u2028', '\u3000', '\u180e', '\u00a0', '\u200b',
    "'", "'s", "'S", "'r", "'ll", "'LL", "'Ve", "'ſ", "don't", '’s',
    '1', '23', '4567', '½', '²', '２', '५', 'Ⅷ', '一',
    '-', '--', '=', '===', '/', '//', '!', '...', '#$%', '(', '),', '{"', '": "', '</', '/>', '<|im_start', '|>',
    '日本', '的', '我们', '哈', '你好，', '。', 'かな', 'カナ', '한국어', 'ไทย', 'हिन्दी', 'عربي', 'עברית', 'Ελληνικά', 'Кириллица',
    '😀', '👩‍👩‍👧', '🇩🇪', '\u200d', '\ufe0f', '𝒜', '𠮷',
];

// What NFC changes, moves or joins.
const NORMALIZED = ['é', 'e\u0301', '\u0301', '\u0323', 'a\u0323\u0302', 'Å', '\u212b', 'が', 'か\u3099', '\u1100\u1161', '\u11a8', '가', '\u0958',
    'क\u093c', '\uf900', '\u{1d15e}', '\u0344', '\u037e', 'q\u0307\u0323'];

const CODE = ['for (int i = 0; i < 10; ++i) {\n    x += i;\n}\n', 'def f(self, *args):\n\treturn None\n', '{"id": 12, "name": "Ann", "tags": []}',
    'SELECT * FROM users WHERE id = 42;', '<div class="a b">text</div>\n', 'https://example.com/a/b?c=d&e=%20', '2026-11-29T07:53:00Z'];

function words(random) {
    const letters = 'etaoinshrdlucmfwypvbgkqjxz';
    let text = '';
    for (let i = 1 + random() * 12; i > 0; --i) {
        for (let j = 1 + random() * 9; j > 0; --j) text += letters[Math.floor(letters.length * random() ** 2)];
        text += random() < 0.1 ? ', ' : ' ';
    }
    return text;
}

function characters(random) {
    let text = '';
    const [first, last] = [[0x20, 0x7f], [0xa0, 0x600], [0x600, 0x1200], [0x1e00, 0x2fff], [0x4e00, 0x9fff], [0x1f000, 0x1fbff],
        [0, 0xd7ff], [0xe000, 0x10ffff]][Math.floor(random() * 8)];
    for (let i = 1 + random() * 30; i > 0; --i) text += String.fromCodePoint(first + Math.floor(random() * (last - first + 1)));
    return text;
}

function odd(random, parts) {
    let text = '';
    for (let i = 1 + random() * 25; i > 0; --i) {
        const part = parts[Math.floor(random() * parts.length)];
        text += random() < 0.05 ? part.repeat(1 + random() * 60) : part;
    }
    return text;
}

/** `count` texts: parts that break tokenizers, characters of every script, words, code, all of them mixed. */
export function hardTexts(count, seed) {
    const random = randomNumbers(seed);
    const makers = [
        () => odd(random, PARTS), () => odd(random, [...PARTS, ...NORMALIZED]), () => odd(random, NORMALIZED),
        () => characters(random), () => words(random), () => odd(random, CODE),
        () => words(random) + odd(random, [...PARTS, ...CODE]) + characters(random) + words(random),
    ];
    return Array.from({ length: count }, () => makers[Math.floor(random() * makers.length)]());
}
