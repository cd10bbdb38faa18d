import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { App } from '../../../server/app.ts';
import type { GenerateRequest } from '../../../server/inference/engine.ts';
import { createScriptedEngine, type ScriptedEngine } from '../../../server/inference/scripted-engine.ts';
import { type Follower, followThroughFaults, transports } from '../../testkit/follower.ts';
import { ask, type GraphAnswer } from '../../testkit/graph.ts';
import { steadyPort } from '../../testkit/installation.ts';
import { startPortal } from '../../testkit/portal.ts';
import { watchWrites } from '../../testkit/write-watch.ts';
import { childrenOf, pathTo, type SessionModel, type TreeModel } from './model.ts';

/** A portal whose model writes only when it is told to, with a reader on every reply. */
export interface TreePortal {
  /** Nothing is there any more, as on the first day. */
  reset(): Promise<void>;
  engine(): ScriptedEngine;
  ask<Data>(query: string, variables: Record<string, unknown>): Promise<GraphAnswer<Data>>;
  /** Ids of the answers that have not ended. */
  underWay(): Promise<Set<string>>;
  follow(replyId: string): void;
  /** Those who read the replies of a deleted session are told so. */
  expectGone(replyIds: readonly string[]): Promise<void>;
  restart(): Promise<void>;
  /** Lets every reply come to its end; the model stands still again then. */
  finish(): Promise<void>;
  /** Compares everything that can be seen with what must be, and lets the model know of answers that ended. */
  check(model: TreeModel): Promise<void>;
}

interface Row {
  id: string;
  sessionId: string;
  parentId: string | null;
  role: string;
  status: string;
  content: string;
}

const seen = `query ($id: ID!) { session(id: $id) { messageCount messages(first: 100) { totalCount edges { node {
  id role content rating pinned parent { id } siblings { id } } } } } }`;

interface Seen {
  session: {
    messageCount: number;
    messages: {
      totalCount: number;
      edges: {
        node: {
          id: string;
          role: string;
          content: string;
          rating: string | null;
          pinned: boolean;
          parent: { id: string } | null;
          siblings: { id: string }[];
        };
      }[];
    };
  };
}

export async function openTreePortal(): Promise<TreePortal> {
  const env = { PORT: String(await steadyPort()), MAX_SOCKETS_PER_USER: '1000', QUEUE_MAX: '1000' };
  let engine = heldEngine();
  const { url, databaseUrl, app } = await startPortal({ engine, env });
  const watch = await watchWrites(databaseUrl);
  const followers = new Map<string, Follower>();
  let current: App = app;

  const rows = () =>
    watch.query<Row & Record<string, unknown>>(
      `select id, session_id as "sessionId", parent_id as "parentId", role, status, content from messages`,
    );

  async function underWay(): Promise<Set<string>> {
    const all = await rows();
    return new Set(all.filter(isUnderWay).map(({ id }) => id));
  }

  async function finish(): Promise<void> {
    engine.release();
    await expect.poll(async () => (await underWay()).size, { timeout: 60_000, interval: 20 }).toBe(0);
    engine.hold();
    for (const [id, follower] of followers) {
      const { text, message } = await follower.done;
      expect(text, 'what a reader holds is what is stored').toBe(message.content);
      followers.delete(id);
    }
  }

  async function checkStored(model: TreeModel): Promise<void> {
    expect(await watch.violations()).toEqual({});
    const stored = new Map((await rows()).map((row) => [row.id, row]));
    for (const session of model.sessions) {
      for (const message of session.messages) {
        const row = stored.get(message.id);
        expect(row, 'an acknowledged message is there').toMatchObject({
          sessionId: session.id,
          parentId: message.parentId,
          role: message.role,
        });
        if (row === undefined || isUnderWay(row)) continue;
        message.content ??= row.content;
        expect(row.content, 'what has ended stays as it is').toBe(message.content);
      }
    }
    const known = model.sessions.flatMap(({ messages }) => messages.map(({ id }) => id));
    expect([...stored.keys()].sort(), 'nothing is there that nobody asked for').toEqual(known.sort());
  }

  return {
    async reset() {
      followers.clear();
      await watch.query('with gone as (delete from write_violations) delete from sessions');
    },
    engine: () => engine,
    ask: (query, variables) => ask(url, query, variables),
    underWay,
    finish,
    follow(id) {
      followers.set(id, followThroughFaults(url, id, transports[followers.size % transports.length]));
    },
    async expectGone(ids) {
      for (const id of ids) {
        const follower = followers.get(id);
        // One that had ended before was read to its end.
        if (follower && !follower.ended()) await expect(follower.done).rejects.toMatchObject({ code: 'NOT_FOUND' });
        followers.delete(id);
      }
    },
    async restart() {
      await current.stop();
      engine = heldEngine();
      current = (await startPortal({ engine, env, databaseUrl })).app;
    },
    async check(model) {
      await checkStored(model);
      for (const session of model.sessions) await checkShown(url, session);
    },
  };
}

const isUnderWay = ({ status }: { status: string }) => status === 'pending' || status === 'in_progress';

/** Every message of a session, by what the graph shows: the branch, and beside each of its messages the alternatives. */
async function checkShown(url: string, session: SessionModel): Promise<void> {
  const { data } = await ask<Seen>(url, seen, { id: session.id });
  const path = pathTo(session, session.leafId);
  expect(data.session.messageCount).toBe(session.messages.length);
  expect(data.session.messages.totalCount).toBe(path.length);
  const shown = data.session.messages.edges.map(({ node }) => node);
  expect(shown.map(({ id }) => id)).toEqual(path.map(({ id }) => id));
  for (const [index, { content, role, rating, pinned, parent, siblings }] of shown.entries()) {
    const message = path[index];
    if (message === undefined) throw new Error('the branch is longer than it may be');
    expect({ role: role.toLowerCase(), rating, pinned, parent: parent?.id ?? null }).toEqual({
      role: message.role,
      rating: message.rating,
      pinned: message.pinned,
      parent: message.parentId,
    });
    if (message.content !== null) expect(content).toBe(message.content);
    expect(siblings.map(({ id }) => id)).toEqual(childrenOf(session, message.parentId).map(({ id }) => id));
  }
}

/** Answers of some 150 tokens, of which none comes unless it is released. */
function heldEngine(): ScriptedEngine {
  const script = ({ messages }: GenerateRequest) => `${messages.at(-1)?.content}: ${'déjà vu, 你好, 🙂. '.repeat(20)}`;
  const engine = createScriptedEngine({ script });
  engine.hold();
  return engine;
}

/** Times of the database have a millisecond: two commands never share one. */
export const breathe = () => pause(2);
