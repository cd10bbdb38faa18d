import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import type { Database } from '../stores/database.ts';
import type { Message, Prisma, Session } from '../stores/prisma/client.ts';
import type { Changes } from './changes.ts';
import { notFound, requireId } from './input.ts';
import { lockSession } from './reply-start.ts';

type Transaction = Prisma.TransactionClient;

export type Branches = ReturnType<typeof createBranches>;

/** The alternatives of a conversation: one parent a message, children derived, one branch shown. */
export function createBranches({ db, changes }: { db: Database; changes: Changes }) {
  return {
    /** Every message at the same place, oldest first, for each of `messages`. */
    async siblings(messages: readonly Pick<Message, 'sessionId' | 'parentId'>[]): Promise<Message[][]> {
      const parents = messages.flatMap(({ parentId }) => (parentId === null ? [] : [parentId]));
      const roots = messages.flatMap(({ sessionId, parentId }) => (parentId === null ? [sessionId] : []));
      const rows = await db.message.findMany({
        where: { OR: [{ parentId: { in: parents } }, { parentId: null, sessionId: { in: roots } }] },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      });
      return messages.map(({ sessionId, parentId }) =>
        rows.filter((row) => row.parentId === parentId && row.sessionId === sessionId),
      );
    },

    /**
     * Makes the message's branch the active one, down to the leaf beneath it that was active last. Throws `not_found`.
     */
    async select(viewer: Viewer, id: string): Promise<Session> {
      const message = await db.message.findFirst({ where: { id: requireId(id, 'message'), ...ownedBy(viewer) } });
      if (message === null) throw notFound('message');
      const { sessionId } = message;
      const session = await db.$transaction(async (tx) => {
        await lockSession(tx, viewer, sessionId);
        const leafId = await leafShownLast(tx, message.id);
        await showBranch(tx, sessionId, leafId);
        await tx.message.updateMany({ where: { id: leafId }, data: { shownAt: new Date() } });
        return tx.session.findUniqueOrThrow({ where: { id: sessionId } });
      });
      changes.publish(viewer.id, { type: 'session', sessionId }, { type: 'message', sessionId, messageId: message.id });
      return session;
    },
  };
}

async function leafShownLast(tx: Transaction, messageId: string): Promise<string> {
  const [leaf] = await tx.$queryRaw<{ id: string }[]>`
    with recursive beneath as (
      select id, depth, shown_at from messages where id = ${messageId}::uuid
      union all
      select child.id, child.depth, child.shown_at from messages child join beneath on child.parent_id = beneath.id
    )
    select id from beneath
    where not exists (select from messages child where child.parent_id = beneath.id)
    order by shown_at desc, depth desc, id desc limit 1`;
  return leaf?.id ?? messageId;
}

/**
 * Makes the branch from the root to `leafId` the active one as far as that message; null empties the active branch.
 * Nothing below the leaf stays active. The caller holds the session's row, so that two never do it at once.
 */
export async function showBranch(tx: Transaction, sessionId: string, leafId: string | null): Promise<void> {
  await tx.$executeRaw`select show_branch(${sessionId}::uuid, ${leafId}::uuid)`;
}

export interface BranchMessage {
  id: string;
  role: 'user' | 'assistant';
  content: string;
  context: unknown;
  /** The very tokens of an answer's text, where they are the asked model's own. */
  tokenIds: number[] | null;
}

/**
 * What stands before and at `messageId` on its branch, oldest first: the newest messages whose text is `maxCharacters`
 * together (one more than that at least), and how many older ones there are. Tokens come with those answers alone that the
 * model of this key wrote, and whose text is still what they spell.
 */
export async function readBranch(
  db: Pick<Transaction, '$queryRaw'>,
  messageId: string,
  maxCharacters: number,
  modelKey: string,
): Promise<{ messages: BranchMessage[]; olderCount: number }> {
  const rows = await db.$queryRaw<(BranchMessage & { depth: number })[]>`
    with recursive path as (
      select id, parent_id, depth, role, content, context,
        length(content)::bigint + coalesce(length(context::text), 0) as characters
      from messages where id = ${messageId}::uuid
      union all
      select m.id, m.parent_id, m.depth, m.role, m.content, m.context, path.characters + length(m.content) + coalesce(length(m.context::text), 0)
      from messages m join path on m.id = path.parent_id
      where path.characters <= ${maxCharacters}
    )
    select id, role, content, context, depth, token_ids as "tokenIds"
    from path left join reply_tokens on message_id = id and model = ${modelKey} and content_md5 = md5(content)::uuid
    order by depth`;
  return { messages: rows, olderCount: rows[0]?.depth ?? 0 };
}
