import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CuratedModel } from '../../server/inference/downloads/curated-models.ts';
import { createHubDownloads } from '../../server/inference/downloads/hub-downloads.ts';
import type { TransferLimits } from '../../server/inference/downloads/transfer.ts';
import { type Download, type Downloads, downloadLimits } from '../../server/inference/downloads.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { breakAfter, serve, sha256Of, silentAfter, startHost, type TestHost } from '../testkit/model-host.ts';

const name = 'hf:owner/repo/model.gguf';
let model: Buffer;
let other: Buffer;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'downloads-'));
  await writeNoiseModel(path.join(folder, 'one.gguf'));
  await writeNoiseModel(path.join(folder, 'other.gguf'), { seed: 2 });
  model = await readFile(path.join(folder, 'one.gguf'));
  other = await readFile(path.join(folder, 'other.gguf'));
  await rm(folder, { recursive: true });
});

interface Pulling {
  downloads: Downloads;
  modelsDir: string;
  dataDir: string;
  /** What has arrived of what is not whole. */
  parts: () => Promise<string[]>;
  /** Follows it to its end. */
  end: (download: Download) => Promise<Download>;
}

interface Given {
  limits?: Partial<TransferLimits>;
  hosts?: string[];
  freeBytes?: () => Promise<number>;
  curated?: CuratedModel[];
  /** The folders of another, as after a restart. */
  folders?: Pick<Pulling, 'modelsDir' | 'dataDir'>;
}

