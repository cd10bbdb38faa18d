import { describe, expect, it } from 'vitest';
import { createSession, followBySse, readToEnd, send } from '../../testkit/chat.ts';
import { askFor } from '../../testkit/graph.ts';
import { startPortal } from '../../testkit/portal.ts';
import { rest } from '../../testkit/rest.ts';

interface ListedSession {
  session_id: string;
  title: string;
  favorite: boolean;
  archived: boolean;
  message_count: number;
  created_at: string;
  updated_at: string;
}

interface WholeSession extends ListedSession {
  system_prompt: string | null;
  model_name: string | null;
  messages: Record<string, unknown>[];
}

async function begin(url: string, body?: Record<string, unknown>): Promise<string> {
  const { status, body: created } = await rest<{ session_id: string }>(url, 'POST', '/sessions', body);
  expect(status).toBe(201);
  return created.session_id;
}

/** A question and its complete answer. */
async function converse(
  url: string,
  sessionId: string,
  content: string,
): Promise<{ question: string; answer: string }> {
  const { message, reply } = await send(url, sessionId, content);
  await readToEnd(followBySse(url, reply.id));
  return { question: message.id, answer: reply.id };
}

describe('sessions by REST', () => {
  it('one is begun with nothing, or with what it is to be', async () => {
    const { url } = await startPortal();
    const plain = await begin(url);
    const dressed = await begin(url, { title: 'Trees', system_prompt: 'Be brief.', model_name: 'test-model' });
    const read = async (id: string) => (await rest<WholeSession>(url, 'GET', `/sessions/${id}`)).body;
    expect(await read(plain)).toMatchObject({ title: 'New Chat', system_prompt: null, model_name: null, messages: [] });
    expect(await read(dressed)).toMatchObject({
      session_id: dressed,
      title: 'Trees',
      system_prompt: 'Be brief.',
      model_name: 'test-model',
      favorite: false,
    });
  });

  it('what the graph says of a session and its messages, REST says too, field by field', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url, { title: 'Both', systemPrompt: 'Short.' });
    const { answer } = await converse(url, sessionId, 'One?');
    await rest(url, 'POST', `/messages/${answer}/rate`, { rating: 'up' });
    const fields = 'id content status errorMessage rating pinned cached context createdAt role parent { id }';
    const receipt =
      'modelName firstIncludedMessageId includedCount droppedCount promptTokens reusedTokens completionTokens timeToFirstTokenMs tokensPerSecond finishReason';
    const { session } = await askFor<{ session: Record<string, unknown> & { messages: { nodes: unknown[] } } }>(
      url,
      `query ($id: ID!) { session(id: $id) { id title systemPrompt modelName favorite archived messageCount createdAt updatedAt
        messages { edges { node { ${fields} receipt { ${receipt} } } } } } }`,
      { id: sessionId },
    );
    const { body } = await rest<WholeSession>(url, 'GET', `/sessions/${sessionId}`);
    expect(body).toEqual(inRestWords(session));
  });

  it('the list is paged by number, with its length and its neighbours in the headers', async () => {
    const { url } = await startPortal();
    for (let index = 0; index < 5; index++) await begin(url, { title: `Chat ${index}` });
    const page = await rest<ListedSession[]>(url, 'GET', '/sessions?page=2&page_size=2');
    expect(page.body.map(({ title }) => title)).toEqual(['Chat 2', 'Chat 1']);
    expect(page.headers.get('x-total-count')).toBe('5');
    expect(page.headers.get('link')).toBe(
      [
        '</api/v1/sessions?page=1&page_size=2>; rel="first"',
        '</api/v1/sessions?page=1&page_size=2>; rel="prev"',
        '</api/v1/sessions?page=3&page_size=2>; rel="next"',
        '</api/v1/sessions?page=3&page_size=2>; rel="last"',
      ].join(', '),
    );
    expect((await rest<ListedSession[]>(url, 'GET', '/sessions?page=9')).body).toEqual([]);
  });

  it('the list is narrowed by words, favourites and the archive', async () => {
    const { url } = await startPortal();
    const oak = await begin(url, { title: 'About oaks' });
    const elm = await begin(url, { title: 'About elms' });
    await rest(url, 'PATCH', `/sessions/${oak}/favorite`);
    await rest(url, 'PUT', `/sessions/${elm}`, { archived: true });
    const ids = async (query: string) =>
      (await rest<ListedSession[]>(url, 'GET', `/sessions?${query}`)).body.map((session) => session.session_id);
    expect(await ids('search=elms')).toEqual([elm]);
    expect(await ids('favorite=true')).toEqual([oak]);
    expect(await ids('favorite=false')).toEqual([elm]);
    expect(await ids('archived=true')).toEqual([elm]);
    expect(await ids('archived=false')).toEqual([oak]);
  });

  it('a session is changed by what is given alone, and null clears', async () => {
    const { url } = await startPortal();
    const id = await begin(url, { title: 'Before', system_prompt: 'Be brief.' });
    const renamed = await rest<WholeSession>(url, 'PUT', `/sessions/${id}`, { title: 'After' });
    expect([renamed.status, renamed.body.title, renamed.body.system_prompt]).toEqual([200, 'After', 'Be brief.']);
    const cleared = await rest<WholeSession>(url, 'PUT', `/sessions/${id}`, { system_prompt: null, favorite: true });
    expect(cleared.body).toMatchObject({ title: 'After', system_prompt: null, favorite: true });
  });

  it('favourite toggles', async () => {
    const { url } = await startPortal();
    const id = await begin(url);
    const toggle = async () => (await rest(url, 'PATCH', `/sessions/${id}/favorite`)).body;
    expect(await toggle()).toEqual({ session_id: id, favorite: true });
    expect(await toggle()).toEqual({ session_id: id, favorite: false });
  });

  it('a deleted session is gone with its messages', async () => {
    const { url } = await startPortal();
    const id = await begin(url);
    const { answer } = await converse(url, id, 'One?');
    const deleted = await rest(url, 'DELETE', `/sessions/${id}`);
    expect([deleted.status, deleted.body]).toEqual([204, null]);
    expect((await rest(url, 'GET', `/sessions/${id}`)).status).toBe(404);
    expect((await rest(url, 'GET', `/messages/${answer}`)).status).toBe(404);
  });

  it('messages are listed by page, oldest first', async () => {
    const { url } = await startPortal();
    const id = await begin(url);
    const first = await converse(url, id, 'One?');
    const second = await converse(url, id, 'Two?');
    const page = await rest<{ message_id: string }[]>(url, 'GET', `/sessions/${id}/messages?page=2&page_size=3`);
    expect(page.body.map((message) => message.message_id)).toEqual([second.answer]);
    expect(page.headers.get('x-total-count')).toBe('4');
    const all = await rest<{ message_id: string }[]>(url, 'GET', `/sessions/${id}/messages`);
    expect(all.body.map((message) => message.message_id)).toEqual([
      first.question,
      first.answer,
      second.question,
      second.answer,
    ]);
  });

  it('every bad field is named', async () => {
    const { url } = await startPortal();
    const refused = await rest(url, 'POST', '/sessions', {
      title: ' ',
      system_prompt: 'x'.repeat(4001),
      model_name: 5,
    });
    expect(refused.status).toBe(422);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body).toMatchObject({ code: 'invalid_input', status: 422 });
    expect(refused.body.request_id).toBe(refused.headers.get('x-request-id'));
    expect(refused.body.errors?.map((error) => error.path)).toEqual(['title', 'system_prompt', 'model_name']);
    for (const query of ['page=0', 'page_size=0', 'page_size=101', 'page=x', 'favorite=yes', 'page=1&page=2']) {
      expect([query, (await rest(url, 'GET', `/sessions?${query}`)).status]).toEqual([query, 422]);
    }
  });

  it('an id that is unknown or malformed is 404', async () => {
    const { url } = await startPortal();
    for (const id of [crypto.randomUUID(), 'nothing', '%00', '1']) {
      for (const [method, address, body] of [
        ['GET', '', undefined],
        ['PUT', '', { title: 'x' }],
        ['PATCH', '/favorite', undefined],
        ['DELETE', '', undefined],
        ['GET', '/messages', undefined],
      ] as const) {
        const answer = await rest(url, method, `/sessions/${id}${address}`, body);
        expect([method, address, answer.status, answer.body.code]).toEqual([method, address, 404, 'not_found']);
      }
    }
  });
});

/** What GraphQL answers, with REST's names: the id says of what, edges are arrays, enums are small. */
function inRestWords(session: Record<string, unknown>): unknown {
  const { id, messages, ...rest } = session as { id: string; messages: { edges: { node: Record<string, unknown> }[] } };
  return {
    ...snake(rest),
    session_id: id,
    messages: messages.edges.map(({ node }) => {
      const {
        id: messageId,
        parent,
        role,
        status,
        rating,
        receipt,
        ...more
      } = node as Record<string, string | null> & {
        parent: { id: string } | null;
        receipt: Record<string, unknown> | null;
      };
      const lower = (text: unknown) => (typeof text === 'string' ? text.toLowerCase() : text);
      return {
        ...snake(more),
        message_id: messageId,
        session_id: id,
        parent_id: parent?.id ?? null,
        role: lower(role),
        status: lower(status),
        rating: lower(rating),
        partial_content: status === 'COMPLETE' ? null : more.content,
        receipt: receipt && { ...snake(receipt), finish_reason: lower(receipt.finishReason) },
      };
    }),
  };
}

function snake(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
