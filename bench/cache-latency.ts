import { spawn } from 'node:child_process';
import { tracingChannel } from 'node:diagnostics_channel';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { buildApp } from '../server/app.ts';
import { createAnswerCache } from '../server/cache/answer-cache.ts';
import { readConfig } from '../server/config.ts';
import { createScriptedEngine } from '../server/inference/scripted-engine.ts';
import { lineOptions } from '../server/logger.ts';
import type { AnswerStore } from '../server/stores/answer-store.ts';
import { createMemoryAnswerStore } from '../server/stores/answer-store-memory.ts';
import { createRedisAnswerStore } from '../server/stores/answer-store-redis.ts';
import { createDatabaseServer, type Database } from '../server/stores/database.ts';
import { createEmbeddedPostgres } from '../server/stores/embedded-postgres.ts';
import { connectRedis } from '../server/stores/redis.ts';
import { machine } from './machine.ts';

/**
 * Question: how long does a question take that was asked before, from the request to the answer, on the server? Both messages are stored in one
 * transaction, so the baselines are one row put into the same table and, for the lookup, one GET of a value of the same size, in turns with
 * it. Needs `redis-server`. Run: npm run bench:cache-latency
 */
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, hits: { type: 'string', default: '100' } },
});
const [rounds, hits] = [Number(options.rounds), Number(options.hits)];
const redisPort = 16_379;
const redisUrl = `redis://127.0.0.1:${redisPort}`;
const userId = '00000000-0000-0000-0000-000000000001';
const question = 'What is the capital of France, and since when?';
const answer = 'Some words of an answer that went on for a while. '.repeat(40);
const sendMessage = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
  reply { id content status cached cacheHit { similarity ageSeconds } } } }`;
const quiet = pino({ level: 'silent' });
/** A portal that has just started has planned nothing yet. */
const warmUpHits = 20;
const untilTheEnd = new AbortController().signal;

const folder = await mkdtemp(path.join(tmpdir(), 'bench-cache-latency-'));
// Run by root, Postgres has an account of its own, which must get to its data.
await chmod(folder, 0o755);
const postgres = createEmbeddedPostgres({ dataDir: path.join(folder, 'data'), logger: quiet });
const redisServer = spawn('redis-server', ['--port', `${redisPort}`, '--save', '', '--dir', folder], {
  stdio: 'ignore',
});
const redis = connectRedis({ url: redisUrl, logger: quiet });
let commands = 0;
tracingChannel('ioredis:command').subscribe({
  start: () => commands++,
  end() {},
  asyncStart() {},
  asyncEnd() {},
  error() {},
});

try {
  // `once` of node:events would give up at the first attempt, which comes before the server is there.
  await new Promise((ready) => redis.commands.once('ready', ready));
  const url = await postgres.start(untilTheEnd);
  const databases = createDatabaseServer({ url, dataDir: folder, logger: quiet });
  const db = await databases.open(untilTheEnd);
  console.log(`${rounds} rounds of ${hits}, in turns; ${machine()}\n`);
  await lookups();
  await wholeAnswers(db, url);
  await databases.close();
} finally {
  await redis.close();
  redisServer.kill();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

/** An exact hit of the cache by itself, beside a bare GET of as much. */
async function lookups(): Promise<void> {
  const stores: [string, AnswerStore][] = [
    ['memory', createMemoryAnswerStore({ maxBytes: 1e8 })],
    ['Redis', createRedisAnswerStore({ commands: redis.commands, maxBytes: 1e8 })],
  ];
  const asked = {
    ...{ userId, sessionId: 'session', modelDigest: 'model', template: 'chat', sampling: {}, systemPrompt: '' },
    ...{ context: null, preceding: null, prompt: question },
  };
  const taken: Record<string, number[]> = {};
  const found = [];
  for (const [name, store] of stores) {
    const cache = createAnswerCache({
      store,
      ttlMs: 1e6,
      scope: 'user',
      threshold: 0.75,
      meaningThreshold: 1,
      vectors: null,
    });
    await cache.keep(asked, { messageId: uuid(), content: answer });
    found.push([name, cache] as const);
  }
  const bare = new Redis(redisUrl);
  await bare.set('bare', JSON.stringify({ ...asked, content: answer }));
  let sent = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, cache] of found) {
      for (let turn = 0; turn < hits; turn++) {
        const before = commands;
        await timed(taken, `lookup, ${name}`, async () => {
          if ((await cache.find(asked)) === null) throw new Error('a lookup missed');
        });
        if (name === 'Redis') sent = Math.max(sent, commands - before);
      }
    }
    for (let turn = 0; turn < hits; turn++) await timed(taken, 'bare GET', () => bare.get('bare'));
  }
  bare.disconnect();
  print(taken);
  console.log(`Commands that a lookup sends to Redis: ${sent} at most\n`);
}

/**
 * An exact hit over GraphQL by HTTP, as the server's own line of the log times it, beside one row put into the same table. One portal runs at a
 * time, as one does: each asks the database what there is to do by itself.
 */
async function wholeAnswers(db: Database, databaseUrl: string): Promise<void> {
  const taken: Record<string, number[]> = {};
  let decoded = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, env] of [['memory', {}] as const, ['Redis', { REDIS_URL: redisUrl }] as const]) {
      const portal = await startPortal(databaseUrl, env);
      const sessionId = await newSession(db);
      for (let known = 0; known < warmUpHits; ) if ((await portal.send(sessionId)).cached) known++;
      const generated = portal.engine.requests.length;
      for (let turn = 0; turn < hits; turn++) {
        const { cached, totalMs, serverMs } = await portal.send(sessionId);
        if (!cached) throw new Error('an answer was not from the cache');
        put(taken, `whole answer on the server, ${name}`, serverMs);
        put(taken, `the same with client and sockets, ${name}`, totalMs);
      }
      decoded += portal.engine.requests.length - generated;
      await portal.app.stop();
    }
    const sessionId = await newSession(db);
    for (let turn = 0; turn < hits; turn++) {
      await timed(taken, 'bare insert of a row', () =>
        db.message.create({
          data: {
            id: uuid(),
            sessionId,
            userId,
            depth: 0,
            active: false,
            role: 'user',
            content: answer,
            status: 'complete',
          },
        }),
      );
    }
  }
  print(taken);
  console.log(`Answers that the model was asked for meanwhile: ${decoded}`);
}

async function newSession(db: Database): Promise<string> {
  const { id } = await db.session.create({ data: { id: uuid(), userId } });
  return id;
}

/** A portal with the answer cache in memory, or in Redis, whose log tells how long a request took. */
async function startPortal(databaseUrl: string, env: Record<string, string>) {
  let latest = Number.NaN;
  const log = new Writable({
    write(chunk, _encoding, done) {
      const { operation, latency_ms: latency } = JSON.parse(String(chunk));
      if (operation === 'mutation sendMessage') latest = latency;
      done();
    },
  });
  const config = readConfig(
    { PORT: '0', DATA_DIR: folder, MODELS_DIR: path.join(folder, 'models'), DATABASE_URL: databaseUrl, ...env },
    folder,
  );
  const engine = createScriptedEngine({ script: () => answer });
  const app = await buildApp(config, { engine, logger: pino({ level: 'info', ...lineOptions }, log) });
  await app.start();
  await app.whenReady();
  return {
    app,
    engine,
    async send(sessionId: string) {
      latest = Number.NaN;
      const startedAt = performance.now();
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: sendMessage, variables: { input: { sessionId, content: question } } }),
      });
      const { data } = (await response.json()) as { data: { sendMessage: { reply: { cached: boolean } } } | null };
      const totalMs = performance.now() - startedAt;
      // The line is written when the last byte has left.
      while (Number.isNaN(latest)) await new Promise((later) => setImmediate(later));
      return { cached: data?.sendMessage.reply.cached ?? false, totalMs, serverMs: latest };
    },
  };
}

async function timed(taken: Record<string, number[]>, name: string, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await work();
  put(taken, name, performance.now() - startedAt);
}

function put(taken: Record<string, number[]>, name: string, value: number): void {
  const list = taken[name] ?? [];
  taken[name] = list;
  list.push(value);
}

function print(taken: Readonly<Record<string, number[]>>): void {
  console.log(['milliseconds'.padEnd(44), 'p50', 'p95'].join('\t'));
  for (const [name, values] of Object.entries(taken)) {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2);
    console.log([name.padEnd(44), at(0.5), at(0.95)].join('\t'));
  }
  console.log('');
}