async function pulling(endpoint: string, given: Given = {}): Promise<Pulling> {
  const folder = await mkdtemp(path.join(tmpdir(), 'downloads-'));
  const { modelsDir, dataDir } = given.folders ?? {
    modelsDir: path.join(folder, 'models'),
    dataDir: path.join(folder, 'data'),
  };
  const downloads = createHubDownloads({
    config: { endpoint, hosts: given.hosts ?? [] },
    models: { dir: modelsDir, sequences: 8, contextLength: null },
    dataDir,
    logger: pino({ level: 'silent' }),
    limits: { retryDelaysMs: [1, 1, 1, 1, 1], reserveBytes: 0, ...given.limits },
    ...(given.freeBytes && { freeBytes: given.freeBytes }),
    ...(given.curated && { curated: given.curated }),
  });
  onTestFinished(async () => {
    await downloads.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    downloads,
    modelsDir,
    dataDir,
    parts: async () => (await readdir(path.join(dataDir, 'downloads'))).filter((file) => file.endsWith('.part')),
    end: async ({ id }) => (await views(downloads, id)).at(-1) as Download,
  };
}

async function views(downloads: Downloads, id: string): Promise<Download[]> {
  const seen: Download[] = [];
  for await (const view of (await downloads.follow(id, new AbortController().signal)) ?? []) seen.push(view);
  return seen;
}

/** Megabytes are compared by it: a difference of theirs cannot be printed. */
async function checksumOf(file: string): Promise<string> {
  return sha256Of(await readFile(file));
}

/** Waits until so many bytes have arrived. */
async function received({ downloads }: Pulling, id: string, bytes: number): Promise<void> {
  await expect
    .poll(async () => (await downloads.find(id))?.receivedBytes, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(bytes);
}

/** Some of what this connection brings; or it is no longer wanted. */
async function moreOf({ downloads }: Pulling, response: ServerResponse): Promise<void> {
  const bytes = async () => (await downloads.list())[0]?.receivedBytes ?? 0;
  for (const before = await bytes(); !response.closed && (await bytes()) <= before; ) await pause(5);
}

const curatedFor = (bytes: Buffer): CuratedModel => ({
  repository: 'maker/Small-GGUF',
  revision: 'a'.repeat(40),
  file: 'small-q8_0.gguf',
  sizeBytes: bytes.length,
  sha256: sha256Of(bytes),
  parameters: '1M',
  quantization: 'F32',
  license: 'MIT',
  layers: 2,
  kvHeads: 2,
  headSize: 32,
  vocabularySize: 4096,
  contextLength: 4096,
});

describe('a model that is pulled', () => {
  it('has no name in the models folder before it is whole', async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(1_000_000)));
    const one = await pulling(host.url);
    const begun = await one.downloads.pull(name);
    expect(begun).toMatchObject({ name, status: 'running', error: null });
    await received(one, begun.id, 1_000_000);
    expect(await readdir(one.modelsDir).catch(() => [])).toEqual([]);
    expect(await one.parts()).toEqual([`${begun.id}.part`]);
    expect(host.requests).toEqual([{ path: '/owner/repo/resolve/main/model.gguf' }]);
  });

  it('is the very file, told in progress that only grows and ends complete', async () => {
    const half = model.length >> 1;
    const host = await startHost(
      serve({ bytes: model }, async (response, body) => {
        response.write(body.subarray(0, half));
        await expect.poll(() => seen.some(({ receivedBytes }) => receivedBytes === half)).toBe(true);
        response.end(body.subarray(half));
      }),
    );
    const one = await pulling(host.url);
    const { id } = await one.downloads.pull(name);
    const seen: Download[] = [];
    for await (const view of (await one.downloads.follow(id, new AbortController().signal)) ?? []) seen.push(view);
    expect(await checksumOf(path.join(one.modelsDir, 'model.gguf'))).toBe(sha256Of(model));
    expect(await readdir(one.modelsDir)).toEqual(['model.gguf']);
    expect(await one.parts()).toEqual([]);
    const grown = seen.map(({ receivedBytes }) => receivedBytes);
    expect(grown).toEqual([...grown].sort((a, b) => a - b));
    expect(seen.filter(({ status }) => status !== 'running')).toEqual([
      {
        id,
        name,
        status: 'complete',
        receivedBytes: model.length,
        totalBytes: model.length,
        bytesPerSecond: 0,
        error: null,
      },
    ]);
    expect(seen.at(-1)?.status).toBe('complete');
  });

  it('goes on where the connection broke off, as often as that brings something', async () => {
    const step = (model.length >> 3) + 1;
    const host = await startHost(
      serve(
        { bytes: model },
        breakAfter(step, (response) => moreOf(one, response)),
      ),
    );
    const one = await pulling(host.url, { limits: { retryDelaysMs: [1], progressBytes: 1_000 } });
    expect(await one.end(await one.downloads.pull(name))).toMatchObject({ status: 'complete' });
    expect(await checksumOf(path.join(one.modelsDir, 'model.gguf'))).toBe(sha256Of(model));
    const froms = host.requests.map(({ range }) => Number(/\d+/.exec(range ?? '0')?.[0]));
    expect(froms.length).toBeGreaterThan(4);
    expect(froms).toEqual([...froms].sort((a, b) => a - b));
  });

  it('goes on after the portal was restarted', async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(2_000_000)));
    const before = await pulling(host.url);
    const { id } = await before.downloads.pull(name);
    await received(before, id, 2_000_000);
    await before.downloads.stop();
    host.answer = serve({ bytes: model });
    const after = await pulling(host.url, { folders: before });
    expect(await after.downloads.list()).toMatchObject([{ id, name, status: 'failed', receivedBytes: 2_000_000 }]);
    expect((await after.downloads.find(id))?.error).toContain('Pull it again');
    expect(host.requests).toHaveLength(1);
    expect(await after.end(await after.downloads.pull(name))).toMatchObject({ id, status: 'complete' });
    expect(host.requests[1]?.range).toBe('bytes=2000000-');
    expect(await checksumOf(path.join(after.modelsDir, 'model.gguf'))).toBe(sha256Of(model));
  });

  it('goes on after the network was gone, and says so while it is', async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(2_000_000)));
    const one = await pulling(host.url, { limits: { retryDelaysMs: [1, 1, 1] } });
    const { port } = new URL(host.url);
    const { id } = await one.downloads.pull(name);
    await received(one, id, 2_000_000);
    await host.close();
    const gone = await one.end({ id } as Download);
    expect(gone).toMatchObject({ status: 'failed', bytesPerSecond: 0 });
    expect(gone.error).toContain(`127.0.0.1:${port} cannot be reached (ECONNREFUSED): is this machine connected`);
    expect(gone.error).toContain('goes on where it stopped');
    expect(gone.receivedBytes).toBeGreaterThanOrEqual(2_000_000);
    expect(await one.parts()).toEqual([`${id}.part`]);
  });

  it('that cannot be reached from the start is given up after few tries', async () => {
    const host = await startHost(() => {});
    await host.close();
    const one = await pulling(host.url, { limits: { retryDelaysMs: [1, 1, 60_000], firstTries: 3 } });
    expect(await one.end(await one.downloads.pull(name))).toMatchObject({ status: 'failed', receivedBytes: 0 });
  });

  it('is brought by a new connection where one falls silent', async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(500_000)));
    const one = await pulling(host.url, { limits: { stallMs: 1_000 } });
    const { id } = await one.downloads.pull(name);
    await received(one, id, 500_000);
    host.answer = serve({ bytes: model });
    expect(await one.end({ id } as Download)).toMatchObject({ status: 'complete' });
    expect(host.requests.at(-1)?.range).toMatch(/^bytes=\d+-$/);
  });

  it('may come slowly, as long as it comes', async () => {
    const pieces = 12;
    const host = await startHost(
      serve({ bytes: model }, async (response, body) => {
        const size = Math.ceil(body.length / pieces);
        for (let at = 0; at < body.length; at += size) {
          response.write(body.subarray(at, at + size));
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
        response.end();
      }),
    );
    const one = await pulling(host.url, { limits: { stallMs: 2_000 } });
    expect(await one.end(await one.downloads.pull(name))).toMatchObject({ status: 'complete' });
    expect(host.requests).toHaveLength(1);
  });

  it('waits as long as a busy host asks for, then goes on', async () => {
    let busy = 2;
    const file = serve({ bytes: model });
    const host = await startHost((request, response) => {
      if (busy-- > 0) return void response.writeHead(503, { 'retry-after': '0' }).end();
      return file(request, response);
    });
    const one = await pulling(host.url);
    expect(await one.end(await one.downloads.pull(name))).toMatchObject({ status: 'complete' });
    expect(host.requests).toHaveLength(3);
  });
});

