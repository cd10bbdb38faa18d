import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { createSession, send } from '../testkit/chat.ts';
import { type Fleet, type Member, startFleet } from '../testkit/fleet.ts';
import { type Follower, followThroughFaults, insist, transports } from '../testkit/follower.ts';
import { findEngineOf } from '../testkit/processes.ts';
import { createFigures, patient, planRounds } from '../testkit/rounds.ts';
import { untilEvents } from '../testkit/stories.ts';
import { type WriteWatch, watchWrites } from '../testkit/write-watch.ts';

const faults = [
  'a worker is killed',
  'an API process is killed',
  'Redis is emptied',
  'Redis is killed',
  'Redis is paused',
  'every subscription is cut',
  'a worker is paused',
] as const;

interface Plan {
  /** Tokens that each new reply may have. */
  replies: number[];
  /** Events that reach the readers before the fault. */
  after: number;
  /** Which of two. */
  which: 0 | 1;
  /** How long Redis or the worker is away. */
  awayMs: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  replies: fc.array(fc.integer({ min: 100, max: 400 }), { minLength: 2, maxLength: 4 }),
  after: fc.integer({ min: 3, max: 60 }),
  which: fc.constantFrom(0 as const, 1 as const),
  awayMs: fc.integer({ min: 1_000, max: 3_000 }),
});

/** Until a reply goes on after its writer, or what its readers read by, is gone. */
const goesOnWithinMs = 5_000;
/** A paused process keeps its lock, so that only its silence tells. */
const missedWithinMs = 15_000;

/** Of each fault one, unless asked for. */
const rounds = Number(process.env.FAULT_ROUNDS ?? faults.length);

const figures = createFigures();

describe('2 API processes and 2 workers around one Postgres and one Redis', () => {
  it(`${rounds} times lose one of them or Redis in mid-reply: texts are equal, nothing is written twice, and all goes on within 5 s`, {
    timeout: 120_000 + rounds * 40_000,
  }, async () => {
    const fleet = await startFleet({
      apis: 2,
      workers: 2,
      env: { TOKEN_MS: '20' },
      entry: 'tests/testkit/scripted-portal.ts',
    });
    const watch = await watchWrites(fleet.databaseUrl);
    const plans = planRounds('many processes', plan, rounds);
    let followers: Follower[] = [];
    for (const [index, current] of plans.entries()) {
      const fault = faults[index % faults.length] ?? faults[0];
      followers = [...followers.filter((one) => !one.ended()), ...(await askFor(fleet, current.replies))];
      await playRound(fleet, watch, followers, fault, current);
      for (const follower of followers.filter((one) => one.ended())) await expectWhole(follower);
    }
    for (const follower of followers) await expectWhole(follower);
    expect(await watch.violations()).toEqual({});
    for (const member of [...fleet.apis, ...fleet.workers]) {
      member.process().kill('SIGTERM');
      expect(await member.process().exited).toBe(0);
    }
    figures.print(`2 API processes and 2 workers, ${rounds} rounds:`);
  });

  it('a worker with a real model is killed: the other goes on from its very tokens; API processes hold none', {
    timeout: 180_000,
  }, async () => {
    const fleet = await startFleet({ apis: 2, workers: 2 });
    for (const api of fleet.apis) {
      const { pid } = api.process();
      expect(await findEngineOf(pid), 'an API process has no engine').toBeNull();
      expect(await readFile(`/proc/${pid}/maps`, 'utf8'), 'nor its native code').not.toContain('node-llama-cpp');
    }
    const watch = await watchWrites(fleet.databaseUrl);
    const [follower] = await askFor(fleet, [150]);
    if (follower === undefined) throw new Error('nobody follows');
    await untilEvents([follower], 10);
    const writer = await writerOf(fleet, watch, follower.id);
    const held = follower.held();
    await writer.kill();
    const killedAt = performance.now();
    await expect.poll(() => follower.lastEventAt() > killedAt + 1_000, { timeout: patient(30_000) }).toBe(true);
    const { text, message } = await follower.done;
    expect(message).toMatchObject({ status: 'COMPLETE', content: text });
    expect(text.startsWith(held.slice(0, Math.floor(held.length / 2)))).toBe(true);
    const [reply] = await watch.query<{ attempt: number }>('select attempt from replies where message_id = $1', [
      follower.id,
    ]);
    expect(reply?.attempt).toBe(2);
    expect(await watch.violations()).toEqual({});
  });
});

