import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { WebSocket } from 'ws';
import { buildApp } from '../server/app.ts';
import { readConfig } from '../server/config.ts';
import { writeNoiseModel } from '../server/inference/noise-model.ts';
import { createDatabaseServer, type Database } from '../server/stores/database.ts';
import { createEmbeddedPostgres } from '../server/stores/embedded-postgres.ts';
import { machine, median } from './machine.ts';

/**
 * Questions: how far off are the waits that replies are told, and how long does a person with one question wait beside another
 * who sends many? llama.cpp runs random weights, whose answers never end by themselves: so each is stopped by its
 * reader after a number of tokens that the portal cannot know. The baseline of the wait is one line for all, which is
 * what the same person's own questions stand in.
 */
const { values: options } = parseArgs({
  options: {
    sequences: { type: 'string', default: '4' },
    /** Questions of the one who sends many. */
    many: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    /** Of llama.cpp; on a machine that does other things as well, one. */
    threads: { type: 'string' },
  },
});
const [sequences, many, rounds] = [options.sequences, options.many, options.rounds].map(Number) as [
  number,
  number,
  number,
];
const answerTokens = { least: 20, most: 200 };
const question = 'Tell me a story about a lighthouse, a storm and the people who lived there.';

const folder = await mkdtemp(path.join(tmpdir(), 'bench-queue-'));
// Run by root, Postgres has an account of its own, which must get to its data.
await chmod(folder, 0o755);
await writeNoiseModel(path.join(folder, 'models/noise.gguf'), {
  width: 512,
  layers: 8,
  feedForward: 1536,
  vocabulary: 32_000,
  quantization: 'Q8_0',
  tied: true,
});
const logger = pino({ level: 'silent' });
const postgres = createEmbeddedPostgres({ dataDir: path.join(folder, 'data'), logger });
const config = readConfig(
  {
    PORT: '0',
    DATA_DIR: folder,
    MODELS_DIR: path.join(folder, 'models'),
    DATABASE_URL: await postgres.start(new AbortController().signal),
    MODEL_SEQUENCES: String(sequences),
    MODEL_GPU: 'false',
    ...(options.threads !== undefined && { MODEL_THREADS: options.threads }),
    LOG_LEVEL: 'error',
    MAX_SUBSCRIPTIONS_PER_SOCKET: '1000',
  },
  folder,
);
const app = await buildApp(config);
const databases = createDatabaseServer({ url: config.database.url, dataDir: folder, logger });
const random = mulberry32(7);
let operations = 0;