describe('what a host can do wrong', () => {
  async function refused(
    answer: Parameters<typeof startHost>[0],
    given: Given = {},
  ): Promise<{ error: string; one: Pulling; host: TestHost }> {
    const host = await startHost(answer);
    const one = await pulling(host.url, given);
    const ended = await one.end(await one.downloads.pull(given.curated ? 'small-q8_0' : name));
    expect(ended.status).toBe('failed');
    expect(await readdir(one.modelsDir).catch(() => [])).toEqual([]);
    return { error: ended.error ?? '', one, host };
  }

  it('a file that changes in between is begun anew, never mixed', async () => {
    const host = await startHost(serve({ bytes: other }, silentAfter(2_000_000)));
    const one = await pulling(host.url, { limits: { stallMs: 1_000 } });
    const { id } = await one.downloads.pull(name);
    await received(one, id, 2_000_000);
    host.answer = serve({ bytes: model });
    expect(await one.end({ id } as Download)).toMatchObject({ status: 'complete' });
    expect(await checksumOf(path.join(one.modelsDir, 'model.gguf'))).toBe(sha256Of(model));
  });

  it('a file that changes each time is given up', async () => {
    let turn = 0;
    const host = await startHost((request, response) =>
      serve(
        { bytes: turn++ % 2 === 0 ? model : other },
        breakAfter(1_500_000, () => moreOf(one, response)),
      )(request, response),
    );
    const one = await pulling(host.url);
    const { status, error } = await one.end(await one.downloads.pull(name));
    expect({ status, error }).toEqual({ status: 'failed', error: expect.stringContaining('changes again and again') });
  });

  it('a mirror that tells no checksum is asked by ETag, and a changed file is sent whole', async () => {
    const host = await startHost(
      serve({ bytes: other, sha256: null, linkedSize: null, etag: '"one"' }, silentAfter(2_000_000)),
    );
    const one = await pulling(host.url, { curated: [curatedFor(model)], limits: { stallMs: 1_000 } });
    const { id } = await one.downloads.pull('small-q8_0');
    await received(one, id, 2_000_000);
    host.answer = serve({ bytes: model, sha256: null, linkedSize: null, etag: '"two"' });
    expect(await one.end({ id } as Download)).toMatchObject({ status: 'complete' });
    expect(host.requests.at(-1)).toMatchObject({ range: 'bytes=2000000-', ifRange: '"one"' });
    expect(await checksumOf(path.join(one.modelsDir, 'small-q8_0.gguf'))).toBe(sha256Of(model));
  });

  it('a checksum that is not that of the bytes: what arrived is removed', async () => {
    const { error, one } = await refused(serve({ bytes: model, sha256: sha256Of(other) }));
    expect(error).toContain('checksum of what arrived is wrong');
    expect(await one.parts()).toEqual([]);
  });

  it('no checksum at all is refused before anything is kept', async () => {
    const { error, one } = await refused(serve({ bytes: model, sha256: null }));
    expect(error).toContain('does not give the file’s SHA-256'.replace('’', "'"));
    expect(await one.parts()).toEqual([]);
  });

  it('another file than the catalogue pins is refused before anything is kept', async () => {
    const byChecksum = await refused(serve({ bytes: other }), { curated: [curatedFor(model)] });
    expect(byChecksum.error).toContain('not the file of the catalogue: its checksum');
    const bySize = await refused(serve({ bytes: Buffer.concat([model, model]) }), { curated: [curatedFor(model)] });
    expect(bySize.error).toContain('not the file of the catalogue: it has');
    expect([...(await byChecksum.one.parts()), ...(await bySize.one.parts())]).toEqual([]);
  });

  it('a page in place of a model is said to be one', async () => {
    const page = Buffer.from('<!doctype html><title>Sign in to this network</title>');
    const { error } = await refused(serve({ bytes: page, headers: { 'content-type': 'text/html; charset=utf-8' } }));
    expect(error).toContain('a page (text/html');
    const unmarked = await refused(serve({ bytes: page }));
    expect(unmarked.error).toContain('is no GGUF file');
  });

  it('a file that is whole, with the right checksum, and no model is refused', async () => {
    const broken = Buffer.concat([model.subarray(0, 4), Buffer.alloc(4000, 255)]);
    const { error, one } = await refused(serve({ bytes: broken }));
    expect(error).toContain('arrived whole but cannot be used');
    expect(await one.parts()).toEqual([]);
  });

  it.each([
    ['two sizes', { linkedSize: 12 }, 'two sizes'],
    ['more than may be pulled', { linkedSize: null }, 'more than is pulled'],
  ])('%s are refused', async (_name, said, message) => {
    const { error } = await refused(serve({ bytes: model, ...said }), { limits: { fileBytes: model.length - 1 } });
    expect(error).toContain(message);
  });

  it('more bytes than announced are cut off', async () => {
    const { error } = await refused(async (_request, response) => {
      response.writeHead(200, {
        'x-linked-etag': sha256Of(model),
        'x-linked-size': 100_000,
        'transfer-encoding': 'chunked',
      });
      response.end(model);
    });
    expect(error).toContain('sends more than the 100000 bytes');
  });

  it('fewer bytes than announced are waited for, for a while', async () => {
    const short = model.subarray(0, 1_200_000);
    const { error, host } = await refused((request, response) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      response.setHeader('x-linked-etag', sha256Of(model));
      if (start > 0)
        return void response
          .writeHead(206, { 'content-range': `bytes ${start}-${model.length - 1}/${model.length}` })
          .end();
      response.writeHead(200, { 'x-linked-size': model.length, 'transfer-encoding': 'chunked' });
      return void response.end(short);
    });
    expect(error).toContain('ended the connection');
    expect(host.requests.length).toBeLessThanOrEqual(8);
  });

  it('no size at all is refused', async () => {
    const { error } = await refused((_request, response) => {
      response.writeHead(200, { 'x-linked-etag': sha256Of(model), 'transfer-encoding': 'chunked' });
      response.end(model);
    });
    expect(error).toContain('does not say how large');
  });

  it('a range that is not the one asked for is not appended', async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(2_000_000)));
    const one = await pulling(host.url, { limits: { stallMs: 1_000 } });
    const { id } = await one.downloads.pull(name);
    await received(one, id, 2_000_000);
    host.answer = (_request, response) => {
      response.writeHead(206, {
        'x-linked-etag': sha256Of(model),
        'content-range': `bytes 7-${model.length - 1}/${model.length}`,
      });
      response.end(model.subarray(7));
    };
    const ended = await one.end({ id } as Download);
    expect(ended.error).toContain('another part of the file');
    host.answer = serve({ bytes: model });
    expect(await one.end(await one.downloads.pull(name))).toMatchObject({ status: 'complete' });
  });

  it('a host without ranges is asked for the whole file again', async () => {
    let cut = true;
    const host = await startHost((request, response) => {
      delete request.headers.range;
      return serve({ bytes: model }, cut ? silentAfter(2_000_000) : undefined)(request, response);
    });
    const one = await pulling(host.url, { limits: { stallMs: 1_000 } });
    const { id } = await one.downloads.pull(name);
    await received(one, id, 2_000_000);
    cut = false;
    expect(await one.end({ id } as Download)).toMatchObject({ status: 'complete' });
    expect(await checksumOf(path.join(one.modelsDir, 'model.gguf'))).toBe(sha256Of(model));
  });

  it.each([
    [401, 'does not give this file to everybody'],
    [404, 'has no such file'],
    [418, 'answered with status 418'],
  ])('status %d is said in words, at once', async (status, message) => {
    const { error, host } = await refused((_request, response) => void response.writeHead(status).end());
    expect(error).toContain(message);
    expect(host.requests).toHaveLength(1);
  });

  it('a compressed answer is refused', async () => {
    const { error } = await refused(serve({ bytes: model, headers: { 'content-encoding': 'gzip' } }));
    expect(error).toContain('sends the file as gzip');
  });
});

