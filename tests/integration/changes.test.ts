import { describe, expect, it } from 'vitest';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { ask, askFor, connect, type GraphAnswer, listen } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

interface Change {
  __typename: string;
  session?: { id: string; title: string };
  sessionId?: string;
  message?: { id: string; status: string; pinned: boolean };
}

const subscription = `subscription ($id: ID) { changes(sessionId: $id) { __typename
  ... on SessionChanged { session { id title } } ... on SessionDeleted { sessionId }
  ... on MessageChanged { message { id status pinned } } } }`;

describe('another tab', () => {
  it('sees what changes, as it is then, over both transports', async () => {
    const { url } = await startPortal();
    const seen: Change[][] = [[], []];
    const leaving = new AbortController();
    const collect = async (events: AsyncIterable<unknown>, into: Change[] = []) => {
      for await (const answer of events) into.push((answer as GraphAnswer<{ changes: Change }>).data.changes);
    };
    const client = connect(url);
    const socket = collect(client.iterate({ query: subscription }), seen[0]);
    const sse = collect(listen(url, subscription, {}, leaving.signal), seen[1]).catch(() => 'left');
    // Whoever has seen one change is listening.
    await expect
      .poll(async () => {
        await createSession(url, { title: 'warm-up' });
        return seen.every((changes) => changes.length > 0);
      })
      .toBe(true);

    const id = await createSession(url, { title: 'shared' });
    const { message, reply } = await send(url, id, 'Hello');
    await readToEnd(followBySse(url, reply.id));
    await askFor(url, 'mutation ($id: ID!) { pinMessage(id: $id) { id } }', { id: message.id });
    await askFor(url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id });
    for (const changes of seen) {
      await expect.poll(() => changes).toContainEqual({ __typename: 'SessionDeleted', sessionId: id });
      expect(changes).toContainEqual({ __typename: 'SessionChanged', session: { id, title: 'shared' } });
      expect(changes).toContainEqual(
        expect.objectContaining({ __typename: 'MessageChanged', message: expect.objectContaining({ id: reply.id }) }),
      );
    }
    leaving.abort();
    await sse;
    await client.dispose();
    await socket.catch(() => 'closed');
  });

  it('that looks at one session hears of that one alone, and NOT_FOUND of one that is not there', async () => {
    const { url } = await startPortal();
    const [mine, other] = [await createSession(url), await createSession(url)];
    const heard: Change[] = [];
    const client = connect(url);
    const listening = (async () => {
      for await (const { data } of client.iterate<{ changes: Change }>({
        query: subscription,
        variables: { id: mine },
      }))
        if (data) heard.push(data.changes);
    })().catch(() => 'closed');
    const rename = (id: string, title: string) =>
      askFor(url, 'mutation ($id: ID!, $title: String!) { updateSession(id: $id, input: { title: $title }) { id } }', {
        id,
        title,
      });
    await expect
      .poll(async () => {
        await rename(other, 'other');
        await rename(mine, 'mine');
        return heard.length;
      })
      .toBeGreaterThan(0);
    expect(new Set(heard.map((change) => change.session?.id))).toEqual(new Set([mine]));
    await client.dispose();
    await listening;

    const unknown = await ask(url, subscription, { id: 'nonsense' });
    expect(unknown.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });
});