try {
  await app.start();
  await app.whenReady();
  const db = await databases.open(new AbortController().signal);
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    generateID: () => `${++operations}`,
  });
  await run(db, client);
  await client.dispose();
} finally {
  await app.stop();
  await databases.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

async function run(db: Database, client: ReturnType<typeof createClient>): Promise<void> {
  // Until something was measured nothing is told.
  await Promise.all(Array.from({ length: sequences }, async () => follow(client, await send(client))));
  const told: Told[] = [];
  const waits: { turns: number; line: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = await crowd(db, client, 'another person', told);
    const line = await crowd(db, client, 'the same person', told);
    waits.push({ turns, line });
  }
  const errors = (ofThem: readonly Told[]) =>
    ofThem.map(({ etaMs, actualMs }) => Math.abs(etaMs - actualMs) / actualMs);
  // Of a wait that is nearly over a share says nothing.
  const counted = told.filter(({ actualMs }) => actualMs >= 1000);
  const first = counted.filter((one) => one.isFirst);
  console.log(
    `${sequences} at once, ${many} questions, answers of ${answerTokens.least} to ${answerTokens.most} tokens, ` +
      `${rounds} rounds in turns, ${config.models.threads} threads; ${machine()}`,
  );
  console.log(
    `error of the wait told, |told - actual| / actual: median ${share(median(errors(counted)))} of ${counted.length}`,
  );
  console.log(
    `  of the first one that each was told:            median ${share(median(errors(first)))} of ${first.length}`,
  );
  const ratios = waits.map(({ turns, line }) => turns / line);
  console.log(
    `wait of one question beside ${many} of another person: median ${seconds(median(waits.map(({ turns }) => turns)))}`,
  );
  console.log(`  in one line for all:                        median ${seconds(median(waits.map(({ line }) => line)))}`);
  console.log(
    `  ratio:                                      median ${median(ratios).toFixed(3)}, each ${ratios.map((ratio) => ratio.toFixed(3)).join(' ')}`,
  );
}

/** One sends many, then `who` asks once: answers how long that one waits for a place. */
async function crowd(
  db: Database,
  client: ReturnType<typeof createClient>,
  who: 'another person' | 'the same person',
  told: Told[],
): Promise<number> {
  const following: Promise<void>[] = [];
  for (let index = 0; index < many; index++) following.push(follow(client, await send(client), told));
  const late = who === 'the same person' ? await send(client) : await askAsAnother(db);
  if (who === 'the same person') following.push(follow(client, late));
  const waited = waitOf(db, late);
  await Promise.all(following);
  await until(async () => (await db.reply.findUniqueOrThrow({ where: { messageId: late } })).endedAt);
  return waited;
}

interface Told {
  etaMs: number;
  actualMs: number;
  isFirst: boolean;
}

/** Reads a reply until it has as many tokens as it is to have, then stops it; notes what it was told while it waited. */
async function follow(client: ReturnType<typeof createClient>, id: string, told: Told[] = []): Promise<void> {
  const tokens = Math.round(answerTokens.least + random() ** 2 * (answerTokens.most - answerTokens.least));
  const events = client.iterate<{ replyEvents: { __typename: string; etaMs?: number | null; seq: number } }>({
    query: 'subscription ($id: ID!) { replyEvents(messageId: $id) { __typename seq ... on ReplyQueued { etaMs } } }',
    variables: { id },
  });
  const queued: { etaMs: number; at: number }[] = [];
  let begunAt: number | null = null;
  let firstSeq: number | null = null;
  let stopped = false;
  for await (const { data } of events) {
    const event = data?.replyEvents;
    if (event?.__typename === 'ReplyQueued') {
      if (typeof event.etaMs === 'number') queued.push({ etaMs: event.etaMs, at: performance.now() });
    } else if (event !== undefined) begunAt ??= performance.now();
    if (event?.__typename !== 'ReplyText') continue;
    // Each token has its own number, also where several travel together.
    firstSeq ??= event.seq;
    if (stopped || event.seq - firstSeq < tokens) continue;
    stopped = true;
    void one(client, 'mutation ($id: ID!) { stopReply(id: $id) { id } }', { id });
  }
  for (const [index, { etaMs, at }] of queued.entries()) {
    if (begunAt !== null) told.push({ etaMs, actualMs: begunAt - at, isFirst: index === 0 });
  }
}

async function send(client: ReturnType<typeof createClient>): Promise<string> {
  const { createSession } = await one<{ createSession: { id: string } }>(
    client,
    'mutation { createSession { id } }',
    {},
  );
  const { sendMessage } = await one<{ sendMessage: { reply: { id: string } } }>(
    client,
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }',
    { input: { sessionId: createSession.id, content: question } },
  );
  return sendMessage.reply.id;
}

/** There is one person without accounts: the other one's question is stored as the rules would store it. */
async function askAsAnother(db: Database): Promise<string> {
  const [userId, sessionId, parentId, id] = [uuid(), uuid(), uuid(), uuid()];
  const of = { userId, sessionId };
  await db.user.create({ data: { id: userId, email: `${userId}@example.org` } });
  await db.session.create({ data: { id: sessionId, userId } });
  await db.message.create({
    data: { id: parentId, ...of, depth: 0, role: 'user', status: 'complete', content: question },
  });
  await db.message.create({ data: { id, ...of, parentId, depth: 1, role: 'assistant', status: 'pending' } });
  await db.reply.create({ data: { messageId: id, userId, generation: { maxTokens: 50 } } });
  return id;
}

/** Milliseconds from asking to being taken, by the database's clock. */
async function waitOf(db: Database, messageId: string): Promise<number> {
  const takenAt = await until(async () => (await db.reply.findUniqueOrThrow({ where: { messageId } })).takenAt);
  const { queuedAt } = await db.reply.findUniqueOrThrow({ where: { messageId } });
  return takenAt.getTime() - queuedAt.getTime();
}

async function until<Value>(look: () => Promise<Value | null>): Promise<Value> {
  for (;;) {
    const value = await look();
    if (value !== null) return value;
    await delay(200);
  }
}

async function one<Data>(
  client: ReturnType<typeof createClient>,
  query: string,
  variables: Record<string, unknown>,
): Promise<Data> {
  for await (const { data, errors } of client.iterate<Data>({ query, variables })) {
    if (errors) throw new Error(JSON.stringify(errors));
    if (data) return data;
  }
  throw new Error('no answer');
}

function share(value: number): string {
  return `${(value * 100).toFixed(0)} %`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