describe('where a download may lead', () => {
  it('follows redirects on the host, and what it said there counts', async () => {
    const cdn = serve({ bytes: model, sha256: null, linkedSize: null });
    const host = await startHost((request, response) => {
      if (request.url === '/cdn/blob') return cdn(request, response);
      const said = { 'x-linked-etag': `"${sha256Of(model)}"`, 'x-linked-size': model.length };
      return void response.writeHead(302, { location: '/cdn/blob', ...said }).end();
    });
    const one = await pulling(host.url);
    expect(await one.end(await one.downloads.pull(name))).toMatchObject({ status: 'complete' });
    expect(host.requests.map(({ path }) => path)).toEqual(['/owner/repo/resolve/main/model.gguf', '/cdn/blob']);
  });

  it('never to another service, whatever the host says', async () => {
    const inside = await startHost(serve({ bytes: model }));
    const targets = [
      inside.url,
      inside.url.replace('127.0.0.1', 'localhost'),
      'http://huggingface.co/x',
      'https://huggingface.co.evil.example/x',
      'https://evilhf.co/x',
      'https://hf.co:8443/x',
      'https://user@huggingface.co/x',
      'https://169.254.169.254/latest/meta-data',
      'file:///etc/passwd',
      'ftp://huggingface.co/x',
      '//evil.example/x',
    ];
    for (const location of targets) {
      const host = await startHost((_request, response) => void response.writeHead(302, { location }).end());
      const one = await pulling(host.url);
      const { status, error } = await one.end(await one.downloads.pull(name));
      expect([location, status]).toEqual([location, 'failed']);
      expect(error).toContain('not a host that models may come from');
    }
    expect(inside.requests).toEqual([]);
  });

  it('not in circles', async () => {
    const host = await startHost(
      (request, response) => void response.writeHead(302, { location: `${request.url}x` }).end(),
    );
    const one = await pulling(host.url);
    expect((await one.end(await one.downloads.pull(name))).error).toContain('redirects more than 5 times');
    expect(host.requests).toHaveLength(6);
  });

  it.each([
    '',
    'unknown-model',
    'hf:',
    'hf:owner/model.gguf',
    'hf:owner/repo/model.bin',
    'hf:owner/repo/../model.gguf',
    'hf:../../x/model.gguf',
    'hf:owner/repo/.hidden.gguf',
    'hf:owner/repo/a/b/c/d/model.gguf',
    'hf:owner/repo/mo del.gguf',
    'hf:owner/repo/model.gguf?x=.gguf',
    'hf:owner/repo/model%2e.gguf',
    'hf:owner/repo/model\n.gguf',
    'hf:owner/repo/model-00001-of-00002.gguf',
    'https://huggingface.co/owner/repo/resolve/main/model.gguf',
    '/etc/passwd.gguf',
    `hf:owner/repo/${'m'.repeat(200)}.gguf`,
  ])('no name leads elsewhere: %j', async (bad) => {
    const host = await startHost(() => {});
    const one = await pulling(host.url);
    await expect(one.downloads.pull(bad)).rejects.toMatchObject({ code: 'invalid_input' });
    expect(host.requests).toEqual([]);
  });

  it('a name of the catalogue leads to the commit that it pins', async () => {
    const host = await startHost(serve({ bytes: model }));
    const one = await pulling(host.url, { curated: [curatedFor(model)] });
    expect(await one.end(await one.downloads.pull('small-q8_0'))).toMatchObject({ status: 'complete' });
    expect(host.requests[0]?.path).toBe(`/maker/Small-GGUF/resolve/${'a'.repeat(40)}/small-q8_0.gguf`);
    expect(await readdir(one.modelsDir)).toEqual(['small-q8_0.gguf']);
  });
});

