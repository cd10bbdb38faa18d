import type { Viewer } from '../accounts/viewer.ts';
import type { AnswerCache, CacheHit, CacheQuestion } from '../cache/answer-cache.ts';
import type { Config } from '../config.ts';
import type { CatalogModel } from '../inference/catalog.ts';
import type { Database } from '../stores/database.ts';
import type { Prisma, Session } from '../stores/prisma/client.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { effectiveGeneration } from './generation.ts';
import { parseId } from './input.ts';
import { type Models, modelKey } from './models.ts';
import type { Claim } from './reply-claims.ts';
import type { Asked } from './reply-start.ts';
import { replyTopics } from './reply-topics.ts';
import type { SharedAnswer } from './shared-answer.ts';

interface Parts {
  db: Database;
  cache: AnswerCache;
  models: Pick<Models, 'usable'>;
  wakeUp: WakeUp;
  metrics: Pick<Metrics, 'cacheAnswered' | 'replyEnded'>;
  config: Config['replies'];
}

/** A question that is about to be stored. */
interface NewQuestion {
  content: string;
  context: Prisma.InputJsonValue | null;
  asked: Asked;
  parentId: string | null | 'newest';
}

/** What the cache knows of a question before it is stored. */
export interface Foreseen {
  /** It holds after this message alone, or as the first of all (null): what is asked depends on it. Undefined where it does not. */
  after: string | null | undefined;
  /** Those who ask the same at the same time know each other by it. */
  digest: string;
  /** The answer that it would get; null where it must be generated. */
  hit: CacheHit | null;
}

/** What is known of an answer before it is generated. */
export interface Taken {
  /** The answer itself, of an earlier question. */
  shared: SharedAnswer | null;
  /** What the answer may be kept under; null where it is not to be kept. */
  digest: string | null;
}

const nothing: Taken = { shared: null, digest: null };

/** Moves with what the window makes of a context, so that an answer to another prompt is not given for this one. */
const rendering = 'context before question, 1';
/** The end of a twin may not be heard. */
const lookAgainMs = 2_000;

export type ReplyCache = ReturnType<typeof createReplyCache>;

