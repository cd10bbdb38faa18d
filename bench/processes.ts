import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { writeNoiseModel } from '../server/inference/noise-model.ts';
import { createEmbeddedPostgres } from '../server/stores/embedded-postgres.ts';

export interface BenchProcess {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** One Postgres, one Redis, a folder with a small model, and processes around them. */
export async function startSurroundings() {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-processes-'));
  // Run by root, Postgres has an account of its own, which must get to its data.
  await chmod(folder, 0o755);
  await writeNoiseModel(path.join(folder, 'models/noise.gguf'));
  const postgres = createEmbeddedPostgres({ dataDir: path.join(folder, 'data'), logger: pino({ level: 'silent' }) });
  const databaseUrl = await postgres.start(new AbortController().signal);
  const redisPort = await freePort();
  const redis = spawn(
    'redis-server',
    ['--port', `${redisPort}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    {
      stdio: 'ignore',
    },
  );
  const running: ChildProcess[] = [redis];

  /** Runs a file of ours until it says that it is ready. */
  async function run(file: string, env: Record<string, string>): Promise<BenchProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PORT: `${port}`,
        DATABASE_URL: databaseUrl,
        REDIS_URL: `redis://127.0.0.1:${redisPort}`,
        MODELS_DIR: path.join(folder, 'models'),
        DATA_DIR: path.join(folder, `data-${port}`),
        LOG_LEVEL: 'error',
        QUEUE_MAX: '10000',
        MAX_SOCKETS_PER_USER: '10000',
        ...env,
      },
    });
    running.push(child);
    for await (const text of child.stdout.setEncoding('utf8')) if (/\bready\b/.test(text)) break;
    return {
      url: `http://127.0.0.1:${port}`,
      pid: child.pid ?? 0,
      async stop() {
        child.kill('SIGTERM');
        await once(child, 'exit');
      },
    };
  }

  return {
    run,
    /** The portal with an engine that draws a token each `TOKEN_MS` and computes nothing. */
    portal: (env: Record<string, string>) => run('tests/testkit/scripted-portal.ts', env),
    async end() {
      for (const child of running) child.kill('SIGKILL');
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function graph<Data>(url: string, query: string, variables: Record<string, unknown> = {}): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Asks in a session of its own; the id of the answer. */
export async function ask(url: string, content: string, maxTokens: number): Promise<string> {
  const { createSession } = await graph<{ createSession: { id: string } }>(url, 'mutation { createSession { id } }');
  const { sendMessage } = await graph<{ sendMessage: { reply: { id: string } } }>(
    url,
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }',
    { input: { sessionId: createSession.id, content, generation: { maxTokens }, cache: 'BYPASS' } },
  );
  return sendMessage.reply.id;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}