describe('the disk', () => {
  it('that has no room is said before anything is kept', async () => {
    const host = await startHost(serve({ bytes: model }));
    const one = await pulling(host.url, { freeBytes: async () => model.length + 9, limits: { reserveBytes: 10 } });
    const { status, error } = await one.end(await one.downloads.pull(name));
    expect([status, error]).toEqual(['failed', expect.stringContaining('disk is too full')]);
    expect(await one.parts()).toEqual([]);
  });

  it('that becomes full on the way stops it; with room again it goes on', async () => {
    const large = path.join(await mkdtemp(path.join(tmpdir(), 'downloads-')), 'large.gguf');
    onTestFinished(() => rm(path.dirname(large), { recursive: true }));
    await writeNoiseModel(large, {
      width: 512,
      layers: 4,
      heads: 8,
      kvHeads: 2,
      feedForward: 2048,
      vocabulary: 16_384,
    });
    const bytes = await readFile(large);
    expect(bytes.length).toBeGreaterThan(70 << 20);
    const host = await startHost(serve({ bytes }));
    let free = bytes.length;
    const one = await pulling(host.url, { freeBytes: async () => free });
    const { id } = await one.downloads.pull(name);
    await received(one, id, 1);
    free = 0;
    const stopped = await one.end({ id } as Download);
    expect([stopped.status, stopped.error]).toEqual(['failed', expect.stringContaining('disk is too full')]);
    expect(stopped.receivedBytes).toBeGreaterThanOrEqual(64 << 20);
    free = bytes.length;
    expect(await one.end(await one.downloads.pull(name))).toMatchObject({ id, status: 'complete' });
    expect(host.requests.at(-1)?.range).toBe(`bytes=${stopped.receivedBytes}-`);
  });

  it('whose models folder cannot be written is told before anything is asked for', async () => {
    const host = await startHost(serve({ bytes: model }));
    const folder = await mkdtemp(path.join(tmpdir(), 'downloads-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(path.join(folder, 'file'), '');
    const folders = { modelsDir: path.join(folder, 'file', 'models'), dataDir: path.join(folder, 'data') };
    const one = await pulling(host.url, { folders });
    const { status, error } = await one.end(await one.downloads.pull(name));
    expect([status, error]).toEqual(['failed', expect.stringContaining('may not write into the models folder')]);
    expect(host.requests).toEqual([]);
  });

  it('keeps a file that is there, also one that came meanwhile', async () => {
    const half = model.length >> 1;
    const host = await startHost(serve({ bytes: model }, silentAfter(half)));
    const one = await pulling(host.url, { limits: { stallMs: 1_000 } });
    const { id } = await one.downloads.pull(name);
    await received(one, id, half);
    const file = path.join(one.modelsDir, 'model.gguf');
    await mkdir(one.modelsDir, { recursive: true });
    await writeFile(file, 'mine');
    host.answer = serve({ bytes: model });
    const ended = await one.end({ id } as Download);
    expect([ended.status, ended.error]).toEqual(['failed', expect.stringContaining('in the models folder already')]);
    await expect(one.downloads.pull(name)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});

describe('several who pull', () => {
  it('of one name get the one download', async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(1_000)));
    const one = await pulling(host.url);
    const begun = await Promise.all(Array.from({ length: 20 }, () => one.downloads.pull(name)));
    expect(new Set(begun.map(({ id }) => id)).size).toBe(1);
    await received(one, begun[0]?.id ?? '', 1_000);
    expect(host.requests).toHaveLength(1);
    await expect(one.downloads.pull('hf:another/repo/model.gguf')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('of different names get three at once', async () => {
    const host = await startHost(serve({ bytes: model }, silentAfter(1_000)));
    const one = await pulling(host.url);
    for (let index = 0; index < downloadLimits.atOnce; index++)
      await one.downloads.pull(`hf:owner/repo/m${index}.gguf`);
    await expect(one.downloads.pull(name)).rejects.toMatchObject({ code: 'overloaded' });
  });
});

describe('cancelling', () => {
  it('ends the connection and removes what has arrived', async () => {
    let closed = false;
    const host = await startHost((request, response) => {
      response.on('close', () => {
        closed = true;
      });
      return serve({ bytes: model }, silentAfter(1_000_000))(request, response);
    });
    const one = await pulling(host.url);
    const { id } = await one.downloads.pull(name);
    await received(one, id, 1_000_000);
    const followed = one.end({ id } as Download);
    expect(await one.downloads.cancel(id)).toMatchObject({
      id,
      status: 'cancelled',
      error: null,
      bytesPerSecond: 0,
    });
    expect(await followed).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => closed).toBe(true);
    expect(await one.parts()).toEqual([]);
    expect(await one.downloads.cancel(id)).toMatchObject({ status: 'cancelled' });
    expect(await one.downloads.cancel(crypto.randomUUID())).toBeNull();
    host.answer = serve({ bytes: model });
    const again = await one.end(await one.downloads.pull(name));
    expect(again).toMatchObject({ status: 'complete' });
    expect(again.id).not.toBe(id);
    expect(await one.downloads.cancel(again.id)).toMatchObject({ status: 'complete' });
    expect((await stat(path.join(one.modelsDir, 'model.gguf'))).size).toBe(model.length);
  });

  it('removes what a failed one left', async () => {
    const host = await startHost(serve({ bytes: model }, breakAfter(2_000_000)));
    const one = await pulling(host.url, { limits: { retryDelaysMs: [] } });
    const ended = await one.end(await one.downloads.pull(name));
    expect(ended.status).toBe('failed');
    expect(await one.parts()).toHaveLength(1);
    expect(await one.downloads.cancel(ended.id)).toMatchObject({ status: 'cancelled' });
    expect(await one.parts()).toEqual([]);
  });

  it('between two tries does not wait for the next', async () => {
    const host = await startHost((_request, response) => void response.writeHead(503).end());
    const one = await pulling(host.url, { limits: { retryDelaysMs: [600_000] } });
    const { id } = await one.downloads.pull(name);
    await expect.poll(() => host.requests.length).toBe(1);
    expect(await one.downloads.cancel(id)).toMatchObject({ status: 'cancelled' });
  });
});

describe('what is remembered', () => {
  it('survives a restart, and litter in the folder does not', async () => {
    const host = await startHost(serve({ bytes: model }));
    const before = await pulling(host.url);
    const done = await before.end(await before.downloads.pull(name));
    const folder = path.join(before.dataDir, 'downloads');
    await writeFile(path.join(folder, `${crypto.randomUUID()}.part`), 'x');
    await writeFile(path.join(folder, `${crypto.randomUUID()}.json`), '{"id":');
    const after = await pulling(host.url, { folders: before });
    expect(await after.downloads.list()).toEqual([done]);
    expect(await readdir(folder)).toEqual([`${done.id}.json`]);
    expect(await views(after.downloads, done.id)).toEqual([done]);
    expect(await after.downloads.follow(crypto.randomUUID(), new AbortController().signal)).toBeNull();
  });
});
