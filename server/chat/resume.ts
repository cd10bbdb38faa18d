import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import { PortalError } from '../errors.ts';
import type { Database } from '../stores/database.ts';
import type { Message } from '../stores/prisma/client.ts';
import { notFound, requireId } from './input.ts';
import { lockSession, type ReplyStart } from './reply-start.ts';

/**
 * Lets a FAILED or STOPPED reply go on from the very tokens that it has: the same message, its earlier end withdrawn. One
 * that waits or runs is returned as it is. Throws `not_found`, `nothing_to_resume` for one that is complete or no answer,
 * `model_unavailable`, `overloaded`.
 */
export async function resumeReply(
  { db, start }: { db: Database; start: ReplyStart },
  viewer: Viewer,
  id: string,
): Promise<Message> {
  const where = { id: requireId(id, 'message'), ...ownedBy(viewer) };
  const found = await db.message.findFirst({
    where,
    include: { session: true, reply: { select: { askedModel: true } } },
  });
  if (found === null) throw notFound('message');
  const { session, reply, ...message } = found;
  if (message.status === 'pending' || message.status === 'in_progress') return message;
  if (message.role !== 'assistant' || message.status === 'complete') {
    throw new PortalError('nothing_to_resume', 'This message is complete.');
  }
  await start.admit(reply?.askedModel ?? session.modelName);
  const resumed = await db.$transaction(async (tx) => {
    await lockSession(tx, viewer, session.id);
    await start.takePlace(tx);
    const [pending] = await tx.message.updateManyAndReturn({
      where: { ...where, status: message.status },
      data: { status: 'pending', errorMessage: null },
    });
    if (pending === undefined) return tx.message.findUniqueOrThrow({ where: { id: message.id } });
    await tx.reply.update({
      where: { messageId: message.id },
      data: {
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
    await tx.session.update({ where: { id: session.id }, data: { updatedAt: new Date() } });
    return pending;
  });
  start.begun(viewer, resumed);
  return resumed;
}