async function askFor({ apis }: Pick<Fleet, 'apis'>, maxTokens: readonly number[]): Promise<Follower[]> {
  const urls = apis.map(({ url }) => url);
  return Promise.all(
    maxTokens.map(async (most, index) => {
      const url = urls[index % urls.length] ?? '';
      const sessionId = await insist(() => createSession(url));
      const once = { idempotencyKey: crypto.randomUUID(), generation: { maxTokens: most } };
      const question = `Story ${crypto.randomUUID()}`;
      const { reply } = await insist(() => send(url, sessionId, question, once));
      // A reader begins at either process, whichever took the message.
      return followThroughFaults(
        index % 2 === 0 ? urls : urls.toReversed(),
        reply.id,
        transports[index % transports.length],
      );
    }),
  );
}

async function playRound(
  fleet: Fleet,
  watch: WriteWatch,
  followers: Follower[],
  fault: (typeof faults)[number],
  { after, which, awayMs }: Plan,
): Promise<void> {
  await untilEvents(followers, followers.reduce((sum, one) => sum + one.count(), 0) + after);
  const [api, worker] = [fleet.apis[which], fleet.workers[which]] as [Member, Member];
  const strokeAt = performance.now();
  let mend = async () => {};
  switch (fault) {
    case 'a worker is killed':
      await worker.kill();
      mend = worker.restart;
      break;
    case 'an API process is killed':
      await api.kill();
      mend = api.restart;
      break;
    case 'a worker is paused':
      worker.process().kill('SIGSTOP');
      mend = async () => void worker.process().kill('SIGCONT');
      break;
    case 'Redis is emptied': {
      const admin = new Redis(fleet.redis.url);
      await admin.flushall();
      admin.disconnect();
      break;
    }
    case 'Redis is killed':
      await fleet.redis.kill();
      await expectSendWithoutRedis(fleet, followers);
      await pause(awayMs);
      mend = fleet.redis.restart;
      break;
    case 'Redis is paused':
      fleet.redis.pause();
      await expectSendWithoutRedis(fleet, followers);
      await pause(awayMs);
      mend = async () => fleet.redis.resume();
      break;
    case 'every subscription is cut':
      for (const follower of followers) follower.cut();
      break;
  }
  const within = fault === 'a worker is paused' ? missedWithinMs : goesOnWithinMs;
  for (const follower of followers.filter((one) => !one.ended())) {
    await expect
      .poll(() => follower.ended() || follower.lastEventAt() > strokeAt + 100, { timeout: patient(within) })
      .toBe(true)
      .catch(async (error: unknown) => {
        throw new Error(`${fault}: ${follower.id} did not go on:\n${await watch.underWay()}`, { cause: error });
      });
    figures.add(`${fault}, ms until a reply went on`, Math.max(0, follower.lastEventAt() - strokeAt));
  }
  await mend();
  expect(await watch.violations()).toEqual({});
}

/** A message that is sent while Redis is away is taken, and answered like any other. */
async function expectSendWithoutRedis({ apis }: Fleet, followers: Follower[]): Promise<void> {
  const sentAt = performance.now();
  followers.push(...(await askFor({ apis: apis.slice(0, 1) }, [60])));
  figures.add('ms to send a message without Redis', performance.now() - sentAt);
}

async function writerOf({ workers }: Fleet, watch: WriteWatch, messageId: string): Promise<Member> {
  const [row] = await watch.query<{ owner: string }>('select owner from replies where message_id = $1', [messageId]);
  const writer = workers.find((worker) => row?.owner.startsWith(`${worker.process().pid}-`));
  if (writer === undefined) throw new Error('no worker writes it');
  return writer;
}

async function expectWhole(follower: Follower): Promise<void> {
  const { text, message } = await follower.done;
  expect(text).toBe(message.content);
  expect(message).toMatchObject({ status: 'COMPLETE', errorMessage: null });
}
