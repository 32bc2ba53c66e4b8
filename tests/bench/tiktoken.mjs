// npm's tiktoken on texts: tiktoken.mjs RANKS_NAME NAME=FILE... prints, for each, nanoseconds per byte of the fastest of
// three runs and the count. It takes the package that the interoperability tests fetch.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../interop/package.json', import.meta.url));
const { get_encoding: getEncoding } = require('tiktoken');

const [name, ...texts] = process.argv.slice(2);
const encoding = getEncoding(name);
for (const argument of texts) {
    const [title, file] = argument.split('=');
    const bytes = readFileSync(file);
    const text = bytes.toString('utf8');
    let best = Infinity;
    let count = 0;
    for (let run = 0; run < 3; ++run) {
        const start = process.hrtime.bigint();
        count = encoding.encode_ordinary(text).length;
        best = Math.min(best, Number(process.hrtime.bigint() - start) / bytes.length);
    }
    console.log(`${title}_ns_per_byte ${best}`);
    console.log(`${title}_tokens ${count}`);
}
