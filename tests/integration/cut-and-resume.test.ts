import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import {
  createSession,
  fold,
  followBySse,
  followByWebSocket,
  type MessageView,
  type ReplyEvent,
  send,
} from '../testkit/chat.ts';
import { connect } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const replies = 200;
const atOnce = 8;

interface Cut {
  transport: 'ws' | 'sse';
  /** Events that are read before the connection is cut. */
  events: number;
}

describe('a reader whose connection is cut', () => {
  it(`holds the stored text in the end: ${replies} replies, 1 to 5 cuts each, over both transports`, {
    timeout: 120_000,
  }, async () => {
    const engine = createScriptedEngine({
      tokenDelayMs: 1,
      script: ({ messages }) => `${messages.at(-1)?.content} ${'déjà vu 你好 🙂 '.repeat(12)}`,
    });
    const { url } = await startPortal({ engine, env: { MAX_SOCKETS_PER_USER: '1000' } });
    const plans = fc.sample(
      fc.array(fc.record<Cut>({ transport: fc.constantFrom('ws', 'sse'), events: fc.integer({ min: 0, max: 12 }) }), {
        minLength: 1,
        maxLength: 5,
      }),
      { numRuns: replies, seed: 20_261_121 },
    );

    async function readThroughCuts(cuts: readonly Cut[], index: number): Promise<void> {
      const { reply } = await send(url, await createSession(url), `question ${index}`);
      let held = '';
      let cursor = 0;
      let end: MessageView | null = null;
      for (const cut of [...cuts, { transport: index % 2 ? 'ws' : 'sse', events: Number.POSITIVE_INFINITY } as const]) {
        let seen = 0;
        for await (const event of follow(url, cut.transport, reply.id, cursor)) {
          expect(event.seq).toBeGreaterThan(cursor);
          cursor = event.seq;
          held = fold(held, event);
          if (event.__typename === 'ReplyFinished') end = event.message;
          if (++seen > cut.events) break;
        }
      }
      expect(end?.status).toBe('COMPLETE');
      expect(held).toBe(end?.content);
    }

    const waiting = [...plans.entries()];
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await readThroughCuts(next[1], next[0]);
      }),
    );
    expect(engine.requests).toHaveLength(replies);
  });
});

async function* follow(url: string, transport: 'ws' | 'sse', id: string, after: number): AsyncGenerator<ReplyEvent> {
  const leaving = new AbortController();
  const client = transport === 'ws' ? connect(url) : null;
  try {
    yield* client ? followByWebSocket(client, id, after) : followBySse(url, id, after, leaving.signal);
  } finally {
    leaving.abort();
    client?.terminate();
  }
}
