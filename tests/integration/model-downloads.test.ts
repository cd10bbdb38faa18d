import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createModelDownloads } from '../../server/chat/model-downloads.ts';
import { createHubDownloads } from '../../server/inference/downloads/hub-downloads.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { ask, askFor, connect, listen } from '../testkit/graph.ts';
import { createInstallation } from '../testkit/installation.ts';
import { serve, silentAfter, startHost } from '../testkit/model-host.ts';
import { startPortal } from '../testkit/portal.ts';
import { patient } from '../testkit/rounds.ts';

interface DownloadView {
  id: string;
  name: string;
  status: string;
  receivedBytes: number;
  totalBytes: number | null;
  bytesPerSecond: number;
  error: string | null;
}

const fields = 'id name status receivedBytes totalBytes bytesPerSecond error';
const pull = `mutation ($name: String!) { pullModel(name: $name) { ${fields} } }`;
const cancel = `mutation ($id: ID!) { cancelDownload(id: $id) { ${fields} } }`;
const follow = `subscription ($id: ID!) { modelDownload(id: $id) { ${fields} } }`;
const name = 'hf:owner/repo/pulled.gguf';
let model: Buffer;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'downloads-'));
  await writeNoiseModel(path.join(folder, 'one.gguf'));
  model = await readFile(path.join(folder, 'one.gguf'));
  await rm(folder, { recursive: true });
});

async function portalAt(host: { url: string }) {
  return startPortal({ env: { HF_ENDPOINT: host.url } });
}

