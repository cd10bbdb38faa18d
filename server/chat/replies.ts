import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import type { Config } from '../config.ts';
import { PortalError } from '../errors.ts';
import type { Database } from '../stores/database.ts';
import { type Message, Prisma } from '../stores/prisma/client.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import { showBranch } from './branches.ts';
import type { Changes } from './changes.ts';
import { generationInput } from './generation.ts';
import { invalidInput, limits, notFound, parseId, parseInput, requiredText, requireId } from './input.ts';
import type { Models } from './models.ts';
import type { ReplyClaims } from './reply-claims.ts';
import { replyTopics } from './reply-topics.ts';
import { titleFrom } from './titles.ts';

export interface Sent {
  message: Message;
  reply: Message;
}

interface Parts {
  db: Database;
  claims: Pick<ReplyClaims, 'endWaiting'>;
  models: Pick<Models, 'usable'>;
  changes: Changes;
  wakeUp: WakeUp;
  config: Config['replies'];
}

export type Replies = ReturnType<typeof createReplies>;

const sendInput = z.object({
  sessionId: z.string(),
  content: requiredText(limits.prompt),
  parentId: z.string().nullish(),
  context: z
    .unknown()
    .optional()
    .refine((context) => Buffer.byteLength(JSON.stringify(context ?? null)) <= limits.contextBytes, {
      message: `must be at most ${limits.contextBytes} bytes of JSON`,
    })
    .transform((context) => storableJson(context)),
  generation: generationInput.nullish(),
  idempotencyKey: requiredText(limits.idempotencyKey).nullish(),
});

type SendInput = z.input<typeof sendInput>;

/** How long `stop` waits for the owner of a reply to store its end. */
const stopWithinMs = 5_000;

/** Starts and stops replies. They run by themselves from the moment they are stored; nobody has to listen. */
export function createReplies({ db, claims, models, changes, wakeUp, config }: Parts) {
  async function sentBefore(tx: Transaction, viewer: Viewer, key: string, content: string): Promise<Sent | null> {
    const message = await tx.message.findUnique({
      where: { userId_idempotencyKey: { userId: viewer.id, idempotencyKey: key } },
      include: { children: { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }], take: 1 } },
    });
    const reply = message?.children[0];
    if (!message || !reply) return null;
    if (message.content === content) return { message, reply };
    throw new PortalError('conflict', 'This idempotency key was used for another message.');
  }

  async function store(viewer: Viewer, sessionId: string, input: z.output<typeof sendInput>): Promise<Sent> {
    return db.$transaction(async (tx) => {
      const before = await lockSession(tx, viewer, sessionId);
      const twin = input.idempotencyKey ? await sentBefore(tx, viewer, input.idempotencyKey, input.content) : null;
      if (twin !== null) return twin;
      const leaf = await tx.message.findFirst({ where: { sessionId, active: true }, orderBy: { depth: 'desc' } });
      const parent = input.parentId ? await parentIn(tx, sessionId, input.parentId) : leaf;
      await refuseWhileRunning(tx, sessionId, parent);
      if (parent?.id !== leaf?.id) await showBranch(tx, sessionId, parent?.id ?? null);
      const depth = parent === null ? 0 : parent.depth + 1;
      const shared = { sessionId, userId: viewer.id };
      const message = await tx.message.create({
        data: {
          id: uuid(),
          ...shared,
          parentId: parent?.id ?? null,
          depth,
          role: 'user',
          status: 'complete',
          content: input.content,
          context: input.context ?? Prisma.DbNull,
          idempotencyKey: input.idempotencyKey ?? null,
        },
      });
      const reply = await tx.message.create({
        data: { id: uuid(), ...shared, parentId: message.id, depth: depth + 1, role: 'assistant', status: 'pending' },
      });
      await tx.reply.create({ data: { messageId: reply.id, userId: viewer.id, generation: input.generation ?? {} } });
      await tx.session.update({
        where: { id: sessionId },
        data: {
          messageCount: { increment: 2 },
          updatedAt: new Date(),
          ...(before.messageCount === 0 && !before.titleChosen && { title: titleFrom(input.content) }),
        },
      });
      return { message, reply };
    });
  }

  async function endOf(messageId: string): Promise<void> {
    const signal = AbortSignal.timeout(stopWithinMs);
    const listener = wakeUp.listen(replyTopics.of(messageId));
    try {
      wakeUp.notify(replyTopics.stops, messageId);
      while (!signal.aborted) {
        const reply = await db.reply.findUnique({ where: { messageId }, select: { endedAt: true } });
        if (reply === null || reply.endedAt !== null) return;
        await listener.next({ timeoutMs: 500, signal });
      }
    } finally {
      listener.close();
    }
  }

  async function stopReply(messageId: string): Promise<void> {
    const { count } = await db.reply.updateMany({
      where: { messageId, endedAt: null },
      data: { stopRequestedAt: new Date() },
    });
    if (count === 0) return;
    if (await claims.endWaiting(messageId)) wakeUp.notify(replyTopics.of(messageId), 'end');
    else await endOf(messageId);
  }

  return {
    /**
     * Stores the message and an empty answer in one transaction; the answer then runs by itself. Throws `invalid_input`,
     * `not_found`, `conflict`, `model_unavailable` and `overloaded`, each before anything is stored.
     */
    async send(viewer: Viewer, rawInput: SendInput): Promise<Sent> {
      const input = parseInput(sendInput, rawInput);
      const key = input.idempotencyKey ?? null;
      const known = key === null ? null : await sentBefore(db, viewer, key, input.content);
      if (known !== null) return known;

      const session = await db.session.findFirst({
        where: { id: requireId(input.sessionId, 'session'), ...ownedBy(viewer) },
      });
      if (session === null) throw notFound('session');
      await models.usable(session.modelName);
      const waiting = await db.reply.count({ where: { endedAt: null, owner: null } });
      if (waiting >= config.queueMax) {
        throw new PortalError('overloaded', `${waiting} answers wait already; try again later.`, {
          retryAfterSeconds: 30,
        });
      }
      try {
        const sent = await store(viewer, session.id, input);
        wakeUp.notify(replyTopics.queue);
        publishSent(viewer, sent);
        return sent;
      } catch (error) {
        const twin = key !== null && isUniqueViolation(error) ? await sentBefore(db, viewer, key, input.content) : null;
        if (twin === null) throw error;
        return twin;
      }
    },

    /**
     * Ends a reply where it is; the text so far stays. Answers the message, ended, or as it is where it had ended before.
     * Throws `not_found`.
     */
    async stop(viewer: Viewer, id: string): Promise<Message> {
      const messageId = requireId(id, 'message');
      const message = await db.message.findFirst({ where: { id: messageId, ...ownedBy(viewer) } });
      if (message === null) throw notFound('message');
      if (message.status !== 'pending' && message.status !== 'in_progress') return message;
      await stopReply(messageId);
      changes.publish(viewer.id, { type: 'message', sessionId: message.sessionId, messageId });
      return db.message.findUniqueOrThrow({ where: { id: messageId } });
    },

    /** Those of a session that have not ended. */
    async running(sessionId: string): Promise<string[]> {
      const replies = await db.reply.findMany({
        where: { endedAt: null, message: { sessionId } },
        select: { messageId: true },
      });
      return replies.map((reply) => reply.messageId);
    },

    /** Frees the model of replies whose messages are gone, and tells their readers. */
    abandon(messageIds: readonly string[]): void {
      for (const id of messageIds) {
        wakeUp.notify(replyTopics.stops, id);
        wakeUp.notify(replyTopics.of(id), 'end');
      }
    },
  };

  function publishSent(viewer: Viewer, { message, reply }: Sent): void {
    const { sessionId } = message;
    changes.publish(
      viewer.id,
      { type: 'session', sessionId },
      { type: 'message', sessionId, messageId: message.id },
      { type: 'message', sessionId, messageId: reply.id },
    );
  }
}

