import { describe, expect, it } from 'vitest';
import { EngineError } from '../../server/inference/engine.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, fold, followBySse, type MessageView, readToEnd, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const resume = 'mutation ($id: ID!) { resumeReply(id: $id) { id status content errorMessage } }';
const stop = 'mutation ($id: ID!) { stopReply(id: $id) { id } }';
const answer = 'An answer that is long enough to be cut — déjà vu, 你好, 🙂 — and goes on for a while after that.';

describe('a reply that is resumed', () => {
  it('goes on from the very tokens it has after it failed, as if it had never been cut; readers go on from their cursor', async () => {
    const { url, engine } = await startPortal({ engine: createScriptedEngine({ script: () => answer }) });
    engine.failNext(new EngineError('prompt_too_long', 'as planned'), 17);
    const { reply } = await send(url, await createSession(url), 'Hello');
    let held = '';
    let cursor = 0;
    for await (const event of followBySse(url, reply.id)) {
      held = fold(held, event);
      cursor = event.seq;
    }
    expect(answer.startsWith(held)).toBe(true);
    const { resumeReply } = await askFor<{ resumeReply: MessageView }>(url, resume, { id: reply.id });
    expect(resumeReply).toMatchObject({ id: reply.id, errorMessage: null });
    let end: MessageView | null = null;
    for await (const event of followBySse(url, reply.id, cursor)) {
      expect(event.seq).toBeGreaterThan(cursor);
      held = fold(held, event);
      if (event.__typename === 'ReplyFinished') end = event.message;
    }
    expect(end).toMatchObject({ status: 'COMPLETE', content: answer, errorMessage: null });
    expect(held).toBe(answer);
    expect(engine.requests.at(-1)?.continueFrom).toHaveLength(17);
  });

  it('may be stopped and resumed again and again', async () => {
    const { url, engine } = await startPortal({ engine: createScriptedEngine({ script: () => answer }) });
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Hello');
    for (let round = 0; round < 5; round++) {
      engine.release(3);
      const before = round * 3;
      await expect.poll(async () => (await lengthOf(url, reply.id)) > before).toBe(true);
      await askFor(url, stop, { id: reply.id });
      await askFor(url, resume, { id: reply.id });
    }
    engine.release();
    const { text, message } = await readToEnd(followBySse(url, reply.id));
    expect(message).toMatchObject({ status: 'COMPLETE', content: answer });
    expect(text).toBe(answer);
  });

  it('is returned as it is while it runs; NOTHING_TO_RESUME when complete or no answer; NOT_FOUND when unknown', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const { message, reply } = await send(url, await createSession(url), 'Hello');
    const { resumeReply } = await askFor<{ resumeReply: MessageView }>(url, resume, { id: reply.id });
    expect(['PENDING', 'IN_PROGRESS']).toContain(resumeReply.status);
    engine.release();
    await readToEnd(followBySse(url, reply.id));
    expect(engine.requests).toHaveLength(1);
    const codeOf = async (id: string) => (await ask(url, resume, { id })).errors?.[0]?.extensions.code;
    expect(await codeOf(reply.id)).toBe('NOTHING_TO_RESUME');
    expect(await codeOf(message.id)).toBe('NOTHING_TO_RESUME');
    expect(await codeOf('nonsense')).toBe('NOT_FOUND');
  });
});

async function lengthOf(url: string, id: string): Promise<number> {
  const { message } = await askFor<{ message: { content: string } }>(
    url,
    'query ($id: ID!) { message(id: $id) { content } }',
    { id },
  );
  return message.content.length;
}
