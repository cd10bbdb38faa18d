import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { connectRedis, type RedisConnection } from '../../server/stores/redis.ts';
import { freePort } from './free-port.ts';

export interface TestRedis {
  url: string;
  /** Ends it as a power cut does; what it held is gone. */
  kill(): Promise<void>;
  /** It keeps its connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** Starts it again, empty, at the same address. */
  restart(): Promise<void>;
}

/** A Redis of its own on a free port; stopped when the test ends. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server = await launch(port, url);

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill('SIGKILL');
    await exit;
  }

  onTestFinished(kill);
  return {
    url,
    kill,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async restart() {
      await kill();
      server = await launch(port, url);
    },
  };
}

/** A Redis of its own, and ready connections to it as one process has them; closed when the test ends. */
export async function connectTestRedis() {
  const redis = await startRedis();

  async function another(): Promise<RedisConnection> {
    const connection = connectRedis({ url: redis.url, logger: pino({ level: 'silent' }) });
    onTestFinished(() => connection.close());
    await once(connection.commands, 'ready');
    return connection;
  }

  return { redis, another, connection: await another() };
}

async function launch(port: number, url: string): Promise<ChildProcess> {
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  try {
    await Promise.race([
      client.ping(),
      once(server, 'error').then(([error]) => Promise.reject(error)),
      once(server, 'exit').then(() => Promise.reject(new Error('redis-server ended'))),
    ]);
  } finally {
    client.disconnect();
  }
  return server;
}