type Transaction = Prisma.TransactionClient;

/** Writers of one session take its row first: they follow one another, and never wait in a ring. */
async function lockSession(
  tx: Transaction,
  viewer: Viewer,
  sessionId: string,
): Promise<{ messageCount: number; titleChosen: boolean }> {
  const [session] = await tx.$queryRaw<{ messageCount: number; titleChosen: boolean }[]>`
    select message_count as "messageCount", title_chosen as "titleChosen" from sessions
    where id = ${sessionId}::uuid and user_id = ${viewer.id}::uuid for update`;
  if (session === undefined) throw notFound('session');
  return session;
}

async function parentIn(tx: Transaction, sessionId: string, parentId: string): Promise<Message> {
  const id = parseId(parentId);
  const parent = id === null ? null : await tx.message.findFirst({ where: { id, sessionId } });
  if (parent === null) throw notFound('message');
  if (parent.role === 'assistant') return parent;
  throw invalidInput([{ path: 'input.parentId', message: 'must be a message of the assistant' }]);
}

const running = { in: ['pending', 'in_progress'] };

async function refuseWhileRunning(tx: Transaction, sessionId: string, parent: Message | null): Promise<void> {
  const parentRuns = parent !== null && running.in.includes(parent.status);
  const sibling = await tx.message.findFirst({
    where: { sessionId, status: running, parent: { is: { sessionId, parentId: parent?.id ?? null } } },
    select: { id: true },
  });
  if (!parentRuns && sibling === null) return;
  throw new PortalError('conflict', 'An answer is still being written here; wait for its end or stop it.');
}

function storableJson(value: unknown): Prisma.InputJsonValue | null {
  if (value === null || value === undefined) return null;
  return JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '\\ufffd').toWellFormed());
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}
