import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { createHubDownloads } from '../server/inference/downloads/hub-downloads.ts';
import { writeNoiseModel } from '../server/inference/noise-model.ts';

/**
 * Question: what does pulling a model cost beside the least that could do it? Half a gigabyte from a server on this machine
 * (a process of its own): MB/s, processor seconds, and the longest time that the event loop was held, beside a bare `fetch`
 * that writes what comes and then reads it for its SHA-256. In turns, in one run.
 */
const file = path.join(import.meta.dirname, '../.cache/bench-half.gguf');
const rounds = 3;

async function sha256(of: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(of, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

async function serve(): Promise<void> {
  const { size } = await stat(file);
  const headers = { 'content-length': size, 'x-linked-etag': `"${await sha256(file)}"` };
  const server = createServer((_request, response) => {
    response.writeHead(200, headers);
    createReadStream(file, { highWaterMark: 1 << 18 }).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function bare(url: string, folder: string): Promise<void> {
  const target = path.join(folder, 'model.gguf');
  const response = await fetch(url);
  const handle = await open(target, 'w');
  for await (const chunk of response.body ?? []) await handle.write(chunk);
  await handle.datasync();
  await handle.close();
  await sha256(target);
}

async function pulled(url: string, folder: string): Promise<void> {
  const downloads = createHubDownloads({
    config: { endpoint: url, hosts: [] },
    models: { dir: path.join(folder, 'models'), sequences: 8, contextLength: null },
    dataDir: folder,
    logger: pino({ level: 'silent' }),
  });
  const { id } = await downloads.pull('hf:owner/repo/model.gguf');
  for await (const { status, error } of (await downloads.follow(id, new AbortController().signal)) ?? []) {
    if (status === 'failed') throw new Error(error ?? '');
  }
}

async function measure(name: string, work: typeof bare, url: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-pull-'));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  delay.enable();
  await work(url, folder);
  delay.disable();
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const megabytes = (await stat(file)).size / 1e6;
  console.log(
    `${name.padEnd(5)} ${(megabytes / seconds).toFixed(0).padStart(5)} MB/s ` +
      `${((user + system) / 1e6).toFixed(2)} s of processor, event loop held at most ${(delay.max / 1e6).toFixed(0)} ms`,
  );
  await rm(folder, { recursive: true });
}

async function main(): Promise<void> {
  if (!existsSync(file)) {
    const half = { width: 896, layers: 24, heads: 14, kvHeads: 2, feedForward: 4864, vocabulary: 151_936 };
    await writeNoiseModel(file, { ...half, quantization: 'Q8_0', tied: true });
  }
  const server: ChildProcess = fork(import.meta.filename, ['serve']);
  try {
    const [url] = (await once(server, 'message')) as [string];
    for (let round = 0; round < rounds; round++) {
      await measure('bare', bare, url);
      await measure('pull', pulled, url);
    }
  } finally {
    server.kill();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await (process.argv[2] === 'serve' ? serve() : main());
}
