import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Follower } from '../testkit/follower.ts';
import { createInstallation } from '../testkit/installation.ts';
import { askAllTheTime } from '../testkit/probe.ts';
import { engineOf, findEngineOf } from '../testkit/processes.ts';
import { createFigures, faultRounds, patient, planRounds } from '../testkit/rounds.ts';
import { askForStories, untilEvents } from '../testkit/stories.ts';
import { watchWrites } from '../testkit/write-watch.ts';

interface Plan {
  replies: number[];
  signal: 'SIGKILL' | 'SIGSEGV' | 'SIGSTOP';
  killAfter: number;
  /** Whether the engine dies again while the first of them goes on, alone. */
  twice: boolean;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  replies: fc.array(fc.integer({ min: 150, max: 500 }), { minLength: 2, maxLength: 5 }),
  signal: fc.constantFrom('SIGKILL', 'SIGSEGV', 'SIGKILL', 'SIGSEGV', 'SIGSTOP'),
  killAfter: fc.integer({ min: 1, max: 150 }),
  twice: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
});

/** 5 s, and what loading the model takes. */
const backWithinMs = 5_000 + 2_000;
const answersWithinMs = 2_000;

const figures = createFigures();
const answerTook = 'ms that an answer of the API took meanwhile';

describe('the engine, killed or stopped in mid-reply', () => {
  it(`${faultRounds} times: the API answers all through, every reply goes on once, alone, and one of two crashes ends with its text`, {
    timeout: 120_000 + faultRounds * 60_000,
  }, async () => {
    const plans = planRounds('faults of the engine', plan);
    const { url, databaseUrl, start } = await createInstallation({ env: { MAX_SOCKETS_PER_USER: '1000' }, model: {} });
    const watch = await watchWrites(databaseUrl);
    const portal = await start();
    const probe = askAllTheTime(url);
    for (const current of plans) {
      await playRound(url, portal.pid, current).catch(async (error: unknown) => {
        throw new Error(`${await watch.underWay()}\n${portal.output()}`, { cause: error });
      });
    }
    const { tookMs, refused, unexpected } = await probe.stop();
    for (const ms of tookMs) figures.add(answerTook, ms);
    figures.print(`faults of the engine, ${plans.length} rounds:`);
    expect({ refused, unexpected }).toEqual({ refused: 0, unexpected: [] });
    expect(Math.max(...tookMs)).toBeLessThan(patient(answersWithinMs));
    expect(await watch.violations()).toEqual({});
    portal.kill('SIGTERM');
    expect(await portal.exited).toBe(0);
  });
});

async function playRound(url: string, portalPid: number, { replies, signal, killAfter, twice }: Plan): Promise<void> {
  const followers = await askForStories(url, replies);
  await untilEvents(followers, killAfter);
  const held = followers.map((follower) => follower.held());
  const cut = await endEngine(portalPid, signal, followers);
  const again = twice && cut.length > 0 && (await endAlone(portalPid, cut));
  const failed: string[] = [];
  for (const [index, follower] of followers.entries()) {
    const { text, message } = await follower.done;
    expect(text).toBe(message.content);
    expect(text.startsWith(held[index] ?? '')).toBe(true);
    if (message.status === 'FAILED') failed.push(follower.id);
    else expect(message).toMatchObject({ status: 'COMPLETE', errorMessage: null });
    if (message.status === 'FAILED') expect(message.errorMessage).toContain('2 times');
  }
  // The one that ran in both, or none where it had ended before the second.
  expect(failed.length).toBeLessThanOrEqual(again ? 1 : 0);
  figures.add('replies FAILED by a second crash, a round', failed.length);
}

/** Ends the engine, and measures how long the replies that it held have to wait for another; answers those. */
async function endEngine(
  portalPid: number,
  signal: Plan['signal'],
  followers: readonly Follower[],
): Promise<Follower[]> {
  const engine = await engineOf(portalPid);
  process.kill(engine, signal);
  const killedAt = performance.now();
  const another = async () => ![null, engine].includes(await findEngineOf(portalPid));
  await expect.poll(another, { timeout: patient(backWithinMs), interval: 10 }).toBe(true);
  const cut = followers.filter((follower) => !follower.ended());
  if (cut.length === 0) return [];
  // The portal has all the text that the old engine wrote: what is longer comes from the new one.
  const lengths = cut.map((follower) => follower.held().length);
  const wentOn = () => cut.flatMap((follower, index) => follower.longerSince(lengths[index] ?? 0) ?? []);
  await expect
    .poll(() => wentOn().length > 0 || cut.every((one) => one.ended()), { timeout: patient(backWithinMs) })
    .toBe(true);
  if (wentOn().length > 0)
    figures.add(`ms from ${signal} until the first reply went on`, Math.min(...wentOn()) - killedAt);
  return cut;
}

/** Ends the new engine while it writes one of the replies by itself; answers which, or null where none was. */
async function endAlone(portalPid: number, cut: readonly Follower[]): Promise<string | null> {
  const counts = new Map(cut.map((follower) => [follower.id, follower.count()]));
  const writing = () => cut.find((one) => !one.ended() && one.count() > (counts.get(one.id) ?? 0) + 2);
  const over = () => cut.every((one) => one.ended());
  await expect
    .poll(() => over() || writing() !== undefined, { timeout: patient(backWithinMs), interval: 5 })
    .toBe(true);
  const alone = writing();
  if (alone === undefined) return null;
  process.kill(await engineOf(portalPid), 'SIGKILL');
  return alone.id;
}
