import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { pino } from 'pino';
import { v5 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { createChanges } from '../../server/chat/changes.ts';
import { createExports } from '../../server/chat/export.ts';
import { sessionIdOf } from '../../server/chat/import/arrange.ts';
import { createImports } from '../../server/chat/import/imports.ts';
import { createMemoryWakeUp } from '../../server/stores/wake-up-memory.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { ask, askFor } from '../testkit/graph.ts';
import {
  exportAll,
  exportSession,
  importFile,
  type MessageOfExport,
  mustImport,
  type SessionOfExport,
  type WholeExport,
  zipOf,
} from '../testkit/portability.ts';
import { startPortal } from '../testkit/portal.ts';
import { rest } from '../testkit/rest.ts';
import { patient } from '../testkit/rounds.ts';

/** A session of an export whose ids are told by the texts that they stand for: equal for the same conversation. */
function withoutIds({ export_version: _, exported_at: __, ...session }: SessionOfExport) {
  const texts = new Map(session.messages.map((message) => [message.message_id, message.content]));
  const textOf = (id: string | null | undefined) => (id == null ? null : (texts.get(id) ?? 'unknown'));
  return {
    ...session,
    id: null,
    active_message_id: textOf(session.active_message_id),
    messages: session.messages
      .map(({ session_id: _session, message_id: _message, ...message }) => ({
        ...message,
        parent_id: textOf(message.parent_id),
        receipt: message.receipt && {
          ...message.receipt,
          first_included_message_id: textOf(message.receipt.first_included_message_id),
        },
        cache_hit: message.cache_hit && {
          ...message.cache_hit,
          source_message_id: textOf(message.cache_hit.source_message_id),
        },
      }))
      .sort((a, b) => (a.content < b.content ? -1 : 1)),
  };
}

async function wipe(url: string): Promise<void> {
  for (const { id } of (await exportAll(url)).sessions) await rest(url, 'DELETE', `/sessions/${id}`);
}

const time = fc
  .date({ min: new Date('2001-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const generation = fc.record(
  { temperature: fc.constantFrom(0, 0.7), top_k: fc.nat(100), max_tokens: fc.integer({ min: 1, max: 99 }) },
  { requiredKeys: [] },
);
const receipt = fc.record({
  model_name: fc.constantFrom('model', 'other'),
  included_count: fc.nat(9),
  dropped_count: fc.nat(9),
  prompt_tokens: fc.nat(999),
  reused_tokens: fc.nat(999),
  completion_tokens: fc.nat(999),
  time_to_first_token_ms: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }).map((ms) => ms + 0)),
  tokens_per_second: fc.option(fc.double({ min: 0, max: 1e4, noNaN: true }).map((rate) => rate + 0)),
  finish_reason: fc.option(fc.constantFrom('stop' as const, 'length' as const, 'cancelled' as const, 'error' as const)),
});
const anyMessage = fc.record({
  parent: fc.nat(),
  text: fc.string({ unit: 'grapheme', maxLength: 40 }),
  role: fc.constantFrom('user' as const, 'assistant' as const),
  status: fc.constantFrom(
    'pending' as const,
    'in_progress' as const,
    'complete' as const,
    'stopped' as const,
    'failed' as const,
  ),
  error: fc.option(fc.string({ maxLength: 20 })),
  rating: fc.option(fc.constantFrom('up' as const, 'down' as const)),
  pinned: fc.boolean(),
  cached: fc.boolean(),
  // As JSON has it: without -0.
  context: fc.option(fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)))),
  receipt: fc.option(receipt),
  created_at: time,
  shown_at: time,
});

