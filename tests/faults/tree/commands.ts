import fc from 'fast-check';
import { expect } from 'vitest';
import { add, childrenOf, leafBeneath, type MessageModel, rivals, type SessionModel, type TreeModel } from './model.ts';
import { breathe, type TreePortal } from './portal.ts';

type Command = fc.AsyncCommand<TreeModel, TreePortal>;
type Tab = 0 | 1;

interface Sent {
  message: { id: string };
  reply: { id: string };
}

const sent = '{ message { id } reply { id } }';
const queries = {
  create: 'mutation { createSession { id } }',
  remove: 'mutation ($id: ID!) { deleteSession(id: $id) }',
  send: `mutation ($input: SendMessageInput!) { sendMessage(input: $input) ${sent} }`,
  edit: `mutation ($id: ID!, $content: String!) { editMessage(id: $id, content: $content) ${sent} }`,
  regenerate: 'mutation ($id: ID!) { regenerateReply(id: $id) { id } }',
  select: 'mutation ($id: ID!) { selectBranch(messageId: $id) { id } }',
  stop: 'mutation ($id: ID!) { stopReply(id: $id) { status content } }',
  resume: 'mutation ($id: ID!) { resumeReply(id: $id) { status } }',
  siblings: 'query ($id: ID!) { message(id: $id) { siblings { id } } }',
  rate: 'mutation ($id: ID!, $rating: Rating) { rateMessage(id: $id, rating: $rating) { rating } }',
  pin: 'mutation ($id: ID!) { pinMessage(id: $id) { pinned } }',
};

/** A command by its name and what it does; everything is compared after it. */
function command(name: string, run: (model: TreeModel, portal: TreePortal) => Promise<void>): Command {
  return {
    check: () => true,
    toString: () => name,
    async run(model, portal) {
      await breathe();
      await run(model, portal);
      await portal.check(model);
    },
  };
}

/** One of a list; commands that find none do nothing. */
const pick = <Item>(items: readonly Item[], at: number): Item | undefined => items[at % Math.max(1, items.length)];
const everyMessage = (model: TreeModel) =>
  model.sessions.flatMap((session) => session.messages.map((message) => ({ session, message })));
const everyAnswer = (model: TreeModel) => everyMessage(model).filter(({ message }) => message.role === 'assistant');
const everyQuestion = (model: TreeModel) => everyMessage(model).filter(({ message }) => message.role === 'user');

/** Does what must be refused with CONFLICT while one of the rivals is written, and must be done where none is. */
async function besides<Data>(
  portal: TreePortal,
  rivalIds: readonly string[],
  query: string,
  variables: Record<string, unknown>,
): Promise<Data | null> {
  const busy = async () => {
    const running = await portal.underWay();
    return rivalIds.some((id) => running.has(id));
  };
  const before = await busy();
  const { data, errors } = await portal.ask<Data>(query, variables);
  if (errors) {
    expect(errors[0]?.extensions.code).toBe('CONFLICT');
    expect(before).toBe(true);
    return null;
  }
  expect(before && (await busy())).toBe(false);
  return data;
}

function noteSent(
  model: TreeModel,
  portal: TreePortal,
  session: SessionModel,
  parentId: string | null,
  content: string,
  { message, reply }: Sent,
): void {
  add(
    model,
    session,
    { id: message.id, parentId, role: 'user', content },
    { id: reply.id, parentId: message.id, role: 'assistant', content: null },
  );
  portal.follow(reply.id);
}

/** What a tab takes for the newest message: what it saw last, as long as that is there. */
function idea(model: TreeModel, tab: Tab, session: SessionModel): string | null {
  const id = model.tabs[tab].get(session.id);
  return session.messages.some((message) => message.id === id) ? (id ?? null) : null;
}

export async function beginSession(model: TreeModel, portal: TreePortal): Promise<void> {
  const { data } = await portal.ask<{ createSession: { id: string } }>(queries.create, {});
  model.sessions.push({ id: data.createSession.id, messages: [], leafId: null });
}

const createSession = () => command('begin a session', beginSession);

interface Sending {
  tab: Tab;
  at: number;
  content: string;
  /** Names what the tab saw last as the parent, which may be stale. */
  knows: boolean;
  withKey: boolean;
  /** Everything is written before the next command. */
  answered: boolean;
}

const sendMessage = ({ tab, at, content, knows, withKey, answered }: Sending) =>
  command(
    `tab ${tab} sends "${content}" to session ${at}${knows ? ' under what it saw last' : ''}${answered ? ', and all is written' : ''}`,
    async (model, portal) => {
      const session = pick(model.sessions, at);
      if (session === undefined) return;
      const parentId = (knows && idea(model, tab, session)) || session.leafId;
      const key = withKey ? crypto.randomUUID() : null;
      const input = {
        sessionId: session.id,
        content,
        idempotencyKey: key,
        parentId: knows ? idea(model, tab, session) : null,
      };
      const data = await besides<{ sendMessage: Sent }>(portal, rivals(session, parentId), queries.send, { input });
      if (data === null) return;
      const { message, reply } = data.sendMessage;
      noteSent(model, portal, session, parentId, content, data.sendMessage);
      model.tabs[tab].set(session.id, reply.id);
      if (key) model.keys.push({ key, sessionId: session.id, content, messageId: message.id, replyId: reply.id });
      if (answered) await portal.finish();
    },
  );

