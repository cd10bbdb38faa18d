import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

interface SessionView {
  id: string;
  title: string;
  systemPrompt: string | null;
  modelName: string | null;
  favorite: boolean;
  archived: boolean;
  messageCount: number;
  updatedAt: string;
  generation: { temperature: number; maxTokens: number; seed: number | null };
}

const fields =
  'id title systemPrompt modelName favorite archived messageCount updatedAt generation { temperature maxTokens seed }';
const update = `mutation ($id: ID!, $input: UpdateSessionInput!) { updateSession(id: $id, input: $input) { ${fields} } }`;

async function read(url: string, id: string): Promise<SessionView | null> {
  return (
    await askFor<{ session: SessionView | null }>(url, `query ($id: ID!) { session(id: $id) { ${fields} } }`, { id })
  ).session;
}

async function change(url: string, id: string, input: Record<string, unknown>): Promise<SessionView> {
  return (await askFor<{ updateSession: SessionView }>(url, update, { id, input })).updateSession;
}

interface SessionPage {
  edges: { cursor: string; node: { id: string; title: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  totalCount: number;
}

async function list(url: string, args: string): Promise<SessionPage> {
  const query = `{ sessions${args} { totalCount edges { cursor node { id title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  return (await askFor<{ sessions: SessionPage }>(url, query)).sessions;
}

describe('a session', () => {
  it('begins with the configured defaults, and takes what it is given', async () => {
    const { url } = await startPortal();
    expect(await read(url, await createSession(url))).toMatchObject({
      title: 'New Chat',
      systemPrompt: null,
      modelName: null,
      favorite: false,
      archived: false,
      messageCount: 0,
      generation: { temperature: 0.7, maxTokens: 1024, seed: null },
    });
    const id = await createSession(url, {
      title: 'Mine',
      systemPrompt: 'Be brief.',
      model: 'gone',
      generation: { temperature: 0, seed: 7 },
    });
    expect(await read(url, id)).toMatchObject({
      title: 'Mine',
      systemPrompt: 'Be brief.',
      modelName: 'gone',
      generation: { temperature: 0, maxTokens: 1024, seed: 7 },
    });
  });

  it('changes what is given and moves only by what counts as activity', async () => {
    const { url } = await startPortal();
    const id = await createSession(url, { systemPrompt: 'x', model: 'm' });
    const before = await read(url, id);
    const marked = await change(url, id, { favorite: true, archived: true });
    expect(marked).toMatchObject({ favorite: true, archived: true, systemPrompt: 'x', updatedAt: before?.updatedAt });
    const renamed = await change(url, id, { title: 'Named', systemPrompt: null, model: null, archived: false });
    expect(renamed).toMatchObject({
      title: 'Named',
      systemPrompt: null,
      modelName: null,
      archived: false,
      favorite: true,
    });
    expect(Date.parse(renamed.updatedAt)).toBeGreaterThan(Date.parse(before?.updatedAt ?? ''));
  });

  it('is named by its first message until its owner names it', async () => {
    const { url } = await startPortal();
    const [unnamed, named] = [await createSession(url), await createSession(url)];
    await change(url, named, { title: 'New Chat' });
    for (const id of [unnamed, named]) {
      for (const content of ['# How do lighthouses work?\nIn detail.', 'And ships?']) {
        await readToEnd(followBySse(url, (await send(url, id, content)).reply.id));
      }
    }
    expect(await read(url, unnamed)).toMatchObject({ title: 'How do lighthouses work?', messageCount: 4 });
    expect(await read(url, named)).toMatchObject({ title: 'New Chat' });
  });

  it('is nothing where the id is unknown or malformed, and NOT_FOUND where it should change', async () => {
    const { url } = await startPortal();
    for (const id of ['nonsense', '', '00000000-0000-7000-8000-000000000000']) {
      expect(await read(url, id)).toBeNull();
      expect((await ask(url, update, { id, input: { title: 'x' } })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
      const deleted = await ask(url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id });
      expect(deleted.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    }
  });

  it('refuses what is out of bounds, every field by its name', async () => {
    const { url } = await startPortal();
    const { errors } = await ask(url, 'mutation ($input: CreateSessionInput) { createSession(input: $input) { id } }', {
      input: {
        title: 'x'.repeat(256),
        systemPrompt: 'y'.repeat(4001),
        generation: { topP: 2, repeatPenalty: 0, maxTokens: 0 },
      },
    });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [
        { path: 'input.title' },
        { path: 'input.systemPrompt' },
        { path: 'input.generation.topP' },
        { path: 'input.generation.repeatPenalty' },
        { path: 'input.generation.maxTokens' },
      ],
    });
    const wrongType = await ask(url, 'mutation ($input: CreateSessionInput) { createSession(input: $input) { id } }', {
      input: { title: 5 },
    });
    expect(wrongType.errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
  });

  it('goes with its messages, once', async () => {
    const { url } = await startPortal();
    const id = await createSession(url);
    const { message, reply } = await send(url, id, 'Hello');
    await readToEnd(followBySse(url, reply.id));
    const { deleteSession } = await askFor<{ deleteSession: string }>(
      url,
      'mutation ($id: ID!) { deleteSession(id: $id) }',
      { id },
    );
    expect(deleteSession).toBe(id);
    const gone = await askFor(url, 'query ($a: ID!, $b: ID!) { a: message(id: $a) { id } b: message(id: $b) { id } }', {
      a: message.id,
      b: reply.id,
    });
    expect(gone).toEqual({ a: null, b: null });
  });
});

describe('the list of sessions', () => {
  it('is newest activity first, and pages both ways through all of them once', async () => {
    const { url } = await startPortal();
    for (let index = 0; index < 7; index++) await createSession(url, { title: `chat ${index}` });
    const all = await list(url, '');
    expect(all.totalCount).toBe(7);
    expect(all.edges.map(({ node }) => node.title)).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `chat ${index}`));

    const forward = await list(url, '(first: 3)');
    expect(forward.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const next = await list(url, `(first: 10, after: "${forward.pageInfo.endCursor}")`);
    expect(next.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect([...forward.edges, ...next.edges].map(({ node }) => node.id)).toEqual(all.edges.map(({ node }) => node.id));

    const last = await list(url, '(last: 2)');
    expect(last.edges.map(({ node }) => node.title)).toEqual(['chat 1', 'chat 0']);
    const before = await list(url, `(last: 10, before: "${last.pageInfo.startCursor}")`);
    expect(before.edges).toHaveLength(5);
  });

  it('refuses a page size outside 1 to 100, two directions at once, and a cursor that is not its own', async () => {
    const { url } = await startPortal();
    for (const args of ['(first: 0)', '(first: 101)', '(last: -1)', '(first: 1, last: 1)', '(after: "nonsense")']) {
      const { errors } = await ask(url, `{ sessions${args} { totalCount } }`);
      expect([args, errors?.[0]?.extensions.code]).toEqual([args, 'INVALID_INPUT']);
    }
    expect((await list(url, '(first: 100)')).edges).toEqual([]);
  });

  it('filters by favourite, archive, and words of titles and messages', async () => {
    const { url } = await startPortal();
    const [plain, marked, away] = [
      await createSession(url, { title: 'plain' }),
      await createSession(url, { title: 'about whales' }),
      await createSession(url, { title: 'away' }),
    ];
    await change(url, marked, { favorite: true });
    await change(url, away, { archived: true });
    await readToEnd(followBySse(url, (await send(url, plain, 'Tell me of dolphins')).reply.id));
    const ids = async (filter: string) => (await list(url, `(filter: { ${filter} })`)).edges.map(({ node }) => node.id);
    expect(await ids('favorite: true')).toEqual([marked]);
    expect(await ids('archived: true')).toEqual([away]);
    expect((await ids('archived: false')).sort()).toEqual([plain, marked].sort());
    expect(await ids('search: "whale"')).toEqual([marked]);
    expect(await ids('search: "dolphin"')).toEqual([plain]);
    expect(await ids('search: "nothing at all"')).toEqual([]);
  });
});

describe('messages', () => {
  it('are paged from both ends and around one of them', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    for (let turn = 0; turn < 6; turn++) {
      await readToEnd(
        followBySse(url, (await send(url, sessionId, `turn ${turn}`, { generation: { maxTokens: 1 } })).reply.id),
      );
    }
    const page = async (args: string) => {
      const query = `query ($id: ID!) { session(id: $id) { messages${args} { totalCount edges { node { id content } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;
      type Page = {
        messages: {
          totalCount: number;
          edges: { node: { id: string; content: string } }[];
          pageInfo: SessionPage['pageInfo'];
        };
      };
      return (await askFor<{ session: Page }>(url, query, { id: sessionId })).session.messages;
    };
    const all = await page('');
    expect(all.totalCount).toBe(12);
    const ids = all.edges.map(({ node }) => node.id);
    const newest = await page('(last: 5)');
    expect(newest.edges.map(({ node }) => node.id)).toEqual(ids.slice(-5));
    const older = await page(`(last: 100, before: "${newest.pageInfo.startCursor}")`);
    expect(older.edges.map(({ node }) => node.id)).toEqual(ids.slice(0, -5));
    const around = await page(`(first: 4, around: "${ids[6]}")`);
    expect(around.edges.map(({ node }) => node.id)).toEqual(ids.slice(4, 8));
    expect(around.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const rest = await page(`(first: 100, after: "${around.pageInfo.endCursor}")`);
    expect(rest.edges.map(({ node }) => node.id)).toEqual(ids.slice(8));
  });

  it('are rated and pinned, without moving their session', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    const { message, reply } = await send(url, sessionId, 'Hello');
    await readToEnd(followBySse(url, reply.id));
    const before = await read(url, sessionId);
    const rate = 'mutation ($id: ID!, $rating: Rating) { rateMessage(id: $id, rating: $rating) { rating } }';
    const pin = 'mutation ($id: ID!, $pinned: Boolean) { pinMessage(id: $id, pinned: $pinned) { pinned } }';
    expect(await askFor(url, rate, { id: reply.id, rating: 'UP' })).toEqual({ rateMessage: { rating: 'UP' } });
    expect(await askFor(url, rate, { id: reply.id })).toEqual({ rateMessage: { rating: null } });
    expect((await ask(url, rate, { id: message.id, rating: 'UP' })).errors?.[0]?.extensions.code).toBe('NOT_RATEABLE');
    expect((await ask(url, rate, { id: 'nonsense', rating: 'UP' })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(await askFor(url, pin, { id: message.id })).toEqual({ pinMessage: { pinned: true } });
    expect(await askFor(url, pin, { id: message.id, pinned: true })).toEqual({ pinMessage: { pinned: true } });
    const pinned = await askFor(
      url,
      'query ($id: ID!) { session(id: $id) { pinnedMessages { id parent { id } session { id } } } }',
      { id: sessionId },
    );
    expect(pinned).toEqual({
      session: { pinnedMessages: [{ id: message.id, parent: null, session: { id: sessionId } }] },
    });
    expect(await askFor(url, pin, { id: message.id })).toEqual({ pinMessage: { pinned: false } });
    expect((await read(url, sessionId))?.updatedAt).toBe(before?.updatedAt);
  });

  it('are found by search, with a snippet, and lead back to their session', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    await readToEnd(followBySse(url, (await send(url, sessionId, 'Where do narwhals live? 独角鲸')).reply.id));
    const search = async (query: string) =>
      askFor<{
        search: { totalCount: number; edges: { snippet: string; node: { role: string; session: { id: string } } }[] };
      }>(
        url,
        'query ($query: String!) { search(query: $query, role: USER) { totalCount edges { snippet rank cursor node { role session { id } } } pageInfo { hasNextPage } } }',
        { query },
      );
    for (const query of ['narwhal', '独角', '鲸']) {
      const { search: found } = await search(query);
      expect(found.totalCount).toBe(1);
      expect(found.edges[0]?.node).toEqual({ role: 'USER', session: { id: sessionId } });
      expect(found.edges[0]?.snippet).toContain('<mark>');
    }
  });

  it('are forgotten by the model too when they are deleted, and only then', async () => {
    const forgotten: string[] = [];
    const engine = {
      ...createScriptedEngine(),
      forget: async (conversation: string) => void forgotten.push(conversation),
    };
    const { url } = await startPortal({ overrides: { engine } });
    const [id, other] = [await createSession(url), await createSession(url)];
    const deleteSession = 'mutation ($id: ID!) { deleteSession(id: $id) }';
    await ask(url, deleteSession, { id: other.replace(/^./, 'f') });
    expect(forgotten).toEqual([]);
    await askFor(url, deleteSession, { id });
    // No process is waited for.
    await expect.poll(() => forgotten).toEqual([id]);
  });
});
