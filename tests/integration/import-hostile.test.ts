import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTestDatabase } from '../testkit/database.ts';
import { exportAll, importFile } from '../testkit/portability.ts';
import { startPortal } from '../testkit/portal.ts';

const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'length',
  'messages',
  'mapping',
  'history',
  'chat',
  'sessions',
  'export_version',
  'id',
  'conversation_id',
  'message_id',
  'parent',
  'parent_id',
  'parentId',
  'role',
  'content',
  'parts',
  'author',
  'message',
  'title',
  'current_node',
  'currentId',
  'children',
  'childrenIds',
  'status',
  'created_at',
  'create_time',
  'timestamp',
  'receipt',
  'generation',
  'context',
  'rating',
  'model',
  'metadata',
] as const;

const scalars = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    'a',
    'b',
    'user',
    'assistant',
    'system',
    'tool',
    '1.0',
    '\u0000',
    '\ud800',
    'x\udfffy',
    '\u202Eevil',
    '<script>alert(1)</script>',
    '../../etc/passwd',
    0,
    -1,
    1e308,
    -0,
    1e20,
    0.1,
    '2026-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '-271821-04-20T00:00:00Z',
    'complete',
    'pending',
    'up',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

/** JSON in which the names and values of every format stand in any place. */
const chaos = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    scalars,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.constantFrom(...keys), tie('value')), { maxLength: 8 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** A conversation of each format in which any one thing is replaced by any other. */
const nearly = fc
  .tuple(
    fc.constantFrom(
      {
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: '<id>' },
          { role: 'assistant', content: 'b' },
        ],
      },
      [
        {
          title: 't',
          conversation_id: '<id>',
          current_node: 'b',
          mapping: {
            a: {
              id: 'a',
              parent: null,
              children: ['b'],
              message: { author: { role: 'user' }, create_time: 1.5, content: { content_type: 'text', parts: ['a'] } },
            },
            b: {
              id: 'b',
              parent: 'a',
              children: [],
              message: {
                author: { role: 'assistant' },
                create_time: 2,
                content: { content_type: 'text', parts: ['b'] },
                metadata: { model_slug: 'm' },
              },
            },
          },
        },
      ],
      [
        {
          id: '<id>',
          chat: {
            title: 't',
            history: {
              currentId: 'b',
              messages: {
                a: { id: 'a', parentId: null, childrenIds: ['b'], role: 'user', content: 'a', timestamp: 5 },
                b: {
                  id: 'b',
                  parentId: 'a',
                  childrenIds: [],
                  role: 'assistant',
                  content: 'b',
                  timestamp: 6,
                  model: 'm',
                },
              },
            },
          },
        },
      ],
      {
        export_version: '1.0',
        id: '<id>',
        title: 't',
        generation: { top_p: 1 },
        messages: [
          {
            message_id: 'a',
            parent_id: null,
            role: 'user',
            content: 'a',
            created_at: '2026-01-01T00:00:00Z',
            context: { a: 1 },
          },
          {
            message_id: 'b',
            parent_id: 'a',
            role: 'assistant',
            content: 'b',
            created_at: '2026-01-01T00:00:00Z',
            generation: {},
            receipt: {
              model_name: 'm',
              included_count: 1,
              dropped_count: 0,
              prompt_tokens: 1,
              reused_tokens: 0,
              completion_tokens: 1,
            },
          },
        ],
      },
    ),
    fc.nat(),
    chaos,
    fc.uuid(),
  )
  .map(([file, place, value, id]) => {
    let seen = -1;
    const walk = (at: unknown): unknown => {
      seen += 1;
      if (seen === place % 60) return value;
      // No two files bring the same conversation.
      if (typeof at === 'string') return at.replace('<id>', id);
      if (Array.isArray(at)) return at.map(walk);
      if (typeof at !== 'object' || at === null) return at;
      return Object.fromEntries(Object.entries(at).map(([key, item]) => [key, walk(item)]));
    };
    return walk(file);
  });

describe('a hostile file', () => {
  it('is taken over in part or refused, and what is stored can be exported and imported again', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    let [taken, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: nearly }, { weight: 1, arbitrary: chaos }), async (file) => {
        const { status, report, problem } = await importFile(url, JSON.stringify(file) ?? 'null');
        expect([200, 422]).toContain(status);
        if (status === 422) expect(problem.code).toBe('invalid_input');
        for (const item of report.items ?? []) {
          if (item.outcome === 'failed') expect(item.reason).toMatch(/^[A-Z].+\.$/s);
          expect(item.reason ?? '').not.toContain('the log has the details');
        }
        [taken, refused] = [taken + (report.imported ?? 0), refused + (report.failed ?? 0)];
      }),
      { numRuns: 400 },
    );
    console.log(`hostile files: ${taken} conversations taken over, ${refused} refused`);
    expect(taken).toBeGreaterThan(20);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();

    const broken = await db.$queryRaw<{ id: string }[]>`
      select s.id from sessions s where message_count <> (select count(*) from messages m where m.session_id = s.id)
      union all
      select m.id from messages m join messages p on p.id = m.parent_id
        where p.session_id <> m.session_id or p.depth + 1 <> m.depth or m.active and not p.active
      union all
      select m.id from messages m where m.active and m.parent_id is null
        group by m.id, m.session_id having (select count(*) from messages o where o.session_id = m.session_id and o.active and o.depth = 0) <> 1`;
    expect(broken).toEqual([]);
    expect(await db.reply.count({ where: { endedAt: null } })).toBe(0);
    const all = await exportAll(url);
    await db.session.deleteMany();
    const { status, report } = await importFile(url, all);
    expect([status, report.imported, report.failed]).toEqual([200, all.sessions.length, 0]);
  }, 180_000);

  it('cleans what cannot be stored or shown, and says so', async () => {
    const { url } = await startPortal();
    const { report } = await importFile(
      url,
      String.raw`{"title":"<script>alert(1)</script>\n\u0000\ud800 x","__proto__":{"polluted":true},` +
        String.raw`"messages":[{"role":"user","content":"zero \u0000, half \ud83d","__proto__":{"polluted":true}}]}`,
    );
    expect(report.items).toMatchObject([
      {
        title: '<script>alert(1)</script> \uFFFD\uFFFD x',
        reason: 'Replaced characters that cannot be stored in 1 text.',
      },
    ]);
    const [session] = (await exportAll(url)).sessions;
    expect(session?.messages[0]?.content).toBe('zero \uFFFD, half \uFFFD');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
