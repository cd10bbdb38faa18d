import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import { PortalError } from '../errors.ts';
import type { Database } from '../stores/database.ts';
import { isUniqueViolation } from '../stores/database-errors.ts';
import { type Message, Prisma } from '../stores/prisma/client.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import { showBranch } from './branches.ts';
import type { Changes } from './changes.ts';
import { refuseAnotherUse } from './idempotency.ts';
import { invalidInput, limits, notFound, optionalText, parseId, parseInput, requiredText, requireId } from './input.ts';
import { contextInput } from './message-context.ts';
import { lockSession, notHeldByUs, refuseWhileAnswered, refuseWhileRunning, type Transaction } from './reply-start.ts';
import { replyTopics } from './reply-topics.ts';
import { titleFrom } from './titles.ts';

const messageStatuses = ['pending', 'in_progress', 'complete', 'stopped', 'failed'] as const;

type Status = (typeof messageStatuses)[number];

const statusInput = z.enum(messageStatuses).nullish();
const errorMessageInput = requiredText(limits.systemPrompt).nullish();

const storeInput = z
  .object({
    role: z.enum(['user', 'assistant']),
    content: optionalText(limits.storedContent),
    context: contextInput,
    status: statusInput,
    errorMessage: errorMessageInput,
    parentId: z.string().nullish(),
    idempotencyKey: requiredText(limits.idempotencyKey).nullish(),
  })
  .refine(({ role, content }) => role === 'assistant' || content.trim() !== '', {
    path: ['content'],
    message: 'must not be blank',
  })
  .refine(({ role, content }) => role === 'assistant' || content.length <= limits.prompt, {
    path: ['content'],
    message: `must be at most ${limits.prompt} characters long`,
  });

const progressInput = z
  .object({
    content: optionalText(limits.storedContent).nullish(),
    partialContent: optionalText(limits.storedContent).nullish(),
    status: statusInput,
    errorMessage: errorMessageInput,
  })
  .refine(({ content, partialContent }) => content == null || partialContent == null || content === partialContent, {
    path: ['partialContent'],
    message: 'differs from content',
  });

const fromRunning: readonly Status[] = ['in_progress'];

/** From where each status is reached. One that has ended is begun again first; what is complete stays so. */
const before: Record<Status, readonly Status[]> = {
  pending: ['pending'],
  in_progress: ['pending', 'in_progress', 'failed', 'stopped'],
  complete: fromRunning,
  stopped: fromRunning,
  failed: fromRunning,
};

interface Parts {
  db: Database;
  changes: Changes;
  wakeUp: WakeUp;
}

export type StoredMessages = ReturnType<typeof createStoredMessages>;

/**
 * Messages of clients that bring their own model: stored as they say, answered by nobody. The text so far stands in the message
 * itself; without a row in `replies` no queue and no recovery looks at it.
 */