/** What the answer cache knows of the questions of a conversation, and what it is told of their answers. */
export function createReplyCache({ db, cache, models, wakeUp, metrics, config }: Parts) {
  function questionOf(
    userId: string,
    session: Pick<Session, 'id' | 'systemPrompt' | 'generation'>,
    model: CatalogModel,
    question: { content: string; context: unknown; generation: unknown; preceding: string | null },
  ): CacheQuestion {
    return {
      userId,
      sessionId: session.id,
      modelDigest: modelKey(model),
      template: rendering,
      sampling: { ...effectiveGeneration(config, session.generation, question.generation) },
      systemPrompt: session.systemPrompt ?? config.systemPrompt,
      context: question.context == null ? null : inOneOrder(question.context),
      prompt: question.content,
      preceding: question.preceding,
    };
  }

  /** What the claimed reply answers; null where its question is gone. */
  async function questionOfReply(messageId: string) {
    const reply = await db.reply.findUnique({
      where: { messageId },
      include: { draft: true, message: { include: { session: true, parent: { include: { parent: true } } } } },
    });
    const question = reply?.message.parent;
    if (!reply || !question) return null;
    const { session } = reply.message;
    const model = await models.usable(reply.askedModel ?? session.modelName);
    const asked = questionOf(reply.userId, session, model, {
      content: question.content,
      context: question.context,
      generation: reply.generation,
      preceding: question.parent?.content ?? null,
    });
    return { reply, asked, modelName: model.name };
  }

  /** What a question would follow; null where it would be the first, or its parent is none. */
  async function precedingOf(sessionId: string, parentId: NewQuestion['parentId']) {
    const id = parentId === null || parentId === 'newest' ? null : parseId(parentId);
    if (id === null && parentId !== 'newest') return null;
    return db.message.findFirst({
      where: { sessionId, ...(id === null ? { active: true } : { id }) },
      orderBy: { depth: 'desc' },
      select: { id: true, content: true },
    });
  }

  /** Another process may not have heard that a message is gone or was rated down. */
  async function stillStands({ sourceMessageId: id }: CacheHit, userId: string): Promise<boolean> {
    const rated = { OR: [{ rating: null }, { rating: { not: 'down' } }] };
    return (await db.message.count({ where: { id, userId, status: 'complete', ...rated } })) > 0;
  }

  return {
    /** Asked before the question is stored; null where it is not to be answered from the cache. */
    async foresee(
      viewer: Viewer,
      session: Session,
      model: CatalogModel,
      question: NewQuestion,
    ): Promise<Foreseen | null> {
      const { content, context, asked, parentId } = question;
      if (asked.cache !== 'use') return null;
      const given = { content, context, generation: asked.generation };
      const alone = questionOf(viewer.id, session, model, { ...given, preceding: null });
      const key = cache.keyOf(alone);
      if (!key.dependent) return { after: undefined, digest: key.digest, hit: await cache.find(alone, key) };
      const preceding = await precedingOf(session.id, parentId);
      const following = { ...alone, preceding: preceding?.content ?? null };
      const same = cache.keyOf(following);
      return { after: preceding?.id ?? null, digest: same.digest, hit: await cache.find(following, same) };
    },

    /** Counts an answer that was foreseen and given, `latencyMs` after it was asked for. */
    given(latencyMs: number): void {
      metrics.cacheAnswered(true);
      metrics.replyEnded({
        status: 'complete',
        cached: true,
        latencyMs,
        timeToFirstTokenMs: null,
        tokensPerSecond: null,
        promptTokens: 0,
        completionTokens: 0,
      });
    },

    /**
     * The answer of the cache for a reply that is claimed and has no text yet. While the same is being generated for an
     * earlier reply, its answer is waited for. Where none is shared this one is to be generated, or the signal aborts.
     */
    async take({ messageId, attempt }: Claim, signal: AbortSignal): Promise<Taken> {
      const known = await questionOfReply(messageId);
      // What goes on from a text may have begun under other settings, or with another model.
      if (known === null || known.reply.cachePolicy === 'bypass' || known.reply.draft?.partialContent) return nothing;
      const { asked, reply, modelName } = known;
      if (reply.cachePolicy === 'refresh') return { shared: null, digest: cache.keyOf(asked).digest };
      const key = cache.keyOf(asked);
      const { digest } = key;
      // Stored with the question, so that nobody looks for it before it is there; what decides an answer may have changed since.
      if (reply.cacheDigest !== digest) {
        await db.reply.updateMany({ where: { messageId, attempt, endedAt: null }, data: { cacheDigest: digest } });
      }
      while (!signal.aborted) {
        const elder = await db.reply.findFirst({
          where: {
            cacheDigest: digest,
            endedAt: null,
            owner: { not: null },
            OR: [
              { takenAt: { lt: reply.takenAt ?? new Date() } },
              { takenAt: reply.takenAt, messageId: { lt: messageId } },
            ],
          },
          select: { messageId: true },
        });
        const listener = elder && wakeUp.listen(replyTopics.of(elder.messageId));
        try {
          const hit = await cache.find(asked, key);
          if (hit !== null && (await stillStands(hit, reply.userId))) {
            metrics.cacheAnswered(true);
            return { shared: { ...hit, modelName }, digest };
          }
          if (listener === null) break;
          for (let ended = false; !ended && !signal.aborted; ) {
            const notes = await listener.next({ timeoutMs: lookAgainMs, signal });
            ended = notes.includes('end') || notes.length === 0;
          }
        } finally {
          listener?.close();
        }
      }
      if (signal.aborted) return nothing;
      metrics.cacheAnswered(false);
      await cache.miss();
      return { shared: null, digest };
    },

    /** Lets go of an answer that was kept and never became one. */
    drop: ({ messageId }: Claim): Promise<unknown> => cache.forget({ messageId }),

    /** Keeps the answer of a reply that is complete, where its question is still the one that `digest` was of when it began. */
    async keep({ messageId }: Claim, content: string, digest: string): Promise<void> {
      const known = await questionOfReply(messageId);
      if (known === null || cache.keyOf(known.asked).digest !== digest) return;
      await cache.keep(known.asked, { messageId, content });
      // Whoever deleted it meanwhile removed an answer that was not there yet.
      if ((await db.message.count({ where: { id: messageId } })) === 0) await cache.forget({ messageId });
    },
  };
}

/** JSON with the keys of each object in one order: Postgres gives them back in another than they came in. */
function inOneOrder(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
