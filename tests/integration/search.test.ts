import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSearch } from '../../server/chat/search.ts';
import { parseSearchQuery } from '../../server/chat/search-query.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { createTestDatabase } from '../testkit/postgres.ts';

const owner = { id: '00000000-0000-0000-0000-000000000001' };

/** A user's session with these messages, and the search over it. */
async function withMessages(...contents: string[]) {
  const db = await openTestDatabase((await createDatabaseOfTest()).url);
  const sessionId = crypto.randomUUID();
  await db.session.create({ data: { id: sessionId, userId: owner.id, title: 'A talk about lighthouses' } });
  let parentId: string | null = null;
  for (const [depth, content] of contents.entries()) {
    const id: string = crypto.randomUUID();
    await db.message.create({
      data: {
        id,
        sessionId,
        userId: owner.id,
        parentId,
        depth,
        role: depth % 2 ? 'assistant' : 'user',
        status: 'complete',
        content,
        pinned: depth === 0,
      },
    });
    parentId = id;
  }
  const search = createSearch({ db });
  const found = async (query: string, more = {}) => {
    const { hits } = await search.search(owner, { query, first: 100, ...more });
    const rows = await db.message.findMany({ where: { id: { in: hits.map((hit) => hit.messageId) } } });
    return rows.map((row) => row.content).sort();
  };
  return { db, search, found, sessionId };
}

async function createDatabaseOfTest() {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database;
}

