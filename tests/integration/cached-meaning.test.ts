import { utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../server/inference/engine.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';
import { startRedis } from '../testkit/redis.ts';

const question = 'Why is the sky blue?';
const paraphrase = 'What makes the heavens look that colour by day?';
const stranger = 'How do I cook rice?';
const directions: Record<string, number[]> = {
  [question]: [1, 0.1, 0],
  [paraphrase]: [1, 0, 0.1],
  [stranger]: [0, 1, 1],
};

/** A scripted engine whose embedding model knows three questions. */
function engineThatKnows(embed?: Engine['embed']) {
  const engine = createScriptedEngine();
  const byDirection: Engine['embed'] = async (model, texts, signal) => {
    const values = directions[texts[0] ?? ''];
    if (values === undefined) return engine.embed(model, texts, signal);
    return { vectors: [Array.from({ length: 32 }, (_, at) => values[at] ?? 0)], tokens: 8 };
  };
  return { overrides: { engine: { ...engine, embed: embed ?? byDirection } satisfies Engine } };
}

interface Hit {
  cached: boolean;
  cacheHit: { similarity: number; sourceMessageId: string } | null;
}

/** Asks, and waits for the end; says whether the cache answered. */
async function ask(url: string, sessionId: string, content: string): Promise<Hit & { id: string }> {
  const { reply } = await send(url, sessionId, content);
  await readToEnd(followBySse(url, reply.id));
  const { message } = await askFor<{ message: Hit & { id: string } }>(
    url,
    'query ($id: ID!) { message(id: $id) { id cached cacheHit { similarity sourceMessageId } } }',
    { id: reply.id },
  );
  return message;
}

const env = { EMBEDDING_MODEL: 'test-model' };

describe('a question in quite other words', () => {
  it.each(['memory', 'redis'])(
    'is answered from the cache where a model says that it means the same (%s)',
    async (store) => {
      const redis = store === 'redis' ? { REDIS_URL: (await startRedis()).url } : {};
      const { url } = await startPortal({ env: { ...env, ...redis }, overrides: engineThatKnows().overrides });
      const sessionId = await createSession(url);
      const first = await ask(url, sessionId, question);
      expect(await ask(url, sessionId, stranger)).toMatchObject({ cached: false });
      const { cached, cacheHit } = await ask(url, sessionId, paraphrase);
      expect(cached).toBe(true);
      expect(cacheHit).toEqual({ sourceMessageId: first.id, similarity: expect.closeTo(0.99, 2) });
      const { telemetry } = await askFor<{ telemetry: { cacheBackend: string } }>(
        url,
        '{ telemetry { cacheBackend } }',
      );
      expect(telemetry.cacheBackend).toBe(store);
    },
  );

  it('is generated where it is not near enough, or no model is set', async () => {
    for (const settings of [{ ...env, CACHE_EMBEDDING_SIMILARITY: '1' }, {}]) {
      const { url } = await startPortal({ env: settings, overrides: engineThatKnows().overrides });
      const sessionId = await createSession(url);
      await ask(url, sessionId, question);
      expect(await ask(url, sessionId, paraphrase)).toMatchObject({ cached: false });
    }
  });

  it('is not compared with what another embedding model said', async () => {
    const { url, config } = await startPortal({
      env: { MODEL: 'test-model', EMBEDDING_MODEL: 'embedder' },
      overrides: engineThatKnows().overrides,
    });
    const file = `${config.models.dir}/embedder.gguf`;
    await writeNoiseModel(file);
    const sessionId = await createSession(url);
    await ask(url, sessionId, question);
    // Another file under the same name is another model.
    await utimes(file, new Date(), new Date(Date.now() - 86_400_000));
    expect(await ask(url, sessionId, paraphrase)).toMatchObject({ cached: false });
  });
});

describe('an embedding model', () => {
  it('that is broken, or says nothing, costs no answer: the wording alone decides', async () => {
    const broken = () => Promise.reject(new Error('out of memory'));
    const silent = () => new Promise<never>(() => {});
    for (const embed of [broken, silent]) {
      const { url } = await startPortal({ env, overrides: engineThatKnows(embed).overrides });
      const sessionId = await createSession(url);
      await ask(url, sessionId, question);
      expect(await ask(url, sessionId, 'Could you explain why the sky is blue?')).toMatchObject({ cached: true });
      expect(await ask(url, sessionId, paraphrase)).toMatchObject({ cached: false });
    }
  });
});
