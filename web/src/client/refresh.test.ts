import { createClient, type Exchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { describe, expect, it } from 'vitest';
import { filter, fromValue, merge, mergeMap, pipe } from 'wonka';
import { createRefresh } from './refresh.ts';

const query = gql`query ($id: ID!) { session(id: $id) { id title } }`;

/** A client whose server says how often each conversation was asked for. */
function createScene() {
  const asked = new Map<string, number>();
  const server: Exchange =
    ({ forward }) =>
    (operations) =>
      merge([
        pipe(
          operations,
          filter(({ kind }) => kind === 'query'),
          mergeMap((operation) => {
            const { id } = operation.variables as { id: string };
            asked.set(id, (asked.get(id) ?? 0) + 1);
            const session = { __typename: 'Session', id, title: `${id} ${asked.get(id)}` };
            return fromValue({ operation, data: { session }, stale: false, hasNext: false });
          }),
        ),
        pipe(
          operations,
          filter(({ kind }) => kind === 'teardown'),
          forward,
        ),
      ]);
  const refresh = createRefresh();
  const client = createClient({ url: 'http://nowhere', exchanges: [refresh.exchange, cacheExchange({}), server] });
  /** What is shown of a conversation, until it is left. */
  function show(id: string) {
    const seen: string[] = [];
    const { unsubscribe } = client.query(query, { id }).subscribe(({ data }) => void seen.push(data?.session.title));
    return { seen, leave: unsubscribe };
  }
  return { asked, refresh, show };
}

describe('a refresh', () => {
  it('asks at once for what is shown, and for what was shown before when it is shown again, once', async () => {
    const { asked, refresh, show } = createScene();
    show('a').leave();
    const b = show('b');
    const again = show('a');
    expect(again.seen).toEqual(['a 1']);
    again.leave();
    refresh.now();
    await expect.poll(() => b.seen).toEqual(['b 1', 'b 2']);
    expect(asked.get('a')).toBe(1);
    const later = show('a');
    await expect.poll(() => later.seen).toEqual(['a 1', 'a 2']);
    later.leave();
    expect(show('a').seen).toEqual(['a 2']);
    expect(show('c').seen).toEqual(['c 1']);
    expect(Object.fromEntries(asked)).toEqual({ a: 2, b: 2, c: 1 });
  });
});
