import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const echo = () => {
  let count = 0;
  return createScriptedEngine({ script: ({ messages }) => `${++count}: ${messages.at(-1)?.content}` });
};

async function ended(url: string, reply: { id: string }): Promise<string> {
  await readToEnd(followBySse(url, reply.id));
  return reply.id;
}

async function shown(url: string, sessionId: string): Promise<string[]> {
  const { session } = await askFor<{ session: { messages: { edges: { node: { content: string } }[] } } }>(
    url,
    'query ($id: ID!) { session(id: $id) { messages(first: 100) { edges { node { content } } } } }',
    { id: sessionId },
  );
  return session.messages.edges.map(({ node }) => node.content);
}

async function siblings(url: string, id: string): Promise<string[]> {
  const { message } = await askFor<{ message: { siblings: { id: string }[] } }>(
    url,
    'query ($id: ID!) { message(id: $id) { siblings { id } } }',
    { id },
  );
  return message.siblings.map((sibling) => sibling.id);
}

const edit =
  'mutation ($id: ID!, $content: String!) { editMessage(id: $id, content: $content) { message { id context } reply { id } } }';
const regenerate = 'mutation ($id: ID!) { regenerateReply(id: $id) { id status } }';
const select = 'mutation ($id: ID!) { selectBranch(messageId: $id) { id messageCount } }';

interface Edited {
  editMessage: { message: { id: string; context: unknown }; reply: { id: string } };
}

describe('the tree of a conversation', () => {
  it('grows a branch beside an edited message, with its context; the old one stays and can be shown again', async () => {
    const { url, engine } = await startPortal({ engine: echo() });
    const sessionId = await createSession(url);
    const first = await send(url, sessionId, 'one', { context: { source: 'a' } });
    await ended(url, first.reply);
    await ended(url, (await send(url, sessionId, 'two')).reply);
    const { editMessage } = await askFor<Edited>(url, edit, { id: first.message.id, content: 'uno' });
    await ended(url, editMessage.reply);
    expect(await shown(url, sessionId)).toEqual(['uno', expect.stringContaining('uno')]);
    expect(editMessage.message.context).toEqual({ source: 'a' });
    expect(engine.requests.at(-1)?.messages.at(-1)?.content).toContain('{"source":"a"}');
    expect(await siblings(url, editMessage.message.id)).toEqual([first.message.id, editMessage.message.id]);

    expect(await askFor(url, select, { id: first.message.id })).toEqual({
      selectBranch: { id: sessionId, messageCount: 6 },
    });
    expect(await shown(url, sessionId)).toEqual(['one', expect.anything(), 'two', expect.anything()]);
    await askFor(url, select, { id: editMessage.message.id });
    expect(await shown(url, sessionId)).toHaveLength(2);
  });

  it('writes another answer beside the first, which is asked the same and never lost', async () => {
    const { url, engine } = await startPortal({ engine: echo() });
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'one', { generation: { maxTokens: 50, temperature: 0 } });
    await ended(url, reply);
    await ended(url, (await send(url, sessionId, 'two')).reply);
    const { regenerateReply } = await askFor<{ regenerateReply: { id: string; status: string } }>(url, regenerate, {
      id: reply.id,
    });
    expect(regenerateReply.status).toBe('PENDING');
    await ended(url, regenerateReply);
    expect(await shown(url, sessionId)).toEqual(['one', '3: one']);
    expect(await siblings(url, reply.id)).toEqual([reply.id, regenerateReply.id]);
    expect(engine.requests.at(-1)).toMatchObject({ maxTokens: 50, sampling: { temperature: 0 } });
    await askFor(url, select, { id: reply.id });
    expect(await shown(url, sessionId)).toEqual(['one', '1: one', 'two', '2: two']);
  });

  it('leads down to the leaf that was active last', async () => {
    const { url } = await startPortal({ engine: echo() });
    const sessionId = await createSession(url);
    const root = await send(url, sessionId, 'root');
    await ended(url, root.reply);
    const left = await send(url, sessionId, 'left', { parentId: root.reply.id });
    await ended(url, left.reply);
    const right = await send(url, sessionId, 'right', { parentId: root.reply.id });
    await ended(url, right.reply);
    await askFor(url, select, { id: left.message.id });
    const other = await askFor<Edited>(url, edit, { id: root.message.id, content: 'other' });
    await ended(url, other.editMessage.reply);
    await askFor(url, select, { id: root.message.id });
    expect((await shown(url, sessionId))[2]).toBe('left');
  });

  it('refuses what makes no sense, and what would write beside a running answer', async () => {
    const { url, engine } = await startPortal({ engine: echo() });
    const sessionId = await createSession(url);
    const { message, reply } = await send(url, sessionId, 'one');
    await ended(url, reply);
    const codeOf = async (query: string, variables: Record<string, unknown>) =>
      (await ask(url, query, variables)).errors?.[0]?.extensions.code;
    expect(await codeOf(edit, { id: reply.id, content: 'x' })).toBe('INVALID_INPUT');
    expect(await codeOf(edit, { id: message.id, content: ' ' })).toBe('INVALID_INPUT');
    expect(await codeOf(regenerate, { id: message.id })).toBe('INVALID_INPUT');
    for (const [query, more] of [
      [edit, { content: 'x' }],
      [regenerate, {}],
      [select, {}],
    ] as const) {
      expect(await codeOf(query, { id: 'nonsense', ...more })).toBe('NOT_FOUND');
    }
    engine.hold();
    const again = await askFor<{ regenerateReply: { id: string } }>(url, regenerate, { id: reply.id });
    expect(await codeOf(regenerate, { id: reply.id })).toBe('CONFLICT');
    expect(await codeOf(edit, { id: message.id, content: 'two' })).toBe('CONFLICT');
    engine.release();
    await ended(url, again.regenerateReply);
  });
});
