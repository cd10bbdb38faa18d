import { writeFile } from 'node:fs/promises';
import OpenAI from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { tinyBert } from '../testkit/bert-gguf.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { makeFolder, startLlama } from '../testkit/llama.ts';
import { collectLog } from '../testkit/log.ts';
import { startPortal } from '../testkit/portal.ts';

describe('embeddings by llama.cpp', () => {
  it('decide which questions share an answer only where the model tells questions apart, which one of noise does not', async () => {
    const log = collectLog();
    const { url, config } = await startPortal({
      env: { EMBEDDING_MODEL: 'bert', MODEL: 'test-model', MAX_TOKENS: '4' },
      overrides: { engine: startLlama(), logger: log.logger },
    });
    await writeFile(`${config.models.dir}/bert.gguf`, tinyBert(512));
    const sessionId = await createSession(url);
    for (const content of ['Why is the sky blue?', 'What makes the heavens look that colour by day?']) {
      const { reply } = await send(url, sessionId, content);
      const { message } = await readToEnd(followBySse(url, reply.id));
      // An answer of the cache has no receipt.
      expect(message.receipt?.completionTokens).toBeGreaterThan(0);
    }
    const told = 'the embedding model finds unrelated questions alike, so that answers are shared by wording alone';
    await expect.poll(() => log.lines(told)).toHaveLength(1);
    expect(log.lines(told)[0]?.cosine).toBeGreaterThan(0.9);
  });

  it('reach the openai package while a reply is under way, which goes on', async () => {
    const engine = startLlama();
    const { url, config } = await startPortal({
      env: { EMBEDDING_MODEL: 'embedder', MODEL: 'test-model', TEMPERATURE: '0' },
      overrides: { engine },
    });
    await writeNoiseModel(`${config.models.dir}/embedder.gguf`, { width: 64, vocabulary: 1024, seed: 7 });
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
    const { reply } = await send(url, await createSession(url), 'Tell me a story.', {
      generation: { maxTokens: 200 },
    });
    const told = readToEnd(followBySse(url, reply.id));
    const input = ['Is it raining?', 'Is the sun shining?', 'Is it raining?'];
    const { data, usage } = await client.embeddings.create({ model: 'embedder', input });
    const vectors = data.map(({ embedding }) => embedding);
    expect(vectors.map(({ length }) => length)).toEqual([64, 64, 64]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(vectors[2]).toEqual(vectors[0]);
    expect(vectors[1]).not.toEqual(vectors[0]);
    expect(usage.prompt_tokens).toBeGreaterThan(input.length);
    expect((await told).message).toMatchObject({ status: 'COMPLETE' });
    expect(engine.status().loaded?.name).toBe('test-model');

    const long = await client.embeddings
      .create({ model: 'embedder', input: 'word '.repeat(6_000) })
      .catch((error: unknown) => error);
    expect(long).toMatchObject({ status: 400, param: 'input' });
    expect(String(long)).toMatch(/has \d+ tokens; the model can hold \d+\./);
  });

  it('come from a model that can only embed, with the tokens that it puts around a text counted', async () => {
    const { folder, remove } = await makeFolder();
    onTestFinished(remove);
    const model = { name: 'bert', path: `${folder}/bert.gguf` };
    await writeFile(model.path, tinyBert(64));
    const engine = startLlama();
    const { vectors, tokens } = await engine.embed(model, ['abc', 'abd', 'zbc', 'abc']);
    // Each with the token that begins a text and the one that ends it.
    expect(tokens).toBe(4 * 5);
    for (const vector of vectors) {
      expect(vector).toHaveLength(32);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 9);
    }
    expect(vectors[3]).toEqual(vectors[0]);
    expect(vectors[1]).not.toEqual(vectors[0]);
    expect(vectors[2]).not.toEqual(vectors[0]);
    const longest = 'a'.repeat(61);
    expect((await engine.embed(model, [longest])).tokens).toBe(63);
    await expect(engine.embed(model, [`${longest}a`])).rejects.toThrow(
      'Text 1 of 1 has 64 tokens; the model can hold 63.',
    );
  });
});
