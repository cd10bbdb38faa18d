import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Viewer } from '../accounts/viewer.ts';
import type { CatalogModel } from '../inference/catalog.ts';
import { noteOnRequest } from '../request-scope.ts';
import type { Database } from '../stores/database.ts';
import { isDatabaseUnavailable } from '../stores/database-errors.ts';
import type { Message, Session } from '../stores/prisma/client.ts';
import type { MessageRoom } from './message-room.ts';
import { modelKey } from './models.ts';
import type { Question } from './question.ts';
import type { Foreseen, ReplyCache } from './reply-cache.ts';
import type { ReplyStart } from './reply-start.ts';
import { storeAnswered } from './shared-answer.ts';

interface Parts {
  db: Database;
  start: ReplyStart;
  room: MessageRoom;
  cache: ReplyCache;
}

/** What is known before a question is stored; `startedAt` by `performance.now()`. */
export interface Prepared {
  session: Session;
  startedAt: number;
  modelName: string;
  foreseen: Foreseen | null;
}

export type KnownAnswers = ReturnType<typeof createKnownAnswers>;

/** Sessions as they were when they were read last: so many, for so long. */
const rememberedSessions = { max: 200, ttl: 600_000 };
/** Models as they were when they were looked at last. */
const rememberedModels = { max: 100 };
/** The key of the model of those that name none; no file has this name. */
const unnamed = '';

/**
 * Answers that are known before their question is stored, and what else is found out by then. What was seen last is taken for what is while it is
 * looked at anew: nothing is stored by it that does not hold.
 */
export function createKnownAnswers({ db, start, room, cache }: Parts) {
  const sessions = new LRUCache<string, Session>(rememberedSessions);
  const models = new LRUCache<string, CatalogModel>(rememberedModels);

  async function prepareBy(viewer: Viewer, session: Session, question: Question): Promise<Prepared> {
    const startedAt = performance.now();
    const name = question.asked.model ?? session.modelName;
    const looking = start.admit(name);
    // Awaited below, unless something else ends this first.
    looking.catch(() => {});
    const before = models.get(name ?? unnamed);
    const early = before && (await cache.foresee(viewer, session, before, question));
    const model = await looking;
    models.set(name ?? unnamed, model);
    noteOnRequest({ modelId: model.name });
    await room.ensure(model, session, question, question.path);
    const holds = before !== undefined && modelKey(before) === modelKey(model);
    const foreseen = holds && early !== undefined ? early : await cache.foresee(viewer, session, model, question);
    return { session, startedAt, modelName: model.name, foreseen };
  }

  return {
    /**
     * What is known of the answer before anything is stored. `early`: what was known before the session was read. Throws where the question must be
     * refused.
     */
    async prepare(
      viewer: Viewer,
      session: Session,
      question: Question,
      early: Prepared | null = null,
    ): Promise<Prepared> {
      sessions.set(session.id, session);
      const holds = early !== null && !early.foreseen?.hit && answersAlike(early.session, session);
      return holds ? early : prepareBy(viewer, session, question);
    },

    /**
     * The same by what the session was when it was read last: where it is that still, which `give` sees to, it need not be read. Null where it was not
     * read lately, and where the question would be refused: that is for what it is now. Throws only where the database is away.
     */
    async prepareUnread(viewer: Viewer, sessionId: string, question: Question): Promise<Prepared | null> {
      const before = sessions.get(sessionId);
      if (before?.userId !== viewer.id) return null;
      return prepareBy(viewer, before, question).catch((error: unknown) => {
        if (isDatabaseUnavailable(error)) throw error;
        return null;
      });
    },

    /** Stores a question with the answer that is known; null, with nothing stored, where none is, or no longer. */
    async give(
      viewer: Viewer,
      question: Question,
      { session, startedAt, modelName, foreseen }: Prepared,
    ): Promise<{ message: Message; reply: Message } | null> {
      if (foreseen === null || foreseen.hit === null) return null;
      const sent = await storeAnswered(db, session, question, foreseen.after, { ...foreseen.hit, modelName });
      if (sent === null) return null;
      start.begun(viewer, sent.message, sent.reply);
      noteOnRequest({ sessionId: session.id, cacheHit: true });
      cache.given(performance.now() - startedAt);
      return sent;
    },
  };
}

/** Whether what decides an answer is the same in both. */
function answersAlike(one: Session, other: Session): boolean {
  const deciding = ({ modelName, systemPrompt, generation }: Session) => ({ modelName, systemPrompt, generation });
  return isDeepStrictEqual(deciding(one), deciding(other));
}
