import { v7 as uuid } from 'uuid';
import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import { PortalError } from '../errors.ts';
import { noteOnRequest } from '../request-scope.ts';
import type { Database } from '../stores/database.ts';
import { isUniqueViolation } from '../stores/database-errors.ts';
import { type Message, Prisma, type Session } from '../stores/prisma/client.ts';
import { showBranch } from './branches.ts';
import type { Changes } from './changes.ts';
import { generationInput } from './generation.ts';
import { refuseAnotherUse, type Wanted } from './idempotency.ts';
import { invalidInput, notFound, parseId, parseInput, requireId } from './input.ts';
import type { KnownAnswers, Prepared } from './known-answers.ts';
import { editInput, openingInput, type Question, questionOf, type SendInput, sendInput, wantedBy } from './question.ts';
import type { Foreseen } from './reply-cache.ts';
import {
  answerTo,
  lockSession,
  notHeldByUs,
  queueReply,
  type ReplyStart,
  refuseWhileAnswered,
  refuseWhileRunning,
  type Transaction,
} from './reply-start.ts';
import type { ReplyStops } from './reply-stops.ts';
import { resumeReply } from './resume.ts';
import { titleFrom } from './titles.ts';

export interface Sent {
  message: Message;
  reply: Message;
}

interface Parts {
  db: Database;
  start: ReplyStart;
  answers: KnownAnswers;
  stops: ReplyStops;
  changes: Changes;
}

export type Replies = ReturnType<typeof createReplies>;

