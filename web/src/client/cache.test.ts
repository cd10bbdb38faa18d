import { Client, type Exchange, makeResult, type Operation } from '@urql/core';
import { describe, expect, it } from 'vitest';
import { filter, fromPromise, makeSubject, map, merge, mergeMap, pipe } from 'wonka';
import { SendMessage } from '../features/chat/mutations.ts';
import { newestPage, ThreadPage } from '../features/chat/thread-page.ts';
import { DeleteSession, SessionPage } from '../features/sessions/documents.ts';
import type { SessionFilter } from '../gql/graphql.ts';
import { createCache } from './cache.ts';
import { Changes } from './documents.ts';
import { createRefresh } from './refresh.ts';

const session = (id: string, { favorite = false, archived = false } = {}) => ({
  __typename: 'Session',
  id,
  title: `Title ${id}`,
  favorite,
  archived,
  updatedAt: '2026-11-21T09:00:00.000Z',
});

const message = (id: string, parentId: string | null) => ({
  __typename: 'Message',
  id,
  role: 'USER',
  status: 'COMPLETE',
  parent: parentId === null ? null : { __typename: 'Message', id: parentId },
  session: { __typename: 'Session', id: 's1' },
  content: `Text ${id}`,
  errorMessage: null,
  rating: null,
  pinned: false,
  createdAt: '2026-11-21T09:00:00.000Z',
  siblings: [],
  cacheHit: null,
  receipt: null,
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

const pageInfo = {
  __typename: 'PageInfo',
  hasNextPage: false,
  hasPreviousPage: false,
  startCursor: 'a',
  endCursor: 'z',
};

/** The whole client over a server that is a few lists. */
async function createScene() {
  const sessions = [session('s1'), session('s2')];
  const messages = [message('m1', null), message('m2', 'm1')];
  const changes = makeSubject<Record<string, unknown>>();
  const asked: string[] = [];

  const answer = ({ query, variables }: Operation): Record<string, unknown> => {
    const name = query.definitions[0] && 'name' in query.definitions[0] ? query.definitions[0].name?.value : undefined;
    asked.push(String(name));
    const edges = <Node>(nodes: Node[], typename: string) =>
      nodes.map((node, n) => ({ __typename: typename, cursor: `c${n}`, node }));
    switch (name) {
      case 'SessionPage': {
        const { favorite, archived } = (variables?.filter ?? {}) as Partial<ReturnType<typeof session>>;
        const listed = sessions.filter(
          (one) => (favorite ?? one.favorite) === one.favorite && (archived ?? one.archived) === one.archived,
        );
        return { sessions: { __typename: 'SessionConnection', edges: edges(listed, 'SessionEdge'), pageInfo } };
      }
      case 'ThreadPage':
        return {
          session: {
            __typename: 'Session',
            id: variables?.id,
            messages: { __typename: 'MessageConnection', edges: edges(messages, 'MessageEdge'), pageInfo },
          },
        };
      case 'SendMessage':
        return {
          sendMessage: { __typename: 'SendMessagePayload', message: message('m3', 'm2'), reply: message('m4', 'm3') },
        };
      default:
        return { deleteSession: variables?.id };
    }
  };
  const server: Exchange = () => (operations) =>
    merge([
      pipe(
        operations,
        filter(({ kind }) => kind === 'query' || kind === 'mutation'),
        mergeMap((operation) => fromPromise(nextTurn().then(() => makeResult(operation, { data: answer(operation) })))),
      ),
      pipe(
        operations,
        filter(({ kind }) => kind === 'subscription'),
        mergeMap((operation) =>
          pipe(
            changes.source,
            map((change) => makeResult(operation, { data: { changes: change } })),
          ),
        ),
      ),
    ]);

  const refresh = createRefresh();
  const client = new Client({
    url: '/graphql',
    preferGetMethod: false,
    exchanges: [refresh.exchange, createCache(), server],
  });
  let thread: string[] = [];
  let list: string[] = [];
  const idsOf = (edges: readonly { node: unknown }[]) => edges.map(({ node }) => (node as { id: string }).id);
  client.query(ThreadPage, newestPage('s1')).subscribe(({ data }) => {
    thread = idsOf(data?.session?.messages.edges ?? []);
  });
  client.query(SessionPage, { first: 40 }).subscribe(({ data }) => {
    list = idsOf(data?.sessions.edges ?? []);
  });
  client.subscription(Changes, {}).subscribe(() => {});
  const scene = {
    client,
    refresh,
    sessions,
    messages,
    asked,
    announce: changes.next,
    thread: () => thread,
    list: () => list,
    /** What another list shows, now and after each change. */
    follow(filter: SessionFilter): () => string[] {
      let ids: string[] = [];
      client.query(SessionPage, { first: 40, filter }).subscribe(({ data }) => {
        ids = idsOf(data?.sessions.edges ?? []);
      });
      return () => ids;
    },
    /** Lets every answer under way arrive. */
    async settle() {
      for (let turn = 0; turn < 5; turn++) await nextTurn();
    },
  };
  await scene.settle();
  return scene;
}

describe('the cache', () => {
  it('shows a sent message and its reply without asking again', async () => {
    const scene = await createScene();
    await scene.client.mutation(SendMessage, { input: { sessionId: 's1', content: 'x' } }).toPromise();
    expect(scene.thread()).toEqual(['m1', 'm2', 'm3', 'm4']);
    expect(scene.asked.filter((name) => name === 'ThreadPage')).toHaveLength(1);
  });

  it('shows what another tab sent, once', async () => {
    const scene = await createScene();
    for (let times = 0; times < 2; times++) {
      scene.announce({ __typename: 'MessageChanged', message: message('m3', 'm2') });
    }
    await scene.settle();
    expect(scene.thread()).toEqual(['m1', 'm2', 'm3']);
  });

  it('asks again when a new message does not follow the last one', async () => {
    const scene = await createScene();
    scene.messages.push(message('m3', 'm2'), message('m4', 'm3'));
    scene.announce({ __typename: 'MessageChanged', message: message('m4', 'm3') });
    await scene.settle();
    expect(scene.thread()).toEqual(['m1', 'm2', 'm3', 'm4']);
  });

  it('asks again when another tab shows another branch', async () => {
    const scene = await createScene();
    scene.messages.splice(1, 1, message('m0', 'm1'));
    scene.announce({ __typename: 'MessageChanged', message: message('m0', 'm1') });
    await scene.settle();
    expect(scene.thread()).toEqual(['m1', 'm0']);
  });

  it('lists a session that is new, and one that was already listed only once', async () => {
    const scene = await createScene();
    scene.announce({ __typename: 'SessionChanged', session: session('s3') });
    scene.announce({ __typename: 'SessionChanged', session: session('s1') });
    await scene.settle();
    expect(scene.list()).toEqual(['s3', 's1', 's2']);
  });

  it('moves a session between the lists as it is archived and made a favourite, wherever that is done', async () => {
    const scene = await createScene();
    const inUse = scene.follow({ archived: false });
    const archive = scene.follow({ archived: true });
    const favourites = scene.follow({ favorite: true, archived: false });
    await scene.settle();
    expect([inUse(), archive(), favourites()]).toEqual([['s1', 's2'], [], []]);
    const change = async (how: Parameters<typeof session>[1]) => {
      scene.announce({ __typename: 'SessionChanged', session: session('s2', how) });
      await scene.settle();
      return [inUse(), archive(), favourites()];
    };
    expect(await change({ favorite: true })).toEqual([['s1', 's2'], [], ['s2']]);
    expect(await change({ favorite: true, archived: true })).toEqual([['s1'], ['s2'], []]);
    expect(await change({ favorite: true })).toEqual([['s2', 's1'], [], ['s2']]);
    expect(await change({})).toEqual([['s2', 's1'], [], []]);
  });

  it('takes a deleted session out of the list, whoever deleted it', async () => {
    const scene = await createScene();
    scene.announce({ __typename: 'SessionDeleted', sessionId: 's2' });
    await scene.settle();
    expect(scene.list()).toEqual(['s1']);
    await scene.client.mutation(DeleteSession, { id: 's1' }).toPromise();
    expect(scene.list()).toEqual([]);
  });

  it('asks anew for all that is shown, after a time without news', async () => {
    const scene = await createScene();
    scene.sessions.push(session('s9'));
    scene.refresh.now();
    await scene.settle();
    expect(scene.list()).toEqual(['s1', 's2', 's9']);
    expect(scene.asked.toSorted()).toEqual(['SessionPage', 'SessionPage', 'ThreadPage', 'ThreadPage']);
  });
});
