import type { Viewer } from '../../accounts/viewer.ts';
import { pause } from '../../pause.ts';
import type { Database } from '../../stores/database.ts';
import type { Prisma } from '../../stores/prisma/client.ts';
import { parseId } from '../input.ts';
import type { Arrangement, PlacedMessage } from './arrange.ts';
import type { ImportedHead, ImportedMessage } from './conversation.ts';

export interface NewConversation {
  id: string;
  title: string;
  head: ImportedHead;
  arrangement: Arrangement;
  /** The text of a message, read again. */
  read(message: PlacedMessage): Promise<ImportedMessage>;
}

const batch = { rows: 200, characters: 512 * 1024 };
/** 10,000 messages of 10 kB take a minute on a slow machine; nobody else waits for this transaction. */
const withinMs = 600_000;
const lookAgainMs = 100;

/**
 * Stores a conversation whole, in one transaction, or nothing of it; false where its owner has it already. Two at once
 * follow one another. Rows are only ever added.
 */
export async function writeConversation(
  db: Database,
  viewer: Viewer,
  conversation: NewConversation,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    signal.throwIfAborted();
    const written = await db.$transaction((tx) => write(tx, viewer, conversation, signal), { timeout: withinMs });
    if (written !== 'busy') return written === 'added';
    await pause(lookAgainMs, signal);
  }
}

async function write(
  tx: Prisma.TransactionClient,
  viewer: Viewer,
  { id, title, head, arrangement, read }: NewConversation,
  signal: AbortSignal,
): Promise<'added' | 'there' | 'busy'> {
  // A unique key would make the second of two wait longer than a statement may take.
  const [lock] = await tx.$queryRaw<{ taken: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${id}, 0)) as taken`;
  if (!lock?.taken) return 'busy';
  const { messages, createdAt, updatedAt } = arrangement;
  const { count } = await tx.session.createMany({
    data: {
      id,
      userId: viewer.id,
      title,
      titleChosen: head.titleChosen,
      systemPrompt: head.systemPrompt,
      modelName: head.modelName,
      generation: head.generation,
      favorite: head.favorite,
      archivedAt: head.archivedAt,
      messageCount: messages.length,
      createdAt,
      updatedAt,
    },
    skipDuplicates: true,
  });
  if (count === 0) return 'there';

  let rows: { placed: PlacedMessage; message: ImportedMessage }[] = [];
  let characters = 0;
  for (const placed of messages) {
    signal.throwIfAborted();
    const message = await read(placed);
    rows.push({ placed, message });
    characters += message.content.length;
    if (rows.length < batch.rows && characters < batch.characters) continue;
    await insert(tx, viewer, id, arrangement, rows);
    [rows, characters] = [[], 0];
  }
  await insert(tx, viewer, id, arrangement, rows);
  return 'added';
}

/** One statement a batch, its rows as JSON: the number of parameters does not grow with them. */
async function insert(
  tx: Prisma.TransactionClient,
  viewer: Viewer,
  sessionId: string,
  arrangement: Arrangement,
  rows: readonly { placed: PlacedMessage; message: ImportedMessage }[],
): Promise<void> {
  if (rows.length === 0) return;
  const messages = rows.map(({ placed, message }) => ({
    id: placed.id,
    parent_id: placed.parentId,
    depth: placed.depth,
    active: placed.active,
    role: message.role,
    content: message.content,
    status: message.status,
    error_message: message.errorMessage,
    rating: message.rating,
    pinned: message.pinned,
    cached: message.cached,
    // A message of another conversation keeps its old id: it may be anywhere, and may be gone.
    cache_source_id:
      message.cacheHit &&
      (arrangement.newId(message.cacheHit.sourceMessageId) ?? parseId(message.cacheHit.sourceMessageId)),
    cache_similarity: message.cacheHit?.similarity ?? null,
    cache_age_seconds: message.cacheHit?.ageSeconds ?? null,
    context: message.context,
    created_at: placed.createdAt,
    shown_at: placed.shownAt,
  }));
  await tx.$executeRaw`
    insert into messages (id, session_id, user_id, parent_id, depth, active, role, content, status, error_message, rating,
      pinned, cached, cache_source_id, cache_similarity, cache_age_seconds, context, created_at, shown_at)
    select id, ${sessionId}::uuid, ${viewer.id}::uuid, parent_id, depth, active, role, content, status, error_message, rating,
      pinned, cached, cache_source_id, cache_similarity, cache_age_seconds, nullif(context, 'null'), created_at, shown_at
    from json_to_recordset(${JSON.stringify(messages)}::json) as row (id uuid, parent_id uuid, depth int, active boolean,
      role text, content text, status text, error_message text, rating text, pinned boolean, cached boolean,
      cache_source_id uuid, cache_similarity float8, cache_age_seconds int, context jsonb, created_at timestamptz, shown_at timestamptz)`;
  const replies = rows.flatMap(({ placed, message: { reply } }) => {
    if (reply === null) return [];
    const first = reply.firstIncludedMessageId;
    return {
      ...reply,
      firstIncludedMessageId: first === null ? null : arrangement.newId(first),
      messageId: placed.id,
      userId: viewer.id,
      // It ended long ago: nothing takes it from the queue.
      queuedAt: placed.createdAt,
      endedAt: placed.createdAt,
    };
  });
  if (replies.length > 0) await tx.reply.createMany({ data: replies });
}
