import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { startInferenceServer } from '../testkit/inference-server.ts';
import { startRemoteEngine } from '../testkit/remote-engine.ts';

const both = (one: { url: string }, other: { url: string }) =>
  JSON.stringify([
    { name: 'one', baseUrl: one.url },
    { name: 'other', baseUrl: other.url },
  ]);

describe('the models of servers', () => {
  it('stand in the list behind the files, with what their servers say of them', async () => {
    const ollama = await startInferenceServer({ kind: 'ollama', models: ['llama3.2:1b', 'qwen'] });
    ollama.loaded.set('qwen', 8192);
    const vllm = await startInferenceServer({ kind: 'vllm', models: ['Qwen/Qwen2.5-7B'], contextLength: 16_384 });
    const llama = await startInferenceServer({ kind: 'llama-server' });
    const { catalog, modelsDir } = await startRemoteEngine({
      OPENAI_BASE_URL: ollama.url,
      OPENAI_SERVERS: JSON.stringify([
        { name: 'gpu', baseUrl: vllm.url },
        { name: 'cpu', baseUrl: llama.url, contextLength: 2000 },
      ]),
    });
    await writeNoiseModel(path.join(modelsDir, 'mine.gguf'));
    const models = await catalog.list();
    expect(models.map(({ name }) => name)).toEqual([
      'mine',
      'openai/llama3.2:1b',
      'openai/qwen',
      'gpu/Qwen/Qwen2.5-7B',
      'cpu/small',
    ]);
    expect(models[1]).toMatchObject({
      path: 'llama3.2:1b',
      sizeBytes: 1_321_098_329,
      modifiedAt: new Date('2026-01-02T02:04:05.678Z'),
      problem: null,
      memoryEstimateBytes: null,
      remote: {
        provider: 'ollama',
        parameters: '1.2B',
        quantization: 'Q8_0',
        loaded: false,
        digest: 'sha of llama3.2:1b',
      },
    });
    expect(models[2]?.remote).toMatchObject({ loaded: true });
    expect(models[3]?.remote).toMatchObject({ provider: 'vllm', loaded: true, contextLength: 16_384 });
    expect(models[4]?.remote).toMatchObject({
      provider: 'llama-server',
      loaded: true,
      parameters: '1.5B',
      contextLength: 2000,
    });
  });

  it('of one name do not collide, with each other or with a file', async () => {
    const [one, other] = [await startInferenceServer(), await startInferenceServer({ models: ['small', 'large'] })];
    const { catalog, modelsDir } = await startRemoteEngine({ OPENAI_SERVERS: both(one, other) });
    expect((await catalog.list()).map(({ name }) => name)).toEqual(['one/small', 'other/small', 'other/large']);
    expect((await catalog.find('other/small'))?.remote?.server).toBe('other');
    expect((await catalog.find('large'))?.name).toBe('other/large');
    expect(await catalog.find('small')).toBeNull();
    await writeNoiseModel(path.join(modelsDir, 'small.gguf'));
    expect(await catalog.find('small')).toMatchObject({ name: 'small', remote: null });
    expect((await catalog.find('one/small'))?.remote?.server).toBe('one');
  });

  it('are the default where no file can answer, in the order of the settings; MODEL names any', async () => {
    const [one, other] = [await startInferenceServer(), await startInferenceServer({ models: ['large'] })];
    const env = { OPENAI_SERVERS: both(one, other) };
    const { catalog, modelsDir } = await startRemoteEngine(env);
    await writeFile(path.join(modelsDir, 'broken.gguf'), 'nothing');
    expect((await catalog.defaultModel())?.name).toBe('one/small');
    await writeNoiseModel(path.join(modelsDir, 'file.gguf'));
    expect((await catalog.defaultModel())?.name).toBe('file');
    for (const MODEL of ['other/large', 'large']) {
      expect((await (await startRemoteEngine({ ...env, MODEL })).catalog.defaultModel())?.name).toBe('other/large');
    }
    const withEmbeddings = await startRemoteEngine({ ...env, EMBEDDING_MODEL: 'one/small' });
    expect((await withEmbeddings.catalog.defaultModel())?.name).toBe('other/large');
    const { catalog: lost } = await startRemoteEngine({ ...env, MODEL: 'other/huge' });
    expect(await lost.defaultModel()).toBeNull();
    expect(await lost.defaultProblem()).toBe(
      'MODEL names other/huge, which is neither in the models folder nor listed by a server.',
    );
  });

  it('come before the built-in guide, which stands in for none of them while their server is not well', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'guide-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const guideFile = path.join(folder, 'guide.gguf');
    await writeNoiseModel(guideFile);
    const server = await startInferenceServer({ models: [] });
    const { catalog, servers } = await startRemoteEngine({ OPENAI_BASE_URL: server.url }, { guideFile });
    expect((await catalog.defaultModel())?.path).toBe(guideFile);
    server.models = ['small'];
    catalog.forget();
    await catalog.list();
    expect((await catalog.defaultModel())?.name).toBe('openai/small');
    await server.kill();
    catalog.forget();
    await catalog.list();
    await expect.poll(() => servers[0]?.breaker.state()).toBe('open');
    expect(await catalog.defaultModel()).toBeNull();
    expect(await catalog.defaultProblem()).toContain('cannot be reached');
  });

  it('that are new are listed once the list is forgotten; guesses ask no server', async () => {
    const server = await startInferenceServer();
    const { catalog } = await startRemoteEngine({ OPENAI_BASE_URL: server.url });
    expect(await catalog.list()).toHaveLength(1);
    server.models = ['small', 'new'];
    expect(await catalog.list()).toHaveLength(1);
    expect(catalog.forget()).toBe(1);
    expect((await catalog.list()).map(({ name }) => name)).toEqual(['openai/small', 'openai/new']);
    const asked = server.requests.length;
    await catalog.find('openai/new');
    await catalog.find('openai/none');
    expect(server.requests).toHaveLength(asked);
  });

  it('are not there before their server was, and come with it', async () => {
    const server = await startInferenceServer();
    await server.kill();
    const { catalog } = await startRemoteEngine({ OPENAI_BASE_URL: server.url, MODEL: 'openai/small' });
    expect(await catalog.list()).toEqual([]);
    await expect.poll(() => catalog.defaultProblem()).toContain('The server openai cannot be reached (ECONNREFUSED).');
    await server.revive();
    await expect.poll(async () => (await catalog.defaultModel())?.name).toBe('openai/small');
  });

  it('have the refusal of their server as their problem', async () => {
    const server = await startInferenceServer({ key: 'right' });
    const { catalog, servers } = await startRemoteEngine({ OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'wrong' });
    expect(await catalog.list()).toEqual([]);
    expect(servers[0]?.problem()).toBe('The server openai refuses our key (401).');
    expect(await catalog.defaultProblem()).toBe('No model can answer. The server openai refuses our key (401).');
    // Refused once, it is not asked again at every turn.
    expect(server.requests).toHaveLength(1);
    catalog.forget();
    await catalog.list();
    expect(server.requests).toHaveLength(2);
  });

  it('stay what they were while their server is too busy to list them', async () => {
    const server = await startInferenceServer({ models: ['small'] });
    const { catalog, servers } = await startRemoteEngine({ OPENAI_BASE_URL: server.url });
    expect(await catalog.find('openai/small')).toMatchObject({ problem: null });
    server.listing = 429;
    catalog.forget();
    await catalog.list();
    expect(server.requests.filter(({ path }) => path === '/v1/models')).toHaveLength(2);
    expect(servers[0]?.problem()).toBeNull();
    expect(await catalog.find('openai/small')).toMatchObject({ problem: null });
  });
});