/** A session of an export: any tree, with everything that a message can have. */
const anySession = fc
  .record({
    title: fc
      .tuple(fc.constantFrom('', '\n\t  '), fc.string({ unit: 'grapheme', maxLength: 40 }))
      .map(([space, text]) => `${space}T${text}`),
    messages: fc.array(anyMessage, { maxLength: 25 }),
    leaf: fc.nat(),
    system_prompt: fc.option(fc.string({ unit: 'grapheme', maxLength: 100 })),
    model_name: fc.option(fc.constantFrom('test-model', 'gone')),
    generation,
    favorite: fc.boolean(),
    title_chosen: fc.boolean(),
    archived_at: fc.option(time),
    created_at: time,
    updated_at: time,
  })
  .map(({ messages, leaf, ...session }) => {
    const ids = messages.map(() => crypto.randomUUID());
    const leaves = ids.filter(
      (_, index) => !messages.some((each, at) => at > index && each.parent % (at + 1) === index + 1),
    );
    return {
      ...session,
      id: crypto.randomUUID(),
      archived: session.archived_at !== null,
      active_message_id: leaves[leaf % leaves.length] ?? null,
      messages: messages.map(({ parent, text, error, role, rating, ...message }, index) => {
        // The place 0 is none: a root.
        const place = parent % (index + 1);
        const ended = message.status !== 'pending' && message.status !== 'in_progress';
        const answered = role === 'assistant' && ended && message.receipt !== null;
        return {
          ...message,
          message_id: ids[index],
          parent_id: place === 0 ? null : ids[place - 1],
          role,
          cached: message.cached && role === 'assistant',
          cache_hit:
            message.cached && role === 'assistant'
              ? { source_message_id: ids[0], similarity: 0.875, age_seconds: index }
              : null,
          // Told apart by their texts, whatever these are.
          content: `${String(index).padStart(3, '0')} ${text}`,
          error_message: error,
          rating: role === 'assistant' ? rating : null,
          receipt: answered ? { ...message.receipt, first_included_message_id: ids[0] } : null,
          model_name: answered ? message.receipt?.model_name : null,
          generation: null,
        };
      }),
    };
  });

