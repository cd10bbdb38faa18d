import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSession, readMessage, type SentView, send } from '../testkit/chat.ts';
import { type Follower, followThroughFaults, insist } from '../testkit/follower.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { createInstallation, type Installation } from '../testkit/installation.ts';
import type { PortalProcess } from '../testkit/portal-process.ts';
import { createFigures, faultRounds, patient, planRounds, shareOut } from '../testkit/rounds.ts';
import { askForStories, untilEvents } from '../testkit/stories.ts';
import { type WriteWatch, watchWrites } from '../testkit/write-watch.ts';

interface Plan {
  /** Tokens that each new reply may have. */
  replies: number[];
  /** Events that reach the readers before the kill. */
  killAfter: number;
  /** One of the replies is stopped, and a message sent, just before the kill. */
  stopped: boolean;
  sent: boolean;
  justBeforeMs: number;
  /** Whether the next kill waits until all of these have ended. */
  untilAllEnded: boolean;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  replies: fc.array(fc.integer({ min: 60, max: 600 }), { minLength: 2, maxLength: 6 }),
  killAfter: fc.integer({ min: 1, max: 200 }),
  stopped: fc.boolean(),
  sent: fc.boolean(),
  justBeforeMs: fc.integer({ min: 0, max: 60 }),
  untilAllEnded: fc.boolean(),
});

/** Portals that are killed side by side: most of a round is waiting. */
const portals = 2;
const goesOnWithinMs = 15_000;
/** 250 ms, and what a save may take. */
const lostAtMostMs = 500;

const figures = createFigures();

describe('kill -9 of the server in mid-reply', () => {
  it(`${faultRounds} times: every reply goes on or ends by itself, nothing is lost but the last moment, nothing is written twice`, {
    timeout: 120_000 + faultRounds * 60_000,
  }, async () => {
    const plans = planRounds('kill -9 of the server', plan);
    await shareOut(plans, portals, async (next) => {
      const installation = await createInstallation({
        env: { QUEUE_MAX: '1000', MAX_SOCKETS_PER_USER: '1000' },
        model: {},
      });
      const watch = await watchWrites(installation.databaseUrl);
      let portal = await installation.start();
      let followers: Follower[] = [];
      for (let current = next(); current !== undefined; current = next()) {
        const round = await playRound(installation, watch, portal, followers, current);
        portal = round.portal;
        followers = round.followers;
      }
      for (const follower of followers) await expectWholeEnd(follower);
      expect(await watch.violations()).toEqual({});
      portal.kill('SIGTERM');
      expect(await portal.exited).toBe(0);
    });
    figures.print(`kill -9 of the server, ${faultRounds} rounds on ${portals} portals at once:`);
  });
});

async function playRound(
  { url, start }: Installation,
  watch: WriteWatch,
  before: PortalProcess,
  earlier: readonly Follower[],
  { replies, killAfter, stopped, sent, justBeforeMs, untilAllEnded }: Plan,
): Promise<{ portal: PortalProcess; followers: Follower[] }> {
  const asked = await askForStories(url, replies);
  const followers = [...earlier, ...asked];
  await untilEvents(asked, killAfter);

  const sessionId = await insist(() => createSession(url));
  const stop = stopped ? stopReply(url, asked[0]?.id ?? '') : null;
  const key = `just before the kill ${crypto.randomUUID()}`;
  const once = { idempotencyKey: key, generation: { maxTokens: 40 } };
  const sending = sent ? send(url, sessionId, key, once).catch(() => null) : null;
  await pause(justBeforeMs);
  const killedAt = performance.now();
  before.kill('SIGKILL');
  await before.exited;
  const [stoppedBefore, sentBefore] = [await stop, await sending];
  await expectNothingLost(watch, followers, killedAt);

  const restartedAt = performance.now();
  const portal = await start();
  const readyAt = performance.now();
  if (sent) followers.push(followThroughFaults(url, await expectSentOnce(url, sessionId, key, once, sentBefore)));
  if (stoppedBefore !== null) {
    expect(await insist(() => readMessage(url, stoppedBefore.id))).toMatchObject(stoppedBefore);
  }
  for (const follower of followers.filter((one) => !one.ended())) {
    const wentOn = () => follower.lastEventAt() > restartedAt;
    await expect
      .poll(wentOn, { timeout: patient(goesOnWithinMs) })
      .toBe(true)
      .catch(async (error: unknown) => {
        throw new Error(`${follower.id} did not go on:\n${await watch.underWay()}\n${portal.output()}`, {
          cause: error,
        });
      });
    figures.add('ms from the restart until a reply went on', Math.max(0, follower.lastEventAt() - readyAt));
  }
  if (!untilAllEnded) return { portal, followers: followers.filter((one) => !one.ended()) };
  for (const follower of followers) await expectWholeEnd(follower);
  expect(await watch.violations()).toEqual({});
  return { portal, followers: [] };
}

/** What readers hold that is not saved came in the last moment; what they miss is saved. */
async function expectNothingLost(watch: WriteWatch, followers: readonly Follower[], killedAt: number): Promise<void> {
  const rows = await watch.query<{ id: string; saved: string; ended: boolean }>(
    `select m.id, coalesce(d.partial_content, m.content) as saved, r.ended_at is not null as ended
     from messages m join replies r on r.message_id = m.id left join reply_drafts d on d.message_id = m.id`,
  );
  for (const follower of followers) {
    const row = rows.find(({ id }) => id === follower.id);
    expect(row, 'an acknowledged message is there').toBeDefined();
    const [saved, held] = [row?.saved ?? '', follower.held()];
    expect(saved.startsWith(held) || held.startsWith(saved)).toBe(true);
    const since = follower.longerSince(saved.length);
    const lostMs = since === null ? 0 : Math.max(0, killedAt - since);
    expect(lostMs, 'text is saved within a moment').toBeLessThan(patient(lostAtMostMs));
    if (row?.ended === true) expect(saved.startsWith(held)).toBe(true);
    else figures.add('ms of text that had been shown and not saved', lostMs);
    if (row?.ended === false) figures.add('characters of it', Math.max(0, held.length - saved.length));
  }
}

/** The very message, asked for again with its key: that of the first time where it was acknowledged. */
async function expectSentOnce(
  url: string,
  sessionId: string,
  key: string,
  more: Record<string, unknown>,
  acknowledged: SentView | null,
): Promise<string> {
  const again = await insist(() => send(url, sessionId, key, more));
  if (acknowledged !== null) expect(again.reply.id).toBe(acknowledged.reply.id);
  const query = 'query ($id: ID!) { session(id: $id) { messageCount } }';
  const counted = await insist(() => askFor<{ session: { messageCount: number } }>(url, query, { id: sessionId }));
  expect(counted.session.messageCount).toBe(2);
  return again.reply.id;
}

/** The end as the client was told it, or null where the kill came first. */
async function stopReply(url: string, id: string): Promise<{ id: string; status: string; content: string } | null> {
  const query = 'mutation ($id: ID!) { stopReply(id: $id) { id status content } }';
  const answer = await ask<{ stopReply: { id: string; status: string; content: string } }>(url, query, { id }).catch(
    () => null,
  );
  return answer?.data?.stopReply ?? null;
}

async function expectWholeEnd(follower: Follower): Promise<void> {
  const { text, message } = await follower.done;
  expect(text).toBe(message.content);
  expect(['COMPLETE', 'STOPPED', 'FAILED']).toContain(message.status);
  if (message.status === 'FAILED') expect(message.errorMessage).toContain('interrupted 3 times');
  figures.add(`${message.status} replies, their characters`, text.length);
}
