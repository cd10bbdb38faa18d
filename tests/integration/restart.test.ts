import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createSession, fold, followBySse, type MessageView, messageFields, readToEnd, send } from '../testkit/chat.ts';
import { askFor } from '../testkit/graph.ts';
import { createInstallation } from '../testkit/installation.ts';
import { engineOf } from '../testkit/processes.ts';
import { patient } from '../testkit/rounds.ts';

async function readSome(url: string, id: string, atLeast: number): Promise<{ text: string; cursor: number }> {
  let text = '';
  for await (const event of followBySse(url, id)) {
    text = fold(text, event);
    if (text.length >= atLeast) return { text, cursor: event.seq };
  }
  throw new Error(`the reply ended with ${text.length} characters`);
}

async function readOn(
  url: string,
  id: string,
  held: string,
  cursor: number,
): Promise<{ text: string; message: MessageView; wentOnAt: number }> {
  let text = held;
  let wentOnAt = Number.POSITIVE_INFINITY;
  for await (const event of followBySse(url, id, cursor)) {
    text = fold(text, event);
    wentOnAt = Math.min(wentOnAt, performance.now());
    if (event.__typename === 'ReplyFinished') return { text, message: event.message, wentOnAt };
  }
  throw new Error('the events ended before the reply did');
}

describe('after a restart', () => {
  it('everything is there, and a reply cut by SIGTERM goes on from its saved tokens as if nothing had been', {
    timeout: 120_000,
  }, async () => {
    const { url, start } = await createInstallation();
    const before = await start();
    const sessionId = await createSession(url);
    const whole = await readToEnd(followBySse(url, (await send(url, sessionId, 'Tell me a story.')).reply.id));

    const again = await createSession(url);
    const { reply } = await send(url, again, 'Tell me a story.');
    const { text, cursor } = await readSome(url, reply.id, 100);
    before.kill('SIGTERM');
    expect(await before.exited).toBe(0);

    await start();
    const ended = await readOn(url, reply.id, text, cursor);
    expect(ended.text).toBe(ended.message.content);
    expect(ended.message.content).toBe(whole.message.content);
    const { sessions } = await askFor<{ sessions: { totalCount: number } }>(url, '{ sessions { totalCount } }');
    expect(sessions.totalCount).toBe(2);
  });

  it('a reply cut by kill -9 goes on within 15 s, keeps what was saved, and the queue is not forgotten', {
    timeout: 120_000,
  }, async () => {
    const { url, start, databaseUrl } = await createInstallation({ env: { MODEL_SEQUENCES: '1' } });
    const before = await start();
    const { reply } = await send(url, await createSession(url), 'Tell me a story.');
    const waiting = await send(url, await createSession(url), 'And another one.');
    const { text, cursor } = await readSome(url, reply.id, 200);
    before.kill('SIGKILL');
    await before.exited;
    const saved = await draftOf(databaseUrl, reply.id);
    await start();
    const restartedAt = performance.now();
    const ended = await readOn(url, reply.id, text, cursor);
    expect(ended.message.status).toBe('COMPLETE');
    expect(ended.text).toBe(ended.message.content);
    expect(ended.message.content.startsWith(saved)).toBe(true);
    expect(ended.wentOnAt - restartedAt).toBeLessThan(patient(15_000));
    const next = await readToEnd(followBySse(url, waiting.reply.id));
    expect(next.message).toMatchObject({ status: 'COMPLETE', content: next.text });
  });

  it('a model process killed in mid-reply loses nothing: its replies go on by themselves as if nothing had been; the API answers on', {
    timeout: 120_000,
  }, async () => {
    const { url, start } = await createInstallation();
    const portal = await start();
    // In what the model says to the first, no two words are as good as equal: beside others, sums are rounded otherwise.
    const ask = async (index: number) => send(url, await createSession(url), `Tale ${index}`);
    const whole = await readToEnd(followBySse(url, (await ask(1)).reply.id));
    const sent = await Promise.all([1, 2, 3].map(ask));
    await Promise.all(sent.map(({ reply }) => readSome(url, reply.id, 40)));
    const answering = everyAnswer(url);
    process.kill(await engineOf(portal.pid), 'SIGKILL');
    const ends = await Promise.all(sent.map(({ reply }) => readToEnd(followBySse(url, reply.id))));
    for (const { text, message } of ends) {
      expect(message).toMatchObject({ status: 'COMPLETE', content: text, errorMessage: null });
      expect(message.receipt?.completionTokens).toBe(whole.message.receipt?.completionTokens);
    }
    expect(ends[0]?.text).toBe(whole.text);
    const next = await ask(4);
    expect((await readToEnd(followBySse(url, next.reply.id))).message.status).toBe('COMPLETE');
    expect(await answering.stop()).toEqual([]);
  });

  it('a reply that runs while the model process is killed twice is FAILED with its text, and no other is', {
    timeout: 120_000,
  }, async () => {
    const { url, start } = await createInstallation({ env: { MAX_TOKENS: '2000' } });
    const portal = await start();
    const { reply } = await send(url, await createSession(url), 'A long story.');
    const { cursor, text } = await readSome(url, reply.id, 40);
    process.kill(await engineOf(portal.pid), 'SIGKILL');
    const again = followBySse(url, reply.id, cursor);
    let held = text;
    let prefilled = false;
    for await (const event of again) {
      held = fold(held, event);
      prefilled ||= event.__typename === 'ReplyPrefill';
      if (prefilled && held.length > text.length + 20) break;
    }
    const other = await send(url, await createSession(url), 'Another.', { generation: { maxTokens: 20 } });
    process.kill(await engineOf(portal.pid), 'SIGKILL');
    const failed = await readToEnd(followBySse(url, reply.id));
    expect(failed.message).toMatchObject({ status: 'FAILED', content: failed.text });
    expect(failed.text.startsWith(text)).toBe(true);
    expect((await readToEnd(followBySse(url, other.reply.id))).message.status).toBe('COMPLETE');
  });
});

/** Asks all the time; answers what was not answered with 200. */
function everyAnswer(url: string) {
  let asking = true;
  const refused: unknown[] = [];
  const loop = (async () => {
    while (asking) {
      const response = await fetch(
        `${url}/graphql?query=${encodeURIComponent(`{ sessions { edges { node { messages { edges { node { ${messageFields} } } } } } } }`)}`,
      );
      if (!response.ok) refused.push(response.status);
      await response.arrayBuffer();
    }
  })();
  return {
    async stop() {
      asking = false;
      await loop;
      return refused;
    },
  };
}

async function draftOf(databaseUrl: string, messageId: string): Promise<string> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query('select partial_content from reply_drafts where message_id = $1', [messageId]);
  await client.end();
  return rows[0]?.partial_content ?? '';
}
