import { describe, expect, it } from 'vitest';
import { createSession, followBySse, readToEnd, type SentView, send } from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const question = 'What is the capital of France?';
const scopeOfUser = { env: { CACHE_SCOPE: 'user' } };

interface Shown {
  id: string;
  content: string;
  status: string;
  cached: boolean;
  parent: { id: string } | null;
}

interface Conversation {
  title: string;
  messageCount: number;
  messages: { edges: { node: Shown }[] };
}

async function readConversation(url: string, id: string): Promise<Conversation & { shown: Shown[] }> {
  const { session } = await askFor<{ session: Conversation }>(
    url,
    `query ($id: ID!) { session(id: $id) { title messageCount
      messages(first: 100) { edges { node { id content status cached parent { id } } } } } }`,
    { id },
  );
  return { ...session, shown: session.messages.edges.map(({ node }) => node) };
}

/** A portal whose cache knows the question, in a session of its own. */
async function startWithAnswer() {
  const portal = await startPortal(scopeOfUser);
  const { url } = portal;
  const known = await createSession(url);
  const { reply } = await send(url, known, question);
  const { text } = await readToEnd(followBySse(url, reply.id));
  return { ...portal, known, answer: text };
}

const sendKeyed = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } reply { id status } } }`;
const edit =
  'mutation ($id: ID!, $content: String!) { editMessage(id: $id, content: $content) { message { id } reply { id status } } }';

describe('an answer that is known when the question is sent', () => {
  it('is stored with it: the conversation has its title, its count and both messages, in their order', async () => {
    const { url, answer } = await startWithAnswer();
    const id = await createSession(url);
    const { message, reply } = await send(url, id, question);
    expect(reply.status).toBe('COMPLETE');
    const { title, messageCount, shown } = await readConversation(url, id);
    expect({ title, messageCount }).toEqual({ title: question, messageCount: 2 });
    expect(shown).toEqual([
      { id: message.id, content: question, status: 'COMPLETE', cached: false, parent: null },
      { id: reply.id, content: answer, status: 'COMPLETE', cached: true, parent: { id: message.id } },
    ]);
  });

  it('is found by search as the one that it came from is, and no longer by words of an earlier text', async () => {
    const { url, databaseUrl, answer } = await startWithAnswer();
    const { reply } = await send(url, await createSession(url), question);
    const find = async (words: string) => {
      const search = '{ search(query: "%", role: ASSISTANT) { edges { node { id } } } }';
      const found = await askFor<{ search: { edges: { node: { id: string } }[] } }>(url, search.replace('%', words));
      return found.search.edges.map(({ node }) => node.id);
    };
    const [word = ''] = answer.match(/\p{L}{4,}/u) ?? [];
    const before = await find(word);
    expect(before).toContain(reply.id);
    expect(before).toHaveLength(2);
    const db = await openTestDatabase(databaseUrl);
    await db.message.update({ where: { id: reply.id }, data: { content: 'Zanzibar' } });
    expect(await find('Zanzibar')).toEqual([reply.id]);
    expect(await find(word)).toEqual(before.filter((id) => id !== reply.id));
  });

  it('leaves a title that was chosen', async () => {
    const { url } = await startWithAnswer();
    const id = await createSession(url, { title: 'Cities' });
    await send(url, id, question);
    expect((await readConversation(url, id)).title).toBe('Cities');
  });

  it('stands in one line with the others where many ask at once', async () => {
    const { url } = await startWithAnswer();
    const id = await createSession(url);
    const sent = await Promise.all(Array.from({ length: 12 }, () => send(url, id, question)));
    expect(new Set(sent.map(({ reply }) => reply.status))).toEqual(new Set(['COMPLETE']));
    const { messageCount, shown } = await readConversation(url, id);
    expect(messageCount).toBe(24);
    expect(shown.map(({ parent }) => parent?.id ?? null)).toEqual([null, ...shown.slice(0, -1).map((one) => one.id)]);
  });

  it('begins a branch of its own beside an edited question, which is shown', async () => {
    const { url, answer } = await startWithAnswer();
    const id = await createSession(url);
    const first = await send(url, id, 'How far is the moon?');
    await readToEnd(followBySse(url, first.reply.id));
    await send(url, id, question);
    const { editMessage } = await askFor<{ editMessage: SentView }>(url, edit, {
      id: first.message.id,
      content: question,
    });
    expect(editMessage.reply.status).toBe('COMPLETE');
    const { messageCount, shown } = await readConversation(url, id);
    expect(messageCount).toBe(6);
    expect(shown.map((one) => one.content)).toEqual([question, answer]);
    const select = 'mutation ($id: ID!) { selectBranch(messageId: $id) { id } }';
    await askFor(url, select, { id: first.message.id });
    expect((await readConversation(url, id)).shown).toHaveLength(4);
  });

  it('is refused as any question is: while an answer is written there, under a message of the user, under none', async () => {
    const { url, engine, known } = await startWithAnswer();
    const id = await createSession(url);
    engine.hold();
    const running = await send(url, id, 'How far is the moon?');
    const refusals: [string, string][] = [
      ['CONFLICT', running.reply.id],
      ['INVALID_INPUT', running.message.id],
      ['NOT_FOUND', (await readConversation(url, known)).shown[1]?.id ?? ''],
      ['NOT_FOUND', 'no id'],
    ];
    for (const [code, parentId] of refusals) {
      const input = { sessionId: id, content: question, parentId };
      const { errors } = await ask(url, sendKeyed, { input });
      expect(errors?.[0]?.extensions?.code).toBe(code);
    }
    const { errors } = await ask(url, sendKeyed, { input: { sessionId: id, content: question } });
    expect(errors?.[0]?.extensions?.code).toBe('CONFLICT');
    engine.release();
    await readToEnd(followBySse(url, running.reply.id));
    expect((await readConversation(url, id)).messageCount).toBe(2);
  });

  it('is stored once under one idempotency key, whoever sends it how often at once', async () => {
    const { url } = await startWithAnswer();
    const id = await createSession(url);
    const key = { idempotencyKey: 'once' };
    const sent = await Promise.all(Array.from({ length: 8 }, () => send(url, id, question, key)));
    expect(new Set(sent.map(({ reply }) => reply.id)).size).toBe(1);
    expect((await readConversation(url, id)).messageCount).toBe(2);

    const others = await Promise.all(Array.from({ length: 6 }, () => createSession(url)));
    const input = { content: question, idempotencyKey: 'one of us' };
    const answers = await Promise.all(
      others.map((sessionId) => ask(url, sendKeyed, { input: { ...input, sessionId } })),
    );
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.code ?? 'stored').toSorted();
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'CONFLICT'), 'stored']);
  });

  it('is given by what the session is now, whoever changed it', async () => {
    const { url, databaseUrl } = await startWithAnswer();
    const other = await startPortal({ databaseUrl });
    const id = await createSession(url);
    // Read now, and remembered.
    expect((await send(url, id, question)).reply.status).toBe('COMPLETE');
    const update = 'mutation ($id: ID!, $input: UpdateSessionInput!) { updateSession(id: $id, input: $input) { id } }';
    for (const input of [{ systemPrompt: 'Answer in Latin.' }, { generation: { temperature: 0.1 } }]) {
      await askFor(other.url, update, { id, input });
      const { reply } = await send(url, id, question);
      expect(reply.status).toBe('PENDING');
      await readToEnd(followBySse(url, reply.id));
      expect((await send(url, id, question)).reply.status).toBe('COMPLETE');
    }
    await askFor(other.url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id });
    const { errors } = await ask(url, sendKeyed, { input: { sessionId: id, content: question } });
    expect(errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
  });
});