export function createStoredMessages({ db, changes, wakeUp }: Parts) {
  function announce(viewer: Viewer, { id: messageId, sessionId }: Message): void {
    changes.publish(viewer.id, { type: 'session', sessionId }, { type: 'message', sessionId, messageId });
  }

  return {
    /**
     * Adds a message under `parentId`, or at the end of the branch that is shown, and shows it. Its status is `complete` unless
     * it says otherwise. Throws `invalid_input`, `not_found` for the session, `conflict` while an answer is written there.
     */
    async store(viewer: Viewer, rawSessionId: string, rawInput: z.input<typeof storeInput>): Promise<Message> {
      const sessionId = requireId(rawSessionId, 'session');
      const input = parseInput(storeInput, rawInput);
      const status = input.status ?? 'complete';
      refuseStrayError(status, input.errorMessage);
      const add = async (tx: Transaction) => {
        const session = await lockSession(tx, viewer, sessionId);
        const twin = await twinOf(tx, viewer, sessionId, input);
        if (twin !== null) return { message: twin, isNew: false };
        const leaf = await tx.message.findFirst({ where: { sessionId, active: true }, orderBy: { depth: 'desc' } });
        const parent = input.parentId == null ? leaf : await parentIn(tx, sessionId, input.parentId);
        if (input.role === 'user' || parent === null) await refuseWhileRunning(tx, sessionId, parent);
        else await refuseWhileAnswered(tx, parent);
        if (parent?.id !== leaf?.id) await showBranch(tx, sessionId, parent?.id ?? null);
        const named = session.messageCount > 0 || session.titleChosen || input.role === 'assistant';
        const message = await tx.message.create({
          data: {
            id: uuid(),
            sessionId,
            userId: viewer.id,
            parentId: parent?.id ?? null,
            depth: parent === null ? 0 : parent.depth + 1,
            role: input.role,
            content: input.content,
            status,
            errorMessage: input.errorMessage ?? null,
            context: input.context ?? Prisma.DbNull,
            idempotencyKey: input.idempotencyKey ?? null,
          },
        });
        await tx.session.update({
          where: { id: sessionId },
          data: {
            messageCount: { increment: 1 },
            updatedAt: new Date(),
            ...(!named && { title: titleFrom(input.content) }),
          },
        });
        return { message, isNew: true };
      };
      const { message, isNew } = await db.$transaction(add).catch(async (error: unknown) => {
        const twin = isUniqueViolation(error) ? await twinOf(db, viewer, sessionId, input) : null;
        if (twin === null) throw error;
        return { message: twin, isNew: false };
      });
      if (isNew) announce(viewer, message);
      return message;
    },

    /**
     * How far a client's own model is: the text so far, or whole, and the status. Saying again what is so already changes nothing.
     * Throws `invalid_input`, `not_found`, and `conflict` where the status cannot follow the one before, or where an engine of
     * ours holds the reply.
     */
    async report(viewer: Viewer, rawId: string, rawInput: z.input<typeof progressInput>): Promise<Message> {
      const id = requireId(rawId, 'message');
      const { status, errorMessage, ...texts } = parseInput(progressInput, rawInput);
      const content = texts.content ?? texts.partialContent ?? undefined;
      const { message, isNew } = await db.$transaction(async (tx) => {
        const found = await tx.message.findFirst({ where: { id, ...ownedBy(viewer) } });
        if (found === null) throw notFound('message');
        await lockSession(tx, viewer, found.sessionId);
        const known = await tx.message.findUniqueOrThrow({ where: { id }, include: { reply: true } });
        const { reply, ...current } = known;
        if (reply !== null && reply.endedAt === null) {
          throw new PortalError('conflict', 'The portal’s own model is writing this message; stop it first.');
        }
        const target = status ?? (current.status as Status);
        refuseStrayError(target, errorMessage);
        const error = target === 'failed' ? (errorMessage ?? current.errorMessage) : null;
        const next = { content: content ?? current.content, status: target, errorMessage: error };
        if (sameAs(current, next)) return { message: current, isNew: false };
        const [changed] = await tx.message.updateManyAndReturn({
          where: { id, status: { in: [...before[target]] }, ...notHeldByUs },
          data: next,
        });
        if (changed === undefined) {
          throw new PortalError('conflict', `A message that is ${current.status} cannot become ${target} so.`);
        }
        if (reply !== null) await disown(tx, id);
        await tx.session.update({ where: { id: current.sessionId }, data: { updatedAt: new Date() } });
        return { message: changed, isNew: true };
      });
      if (isNew) {
        announce(viewer, message);
        if (before[message.status as Status] === fromRunning) wakeUp.notify(replyTopics.of(id), 'end');
      }
      return message;
    },
  };
}

type StoreInput = z.output<typeof storeInput>;

/** What an earlier call with the same key stored. Throws `conflict` where it was something else. */
async function twinOf(tx: Transaction, viewer: Viewer, sessionId: string, input: StoreInput): Promise<Message | null> {
  if (input.idempotencyKey == null) return null;
  const twin = await tx.message.findUnique({
    where: { userId_idempotencyKey: { userId: viewer.id, idempotencyKey: input.idempotencyKey } },
  });
  if (twin === null) return null;
  const { context, parentId = null } = input;
  // An answer grows after it was stored.
  const content = twin.role === 'assistant' ? twin.content : input.content;
  refuseAnotherUse(twin, null, { sessionId, content, context, parentId, asked: null });
  if (twin.role === input.role) return twin;
  throw new PortalError('conflict', 'This idempotency key was used for another message.');
}

async function parentIn(tx: Transaction, sessionId: string, rawId: string): Promise<Message> {
  const id = parseId(rawId);
  const parent = id === null ? null : await tx.message.findFirst({ where: { id, sessionId } });
  if (parent === null) throw invalidInput([{ path: 'input.parentId', message: 'is not a message of this session' }]);
  return parent;
}

function refuseStrayError(status: Status, errorMessage: string | null | undefined): void {
  if (errorMessage == null || status === 'failed') return;
  throw invalidInput([{ path: 'input.errorMessage', message: 'belongs to a message that failed' }]);
}

function sameAs(current: Message, next: Pick<Message, 'content' | 'status' | 'errorMessage'>): boolean {
  return (
    current.status === next.status && current.content === next.content && current.errorMessage === next.errorMessage
  );
}

/** A text and an end, for readers who have seen the end before. */
const seqsOfEnd = 2;

/** What our engine wrote there before it ended is no longer what the message says, and whoever has read it is told so. */
async function disown(tx: Transaction, messageId: string): Promise<void> {
  const data = { modelName: null, errorCode: null, lastSeq: { increment: seqsOfEnd } };
  await tx.reply.update({ where: { messageId }, data });
  await tx.replyDraft.deleteMany({ where: { messageId } });
}
