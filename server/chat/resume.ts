import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import { PortalError } from '../errors.ts';
import { noteOnRequest, originOfRequest } from '../request-scope.ts';
import type { Database } from '../stores/database.ts';
import type { Message } from '../stores/prisma/client.ts';
import { notFound, requireId } from './input.ts';
import { seqsOfStored } from './reply-claims.ts';
import { lockSession, notHeldByUs, type ReplyStart, type Transaction } from './reply-start.ts';

interface Parts {
  db: Database;
  start: ReplyStart;
}

/**
 * Lets an answer go on from what it has: the same message, its earlier end withdrawn. One of ours, FAILED or STOPPED, goes on
 * from its very tokens; one that a client stored or rewrote, and that no engine of ours is at, from its text. One that
 * waits or runs here is returned as it is. Throws `not_found`, `nothing_to_resume` for one that is complete or answers
 * nothing, `model_unavailable`, `overloaded`.
 */
export async function resumeReply({ db, start }: Parts, viewer: Viewer, id: string): Promise<Message> {
  const where = { id: requireId(id, 'message'), ...ownedBy(viewer) };
  const found = await db.message.findFirst({
    where,
    include: {
      session: true,
      reply: { select: { endedAt: true, askedModel: true } },
      parent: { select: { role: true } },
    },
  });
  if (found === null) throw notFound('message');
  const { session, reply, parent, ...message } = found;
  noteOnRequest({ sessionId: session.id });
  if (reply !== null && reply.endedAt === null) return message;
  if (message.role !== 'assistant')
    throw new PortalError('nothing_to_resume', 'Only a reply goes on; this is a question.');
  if (message.status === 'complete') throw new PortalError('nothing_to_resume', 'This message is complete.');
  if (parent?.role !== 'user') throw new PortalError('nothing_to_resume', 'There is no message that this one answers.');
  const { name: modelId } = await start.admit(reply?.askedModel ?? session.modelName);
  noteOnRequest({ modelId });
  const { resumed, begun } = await db.$transaction(async (tx) => {
    await lockSession(tx, viewer, session.id);
    await start.takePlace(tx);
    const [pending] = await tx.message.updateManyAndReturn({
      where: { ...where, status: { not: 'complete' }, ...notHeldByUs },
      data: { status: 'pending', errorMessage: null },
    });
    if (pending === undefined) {
      const current = await tx.message.findUnique({ where: { id: message.id } });
      if (current === null) throw notFound('message');
      return { resumed: current, begun: false };
    }
    await queueAgain(tx, pending);
    await tx.session.update({ where: { id: session.id }, data: { updatedAt: new Date() } });
    return { resumed: pending, begun: true };
  });
  if (begun) start.begun(viewer, resumed);
  return resumed;
}

/** A place in the queue, and a draft that holds the text with the tokens that spell it, where they are known. */
async function queueAgain(tx: Transaction, { id: messageId, userId, content }: Message): Promise<void> {
  const before = await tx.reply.findUnique({ where: { messageId }, select: { lastSeq: true } });
  const seqSeen = before?.lastSeq ?? seqsOfStored(content, true).text;
  await tx.reply.upsert({
    where: { messageId },
    create: { messageId, userId, ...originOfRequest() },
    update: {
      ...originOfRequest(),
      endedAt: null,
      stopRequestedAt: null,
      lastSeq: null,
      finishReason: null,
      errorCode: null,
      tries: 0,
      crashes: 0,
      queuedAt: new Date(),
    },
  });
  await tx.$executeRaw`
    insert into reply_drafts (message_id, partial_content, token_ids, saved_seq, model, given_tokens, drawn_tokens)
    select replies.message_id, ${content}, coalesce(token_ids, '{}'), ${seqSeen}, model,
      greatest(0, coalesce(cardinality(token_ids), 0) - coalesce(completion_tokens, 0)),
      case when model is null then 0 else coalesce(completion_tokens, 0) end
    from replies left join reply_tokens
      on reply_tokens.message_id = replies.message_id and content_md5 = md5(${content})::uuid
    where replies.message_id = ${messageId}::uuid
    on conflict (message_id) do update
    set partial_content = excluded.partial_content, token_ids = excluded.token_ids, saved_seq = excluded.saved_seq,
      model = excluded.model, given_tokens = excluded.given_tokens, drawn_tokens = excluded.drawn_tokens`;
}
