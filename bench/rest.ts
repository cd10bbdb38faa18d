import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { buildApp } from '../server/app.ts';
import { readConfig } from '../server/config.ts';
import { createScriptedEngine } from '../server/inference/scripted-engine.ts';
import { createDatabaseServer, type Database } from '../server/stores/database.ts';
import { createEmbeddedPostgres } from '../server/stores/embedded-postgres.ts';
import { machine, median } from './machine.ts';

/**
 * Question: what does the REST facade cost beside a bare Fastify route that makes the same statements through the same Prisma
 * and answers with the rows as they are? Rounds of both take turns; who asks runs in the same process for both. And how long does
 * a conversation of as many messages as one may have take to come in, and to go out?
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    /** Of one round of one route. */
    requests: { type: 'string', default: '400' },
    /** At once. */
    clients: { type: 'string', default: '8' },
  },
});
const [rounds, requests, clients] = [options.rounds, options.requests, options.clients].map(Number) as [
  number,
  number,
  number,
];
const userId = '00000000-0000-0000-0000-000000000001';
const sessions = 200;
const messages = 200;
const pageSize = 50;
const importedMessages = 10_000;
const words = 'Some words of a conversation that went on for a while. '.repeat(4);

const folder = await mkdtemp(path.join(tmpdir(), 'bench-rest-'));
// Run by root, Postgres has an account of its own, which must get to its data.
await chmod(folder, 0o755);
const logger = pino({ level: 'silent' });
const postgres = createEmbeddedPostgres({ dataDir: path.join(folder, 'data'), logger });
const config = readConfig(
  {
    PORT: '0',
    DATA_DIR: folder,
    MODELS_DIR: path.join(folder, 'models'),
    DATABASE_URL: await postgres.start(new AbortController().signal),
    LOG_LEVEL: 'error',
  },
  folder,
);
const app = await buildApp(config, { engine: createScriptedEngine() });
const databases = createDatabaseServer({ url: config.database.url, dataDir: folder, logger });
const bare = Fastify();
const agent = new Agent({ keepAlive: true, maxSockets: clients });

try {
  await app.start();
  await app.whenReady();
  const db = await databases.open(new AbortController().signal);
  const ids = await fill(db);
  serveBare(bare, db);
  await bare.listen({ port: 0, host: '127.0.0.1' });
  const bareUrl = `http://127.0.0.1:${(bare.server.address() as AddressInfo).port}`;
  console.log(`${rounds} rounds of ${requests} requests, ${clients} at once, in turns; ${machine()}`);
  for (const [name, address] of [
    ['a page of 50 of 200 sessions', `/sessions?page_size=${pageSize}`],
    ['a page of 50 of 200 messages', `/sessions/${ids.session}/messages?page_size=${pageSize}`],
    ['one message', `/messages/${ids.message}`],
  ] as const) {
    const ratios: number[] = [];
    const speeds: number[] = [];
    await perSecond(`${app.url}/api/v1${address}`);
    await perSecond(`${bareUrl}${address}`);
    for (let round = 0; round < rounds; round++) {
      const ours = await perSecond(`${app.url}/api/v1${address}`);
      const theirs = await perSecond(`${bareUrl}${address}`);
      speeds.push(ours);
      ratios.push(ours / theirs);
    }
    const each = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
    console.log(
      `${name}: ${median(speeds).toFixed(0)} requests/s, ${median(ratios).toFixed(2)} of the bare route (${each})`,
    );
  }
  await takeInAndOut(app.url);
} finally {
  agent.destroy();
  await bare.close();
  await app.stop();
  await databases.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Sessions, one of them with messages; complete answers without a receipt. */
async function fill(db: Database): Promise<{ session: string; message: string }> {
  const ids = Array.from({ length: sessions }, () => uuid());
  await db.session.createMany({ data: ids.map((id, index) => ({ id, userId, title: `Session ${index}` })) });
  const [session = ''] = ids;
  const chain = Array.from({ length: messages }, () => uuid());
  await db.message.createMany({
    data: chain.map((id, depth) => ({
      id,
      sessionId: session,
      userId,
      parentId: chain[depth - 1] ?? null,
      depth,
      role: depth % 2 === 0 ? 'user' : 'assistant',
      status: 'complete',
      content: words,
    })),
  });
  return { session, message: chain[1] ?? '' };
}

/** The statements of the portal's routes, who asks and whose it is among them, and nothing else. */
function serveBare(server: FastifyInstance, db: Database): void {
  const owner = { userId };
  const authenticate = () => db.user.findUniqueOrThrow({ where: { id: userId } });

  server.get('/sessions', async () => {
    await authenticate();
    const [rows] = await Promise.all([
      db.session.findMany({ where: owner, orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }], take: pageSize }),
      db.session.count({ where: owner }),
    ]);
    return rows;
  });
  server.get<{ Params: { id: string } }>('/sessions/:id/messages', async ({ params: { id } }) => {
    await authenticate();
    await db.session.findFirst({ where: { id, ...owner } });
    const where = { sessionId: id, ...owner, active: true };
    const [rows] = await Promise.all([
      db.message.findMany({ where: { ...where, depth: { lt: pageSize } }, orderBy: { depth: 'asc' } }),
      db.message.findFirst({ where, orderBy: { depth: 'desc' }, select: { depth: true } }),
    ]);
    const answers = rows.filter(({ role }) => role === 'assistant').map((row) => row.id);
    await db.reply.findMany({ where: { messageId: { in: answers } } });
    return rows;
  });
  server.get<{ Params: { id: string } }>('/messages/:id', async ({ params: { id } }) => {
    await authenticate();
    const message = await db.message.findFirst({ where: { id, ...owner } });
    await db.reply.findMany({ where: { messageId: { in: [id] } } });
    return message;
  });
}

async function perSecond(address: string): Promise<number> {
  const startedAt = performance.now();
  let left = requests;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) await get(address);
    }),
  );
  return requests / ((performance.now() - startedAt) / 1000);
}

/** A new conversation each round: one that is here already would be skipped. */
async function takeInAndOut(url: string): Promise<void> {
  const seconds: Record<'import' | 'export', number[]> = { import: [], export: [] };
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const file = JSON.stringify({
      messages: Array.from({ length: importedMessages }, (_, index) => ({
        role: index % 2 === 0 ? 'user' : 'assistant',
        content: index === 0 ? `Conversation ${round}. ${words}` : words,
      })),
    });
    const began = performance.now();
    const answer = await fetch(`${url}/api/v1/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: file,
    });
    const report = (await answer.json()) as { imported: number; items: { session_id: string }[] };
    seconds.import.push((performance.now() - began) / 1000);
    if (report.imported !== 1) throw new Error(JSON.stringify(report));
    const left = performance.now();
    const exported = await fetch(`${url}/api/v1/sessions/${report.items[0]?.session_id}/export`);
    bytes = (await exported.arrayBuffer()).byteLength;
    seconds.export.push((performance.now() - left) / 1000);
  }
  for (const [name, taken] of Object.entries(seconds)) {
    const each = taken.map((one) => one.toFixed(2)).join(' ');
    console.log(`${name} of ${importedMessages} messages: ${median(taken).toFixed(2)} s (${each})`);
  }
  console.log(`an export of them: ${(bytes / 1e6).toFixed(1)} MB`);
}

function get(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(address, { agent }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${address} answered ${answer.statusCode}`));
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}
