// A streamed answer through aigw with npm's openai: AIGW_URL=http://127.0.0.1:8080 node chat.mjs

import OpenAI from 'openai';

const url = process.env.AIGW_URL ?? 'http://127.0.0.1:8080';
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: process.env.AIGW_KEY ?? 'sk-aigw-dev' });
const stream = await client.chat.completions.create({
    model: 'gpt-4o', messages: [{ role: 'user', content: 'Why is the sky blue?' }], stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
process.stdout.write('\n');
