import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, fold, type MessageView, send } from '../testkit/chat.ts';
import { eventsOver, type Transport, transports } from '../testkit/follower.ts';
import { startPortal } from '../testkit/portal.ts';
import { createFigures, faultRounds, planRounds, shareOut } from '../testkit/rounds.ts';

const replies = Math.min(1_000, faultRounds * 10);
const atOnce = 8;

interface Cut {
  transport: Transport;
  /** Events that are read before the connection is cut. */
  events: number;
}

const cut: fc.Arbitrary<Cut> = fc.record({
  transport: fc.constantFrom(...transports),
  events: fc.integer({ min: 0, max: 12 }),
});

describe('a reader whose connection is cut', () => {
  it(`holds the stored text in the end: ${replies} replies, 1 to 5 cuts each, over every transport`, {
    timeout: 60_000 + replies * 1_000,
  }, async () => {
    const figures = createFigures();
    const engine = createScriptedEngine({
      tokenDelayMs: 1,
      script: ({ messages }) => `${messages.at(-1)?.content} ${'déjà vu 你好 🙂 '.repeat(12)}`,
    });
    const { url } = await startPortal({ engine, env: { MAX_SOCKETS_PER_USER: '1000' } });
    const plans = planRounds('cut readers', fc.array(cut, { minLength: 1, maxLength: 5 }), replies);

    async function readThroughCuts(cuts: readonly Cut[]): Promise<void> {
      const { reply } = await send(url, await createSession(url), 'A question');
      let held = '';
      let cursor = 0;
      let end: MessageView | null = null;
      const last = transports[cuts.length % transports.length] ?? 'ws';
      for (const { transport, events } of [...cuts, { transport: last, events: Number.POSITIVE_INFINITY }]) {
        let seen = 0;
        for await (const event of eventsOver(transport, url, reply.id, cursor)) {
          expect(event.seq).toBeGreaterThan(cursor);
          cursor = event.seq;
          held = fold(held, event);
          if (event.__typename === 'ReplyFinished') end = event.message;
          if (++seen > events) break;
        }
      }
      expect(end?.status).toBe('COMPLETE');
      expect(held).toBe(end?.content);
      figures.add('cuts of a reply that ended whole', cuts.length);
    }

    await shareOut(plans, atOnce, async (next) => {
      for (let cuts = next(); cuts !== undefined; cuts = next()) await readThroughCuts(cuts);
    });
    figures.print(`${replies} replies read through cuts:`);
    expect(engine.requests).toHaveLength(replies);
  });
});