describe('export and import', () => {
  it('return everything: out, wipe, in, out is equal but for ids, for any tree', async () => {
    const { url } = await startPortal();
    await fc.assert(
      fc.asyncProperty(fc.array(anySession, { minLength: 1, maxLength: 3 }), async (sessions) => {
        await mustImport(url, { export_version: '1.0', exported_at: new Date().toISOString(), sessions });
        const first = await exportAll(url);
        await wipe(url);
        await mustImport(url, first);
        const second = await exportAll(url);
        await wipe(url);
        expect(second.sessions).toHaveLength(sessions.length);
        expect(second.sessions.map(withoutIds)).toEqual(first.sessions.map(withoutIds));
        for (const session of sessions) {
          const here = first.sessions.find(
            ({ created_at, title }) => created_at === session.created_at && title === session.title,
          );
          const told = withoutIds(session as unknown as SessionOfExport);
          expect(here && withoutIds(here)).toMatchObject({
            ...told,
            messages: told.messages.map(({ generation: _, ...message }) => message),
          });
        }
      }),
      { numRuns: 25 },
    );
  }, 180_000);

  it('return what the portal itself has made: branches, receipts, ratings, pins, context and sampling', async () => {
    const { url, databaseUrl } = await startPortal();
    const sessionId = await createSession(url, {
      title: 'Owls "&" <script>',
      systemPrompt: 'Be brief.',
      model: 'test-model',
      generation: { temperature: 0.2, topP: 0.5, maxTokens: 20 },
    });
    const one = await send(url, sessionId, 'One?', { context: { page: [1, null] }, generation: { seed: 7 } });
    await readToEnd(followBySse(url, one.reply.id));
    const again = await askFor<{ regenerateReply: { id: string } }>(
      url,
      'mutation ($id: ID!) { regenerateReply(id: $id) { id } }',
      { id: one.reply.id },
    );
    await readToEnd(followBySse(url, again.regenerateReply.id));
    const two = await send(url, sessionId, 'Two?', { parentId: one.reply.id });
    await readToEnd(followBySse(url, two.reply.id));
    await rest(url, 'PATCH', `/sessions/${sessionId}/favorite`);
    await askFor(url, 'mutation ($id: ID!) { rateMessage(id: $id, rating: DOWN) { id } }', {
      id: again.regenerateReply.id,
    });
    await askFor(url, 'mutation ($id: ID!) { pinMessage(id: $id, pinned: true) { id } }', { id: one.message.id });

    const first = await exportSession(url, sessionId);
    const told = await rest<{ messages: Record<string, unknown>[] }>(url, 'GET', `/sessions/${sessionId}`);
    const shown = first.messages.filter(({ message_id }) =>
      told.body.messages.some((each) => each.message_id === message_id),
    );
    expect(shown).toMatchObject(told.body.messages);
    expect(first.active_message_id).toBe(two.reply.id);
    expect(first.generation).toEqual({ temperature: 0.2, top_p: 0.5, max_tokens: 20 });

    await wipe(url);
    const { items } = await mustImport(url, first);
    const newId = items[0]?.session_id ?? '';
    const second = await exportSession(url, newId);
    expect(newId).not.toBe(sessionId);
    // The two texts of regenerated answers may be one: told apart by their times, then.
    const inOrder = ({ messages }: SessionOfExport) =>
      messages.map(({ message_id: _, session_id: __, parent_id: ___, receipt, ...rest }) => ({
        ...rest,
        receipt: receipt && { ...receipt, first_included_message_id: receipt.first_included_message_id !== null },
      }));
    expect(inOrder(second)).toEqual(inOrder(first));
    expect(
      second.messages.map(({ parent_id }) => second.messages.findIndex((each) => each.message_id === parent_id)),
    ).toEqual(first.messages.map(({ parent_id }) => first.messages.findIndex((each) => each.message_id === parent_id)));
    const { session } = await askFor<{ session: { messageCount: number; updatedAt: string } }>(
      url,
      'query ($id: ID!) { session(id: $id) { messageCount updatedAt } }',
      { id: newId },
    );
    expect(session).toEqual({ messageCount: 5, updatedAt: first.updated_at });
    const found = await rest<{ edges: unknown[] }>(url, 'GET', '/sessions?search=two');
    expect(found.body).toMatchObject([{ session_id: newId }]);
    const db = await openTestDatabase(databaseUrl);
    expect(await db.reply.count({ where: { endedAt: null } })).toBe(0);
  });

  it('the same file twice adds nothing, nor does an export of what is still here', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const rows = async () => [await db.session.count(), await db.message.count(), await db.reply.count()];
    const file = {
      messages: [
        { role: 'user', content: 'Once' },
        { role: 'assistant', content: 'Yes' },
      ],
    };
    const { items } = await mustImport(url, file);
    const before = await rows();
    const second = await mustImport(url, file);
    expect(second).toEqual({
      imported: 0,
      skipped: 1,
      failed: 0,
      items: [{ title: 'Once', session_id: items[0]?.session_id, outcome: 'skipped', reason: 'It is here already.' }],
    });
    expect(await mustImport(url, await exportAll(url))).toMatchObject({ imported: 0, skipped: 1 });
    expect(await rows()).toEqual(before);
    const twice = [{ messages: [{ role: 'user', content: 'Two' }] }, { messages: [{ role: 'user', content: 'Two' }] }];
    expect(await mustImport(url, twice)).toMatchObject({ imported: 1, skipped: 1 });
  });

  it('a conversation is whole or not there, and the others of its file are not harmed', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const session = (id: string, messages: unknown[]) => ({ id, title: id, messages });
    const message = (id: string, parent: string | null, more = {}) => ({
      message_id: id,
      parent_id: parent,
      role: 'assistant',
      content: id,
      created_at: '2026-01-01T00:00:00Z',
      ...more,
    });
    const { report } = await importFile(url, {
      export_version: '1.0',
      sessions: [
        session('good', [message('a', null)]),
        session('bad parent', [message('a', null), message('b', 'nobody')]),
        session('ring', [message('a', 'b'), message('b', 'a')]),
        session('own ancestor', [message('a', 'a')]),
        session('twice', [message('a', null), message('a', null)]),
        session('bad rating', [message('a', null), message('b', 'a', { rating: 5 })]),
        session('bad time', [message('a', null, { created_at: 'yesterday' })]),
        session('rated question', [message('a', null, { role: 'user', rating: 'up' })]),
        session('also good', []),
      ],
    });
    expect(report).toMatchObject({ imported: 2, skipped: 0, failed: 7 });
    expect(report.items.map(({ title, outcome, reason }) => [title, outcome, reason])).toEqual([
      ['good', 'imported', undefined],
      ['bad parent', 'failed', 'A message follows one that is not in the file.'],
      ['ring', 'failed', 'A message is its own ancestor.'],
      ['own ancestor', 'failed', 'A message is its own ancestor.'],
      ['twice', 'failed', 'Two messages have one id.'],
      ['bad rating', 'failed', expect.stringContaining('Message 2: rating:')],
      ['bad time', 'failed', expect.stringContaining('Message 1: created_at:')],
      ['rated question', 'failed', 'Message 1: only an answer is rated.'],
      ['also good', 'imported', undefined],
    ]);
    expect(await db.message.count()).toBe(1);
    expect(await db.session.count()).toBe(2);
  });

  it('a conversation that cannot be written to its end leaves nothing, and the others come in', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const message = (at: number) => ({
      message_id: `m${at}`,
      role: 'user',
      content: `${at}`,
      created_at: '2026-01-01T00:00:00Z',
    });
    const session = (id: string) => ({ id, title: id, messages: Array.from({ length: 500 }, (_, at) => message(at)) });
    const { id: userId } = await db.user.findFirstOrThrow();
    // A row that has the id of the 450th message already, long after the first batch.
    const id = uuid('m450', Buffer.from(sessionIdOf(userId, 'torn').replaceAll('-', ''), 'hex'));
    const other = await db.session.create({ data: { id: crypto.randomUUID(), userId, title: 'Other' } });
    await db.message.create({
      data: { id, sessionId: other.id, userId, depth: 0, role: 'user', status: 'complete', content: 'mine' },
    });
    const { status, report } = await importFile(url, {
      export_version: '1.0',
      sessions: [session('torn'), session('fine')],
    });
    expect(status).toBe(200);
    expect(report.items).toMatchObject([
      {
        title: 'torn',
        outcome: 'failed',
        reason: expect.stringMatching(/^It could not be stored\. .* under request [\w-]+\.$/),
      },
      { title: 'fine', outcome: 'imported' },
    ]);
    expect((await db.session.findMany({ orderBy: { title: 'asc' } })).map(({ title }) => title)).toEqual([
      'Other',
      'fine',
    ]);
    expect(await db.message.count()).toBe(501);
    expect((await db.message.findUniqueOrThrow({ where: { id } })).content).toBe('mine');
  });

  it('a dry run tells the same and writes nothing', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const file = [
      { messages: [{ role: 'user', content: 'Fine' }] },
      { messages: [{ role: 'wizard', content: 'Not' }] },
      { messages: [{ role: 'user', content: 'Fine' }] },
    ];
    const { report } = await importFile(url, file, { dryRun: true });
    expect(report).toEqual({
      imported: 1,
      skipped: 1,
      failed: 1,
      items: [
        { title: 'Fine', outcome: 'imported' },
        { title: 'New Chat', outcome: 'failed', reason: 'Message 1 has no role that is known.' },
        { title: 'Fine', outcome: 'skipped', reason: 'The file has it twice.' },
      ],
    });
    expect([await db.session.count(), await db.message.count()]).toEqual([0, 0]);
    const { report: real } = await importFile(url, file);
    expect(real.items.map(({ outcome }) => outcome)).toEqual(report.items.map(({ outcome }) => outcome));
  });

  it('many equal imports at once bring each conversation once', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const file = Array.from({ length: 5 }, (_, index) => ({
      messages: Array.from({ length: 300 }, (__, at) => ({ role: 'user', content: `${index} ${at}` })),
    }));
    const answers = await Promise.all(Array.from({ length: 6 }, () => importFile(url, file)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const sum = (of: 'imported' | 'skipped' | 'failed') => answers.reduce((total, { report }) => total + report[of], 0);
    expect([sum('imported'), sum('skipped'), sum('failed')]).toEqual([5, 25, 0]);
    expect([await db.session.count(), await db.message.count()]).toEqual([5, 1500]);
    expect((await db.session.findMany()).map(({ messageCount }) => messageCount)).toEqual([300, 300, 300, 300, 300]);
  });

  it('two users never meet: the same file is each one’s own, and nobody exports another’s', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const stranger = await db.user.create({ data: { id: crypto.randomUUID(), email: 'other@example.org' } });
    const theirs = crypto.randomUUID();
    await db.session.create({ data: { id: theirs, userId: stranger.id, title: 'Secret' } });
    const { status, body } = await rest(url, 'GET', `/sessions/${theirs}/export`);
    expect([status, body.code]).toEqual([404, 'not_found']);
    expect((await exportAll(url)).sessions).toEqual([]);
    // A file that names another's ids takes nothing from them, and gives nothing to them.
    const claimed = {
      export_version: '1.0',
      id: theirs,
      title: 'Taken',
      messages: [
        { message_id: theirs, role: 'user', content: 'x', created_at: '2026-01-01T00:00:00Z', user_id: stranger.id },
      ],
    };
    expect(await mustImport(url, claimed)).toMatchObject({ imported: 1 });
    expect(await db.session.findMany({ where: { userId: stranger.id } })).toMatchObject([
      { id: theirs, title: 'Secret' },
    ]);
    expect(await db.message.count({ where: { userId: stranger.id } })).toBe(0);

    const imports = createImports({
      db,
      changes: createChanges({ wakeUp: createMemoryWakeUp() }),
      logger: pino({ level: 'silent' }),
      scratchDir: tmpdir(),
    });
    const viewer = { id: stranger.id, account: async () => ({ ...stranger, role: 'user' as const }) };
    const signal = new AbortController().signal;
    const sent = Readable.from([Buffer.from(JSON.stringify(claimed))]);
    const report = await imports.run(viewer, { kind: 'json', body: sent }, { dryRun: false, signal });
    // Their own session has the id that the file names: they have it already.
    expect(report.items).toMatchObject([{ outcome: 'skipped', sessionId: theirs }]);
    const second = Readable.from([Buffer.from(JSON.stringify({ ...claimed, id: 'shared' }))]);
    const [forThem] = (await imports.run(viewer, { kind: 'json', body: second }, { dryRun: false, signal })).items;
    const [forUs] = (await mustImport(url, { ...claimed, id: 'shared' })).items;
    expect([forThem?.outcome, forUs?.outcome]).toEqual(['imported', 'imported']);
    expect(forThem?.sessionId).not.toBe(forUs?.session_id);
    expect(await db.message.count({ where: { userId: stranger.id } })).toBe(1);
    let text = '';
    for await (const chunk of createExports({ db }).all(viewer, 'json').chunks(signal)) text += chunk;
    const ids = (JSON.parse(text) as WholeExport).sessions.map((session) => session.id);
    expect(new Set(ids)).toEqual(new Set([theirs, forThem?.sessionId]));
  });

  it('an answer that was being written is stopped with its text so far, and starts no engine', async () => {
    const { url, databaseUrl, engine } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const message = (id: string, more: Partial<MessageOfExport>) => ({
      message_id: id,
      role: 'assistant',
      content: `So far ${id}`,
      created_at: '2026-01-01T00:00:00.000Z',
      ...more,
    });
    await mustImport(url, {
      export_version: '1.0',
      id: 'x',
      messages: [
        message('q', { role: 'user', content: 'Q' }),
        message('engine', { parent_id: 'q', status: 'in_progress', generation: {} }),
        message('waiting', { parent_id: 'q', status: 'pending', generation: {}, content: '' }),
        message('client', { parent_id: 'q', status: 'in_progress' }),
      ],
    });
    const rows = await db.message.findMany({ orderBy: { content: 'asc' } });
    expect(rows.map(({ content, status }) => [content, status])).toEqual([
      ['', 'stopped'],
      ['Q', 'complete'],
      ['So far client', 'in_progress'],
      ['So far engine', 'stopped'],
    ]);
    expect(await db.reply.count({ where: { endedAt: null } })).toBe(0);
    expect(engine.requests).toEqual([]);
  });

  it('an imported conversation goes on: with a new question, and where an answer was stopped', async () => {
    const { url, engine } = await startPortal();
    const node = (id: string, parent: string | null, role: string, text: string, more = {}) => [
      id,
      {
        id,
        parent,
        message: { author: { role }, content: { parts: [text] }, metadata: { model_slug: 'gpt-4o' }, ...more },
      },
    ];
    const { items } = await mustImport(url, [
      {
        title: 'Going on',
        conversation_id: 'c',
        current_node: 'b',
        mapping: Object.fromEntries([
          node('a', null, 'user', 'First?'),
          node('b', 'a', 'assistant', 'Half an ans', { status: 'in_progress' }),
        ]),
      },
    ]);
    const sessionId = items[0]?.session_id ?? '';
    const [, stopped] = (await exportSession(url, sessionId)).messages;
    const resumed = await askFor<{ resumeReply: { id: string } }>(
      url,
      'mutation ($id: ID!) { resumeReply(id: $id) { id } }',
      { id: stopped?.message_id },
    );
    const { message } = await readToEnd(followBySse(url, resumed.resumeReply.id));
    expect(message.status).toBe('COMPLETE');
    expect(message.content.startsWith('Half an ans')).toBe(true);
    const { reply } = await send(url, sessionId, 'Second?');
    await readToEnd(followBySse(url, reply.id));
    expect(
      engine.requests
        .at(-1)
        ?.messages.map(({ content }) => content)
        .slice(1),
    ).toEqual(['First?', message.content, 'Second?']);
    expect((await exportSession(url, sessionId)).messages).toHaveLength(4);
  });

  it('100 messages come in within a second and go out within half of one', async () => {
    const { url } = await startPortal();
    const conversation = (count: number) => ({
      messages: Array.from({ length: count }, (_, at) => ({
        role: at % 2 === 0 ? 'user' : 'assistant',
        content: `${crypto.randomUUID()} ${'words of a usual length '.repeat(20)}`,
      })),
    });
    const timed = async <Result>(work: () => Promise<Result>) => {
      const startedAt = performance.now();
      const result = await work();
      return { ms: performance.now() - startedAt, result };
    };
    const round = async (count: number) => {
      const { ms: inMs, result } = await timed(() => mustImport(url, conversation(count)));
      const { ms: outMs, result: out } = await timed(() => exportSession(url, result.items[0]?.session_id ?? ''));
      expect(out.messages).toHaveLength(count);
      return { inMs, outMs };
    };
    const rounds: { inMs: number; outMs: number }[] = [];
    for (let index = 0; index < 5; index++) rounds.push(await round(100));
    const best = (of: 'inMs' | 'outMs') => Math.min(...rounds.map((each) => each[of]));
    const long = await round(10_000);
    console.log(
      `100 messages: import ${best('inMs').toFixed(0)} ms, export ${best('outMs').toFixed(0)} ms (best of 5); ` +
        `10,000 messages: import ${(long.inMs / 1000).toFixed(1)} s, export ${(long.outMs / 1000).toFixed(1)} s`,
    );
    expect(best('inMs')).toBeLessThan(patient(1000));
    expect(best('outMs')).toBeLessThan(patient(500));
  }, 120_000);

  it('other tabs are told of each new conversation', async () => {
    const { url } = await startPortal();
    const { listen } = await import('../testkit/graph.ts');
    const leaving = new AbortController();
    const changes = listen<{ changes: { session: { id: string } } }>(
      url,
      'subscription { changes { ... on SessionChanged { session { id } } } }',
      {},
      leaving.signal,
    );
    const first = changes.next();
    await expect.poll(async () => (await ask(url, '{ viewer { id } }')).errors).toBeUndefined();
    const seen = first.then(({ value }) => value?.data.changes.session.id);
    const ids = new Set<string | undefined>();
    const settled = seen.then(() => true);
    for (let index = 0; ; index++) {
      ids.add((await mustImport(url, { messages: [{ role: 'user', content: `${index}` }] })).items[0]?.session_id);
      if (await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 20, false))])) break;
    }
    expect(ids).toContain(await seen);
    leaving.abort();
  });

  it('a zip of many JSON files is read whole, and what is none of conversations is passed over', async () => {
    const { url } = await startPortal();
    const chat = (id: string) => ({
      conversation_id: id,
      title: id,
      current_node: 'n',
      mapping: { n: { id: 'n', parent: null, message: { author: { role: 'user' }, content: { parts: [id] } } } },
    });
    const zip = await zipOf({
      'conversations-000.json': [chat('one'), chat('two')],
      'nested/conversations-001.json': [chat('three'), { title: 'no mapping' }],
      'user.json': { id: 'user-1', email: 'me@example.org' },
      'shared_conversations.json': [{ id: 'one', conversation_id: 'one', title: 'one' }],
      'broken.json': Buffer.from('{"a":'),
      'chat.html': Buffer.from('<html>'),
    });
    const { status, report } = await importFile(url, zip, { type: 'application/zip' });
    expect(status).toBe(200);
    expect(report.items.map(({ title, outcome, reason }) => [title, outcome, reason])).toEqual([
      ['one', 'imported', undefined],
      ['two', 'imported', undefined],
      ['three', 'imported', undefined],
      ['no mapping', 'failed', 'It is no conversation of a known format.'],
      ['broken.json', 'failed', expect.stringContaining('The file is not JSON')],
    ]);
  });

  it('Markdown shows the branch that is shown, in a file with a safe name', async () => {
    const { url } = await startPortal();
    const { items } = await mustImport(url, {
      title: 'Owls / "<b>" \u202E',
      messages: [
        { role: 'system', content: 'Be brief.\nAlways.' },
        { role: 'user', content: 'Do owls *sleep*?' },
        { role: 'assistant', content: '# By day\n\n- yes', model: 'm' },
      ],
    });
    const response = await fetch(`${url}/api/v1/sessions/${items[0]?.session_id}/export?format=markdown`);
    expect(response.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="Owls _ __b__.md"; filename*=UTF-8''Owls%20_%20__b__.md`,
    );
    const text = await response.text();
    expect(text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'T')).toBe(
      [
        '# Owls / "\\<b\\>" \u202E',
        'Begun T, last changed T\\.'.replace('\\', ''),
        '> Be brief.\n> Always.',
        '## User',
        '_T_',
        'Do owls *sleep*?',
        '## Assistant',
        '_T · m_',
        '# By day',
        '- yes',
        '',
      ].join('\n\n'),
    );
    const all = await fetch(`${url}/api/v1/export?format=markdown`);
    expect(await all.text()).toBe(text);
  });

  it('times are the same where the database’s zone is another', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    await db.$executeRawUnsafe(`alter database ${new URL(databaseUrl).pathname.slice(1)} set timezone to 'Asia/Tokyo'`);
    const { url: other } = await startPortal({ databaseUrl });
    const file = {
      export_version: '1.0',
      id: 'x',
      created_at: '2026-01-01T10:00:00.123Z',
      messages: [{ message_id: 'a', role: 'user', content: 'x', created_at: '2026-01-01T10:00:00.123Z' }],
    };
    const { items } = await mustImport(other, file);
    for (const from of [other, url]) {
      const session = await exportSession(from, items[0]?.session_id ?? '');
      expect([session.created_at, session.messages[0]?.created_at]).toEqual([file.created_at, file.created_at]);
    }
  });
});