/** Starts and stops replies. They run by themselves from the moment they are stored; nobody has to listen. */
export function createReplies({ db, start, answers, stops, changes }: Parts) {
  async function sentBefore(tx: Transaction, viewer: Viewer, key: string, wanted: Wanted): Promise<Sent | null> {
    const message = await tx.message.findUnique({
      where: { userId_idempotencyKey: { userId: viewer.id, idempotencyKey: key } },
      include: { children: { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }], take: 1, include: { reply: true } } },
    });
    if (message === null) return null;
    const { children, ...question } = message;
    const [answer] = children;
    refuseAnotherUse(question, answer?.reply ?? null, wanted);
    if (answer === undefined) throw new PortalError('conflict', 'This idempotency key was used for another message.');
    const { reply: _, ...reply } = answer;
    return { message: question, reply };
  }

  async function store(viewer: Viewer, question: Question, prepared: Prepared): Promise<Sent> {
    const { session, foreseen } = prepared;
    noteOnRequest({ sessionId: session.id });
    const given = await answers.give(viewer, question, prepared);
    if (given !== null) return given;
    const sent = await queue(viewer, session, question, foreseen);
    start.begun(viewer, sent.message, sent.reply);
    if (foreseen !== null) noteOnRequest({ cacheHit: false });
    return sent;
  }

  /** Stores a question with an empty answer, which is then generated or, where the same is being asked already, shared. */
  function queue(
    viewer: Viewer,
    { id: sessionId }: Session,
    question: Question,
    foreseen: Foreseen | null,
  ): Promise<Sent> {
    return db.$transaction(async (tx) => {
      const before = await lockSession(tx, viewer, sessionId);
      const { content, idempotencyKey: key, parentId } = question;
      const twin = key === null ? null : await sentBefore(tx, viewer, key, wantedBy(question, sessionId));
      if (twin !== null) return twin;
      const leaf = await tx.message.findFirst({ where: { sessionId, active: true }, orderBy: { depth: 'desc' } });
      const parent = parentId === 'newest' ? leaf : await parentIn(tx, sessionId, parentId);
      await refuseWhileRunning(tx, sessionId, parent);
      await start.takePlace(tx);
      if (parent?.id !== leaf?.id) await showBranch(tx, sessionId, parent?.id ?? null);
      const asking = {
        id: uuid(),
        sessionId,
        userId: viewer.id,
        parentId: parent?.id ?? null,
        depth: parent === null ? 0 : parent.depth + 1,
        role: 'user',
        status: 'complete',
        content,
        context: question.context ?? Prisma.DbNull,
        idempotencyKey: key,
      };
      const { message, reply } = await storePair(tx, asking, answerTo(asking));
      const stillSo = foreseen?.after === undefined || foreseen.after === asking.parentId;
      const digest = foreseen !== null && stillSo ? foreseen.digest : null;
      await queueReply(tx, reply, question.asked, digest);
      await tx.session.update({
        where: { id: sessionId },
        data: {
          messageCount: { increment: 2 },
          updatedAt: new Date(),
          ...(before.messageCount === 0 && !before.titleChosen && { title: titleFrom(content) }),
        },
      });
      return { message, reply };
    });
  }

  /** Ends a message that a client's own model writes; the client is told when it reports next. */
  async function endForeign(messageId: string): Promise<void> {
    await db.message.updateMany({
      where: { id: messageId, status: { in: ['pending', 'in_progress'] }, ...notHeldByUs },
      data: { status: 'stopped' },
    });
  }

  /** A message of the viewer with its session. Throws `not_found`. */
  async function messageOf(viewer: Viewer, id: string): Promise<Message & { session: Session }> {
    const where = { id: requireId(id, 'message'), ...ownedBy(viewer) };
    const message = await db.message.findFirst({ where, include: { session: true } });
    if (message === null) throw notFound('message');
    noteOnRequest({ sessionId: message.sessionId });
    return message;
  }

  return {
    /** What an earlier call with this key stored; null where there is none. Throws `invalid_input`, `conflict`. */
    async sentBefore(viewer: Viewer, rawInput: Omit<SendInput, 'sessionId'>): Promise<Sent | null> {
      const question = questionOf(parseInput(openingInput, rawInput));
      const { idempotencyKey: key } = question;
      return key === null ? null : sentBefore(db, viewer, key, wantedBy(question, null));
    },

    /**
     * Stores the message and an empty answer in one transaction; the answer then runs by itself. Throws `invalid_input`,
     * `not_found`, `conflict`, `model_unavailable` and `overloaded`, each before anything is stored.
     */
    async send(viewer: Viewer, rawInput: SendInput): Promise<Sent> {
      const input = parseInput(sendInput, rawInput);
      const question = questionOf(input);
      const { idempotencyKey: key } = question;
      const wanted = wantedBy(question, input.sessionId);
      const id = requireId(input.sessionId, 'session');
      try {
        const earlier = key === null ? null : sentBefore(db, viewer, key, wanted);
        // Awaited below, unless something else ends this first.
        earlier?.catch(() => {});
        const early = await answers.prepareUnread(viewer, id, question);
        const sent = early?.foreseen?.hit ? ((await earlier) ?? (await answers.give(viewer, question, early))) : null;
        if (sent !== null) return sent;
        const [known, session] = await Promise.all([
          earlier,
          db.session.findFirst({ where: { id, ...ownedBy(viewer) } }),
        ]);
        if (known !== null) return known;
        if (session === null) throw notFound('session');
        return await store(viewer, question, await answers.prepare(viewer, session, question, early));
      } catch (error) {
        const twin = key !== null && isUniqueViolation(error) ? await sentBefore(db, viewer, key, wanted) : null;
        if (twin === null) throw error;
        return twin;
      }
    },

    /**
     * A new branch beside a user's message, with its context, and a reply to it; the old branch stays. Throws what `send`
     * throws.
     */
    async edit(viewer: Viewer, id: string, rawContent: string): Promise<Sent> {
      const { content } = parseInput(editInput, { content: rawContent }, '');
      const original = await messageOf(viewer, id);
      if (original.role !== 'user') throw invalidInput([{ path: 'id', message: 'must be a message of the user' }]);
      const question: Question = {
        content,
        context: original.context as Prisma.InputJsonValue | null,
        asked: { generation: {}, model: null, cache: 'use' },
        idempotencyKey: null,
        parentId: original.parentId,
        path: 'content',
      };
      return store(viewer, question, await answers.prepare(viewer, original.session, question));
    },

    /** Another reply beside this one, on a branch of its own that is shown. Throws what `send` throws. */
    async regenerate(viewer: Viewer, id: string): Promise<Message> {
      const original = await messageOf(viewer, id);
      const questionId = original.role === 'assistant' ? original.parentId : null;
      if (questionId === null) throw invalidInput([{ path: 'id', message: 'must be an answer to a message' }]);
      const asked = await db.reply.findUnique({
        where: { messageId: original.id },
        select: { generation: true, askedModel: true, cachePolicy: true },
      });
      const { name: modelId } = await start.admit(asked?.askedModel ?? original.session.modelName);
      noteOnRequest({ modelId });
      const reply = await db.$transaction(async (tx) => {
        await lockSession(tx, viewer, original.sessionId);
        await start.takePlace(tx);
        const question = await tx.message.findUnique({ where: { id: questionId } });
        if (question === null) throw notFound('message');
        await refuseWhileAnswered(tx, question);
        await showBranch(tx, question.sessionId, question.id);
        const added = await tx.message.create({ data: answerTo(question) });
        await queueReply(tx, added, {
          generation: generationInput.catch({}).parse(asked?.generation ?? {}),
          model: asked?.askedModel ?? null,
          cache: asked?.cachePolicy === 'bypass' ? 'bypass' : 'refresh',
        });
        await tx.session.update({
          where: { id: question.sessionId },
          data: { messageCount: { increment: 1 }, updatedAt: new Date() },
        });
        return added;
      });
      start.begun(viewer, reply);
      return reply;
    },

    /**
     * Ends a reply where it is; the text so far stays. Answers the message, ended, or as it is where it had ended before.
     * Throws `not_found`.
     */
    async stop(viewer: Viewer, id: string): Promise<Message> {
      const { session: _, ...message } = await messageOf(viewer, id);
      const messageId = message.id;
      if (message.status !== 'pending' && message.status !== 'in_progress') return message;
      if (!(await stops.stop(messageId))) await endForeign(messageId);
      changes.publish(viewer.id, { type: 'message', sessionId: message.sessionId, messageId });
      const stopped = await db.message.findUnique({ where: { id: messageId } });
      if (stopped === null) throw notFound('message');
      return stopped;
    },

    async resume(viewer: Viewer, id: string): Promise<Message> {
      return resumeReply({ db, start }, viewer, id);
    },

    /** Lets the newest message of the branch that is shown go on. Throws what `resume` throws. */
    async resumeLast(viewer: Viewer, rawSessionId: string): Promise<Message> {
      const id = requireId(rawSessionId, 'session');
      const session = await db.session.findFirst({
        where: { id, ...ownedBy(viewer) },
        select: { messages: { where: { active: true }, orderBy: { depth: 'desc' }, take: 1 } },
      });
      if (session === null) throw notFound('session');
      const [leaf] = session.messages;
      if (leaf === undefined) throw new PortalError('nothing_to_resume', 'Nothing was said in this session.');
      return resumeReply({ db, start }, viewer, leaf.id);
    },
  };
}

/** A question and its answer, by one statement. */
async function storePair(
  tx: Transaction,
  question: Prisma.MessageCreateManyInput,
  answer: Prisma.MessageCreateManyInput,
): Promise<Sent> {
  const stored = await tx.message.createManyAndReturn({ data: [question, answer] });
  const [message, reply] = [question, answer].map(({ id }) => stored.find((row) => row.id === id));
  if (message === undefined || reply === undefined) throw new Error('Postgres stored a question without its answer.');
  return { message, reply };
}

async function parentIn(tx: Transaction, sessionId: string, parentId: string | null): Promise<Message | null> {
  if (parentId === null) return null;
  const id = parseId(parentId);
  const parent = id === null ? null : await tx.message.findFirst({ where: { id, sessionId } });
  if (parent === null) throw notFound('message');
  if (parent.role === 'assistant') return parent;
  throw invalidInput([{ path: 'input.parentId', message: 'must be a message of the assistant' }]);
}