const sendAgain = (at: number, same: boolean) =>
  command(
    `the key of message ${at} is used again with ${same ? 'the same' : 'other'} content`,
    async (model, portal) => {
      const known = pick(model.keys, at);
      if (known === undefined) return;
      const { key, sessionId, messageId, replyId } = known;
      const content = same ? known.content : `${known.content} and more`;
      const { data, errors } = await portal.ask<{ sendMessage: Sent }>(queries.send, {
        input: { sessionId, content, idempotencyKey: key },
      });
      if (same) expect(data?.sendMessage).toEqual({ message: { id: messageId }, reply: { id: replyId } });
      else expect(errors?.[0]?.extensions.code).toBe('CONFLICT');
    },
  );

const bothSend = (at: number, content: string, oneKey: boolean) =>
  command(
    `both tabs send "${content}" to session ${at} at once${oneKey ? ' with one key' : ''}`,
    async (model, portal) => {
      const session = pick(model.sessions, at);
      if (session === undefined) return;
      const parentId = session.leafId;
      const running = await portal.underWay();
      const free = !rivals(session, parentId).some((id) => running.has(id));
      const keys = [crypto.randomUUID(), crypto.randomUUID()];
      const answers = await Promise.all(
        keys.map((key) =>
          portal.ask<{ sendMessage: Sent }>(queries.send, {
            input: { sessionId: session.id, content, parentId, idempotencyKey: oneKey ? keys[0] : key },
          }),
        ),
      );
      const done = answers.flatMap(({ data, errors }) => (errors ? [] : [data.sendMessage]));
      for (const { errors } of answers) if (errors) expect(errors[0]?.extensions.code).toBe('CONFLICT');
      const different = done.filter(
        ({ message }, index) => done.findIndex((one) => one.message.id === message.id) === index,
      );
      // What the cache answers is there at once, and stands in nobody's way.
      const nowRunning = await portal.underWay();
      const answered = done.length > 0 && done.every(({ reply }) => !nowRunning.has(reply.id));
      if (free) expect(done).toHaveLength(oneKey || answered ? 2 : 1);
      expect(different.length).toBeLessThanOrEqual(answered && !oneKey ? 2 : 1);
      const [first] = different;
      if (first === undefined) return;
      // Which of two came first, only the portal knows.
      const { data } = await portal.ask<{ message: { siblings: { id: string }[] } }>(queries.siblings, {
        id: first.message.id,
      });
      const order = data.message.siblings.map(({ id }) => id);
      different.sort((a, b) => order.indexOf(a.message.id) - order.indexOf(b.message.id));
      for (const one of different) noteSent(model, portal, session, parentId, content, one);
      if (different.length > 1) await choose(model, portal, session, first.message.id);
    },
  );

const look = (tab: Tab, at: number) =>
  command(`tab ${tab} looks at session ${at}`, async (model) => {
    const session = pick(model.sessions, at);
    if (session?.leafId) model.tabs[tab].set(session.id, session.leafId);
  });

const editMessage = (at: number, content: string) =>
  command(`edit question ${at} to "${content}"`, async (model, portal) => {
    const target = pick(everyQuestion(model), at);
    if (target === undefined) return;
    const { session, message } = target;
    const busy = rivals(session, message.parentId);
    const data = await besides<{ editMessage: Sent }>(portal, busy, queries.edit, { id: message.id, content });
    if (data !== null) noteSent(model, portal, session, message.parentId, content, data.editMessage);
  });

const regenerateReply = (at: number) =>
  command(`regenerate answer ${at}`, async (model, portal) => {
    const target = pick(everyAnswer(model), at);
    if (target === undefined) return;
    const { session, message } = target;
    const busy = childrenOf(session, message.parentId).map(({ id }) => id);
    const data = await besides<{ regenerateReply: { id: string } }>(portal, busy, queries.regenerate, {
      id: message.id,
    });
    if (data === null) return;
    const { id } = data.regenerateReply;
    add(model, session, { id, parentId: message.parentId, role: 'assistant', content: null });
    portal.follow(id);
  });

async function choose(model: TreeModel, portal: TreePortal, session: SessionModel, id: string): Promise<void> {
  const leaf = leafBeneath(session, id);
  expect((await portal.ask(queries.select, { id })).errors).toBeUndefined();
  model.clock += 1;
  leaf.shown = model.clock;
  session.leafId = leaf.id;
}

