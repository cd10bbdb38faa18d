import { describe, expect, it } from 'vitest';
import { createSession, followBySse, followByWebSocket, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { connect } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

type Event = Record<string, unknown>;

/** A reply that waits with its first words for who is to follow it. */
async function startReply() {
  const portal = await startPortal({ env: { MAX_SOCKETS_PER_USER: '100' } });
  portal.engine.hold();
  const { reply } = await send(portal.url, await createSession(portal.url), 'Tell me of rivers');
  return { ...portal, id: reply.id };
}

/** All that one subscription brings, by a socket of its own. */
async function readAll(url: string, query: string, variables: Record<string, unknown>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const { data } of connect(url).iterate<Record<string, Event>>({ query, variables })) {
    events.push(...Object.values(data ?? {}));
  }
  return events;
}

describe('many readers of one reply', () => {
  it('each get all of it, by sockets and by server-sent events, whenever they come', async () => {
    const { url, engine, id } = await startReply();
    const bySocket = Array.from({ length: 12 }, () => readToEnd(followByWebSocket(connect(url), id)));
    engine.release(15);
    await expect.poll(async () => (await readMessage(url, id))?.content).not.toBe('');
    const late = Array.from({ length: 6 }, () => readToEnd(followByWebSocket(connect(url), id)));
    const byEvents = readToEnd(followBySse(url, id));
    engine.release();
    const texts = (await Promise.all([...bySocket, ...late, byEvents])).map(({ text }) => text);
    expect(new Set(texts)).toEqual(new Set([(await readMessage(url, id))?.content]));
  });

  it('each get what they asked for of the same pieces: other names, other fields, by their variables and by fragments', async () => {
    const { url, engine, id } = await startReply();
    const end = '... on ReplyFinished { message { id } }';
    const plain = `subscription ($id: ID!) { replyEvents(messageId: $id) { __typename ... on ReplyText { offset text } ${end} } }`;
    const renamed = `subscription ($id: ID!) { all: replyEvents(messageId: $id) { kind: __typename ...Piece ${end} } }
      fragment Piece on ReplyText { from: offset, words: text }`;
    const chosen = `subscription ($id: ID!, $words: Boolean!) { replyEvents(messageId: $id) { __typename
      ... on ReplyText { offset text @include(if: $words) } ${end} } }`;
    const named = `subscription A($id: ID!) { replyEvents(messageId: $id) { __typename ... on ReplyText { text } ${end} } }`;
    const reading = Promise.all([
      readAll(url, plain, { id }),
      readAll(url, renamed, { id }),
      readAll(url, chosen, { id, words: true }),
      readAll(url, chosen, { id, words: false }),
      readAll(url, named, { id }),
      readAll(url, plain, { id }),
    ]);
    engine.release(10);
    await expect.poll(async () => (await readMessage(url, id))?.content).not.toBe('');
    engine.release();
    const read = await reading;
    const content = (await readMessage(url, id))?.content;
    const keysOfTexts = (events: Event[]) =>
      new Set(events.filter(isText).map((event) => Object.keys(event).join(' ')));
    expect(read.map(keysOfTexts).map((keys) => [...keys])).toEqual([
      ['__typename offset text'],
      ['kind from words'],
      ['__typename offset text'],
      ['__typename offset'],
      ['__typename text'],
      ['__typename offset text'],
    ]);
    for (const events of read) expect(events.at(-1)).toMatchObject({ message: { id } });
    const joined = (events: Event[], name: string) => events.map((event) => event[name] ?? '').join('');
    expect([0, 2, 4, 5].map((index) => joined(read[index] ?? [], 'text'))).toEqual([
      content,
      content,
      content,
      content,
    ]);
    expect(joined(read[1] ?? [], 'words')).toBe(content);
  });

  it('may leave in the middle, and the others go on', async () => {
    const { url, engine, id } = await startReply();
    const staying = readToEnd(followByWebSocket(connect(url), id));
    const leaving = followByWebSocket(connect(url), id);
    engine.release(5);
    for (let text = false; !text; ) text = (await leaving.next()).value?.__typename === 'ReplyText';
    await leaving.return(undefined);
    engine.release();
    expect((await staying).text).toBe((await readMessage(url, id))?.content);
  });
});

function isText(event: Event): boolean {
  return Object.values(event).includes('ReplyText');
}
