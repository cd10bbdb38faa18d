import type { Prisma } from '../stores/prisma/client.ts';
import { Prisma as Sql } from '../stores/prisma/client.ts';

type Transaction = Prisma.TransactionClient;

/**
 * Makes the branch from the root to `leafId` the active one as far as that message; null empties the active branch.
 * Nothing below the leaf stays active. The caller holds the session's row, so that two never do it at once.
 */
export async function showBranch(tx: Transaction, sessionId: string, leafId: string | null): Promise<void> {
  const path = Sql.sql`
    with recursive path as (
      select id, parent_id from messages where id = ${leafId}::uuid and session_id = ${sessionId}::uuid
      union all
      select parent.id, parent.parent_id from messages parent join path on parent.id = path.parent_id
    )`;
  await tx.$executeRaw`${path}
    update messages set active = false
    where session_id = ${sessionId}::uuid and active and id not in (select id from path)`;
  await tx.$executeRaw`${path}
    update messages set active = true where id in (select id from path) and not active`;
}

export interface BranchMessage {
  id: string;
  role: 'user' | 'assistant';
  content: string;
  context: unknown;
}

/**
 * What stands before and at `messageId` on its branch, oldest first: the newest messages whose text is `maxCharacters`
 * together (one more than that at least), and how many older ones there are.
 */
export async function readBranch(
  db: Pick<Transaction, '$queryRaw'>,
  messageId: string,
  maxCharacters: number,
): Promise<{ messages: BranchMessage[]; olderCount: number }> {
  const rows = await db.$queryRaw<(BranchMessage & { depth: number })[]>`
    with recursive path as (
      select id, parent_id, depth, role, content, context, length(content)::bigint as characters
      from messages where id = ${messageId}::uuid
      union all
      select m.id, m.parent_id, m.depth, m.role, m.content, m.context, path.characters + length(m.content)
      from messages m join path on m.id = path.parent_id
      where path.characters <= ${maxCharacters}
    )
    select id, role, content, context, depth from path order by depth`;
  return { messages: rows, olderCount: rows[0]?.depth ?? 0 };
}