async function codeOf(url: string, operation: string, variables: Record<string, unknown>) {
  return (await ask(url, operation, variables)).errors?.[0]?.extensions.code;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('the catalogue', () => {
  it('names models with licence, size and the memory that they take here', async () => {
    const { url } = await startPortal();
    const { modelCatalogue } = await askFor<{ modelCatalogue: Record<string, unknown>[] }>(
      url,
      '{ modelCatalogue { name repository parameters quantization license sizeBytes memoryEstimateBytes fits installed } }',
    );
    const sizes = modelCatalogue.map(({ sizeBytes }) => Number(sizeBytes));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    for (const family of [
      /qwen2\.5-0\.5b/,
      /qwen2\.5-1\.5b/,
      /qwen2\.5-3b/,
      /llama-3\.2-1b/,
      /llama-3\.2-3b/,
      /gemma/,
      /smollm2/,
      /phi/,
    ]) {
      expect(modelCatalogue.some((entry) => family.test(String(entry.name).toLowerCase()))).toBe(true);
    }
    expect(modelCatalogue.find((entry) => entry.name === 'qwen2.5-1.5b-instruct-q4_k_m')).toEqual({
      name: 'qwen2.5-1.5b-instruct-q4_k_m',
      repository: 'Qwen/Qwen2.5-1.5B-Instruct-GGUF',
      parameters: '1.5B',
      quantization: 'Q4_K_M',
      license: 'Apache-2.0',
      sizeBytes: 1_117_320_736,
      // 28,672 bytes a token, for 8 conversations of 4,096; the logits of a batch; and a fixed part.
      memoryEstimateBytes: 1_117_320_736 + 28_672 * 8 * 4096 + 2 * 128 * 151_936 * 4 + 2 ** 26,
      fits: expect.any(Boolean),
      installed: false,
    });
  });

  it('knows what is there', async () => {
    const { url, config } = await startPortal();
    const name = 'qwen2.5-0.5b-instruct-q4_k_m';
    await writeNoiseModel(path.join(config.models.dir, `${name}.gguf`));
    const { modelCatalogue } = await askFor<{ modelCatalogue: { name: string; installed: boolean }[] }>(
      url,
      '{ modelCatalogue { name installed } }',
    );
    expect(modelCatalogue.filter(({ installed }) => installed)).toEqual([{ name, installed: true }]);
  });

  it('knows what a machine can hold, with fewer conversations at once where its memory is short', async () => {
    const downloads = createHubDownloads({
      config: { endpoint: 'https://huggingface.co', hosts: [] },
      models: { dir: tmpdir(), sequences: 8, contextLength: null },
      dataDir: tmpdir(),
      logger: pino({ level: 'silent' }),
    });
    const fitting = async (memoryBytes: number) => {
      const rules = createModelDownloads({
        downloads,
        catalog: { list: async () => [] },
        memoryBytes: () => memoryBytes,
      });
      return (await rules.catalogue()).filter(({ fits }) => fits).map(({ parameters }) => parameters);
    };
    expect(await fitting(0)).toEqual([]);
    expect(await fitting(2e9)).toEqual(['360M', '0.5B', '1B', '1B', '1.7B', '1.5B']);
    expect(await fitting(4e9)).toHaveLength(10);
  });
});

describe('pulling a model', () => {
  it('returns at once, is followed to its end, and the model can be used', async () => {
    const { url } = await portalAt(await startHost(serve({ bytes: model })));
    const { pullModel } = await askFor<{ pullModel: DownloadView }>(url, pull, { name });
    expect(pullModel).toMatchObject({ name, status: 'RUNNING', error: null });
    const seen: DownloadView[] = [];
    for await (const { data } of listen<{ modelDownload: DownloadView }>(url, follow, { id: pullModel.id })) {
      seen.push(data.modelDownload);
    }
    const end = { id: pullModel.id, name, receivedBytes: model.length, totalBytes: model.length, error: null };
    expect(seen.at(-1)).toEqual({ ...end, status: 'COMPLETE', bytesPerSecond: 0 });
    expect(seen.filter(({ status }) => status !== 'RUNNING')).toHaveLength(1);
    expect(await askFor(url, '{ model(name: "pulled") { name problem } }')).toEqual({
      model: { name: 'pulled', problem: null },
    });
    expect(await askFor(url, `{ modelDownloads { ${fields} } }`)).toEqual({ modelDownloads: [seen.at(-1)] });
    const websocket = connect(url).iterate({ query: follow, variables: { id: pullModel.id } });
    expect(await collect(websocket)).toEqual([{ data: { modelDownload: seen.at(-1) } }]);
    expect(await codeOf(url, pull, { name })).toBe('CONFLICT');
  });

  it('is cancelled from anywhere', async () => {
    const { url } = await portalAt(await startHost(serve({ bytes: model }, silentAfter(1_000))));
    const { pullModel } = await askFor<{ pullModel: DownloadView }>(url, pull, { name });
    const end = (async () => {
      let last: DownloadView | null = null;
      for await (const { data } of listen<{ modelDownload: DownloadView }>(url, follow, { id: pullModel.id })) {
        last = data.modelDownload;
      }
      return last;
    })();
    expect(await askFor(url, cancel, { id: pullModel.id })).toMatchObject({ cancelDownload: { status: 'CANCELLED' } });
    expect(await end).toMatchObject({ status: 'CANCELLED' });
    expect(await askFor(url, '{ model(name: "pulled") { name } }')).toEqual({ model: null });
  });

  it('refuses names that are none, and ids that are unknown', async () => {
    const { url } = await startPortal();
    expect(await codeOf(url, pull, { name: 'https://example.org/model.gguf' })).toBe('INVALID_INPUT');
    for (const id of [crypto.randomUUID(), 'nonsense']) {
      expect(await codeOf(url, cancel, { id })).toBe('NOT_FOUND');
      const [answer] = await collect(listen(url, follow, { id }));
      expect(answer?.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    }
  });

  it('is for administrators; the catalogue is for everybody', async () => {
    const host = await startHost(() => {});
    const { url, databaseUrl } = await portalAt(host);
    await (await openTestDatabase(databaseUrl)).user.updateMany({ data: { role: 'user' } });
    const id = crypto.randomUUID();
    expect(await codeOf(url, pull, { name })).toBe('FORBIDDEN');
    expect(await codeOf(url, cancel, { id })).toBe('FORBIDDEN');
    expect(await codeOf(url, '{ modelDownloads { id } }', {})).toBe('FORBIDDEN');
    const [answer] = await collect(listen(url, follow, { id }));
    expect(answer?.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await ask(url, '{ modelCatalogue { name } }')).errors).toBeUndefined();
    expect(host.requests).toEqual([]);
  });

  it('loses to kill -9 nothing of what had arrived', { timeout: 120_000 }, async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(2_000_000)));
    const dataDir = await mkdtemp(path.join(tmpdir(), 'downloads-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const { url, start } = await createInstallation({ env: { HF_ENDPOINT: host.url, DATA_DIR: dataDir } });
    const before = await start();
    const { pullModel } = await askFor<{ pullModel: DownloadView }>(url, pull, { name });
    const status = `{ modelDownloads { ${fields} } }`;
    const newest = async () => (await askFor<{ modelDownloads: DownloadView[] }>(url, status)).modelDownloads[0];
    await expect.poll(async () => (await newest())?.receivedBytes).toBe(2_000_000);
    before.kill('SIGKILL');
    await before.exited;

    host.answer = serve({ bytes: model });
    await start();
    expect(await newest()).toMatchObject({ id: pullModel.id, status: 'FAILED', receivedBytes: 2_000_000 });
    expect(host.requests).toHaveLength(1);
    await askFor(url, pull, { name });
    for await (const _ of listen(url, follow, { id: pullModel.id }));
    expect(await newest()).toMatchObject({ id: pullModel.id, status: 'COMPLETE' });
    expect(host.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=2000000-']);
  });

  it('stops with the portal at once, and the next one goes on', async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(2_000_000)));
    const first = await portalAt(host);
    const { pullModel } = await askFor<{ pullModel: DownloadView }>(first.url, pull, { name });
    const status = `{ modelDownloads { ${fields} } }`;
    const received = async () =>
      (await askFor<{ modelDownloads: DownloadView[] }>(first.url, status)).modelDownloads[0]?.receivedBytes;
    await expect.poll(received).toBe(2_000_000);
    const start = performance.now();
    await first.app.stop();
    expect(performance.now() - start).toBeLessThan(patient(5_000));

    host.answer = serve({ bytes: model });
    const second = await startPortal({
      databaseUrl: first.databaseUrl,
      env: { HF_ENDPOINT: host.url, DATA_DIR: first.config.dataDir, MODELS_DIR: first.config.models.dir },
    });
    const { modelDownloads } = await askFor<{ modelDownloads: DownloadView[] }>(second.url, status);
    expect(modelDownloads).toMatchObject([{ id: pullModel.id, status: 'FAILED', receivedBytes: 2_000_000 }]);
    expect(await askFor(second.url, pull, { name })).toMatchObject({ pullModel: { id: pullModel.id } });
    for await (const _ of listen(second.url, follow, { id: pullModel.id }));
    expect(host.requests.at(-1)?.range).toBe('bytes=2000000-');
    expect(await askFor(second.url, '{ model(name: "pulled") { problem } }')).toEqual({ model: { problem: null } });
  });
});
