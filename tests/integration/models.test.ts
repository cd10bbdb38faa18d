import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../server/inference/engine.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

interface ModelView {
  name: string;
  loaded: boolean;
  threads: number | null;
}

const fields = '{ name loaded threads }';
const loadModel = `mutation ($name: String!) { loadModel(name: $name) ${fields} }`;
const unloadModel = `mutation ($name: String!) { unloadModel(name: $name) ${fields} }`;

const isLoaded = async (url: string) => {
  const { models } = await askFor<{ models: ModelView[] }>(url, `{ models ${fields} }`);
  return models.find(({ name }) => name === 'test-model')?.loaded;
};

describe('loading and unloading models', () => {
  it('shows at once in the list, and unloading twice is no error', async () => {
    const { url } = await startPortal();
    const name = 'test-model';
    const loaded = await askFor<{ loadModel: ModelView }>(url, loadModel, { name });
    expect(loaded.loadModel).toEqual({ name, loaded: true, threads: 1 });
    expect(await isLoaded(url)).toBe(true);
    for (let times = 0; times < 2; times++) {
      const unloaded = await askFor<{ unloadModel: ModelView }>(url, unloadModel, { name });
      expect(unloaded.unloadModel).toEqual({ name, loaded: false, threads: null });
      expect(await isLoaded(url)).toBe(false);
    }
  });

  it('waits for the replies that run, which lose nothing; the next message loads the model again', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'Stay.');
    await expect.poll(() => engine.running).toBe(1);
    let unloaded = false;
    const unloading = askFor(url, unloadModel, { name: 'test-model' }).then(() => {
      unloaded = true;
    });
    engine.release(3);
    expect(await isLoaded(url)).toBe(true);
    expect(unloaded).toBe(false);
    engine.release();
    for await (const event of followBySse(url, reply.id)) {
      if (event.__typename === 'ReplyFinished') expect(event.message.status).toBe('COMPLETE');
    }
    await unloading;
    expect(await isLoaded(url)).toBe(false);
    const next = await send(url, sessionId, 'And again.');
    for await (const event of followBySse(url, next.reply.id)) {
      if (event.__typename === 'ReplyFinished') expect(event.message.status).toBe('COMPLETE');
    }
    expect(await isLoaded(url)).toBe(true);
  });

  it('says what there is not, and what cannot be loaded and why', async () => {
    const refusal = 'The model test-model takes at least 9.1 GB of memory, and 6.2 GB are free for it.';
    const engine = createScriptedEngine();
    const refusing = { ...engine, load: () => Promise.reject(new EngineError('cannot_load', refusal)) };
    const { url, config } = await startPortal({ overrides: { engine: refusing } });
    await writeFile(path.join(config.models.dir, 'broken.gguf'), 'not a model');
    for (const mutation of [loadModel, unloadModel]) {
      const { errors } = await ask(url, mutation, { name: 'none' });
      expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    }
    const broken = await ask(url, loadModel, { name: 'broken' });
    expect(broken.errors?.[0]).toMatchObject({
      message: 'The model broken cannot be used: It is too short to be a GGUF file.',
      extensions: { code: 'MODEL_UNAVAILABLE' },
    });
    const refused = await ask(url, loadModel, { name: 'test-model' });
    expect(refused.errors?.[0]).toMatchObject({ message: refusal, extensions: { code: 'MODEL_UNAVAILABLE' } });
  });
});
