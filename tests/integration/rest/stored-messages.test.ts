import { describe, expect, it } from 'vitest';
import { createSession, followBySse, readMessage, readToEnd, send } from '../../testkit/chat.ts';
import { startPortal } from '../../testkit/portal.ts';
import { append, rest, stream } from '../../testkit/rest.ts';

interface Stored {
  message_id: string;
  parent_id: string | null;
  role: string;
  content: string;
  partial_content: string | null;
  status: string;
  error_message: string | null;
  context: unknown;
}

const store = (url: string, sessionId: string, body: Record<string, unknown>, headers = {}) =>
  rest<Stored>(url, 'POST', `/sessions/${sessionId}/messages`, body, headers);
const report = (url: string, id: string, body: Record<string, unknown>) =>
  rest<Stored & { code?: string; errors?: { path: string }[] }>(url, 'PATCH', `/messages/${id}`, body);

/** A question and an answer that its client is about to write. */
async function begin(url: string): Promise<{ sessionId: string; answer: string }> {
  const sessionId = await createSession(url);
  await store(url, sessionId, { role: 'user', content: 'Why?' });
  const { body } = await store(url, sessionId, { role: 'assistant', content: '', status: 'pending' });
  return { sessionId, answer: body.message_id };
}

describe('a client that brings its own model', () => {
  it('keeps its conversation without a model of ours', async () => {
    const { url, engine } = await startPortal({ withModel: false, env: { MODEL: 'absent' } });
    const sessionId = await createSession(url);
    const context = { file: 'a.ts', lines: [1, 2] };
    const asked = await store(url, sessionId, { role: 'user', content: 'What is this?', context });
    expect(asked.status).toBe(201);
    expect(asked.body).toMatchObject({ role: 'user', status: 'complete', parent_id: null, context });
    const answered = await store(url, sessionId, { role: 'assistant', content: 'A file.' });
    expect(answered.body).toMatchObject({ status: 'complete', parent_id: asked.body.message_id });
    const session = await rest<{ title: string; message_count: number; messages: Stored[] }>(
      url,
      'GET',
      `/sessions/${sessionId}`,
    );
    expect(session.body).toMatchObject({ title: 'What is this?', message_count: 2 });
    expect(session.body.messages.map(({ content }) => content)).toEqual(['What is this?', 'A file.']);
    expect(engine.requests).toHaveLength(0);
  });

  it('reports how far its model is, until the end', async () => {
    const { url } = await startPortal();
    const { answer } = await begin(url);
    const begun = await report(url, answer, { status: 'in_progress', partial_content: 'Be' });
    expect(begun.body).toMatchObject({ status: 'in_progress', content: 'Be', partial_content: 'Be' });
    const further = await report(url, answer, { partial_content: 'Because' });
    expect(further.body).toMatchObject({ status: 'in_progress', content: 'Because' });
    expect((await readMessage(url, answer))?.content).toBe('Because');
    const done = await report(url, answer, { status: 'complete', content: 'Because.' });
    expect(done.body).toMatchObject({ status: 'complete', content: 'Because.', partial_content: null });
    const again = await report(url, answer, { status: 'complete', content: 'Because.' });
    expect([again.status, again.body]).toEqual([200, done.body]);
  });

  it('the text so far is the whole where no other is given', async () => {
    const { url } = await startPortal();
    const { answer } = await begin(url);
    await report(url, answer, { status: 'in_progress', partial_content: 'All of it.' });
    expect((await report(url, answer, { status: 'complete' })).body.content).toBe('All of it.');
  });

  it('goes back from failed and stopped to in_progress, and the error goes', async () => {
    const { url } = await startPortal();
    const { answer } = await begin(url);
    await report(url, answer, { status: 'in_progress' });
    const failed = await report(url, answer, { status: 'failed', error_message: 'No network.' });
    expect(failed.body).toMatchObject({ status: 'failed', error_message: 'No network.' });
    const retried = await report(url, answer, { status: 'in_progress' });
    expect(retried.body).toMatchObject({ status: 'in_progress', error_message: null });
    await report(url, answer, { status: 'stopped' });
    expect((await report(url, answer, { status: 'in_progress' })).status).toBe(200);
  });

  const paths = {
    pending: [],
    in_progress: ['in_progress'],
    complete: ['in_progress', 'complete'],
    stopped: ['in_progress', 'stopped'],
    failed: ['in_progress', 'failed'],
  };
  const allowed: Record<string, string[]> = {
    pending: ['pending', 'in_progress'],
    in_progress: ['in_progress', 'complete', 'stopped', 'failed'],
    complete: ['complete'],
    stopped: ['stopped', 'in_progress'],
    failed: ['failed', 'in_progress'],
  };

  it.each(Object.entries(paths))('from %s only the statuses of the contract are reached', async (from, steps) => {
    const { url } = await startPortal();
    for (const to of Object.keys(paths)) {
      const { answer } = await begin(url);
      for (const status of steps) await report(url, answer, { status });
      const answered = await report(url, answer, { status: to });
      const expected = allowed[from]?.includes(to) ? [200, to] : [409, from];
      expect([from, to, answered.status, (await readMessage(url, answer))?.status.toLowerCase()]).toEqual([
        from,
        to,
        ...expected,
      ]);
    }
  });

  it('what has ended is not rewritten, whoever ended it', async () => {
    const { url } = await startPortal();
    const { answer } = await begin(url);
    await report(url, answer, { status: 'in_progress', partial_content: 'One' });
    const stopped = await rest<Stored>(url, 'POST', `/messages/${answer}/stop`);
    expect(stopped.body).toMatchObject({ status: 'stopped', content: 'One' });
    expect((await report(url, answer, { partial_content: 'One two' })).status).toBe(409);
    await report(url, answer, { status: 'in_progress', partial_content: 'One two' });
    await report(url, answer, { status: 'complete' });
    expect((await report(url, answer, { content: 'Other' })).status).toBe(409);
    expect((await readMessage(url, answer))?.content).toBe('One two');
  });

  it('where our model holds the reply it is a conflict', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Why?');
    for (const body of [{ status: 'in_progress' }, { partial_content: 'Mine' }, { status: 'failed' }]) {
      const refused = await report(url, reply.id, body);
      expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    }
    engine.release();
    await readToEnd(followBySse(url, reply.id));
    expect((await report(url, reply.id, { content: 'Mine' })).status).toBe(409);
  });

  it('a client can take over what our model left, and the receipt goes with it', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    engine.release(5);
    const { reply } = await send(url, await createSession(url), 'Why?');
    await expect.poll(async () => (await readMessage(url, reply.id))?.content).not.toBe('');
    await rest(url, 'POST', `/messages/${reply.id}/stop`);
    const taken = await report(url, reply.id, { status: 'in_progress', partial_content: 'Mine' });
    expect(taken.body).toMatchObject({ status: 'in_progress', content: 'Mine', receipt: null });
    expect((await report(url, reply.id, { status: 'complete' })).body.content).toBe('Mine');
  });

  it('no recovery and no queue touches what a client writes', async () => {
    const { url, databaseUrl, app } = await startPortal();
    const { answer } = await begin(url);
    await report(url, answer, { status: 'in_progress', partial_content: 'So far' });
    await app.stop();
    const { url: later, engine } = await startPortal({ databaseUrl });
    const { reply } = await send(later, await createSession(later), 'Another?');
    await readToEnd(followBySse(later, reply.id));
    expect(engine.requests).toHaveLength(1);
    expect(await readMessage(later, answer)).toMatchObject({ status: 'IN_PROGRESS', content: 'So far' });
  });

  it('who follows such a message gets its whole text at its end', async () => {
    const { url } = await startPortal();
    const { answer } = await begin(url);
    const following = readToEnd(followBySse(url, answer));
    await report(url, answer, { status: 'in_progress', partial_content: 'Be' });
    await report(url, answer, { status: 'complete', content: 'Because.' });
    expect(await following).toMatchObject({ text: 'Because.', message: { status: 'COMPLETE' } });
  });

  it.each([
    ['as long', 'abc', 'xyz'],
    ['shorter', 'a draft of it', 'It.'],
  ])('who follows it is told the text that it ends with, also one that is %s and another', async (_, soFar, whole) => {
    const { url } = await startPortal();
    const { answer } = await begin(url);
    await report(url, answer, { status: 'in_progress', partial_content: soFar });
    const seen: number[] = [];
    const cut: number[] = [];
    let text = '';
    for await (const event of stream(url, `/messages/${answer}/stream`)) {
      text = append(text, event);
      seen.push(Number(event.id));
      if (seen.length > 1) continue;
      expect(text).toBe(soFar);
      cut.push(...seen);
      await report(url, answer, { status: 'complete', content: whole });
    }
    expect(text).toBe(whole);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    let again = soFar;
    for await (const event of stream(url, `/messages/${answer}/stream?after=${cut[0]}`)) again = append(again, event);
    expect(again).toBe(whole);
  });

  it('a message is stored under the one that it names, on a branch of its own that is shown', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    const first = (await store(url, sessionId, { role: 'user', content: 'One?' })).body.message_id;
    await store(url, sessionId, { role: 'assistant', content: 'Yes.' });
    const other = await store(url, sessionId, { role: 'assistant', content: 'No.', parent_id: first });
    expect(other.body.parent_id).toBe(first);
    const shown = await rest<Stored[]>(url, 'GET', `/sessions/${sessionId}/messages`);
    expect(shown.body.map(({ content }) => content)).toEqual(['One?', 'No.']);
  });

  it('one key is one message', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    const body = { role: 'user', content: 'Once' };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => store(url, sessionId, body, { 'idempotency-key': 'k' })),
    );
    expect(new Set(all.map((answer) => answer.body.message_id)).size).toBe(1);
    const other = await store(url, sessionId, { ...body, content: 'Twice' }, { 'idempotency-key': 'k' });
    expect(other.status).toBe(409);
    const elsewhere = await store(url, await createSession(url), body, { 'idempotency-key': 'k' });
    expect(elsewhere.status).toBe(409);
    const withContext = await store(url, sessionId, { ...body, context: [1] }, { 'idempotency-key': 'k' });
    expect(withContext.status).toBe(409);
    const parent_id = all[0]?.body.message_id;
    const beneath = await store(url, sessionId, { ...body, parent_id }, { 'idempotency-key': 'k' });
    expect(beneath.status).toBe(409);
    const sent = await rest(url, 'POST', '/chat', { session_id: sessionId, prompt: 'Once', idempotency_key: 'k' });
    expect(sent.status).toBe(409);
  });

  it('bad input is named by its field', async () => {
    const { url } = await startPortal();
    const { sessionId, answer } = await begin(url);
    const bad: [Record<string, unknown>, string][] = [
      [{ role: 'system', content: 'x' }, 'role'],
      [{ role: 'user', content: ' ' }, 'content'],
      [{ role: 'user', content: 'x'.repeat(32_001) }, 'content'],
      [{ role: 'assistant' }, 'content'],
      [{ role: 'assistant', content: '', status: 'done' }, 'status'],
      [{ role: 'assistant', content: '', error_message: 'x' }, 'error_message'],
      [{ role: 'assistant', content: '', parent_id: crypto.randomUUID() }, 'parent_id'],
      [{ role: 'assistant', content: '', parent_id: 'x' }, 'parent_id'],
      [{ role: 'user', content: 'x', context: 'x'.repeat(256 * 1024) }, 'context'],
    ];
    for (const [body, path] of bad) {
      const refused = await rest(url, 'POST', `/sessions/${sessionId}/messages`, body);
      expect([refused.status, refused.body.errors?.map((error) => error.path)]).toEqual([422, [path]]);
    }
    const two = await report(url, answer, { content: 'a', partial_content: 'b' });
    expect([two.status, two.body.errors?.[0]?.path]).toEqual([422, 'partial_content']);
    expect((await store(url, crypto.randomUUID(), { role: 'user', content: 'x' })).status).toBe(404);
    expect((await report(url, crypto.randomUUID(), { status: 'complete' })).status).toBe(404);
  });

  it('what Postgres cannot store is stored as what it can', async () => {
    const { url } = await startPortal();
    const { sessionId, answer } = await begin(url);
    const odd = await report(url, answer, { status: 'in_progress', partial_content: 'a\u0000b\ud800c' });
    expect(odd.body.content).toBe('a\ufffdb\ufffdc');
    await report(url, answer, { status: 'complete', content: `${'w0rd '.repeat(100_000)}` });
    const deep = await store(url, sessionId, {
      role: 'assistant',
      content: Array.from({ length: 60_000 }, (_, index) => index.toString(36)).join(' '),
    });
    expect(deep.status).toBe(201);
  });
});