const selectBranch = (at: number) =>
  command(`select message ${at}`, async (model, portal) => {
    const target = pick(everyMessage(model), at);
    if (target === undefined) return;
    await choose(model, portal, target.session, target.message.id);
  });

const stopReply = (at: number) =>
  command(`stop answer ${at}`, async (model, portal) => {
    const target = pick(everyAnswer(model), at);
    if (target === undefined) return;
    const { data } = await portal.ask<{ stopReply: { status: string; content: string } }>(queries.stop, {
      id: target.message.id,
    });
    expect(['STOPPED', 'COMPLETE', 'FAILED']).toContain(data.stopReply.status);
    target.message.content ??= data.stopReply.content;
    expect(data.stopReply.content).toBe(target.message.content);
  });

const resumeReply = (at: number) =>
  command(`resume answer ${at}`, async (model, portal) => {
    const target = pick(everyAnswer(model), at);
    if (target === undefined) return;
    const { id } = target.message;
    const ended = !(await portal.underWay()).has(id);
    const { data, errors } = await portal.ask<{ resumeReply: { status: string } }>(queries.resume, { id });
    if (errors) expect(errors[0]?.extensions.code).toBe('NOTHING_TO_RESUME');
    else expect(['PENDING', 'IN_PROGRESS']).toContain(data.resumeReply.status);
    if (errors || !ended) return;
    target.message.content = null;
    portal.follow(id);
  });

const rateMessage = (at: number, rating: MessageModel['rating']) =>
  command(`rate message ${at} ${rating}`, async (model, portal) => {
    const target = pick(everyMessage(model), at);
    if (target === undefined) return;
    const { errors } = await portal.ask(queries.rate, { id: target.message.id, rating });
    if (target.message.role === 'assistant') target.message.rating = rating;
    expect(errors?.[0]?.extensions.code).toBe(target.message.role === 'user' ? 'NOT_RATEABLE' : undefined);
  });

const pinMessage = (at: number) =>
  command(`pin message ${at}, or not any more`, async (model, portal) => {
    const target = pick(everyMessage(model), at);
    if (target === undefined) return;
    target.message.pinned = !target.message.pinned;
    const { data } = await portal.ask(queries.pin, { id: target.message.id });
    expect(data).toEqual({ pinMessage: { pinned: target.message.pinned } });
  });

const deleteSession = (at: number) =>
  command(`delete session ${at}`, async (model, portal) => {
    const session = pick(model.sessions, at);
    if (session === undefined) return;
    const replies = session.messages.filter(({ role }) => role === 'assistant').map(({ id }) => id);
    const { data } = await portal.ask(queries.remove, { id: session.id });
    expect(data).toEqual({ deleteSession: session.id });
    model.sessions = model.sessions.filter((one) => one !== session);
    model.keys = model.keys.filter(({ sessionId }) => sessionId !== session.id);
    await portal.expectGone(replies);
  });

const write = (tokens: number) =>
  command(`the model writes ${tokens} tokens`, async (_, portal) => portal.engine().release(tokens));

const crash = () => command('the engine crashes', async (_, portal) => portal.engine().crash());

const finish = () => command('everything is written', async (_, portal) => portal.finish());

const restart = () => command('the portal is started again', async (_, portal) => portal.restart());

const tab = fc.constantFrom<Tab>(0, 1);
const at = fc.nat(30);
const text = fc.constantFrom('red', 'green', 'blue', 'déjà vu 你好 🙂');

/** Each as often as it stands here. */
export const anyCommand: fc.Arbitrary<Command>[] = [
  fc.constant(createSession()),
  ...Array.from({ length: 8 }, () =>
    fc
      .record({ tab, at, content: text, knows: fc.boolean(), withKey: fc.boolean(), answered: fc.boolean() })
      .map(sendMessage),
  ),
  fc.tuple(at, fc.boolean()).map((args) => sendAgain(...args)),
  fc.tuple(at, text, fc.boolean()).map((args) => bothSend(...args)),
  fc.tuple(tab, at).map((args) => look(...args)),
  fc.tuple(at, text).map((args) => editMessage(...args)),
  fc.tuple(at, text).map((args) => editMessage(...args)),
  at.map(regenerateReply),
  at.map(regenerateReply),
  ...Array.from({ length: 6 }, () => at.map(selectBranch)),
  at.map(stopReply),
  at.map(resumeReply),
  fc.tuple(at, fc.constantFrom('UP', 'DOWN', null)).map((args) => rateMessage(...args)),
  at.map(pinMessage),
  at.map(deleteSession),
  fc.integer({ min: 1, max: 12 }).map(write),
  fc.integer({ min: 1, max: 12 }).map(write),
  fc.constant(crash()),
  ...Array.from({ length: 8 }, () => fc.constant(finish())),
  fc.constant(restart()),
];
