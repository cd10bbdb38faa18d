import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeNoiseModel } from '../../../server/inference/noise-model.ts';
import { openTestDatabase } from '../../testkit/database.ts';
import { askFor } from '../../testkit/graph.ts';
import { serve, silentAfter, startHost } from '../../testkit/model-host.ts';
import { startPortal } from '../../testkit/portal.ts';
import { rest, type StreamedEvent, stream } from '../../testkit/rest.ts';

interface Model {
  name: string;
  loaded: boolean;
  problem: string | null;
  [field: string]: unknown;
}

interface Download {
  id: string;
  status: string;
  received_bytes: number;
  [field: string]: unknown;
}

const name = 'hf:owner/repo/pulled.gguf';
let bytes: Buffer;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'downloads-'));
  await writeNoiseModel(path.join(folder, 'one.gguf'));
  bytes = await readFile(path.join(folder, 'one.gguf'));
  await rm(folder, { recursive: true });
});

describe('models by REST', () => {
  it('what the graph says of them, REST says too, field by field', async () => {
    const { url, config } = await startPortal();
    await writeFile(path.join(config.models.dir, 'broken.gguf'), 'GGUF');
    const { models } = await askFor<{ models: Record<string, unknown>[] }>(
      url,
      '{ models { name provider loaded isDefault sizeBytes parameters quantization contextLength memoryEstimateBytes problem } }',
    );
    const { body } = await rest<Model[]>(url, 'GET', '/models');
    expect(body).toEqual(models.map(inRestWords));
    expect(body.map((model) => [model.name, model.is_default, model.problem === null])).toEqual([
      ['broken', false, false],
      ['test-model', true, true],
    ]);
  });

  it('one says what its file says', async () => {
    const { url } = await startPortal();
    const [listed] = (await rest<Model[]>(url, 'GET', '/models')).body;
    const { body } = await rest<Model>(url, 'GET', '/models/test-model');
    expect(body).toMatchObject({ ...listed, notice: null });
    // Two layers of two key heads of 32, keys and values in half precision.
    expect(body.header).toMatchObject({
      architecture: 'llama',
      vocabulary_size: 4096,
      kv_bytes_per_token: 2 * 2 * 64 * 2,
    });
    expect((await rest(url, 'GET', '/models/unknown')).status).toBe(404);
    expect((await rest(url, 'GET', '/models/..%2F..%2Fetc%2Fpasswd')).status).toBe(404);
  });

  it('one is loaded and let go', async () => {
    const { url, config } = await startPortal();
    await writeNoiseModel(path.join(config.models.dir, 'second.gguf'));
    const loaded = async () =>
      (await rest<Model[]>(url, 'GET', '/models')).body.filter((model) => model.loaded).map((model) => model.name);
    const load = await rest<Model>(url, 'POST', '/models/second/load');
    expect([load.status, load.body]).toEqual([200, expect.objectContaining({ name: 'second', loaded: true })]);
    expect(await loaded()).toEqual(['second']);
    expect((await rest<Model>(url, 'POST', '/models/second/unload')).body).toMatchObject({ loaded: false });
    expect(await loaded()).toEqual([]);
    expect((await rest(url, 'POST', '/models/unknown/load')).body.code).toBe('not_found');
    await writeFile(path.join(config.models.dir, 'broken.gguf'), 'GGUF');
    const broken = await rest(url, 'POST', '/models/broken/load');
    expect([broken.status, broken.body.code]).toEqual([503, 'model_unavailable']);
  });

  it('what was read of them is forgotten, and read again', async () => {
    const { url } = await startPortal();
    await rest(url, 'GET', '/models');
    const clear = () => rest<{ cleared: number }>(url, 'POST', '/models/cache/clear');
    expect(await clear()).toMatchObject({ status: 200, body: { cleared: 1 } });
    expect((await clear()).body.cleared).toBe(0);
    await rest(url, 'GET', '/models');
    expect((await clear()).body.cleared).toBe(1);
  });
});

describe('pulling a model by REST', () => {
  it('is accepted, followed to its end, and the model is there', async () => {
    const host = await startHost(serve({ bytes }));
    const { url } = await startPortal({ env: { HF_ENDPOINT: host.url } });
    const accepted = await rest<{ download_id: string }>(url, 'POST', '/models/pull', { name });
    expect(accepted.status).toBe(202);
    const address = `/models/downloads/${accepted.body.download_id}`;
    const events: StreamedEvent[] = [];
    for await (const event of stream(url, address, { headers: { accept: 'text/event-stream' } })) events.push(event);
    const end = {
      id: accepted.body.download_id,
      name,
      status: 'complete',
      received_bytes: bytes.length,
      total_bytes: bytes.length,
      bytes_per_second: 0,
      error: null,
    };
    expect(events.at(-1)).toMatchObject({ event: 'done', data: end });
    expect(events.slice(0, -1).every(({ event }) => event === 'progress')).toBe(true);
    expect((await rest<Download>(url, 'GET', address)).body).toEqual(end);
    expect((await rest<Download[]>(url, 'GET', '/models/downloads')).body).toEqual([end]);
    expect((await rest<Model>(url, 'GET', '/models/pulled')).body.problem).toBeNull();
    expect(await rest(url, 'POST', '/models/pull', { name })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  it('is cancelled', async () => {
    const host = await startHost(serve({ bytes }, silentAfter(1_000)));
    const { url } = await startPortal({ env: { HF_ENDPOINT: host.url } });
    const { body } = await rest<{ download_id: string }>(url, 'POST', '/models/pull', { name });
    const cancelled = await rest<Download>(url, 'DELETE', `/models/downloads/${body.download_id}`);
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    expect((await rest(url, 'GET', '/models/pulled')).status).toBe(404);
  });

  it('is refused in words', async () => {
    const { url, databaseUrl } = await startPortal();
    const unknown = `/models/downloads/${crypto.randomUUID()}`;
    const answers = [
      await rest(url, 'POST', '/models/pull', { name: 'http://127.0.0.1/x.gguf' }),
      await rest(url, 'POST', '/models/pull', {}),
      await rest(url, 'GET', unknown),
      await rest(url, 'DELETE', unknown),
      await rest(url, 'GET', unknown, undefined, { accept: 'text/event-stream' }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code, body.errors?.[0]?.path])).toEqual([
      [422, 'invalid_input', 'name'],
      [422, 'invalid_input', 'name'],
      [404, 'not_found', undefined],
      [404, 'not_found', undefined],
      [404, 'not_found', undefined],
    ]);
    await (await openTestDatabase(databaseUrl)).user.updateMany({ data: { role: 'user' } });
    for (const [method, address, body] of [
      ['POST', '/models/pull', { name }],
      ['POST', '/models/test-model/load', undefined],
      ['POST', '/models/test-model/unload', undefined],
      ['GET', '/models/downloads', undefined],
      ['GET', unknown, undefined],
      ['DELETE', unknown, undefined],
    ] as const) {
      expect(await rest(url, method, address, body)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
  });
});

function inRestWords(model: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(model).map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}
