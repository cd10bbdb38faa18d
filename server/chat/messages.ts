import { z } from 'zod';
import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import type { AnswerCache } from '../cache/answer-cache.ts';
import { PortalError } from '../errors.ts';
import { noteOnRequest } from '../request-scope.ts';
import type { Database } from '../stores/database.ts';
import type { Message, Reply } from '../stores/prisma/client.ts';
import type { Changes } from './changes.ts';
import { notFound, parseId, requireId } from './input.ts';
import {
  inOrderOf,
  type NumberedPage,
  type Page,
  type PageArgs,
  pageSize,
  parsePage,
  toCursor,
  toPage,
} from './pages.ts';

export type { Message };

export type MessageRole = 'user' | 'assistant';

export type Rating = 'up' | 'down';

export type Messages = ReturnType<typeof createMessages>;

/** Messages of the active branch are listed by their depth, which is also their place. */
const depthKey = z.int().min(0).max(2_147_483_647);

interface Parts {
  db: Database;
  changes: Changes;
  answerCache: Pick<AnswerCache, 'forget'>;
}

/** Messages of a viewer. Ids that are unknown, malformed or another's look the same: null, or `not_found`. */
export function createMessages({ db, changes, answerCache }: Parts) {
  /** Sets a field of a message and tells the other tabs; null where there is no such message. */
  async function change(
    viewer: Viewer,
    id: string,
    data: { rating: Rating | null } | { pinned: boolean },
  ): Promise<Message | null> {
    const [message] = await db.message.updateManyAndReturn({
      where: { id, ...ownedBy(viewer), ...('rating' in data && { role: 'assistant' }) },
      data,
    });
    if (message === undefined) return null;
    noteOnRequest({ sessionId: message.sessionId });
    changes.publish(viewer.id, { type: 'message', sessionId: message.sessionId, messageId: message.id });
    return message;
  }

  async function find(viewer: Viewer, id: string): Promise<Message | null> {
    const messageId = parseId(id);
    const where = { id: messageId ?? '', ...ownedBy(viewer) };
    const message = messageId === null ? null : await db.message.findFirst({ where });
    if (message !== null) noteOnRequest({ sessionId: message.sessionId });
    return message;
  }

  async function around(sessionId: string, message: Message, take: number): Promise<Page<Message>> {
    const start = Math.max(0, message.depth - Math.floor(take / 2));
    const rows = await db.message.findMany({
      where: { sessionId, active: true, depth: { gte: start } },
      orderBy: { depth: 'asc' },
      take: take + 1,
    });
    return {
      items: rows.slice(0, take).map((item) => ({ cursor: toCursor(item.depth), item })),
      hasNextPage: rows.length > take,
      hasPreviousPage: start > 0,
    };
  }

  return {
    find,

    /** In the order of `ids`; null for those that are not the viewer's. */
    async findMany(viewer: Viewer, ids: readonly string[]): Promise<(Message | null)[]> {
      const rows = await db.message.findMany({ where: { id: { in: [...ids] }, ...ownedBy(viewer) } });
      return inOrderOf(ids, rows, (row) => row.id);
    },

    /**
     * The active branch of a session, oldest first; with `around`, the page that has that message in its middle (the
     * first page where it is not on the branch).
     */
    async page(viewer: Viewer, sessionId: string, args: PageArgs, aroundId?: string | null): Promise<Page<Message>> {
      const range = parsePage(args, depthKey);
      const middle = aroundId ? await find(viewer, aroundId) : null;
      if (middle?.active && middle.sessionId === sessionId) return around(sessionId, middle, range.take);
      const rows = await db.message.findMany({
        where: {
          sessionId,
          ...ownedBy(viewer),
          active: true,
          depth: {
            ...(range.after !== null && { gt: range.after }),
            ...(range.before !== null && { lt: range.before }),
          },
        },
        orderBy: { depth: range.backward ? 'desc' : 'asc' },
        take: range.take + 1,
      });
      return toPage(range, rows, (message) => message.depth);
    },

    /** The active branch of a session, oldest first: all of it, or one page. A message's place is its depth. */
    async branch(viewer: Viewer, sessionId: string, range?: NumberedPage): Promise<Message[]> {
      return db.message.findMany({
        where: {
          sessionId,
          ...ownedBy(viewer),
          active: true,
          ...(range && { depth: { gte: (range.page - 1) * range.size, lt: range.page * range.size } }),
        },
        orderBy: { depth: 'asc' },
      });
    },

    /** How many the active branch has: depths count from 0 without a gap. */
    async countActive(viewer: Viewer, sessionId: string): Promise<number> {
      const leaf = await db.message.findFirst({
        where: { sessionId, ...ownedBy(viewer), active: true },
        orderBy: { depth: 'desc' },
        select: { depth: true },
      });
      return leaf === null ? 0 : leaf.depth + 1;
    },

    /** Pinned messages of all branches, in the order of the conversation; the newest `pageSize.max`. */
    async pinned(viewer: Viewer, sessionId: string): Promise<Message[]> {
      const rows = await db.message.findMany({
        where: { sessionId, ...ownedBy(viewer), pinned: true },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: pageSize.max,
      });
      return rows.reverse();
    },

    /** The texts so far of replies under way, in the order of `ids`; null where none is saved. */
    async drafts(ids: readonly string[]): Promise<(string | null)[]> {
      const rows = await db.replyDraft.findMany({ where: { messageId: { in: [...ids] } } });
      return inOrderOf(ids, rows, (row) => row.messageId).map((row) => row?.partialContent ?? null);
    },

    /** The records of how answers were made, in the order of `ids`. */
    async receipts(ids: readonly string[]): Promise<(Reply | null)[]> {
      const rows = await db.reply.findMany({ where: { messageId: { in: [...ids] } } });
      return inOrderOf(ids, rows, (row) => row.messageId);
    },

    /** Throws `not_found`, or `not_rateable` for a user's message. */
    async rate(viewer: Viewer, id: string, rating: Rating | null): Promise<Message> {
      const rated = await change(viewer, requireId(id, 'message'), { rating });
      if (rated !== null) {
        // A bad answer is given to nobody again, nor is the one that it was copied from.
        for (const messageId of rating === 'down' ? [rated.id, rated.cacheSourceId] : []) {
          if (messageId !== null) await answerCache.forget({ messageId });
        }
        return rated;
      }
      if ((await find(viewer, id)) === null) throw notFound('message');
      throw new PortalError('not_rateable', 'Only an answer can be rated.');
    },

    /** Sets the pin, or toggles it where `pinned` is null. Throws `not_found`. */
    async pin(viewer: Viewer, id: string, pinned: boolean | null): Promise<Message> {
      const message = await find(viewer, id);
      const changed = message && (await change(viewer, message.id, { pinned: pinned ?? !message.pinned }));
      if (!changed) throw notFound('message');
      return changed;
    },
  };
}