describe('search', () => {
  it('finds stems and plain words, phrases, alternatives, and leaves out what must not occur', async () => {
    const { found } = await withMessages(
      'The running foxes',
      'A fox ran',
      'apple pies',
      'apple cake',
      'der Über-Fuchs läuft',
      'the who',
    );
    expect(await found('fox')).toEqual(['A fox ran', 'The running foxes']);
    expect(await found('run')).toEqual(['The running foxes']);
    expect(await found('apple -pies')).toEqual(['apple cake']);
    expect(await found('apple -pie')).toEqual(['apple cake']);
    expect(await found('"apple pies"')).toEqual(['apple pies']);
    expect(await found('"pies apple"')).toEqual([]);
    expect(await found('cake or running')).toEqual(['The running foxes', 'apple cake']);
    expect(await found('LÄUFT')).toEqual(['der Über-Fuchs läuft']);
    expect(await found('who')).toEqual(['the who']);
    expect(await found('-apple')).toEqual([]);
    expect(await found('  ')).toEqual([]);
  });

  it('finds the words inside paths, addresses and names of code, and those that other indexes drop', async () => {
    const { found, search } = await withMessages(
      'call fs.readFile() in server/stores/log.ts',
      'the client/server split',
      'https://example.com/install?x=1',
      'user_name <b>bold</b>',
      'to be or not to be',
      'he said “hello”—twice',
    );
    for (const [query, content] of [
      ['readfile', 'call fs.readFile() in server/stores/log.ts'],
      ['stores/log.ts', 'call fs.readFile() in server/stores/log.ts'],
      ['client', 'the client/server split'],
      ['install', 'https://example.com/install?x=1'],
      ['name bold', 'user_name <b>bold</b>'],
      ['"not to be"', 'to be or not to be'],
      ['hello twice', 'he said “hello”—twice'],
    ] as const) {
      expect(await found(query)).toEqual([content]);
    }
    const { hits } = await search.search(owner, { query: 'client/server' });
    expect(hits[0]?.snippet).toBe('the <mark>client</mark>/<mark>server</mark> split');
  });

  it('takes the same scripts apart in a query as in a text', async () => {
    const { db } = await withMessages();
    const samples = [
      'ก',
      'ໄ',
      'က',
      'ក',
      '々',
      '〇',
      'の',
      'タ',
      'ｱ',
      '㐀',
      '京',
      '학',
      '豈',
      '𠀀',
      '𰀀',
      'é',
      'я',
      'א',
      '1',
    ];
    for (const sample of samples) {
      const [row] = await db.$queryRaw<{ unspaced: boolean }[]>`select searchable_words(${sample}) = ' ' as unspaced`;
      expect([sample, row?.unspaced]).toEqual([sample, parseSearchQuery(sample)?.grams.length === 1]);
    }
  });

  it('finds words of scripts without spaces, of one character or more', async () => {
    const { found, search } = await withMessages(
      '我在北京大学学习',
      '上海交通大学',
      'iPhone手机很贵',
      '東京タワーに行きました',
    );
    expect(await found('北京')).toEqual(['我在北京大学学习']);
    expect(await found('大学')).toEqual(['上海交通大学', '我在北京大学学习'].sort());
    expect(await found('海')).toEqual(['上海交通大学']);
    expect(await found('京海')).toEqual([]);
    expect(await found('iphone手机')).toEqual(['iPhone手机很贵']);
    expect(await found('タワー')).toEqual(['東京タワーに行きました']);
    expect(await found('大学 -北京')).toEqual(['上海交通大学']);
    const { hits } = await search.search(owner, { query: '交通' });
    expect(hits[0]?.snippet).toBe('上海<mark>交通</mark>大学');
    const { hits: mixed } = await search.search(owner, { query: '手机 iphone' });
    expect(mixed[0]?.snippet).toBe('<mark>iPhone手机</mark>很贵');
  });

  it('gives snippets in which nothing but <mark> is HTML', async () => {
    const { search } = await withMessages('<script>alert("fox")</script> & <mark>old</mark> \u0001fox\u0002 it\'s');
    const { hits } = await search.search(owner, { query: 'fox' });
    expect(hits[0]?.snippet).toContain('<mark>fox</mark>');
    expect(hits[0]?.snippet.replaceAll(/<\/?mark>/g, '')).not.toMatch(/[<>"']/);
    expect(hits[0]?.snippet).toContain('script&gt;alert(&quot;<mark>');
  });

  it('filters by session, role and pin, and pages through all hits once', async () => {
    const { search, found, sessionId } = await withMessages(
      ...Array.from({ length: 45 }, (_, index) => `lighthouse ${index} ${'lighthouse '.repeat(index % 5)}`),
    );
    expect(await found('lighthouse', { role: 'user' })).toHaveLength(23);
    expect(await found('lighthouse', { pinned: true })).toHaveLength(1);
    expect(await found('lighthouse', { sessionId })).toHaveLength(45);
    expect(await found('lighthouse', { sessionId: crypto.randomUUID() })).toEqual([]);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await search.search(owner, { query: 'lighthouse', first: 7, after });
      expect(page.totalCount).toBe(45);
      seen.push(...page.hits.map((hit) => hit.messageId));
      after = page.hasNextPage ? page.hits.at(-1)?.cursor : undefined;
    } while (after);
    const { hits } = await search.search(owner, { query: 'lighthouse', first: 45 });
    const past = await search.search(owner, { query: 'lighthouse', after: hits.at(-1)?.cursor });
    expect(past).toEqual({ hits: [], totalCount: 45, hasNextPage: false });
    expect(new Set(seen).size).toBe(45);
    expect(seen).toHaveLength(45);
  });

  it('shows nobody another user’s messages', async () => {
    const { search } = await withMessages('a secret');
    const stranger = { id: crypto.randomUUID() };
    expect((await search.search(stranger, { query: 'secret' })).hits).toEqual([]);
    expect(await search.sessionsMatching(stranger, 'lighthouses')).toEqual([]);
  });

  it('finds sessions by title and by message', async () => {
    const { search, sessionId } = await withMessages('about foxes');
    for (const words of ['lighthouse', 'LIGHTHOUSES talk', 'lighth', 'fox']) {
      expect(await search.sessionsMatching(owner, words)).toEqual([sessionId]);
    }
    expect(await search.sessionsMatching(owner, 'wolf')).toEqual([]);
  });

  it('takes any text for a query', async () => {
    const { search } = await withMessages('some text');
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.stringMatching(/^[-"'&|!()<>:*\\ a-z北]{0,40}$/),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (query) => {
        await search.search(owner, { query });
        await search.sessionsMatching(owner, query);
      }),
      { numRuns: 200 },
    );
    await expect(search.search(owner, { query: 'x'.repeat(1001) })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(search.search(owner, { query: 'x', after: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('stores any text that a model or a person may write, a megabyte too', async () => {
    const random = Array.from({ length: 60_000 }, (_, index) =>
      String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000)),
    ).join('');
    const { found } = await withMessages(random, 'word '.repeat(200_000), 'x'.repeat(1_000_000), '😀'.repeat(100_000));
    expect(await found(random.slice(100, 103))).toHaveLength(1);
  });
});
