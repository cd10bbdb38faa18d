import { chmod, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEmbeddedPostgres } from '../../server/stores/embedded-postgres.ts';
import { createSession, readMessage, send } from '../testkit/chat.ts';
import { followThroughFaults, insist } from '../testkit/follower.ts';
import { createInstallation } from '../testkit/installation.ts';
import { makeFolder } from '../testkit/llama.ts';
import { askAllTheTime } from '../testkit/probe.ts';
import { childrenOf } from '../testkit/processes.ts';
import { createFigures, faultRounds, patient, planRounds } from '../testkit/rounds.ts';
import { askForStories, untilEvents } from '../testkit/stories.ts';
import { watchWrites } from '../testkit/write-watch.ts';

interface Plan {
  fault: 'killed' | 'paused';
  replies: number[];
  /** Events that reach the readers before. */
  after: number;
  pausedForMs: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  fault: fc.constantFrom('killed', 'paused'),
  replies: fc.array(fc.integer({ min: 150, max: 600 }), { minLength: 2, maxLength: 5 }),
  after: fc.integer({ min: 1, max: 100 }),
  pausedForMs: fc.integer({ min: 10_000, max: 14_000 }),
});

/** A pause takes its time: a short run has one of each. */
const rounds = Math.max(2, Math.round(faultRounds / 5));
/** 5 s, and what an answer takes. */
const refusesWithinMs = 5_000 + 500;

const figures = createFigures();

describe('Postgres, killed and paused in mid-reply', () => {
  it(`${rounds} times: the portal lives, says 503 within seconds, loses nothing, and every reply ends once it is back`, {
    timeout: 60_000 + rounds * 60_000,
  }, async () => {
    const plans = planRounds('faults of Postgres', plan, rounds);
    const postgres = await startPostgres();
    const { url, start } = await createInstallation({
      env: { MAX_SOCKETS_PER_USER: '1000' },
      model: {},
      databaseUrl: postgres.url,
    });
    const portal = await start();
    const watch = await watchWrites(postgres.url);
    for (const [index, current] of plans.entries()) {
      const fault = plans.length === 2 ? (['killed', 'paused'] as const)[index] : current.fault;
      await playRound(url, postgres, { ...current, fault: fault ?? current.fault });
    }
    figures.print(`faults of Postgres, ${plans.length} rounds:`);
    expect(await watch.violations()).toEqual({});
    portal.kill('SIGTERM');
    expect(await portal.exited).toBe(0);
  });
});

async function playRound(url: string, postgres: TestPostgres, { fault, replies, after, pausedForMs }: Plan) {
  const followers = await askForStories(url, replies);
  const sessionId = await insist(() => createSession(url));
  await untilEvents(followers, after);
  const held = followers.map((follower) => follower.held());

  const probe = askAllTheTime(url);
  const once = { idempotencyKey: crypto.randomUUID(), generation: { maxTokens: 20 } };
  const mendedBy = fault === 'killed' ? 'the kill of Postgres' : 'the end of the pause';
  const since = fault === 'killed' ? await postgres.kill() : await postgres.pause(pausedForMs, askMeanwhile);
  async function askMeanwhile(): Promise<void> {
    const askedAt = performance.now();
    await expect(send(url, sessionId, 'Are you there?', once)).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
    });
    figures.add('ms until a send was refused', performance.now() - askedAt);
    expect(performance.now() - askedAt).toBeLessThan(patient(refusesWithinMs));
  }

  const sent = await insist(() => send(url, sessionId, 'Are you there?', once));
  figures.add(`ms from ${mendedBy} until a send was taken`, performance.now() - since);
  const again = await insist(() => send(url, sessionId, 'Are you there?', once));
  expect(again).toMatchObject({ message: sent.message, reply: { id: sent.reply.id } });
  for (const [index, follower] of followers.entries()) {
    const { text, message } = await follower.done;
    expect(message).toMatchObject({ status: 'COMPLETE', content: text, errorMessage: null });
    if (fault === 'paused') expect(text.startsWith(held[index] ?? '')).toBe(true);
    expect(await insist(() => readMessage(url, follower.id))).toEqual(message);
  }
  expect((await followThroughFaults(url, sent.reply.id).done).message.status).toBe('COMPLETE');
  const { tookMs, unexpected, refused } = await probe.stop();
  expect(unexpected).toEqual([]);
  if (fault === 'paused') expect(refused).toBeGreaterThan(0);
  figures.add(`ms that the slowest answer took, Postgres ${fault}`, Math.max(...tookMs));
  expect(Math.max(...tookMs)).toBeLessThan(patient(refusesWithinMs));
}

interface TestPostgres {
  url: string;
  /** Kills the server at once, and says when; resolves when another runs on its data. */
  kill(): Promise<number>;
  /** Stops every process of the server where it stands for so long, does `work` meanwhile, and says when it ended. */
  pause(forMs: number, work: () => Promise<void>): Promise<number>;
}

/** A server of the test's own, started again by itself when it dies. */
async function startPostgres(): Promise<TestPostgres> {
  const { folder, remove } = await makeFolder();
  // The account that Postgres runs as must get to its data.
  await chmod(folder, 0o755);
  const server = createEmbeddedPostgres({ dataDir: folder, logger: pino({ level: 'silent' }) });
  onTestFinished(async () => {
    await server.stop();
    await remove();
  });
  const url = await server.start(new AbortController().signal);
  const mainProcess = async () => Number.parseInt(await readFile(`${folder}/postgres/postmaster.pid`, 'utf8'), 10);
  return {
    url,
    async kill() {
      const pid = await mainProcess();
      process.kill(pid, 'SIGKILL');
      const killedAt = performance.now();
      const running = () => mainProcess().catch(() => pid);
      await expect.poll(running, { timeout: patient(30_000) }).not.toBe(pid);
      return killedAt;
    },
    async pause(forMs, work) {
      const pid = await mainProcess();
      const all = [pid, ...(await childrenOf(pid))];
      for (const one of all) process.kill(one, 'SIGSTOP');
      try {
        await Promise.all([pause(forMs), work()]);
      } finally {
        for (const one of all) process.kill(one, 'SIGCONT');
      }
      return performance.now();
    },
  };
}
