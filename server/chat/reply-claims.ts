import type { ErrorCode } from '../errors.ts';
import type { Database } from '../stores/database.ts';
import { type Message, Prisma, type Reply } from '../stores/prisma/client.ts';
import { recordUsage } from '../telemetry/usage.ts';
import { columnsOf, type SharedAnswer } from './shared-answer.ts';

/** The right to write one reply: whoever holds the newest attempt. Every write below is guarded by it. */
export interface Claim {
  messageId: string;
  userId: string;
  attempt: number;
  /** The same count since the reply was asked for or resumed. */
  tries: number;
  /** Engine crashes since then that it was running in. */
  crashes: number;
  /** Somebody wanted it stopped before it was taken. */
  stopRequested: boolean;
  /** Of the request that asked for it; null where that is not known. */
  requestId: string | null;
  /** Where in a trace it was asked for; null where nobody traces. */
  traceParent: string | null;
}

export interface Receipt {
  modelName: string | null;
  firstIncludedMessageId: string | null;
  includedCount: number | null;
  droppedCount: number | null;
  promptTokens: number | null;
  reusedTokens: number | null;
  completionTokens: number;
  timeToFirstTokenMs: number | null;
  tokensPerSecond: number | null;
  finishReason: 'stop' | 'length' | 'cancelled' | 'error';
}

export interface Ending {
  status: 'complete' | 'stopped' | 'failed';
  content: string;
  errorMessage: string | null;
  /** Of one that failed. */
  errorCode: ErrorCode | null;
  lastSeq: number;
  /** The very tokens of `content`, and the key of the model that they belong to. */
  tokens: Pick<DraftContent, 'tokenIds' | 'model'>;
  receipt: Receipt;
  /** Where it came from the cache. */
  shared: SharedAnswer | null;
  /** Of the question when the answer was begun; null where the answer is not to be kept for others. */
  cacheDigest: string | null;
  /** From the claim to the end. */
  generationMs: number;
}

/** The text so far of a reply, and what makes it. */
export interface DraftContent {
  partialContent: string;
  tokenIds: number[];
  savedSeq: number;
  /** Key of the model that the tokens belong to; null where there are none. */
  model: string | null;
  /** Tokens of the text that it begins with, which the model did not draw. */
  givenTokens: number;
  /** Tokens that the model drew, also where it is not known which. */
  drawnTokens: number;
}

/**
 * Why a claim is given back: the portal ends (as if it had never been taken); the engine crashed while it ran this reply
 * (counted); or while it had not begun with it (one of its tries, so that this has an end too).
 */
export type ReleaseReason = 'shutdown' | 'suspect' | 'bystander';

export type ReplyClaims = ReturnType<typeof createReplyClaims>;

/** The writes of whoever holds a claim. */
export function createReplyClaims({ db, owner }: { db: Database; owner: string }) {
  return {
    /** Makes the message IN_PROGRESS and its draft ready; false where it has ended, is gone or is another's. */
    async begin({ messageId, attempt }: Claim): Promise<boolean> {
      const begun = await db.$executeRaw`
        with claimed as (
          select message_id from replies
          where message_id = ${messageId}::uuid and owner = ${owner} and attempt = ${attempt} and ended_at is null
        ), draft as (
          insert into reply_drafts (message_id, partial_content, token_ids, saved_seq)
          select message_id, '', '{}', 0 from claimed on conflict (message_id) do nothing
        )
        update messages set status = 'in_progress'
        where id in (select message_id from claimed) and status in ('pending', 'in_progress')`;
      return begun === 1;
    },

    /** Saves the text so far with its `seq`, in one statement. */
    async saveDraft({ messageId, attempt }: Claim, draft: DraftContent): Promise<void> {
      await db.$executeRaw`
        update reply_drafts set partial_content = ${draft.partialContent}, token_ids = ${draft.tokenIds},
          saved_seq = ${draft.savedSeq}, model = ${draft.model}, given_tokens = ${draft.givenTokens},
          drawn_tokens = ${draft.drawnTokens}
        from replies
        where reply_drafts.message_id = ${messageId}::uuid and replies.message_id = reply_drafts.message_id
          and owner = ${owner} and attempt = ${attempt}`;
    },

    /** Says that the owner of these lives; returns those among them that a reader wants stopped, or that are lost. */
    async heartbeat(messageIds: readonly string[]): Promise<string[]> {
      const rows = await db.$queryRaw<{ messageId: string; stop: boolean }[]>`
        update replies set heartbeat_at = now()
        where message_id = any(${[...messageIds]}::uuid[]) and owner = ${owner} and ended_at is null
        returning message_id as "messageId", stop_requested_at is not null as stop`;
      const kept = new Set(rows.filter((row) => !row.stop).map((row) => row.messageId));
      return messageIds.filter((id) => !kept.has(id));
    },

    /**
     * The end, in one transaction; null where the claim was lost or the message is gone. The session's row is locked
     * first, as by everything that writes several rows of one session.
     */
    async end({ messageId, attempt }: Claim, ending: Ending): Promise<Message | null> {
      return db.$transaction(async (tx) => {
        // What the model holds of the conversation is in this process now; an answer of the cache was not read by it.
        const warm = ending.shared === null ? Prisma.sql`${owner}` : Prisma.sql`warm_owner`;
        await tx.$executeRaw`
          update sessions set warm_owner = ${warm} where id = (select session_id from messages where id = ${messageId}::uuid)`;
        const { count } = await tx.reply.updateMany({
          where: { messageId, owner, attempt, endedAt: null },
          data: {
            ...ending.receipt,
            errorCode: ending.errorCode,
            endedAt: new Date(),
            lastSeq: ending.lastSeq,
            owner: null,
          },
        });
        if (count === 0) {
          // Perhaps it was this very end, and only the answer of the commit was lost.
          const where = { messageId, attempt, lastSeq: ending.lastSeq, endedAt: { not: null } };
          const ended = await tx.reply.findFirst({ where, select: { message: true } });
          return ended?.message ?? null;
        }
        const modelName = ending.shared?.modelName ?? ending.receipt.modelName;
        const message = await tx.message.update({
          where: { id: messageId },
          data: {
            content: ending.content,
            status: ending.status,
            errorMessage: ending.errorMessage,
            ...(ending.shared !== null && columnsOf(ending.shared)),
          },
        });
        await tx.replyDraft.deleteMany({ where: { messageId } });
        await keepTokens(tx, messageId, ending.content, ending.tokens);
        if (modelName !== null) {
          const { sessionId, userId } = message;
          const { promptTokens, reusedTokens, completionTokens } = ending.receipt;
          const used = {
            promptTokens: promptTokens ?? 0,
            reusedTokens: reusedTokens ?? 0,
            completionTokens,
            generationMs: ending.generationMs,
          };
          await recordUsage(tx, { userId, sessionId, messageId, modelName, cached: ending.shared !== null, ...used });
        }
        return message;
      });
    },

    /** Ends a reply that nobody has taken yet; null where somebody has. */
    async endWaiting(messageId: string): Promise<{ reply: Reply; message: Message } | null> {
      return db.$transaction(async (tx) => {
        await tx.$executeRaw`
          select from sessions where id = (select session_id from messages where id = ${messageId}::uuid) for update`;
        const [reply] = await tx.reply.updateManyAndReturn({
          where: { messageId, owner: null, endedAt: null },
          data: { endedAt: new Date(), finishReason: 'cancelled', attempt: { increment: 1 } },
        });
        if (reply === undefined) return null;
        const draft = await tx.replyDraft.findUnique({ where: { messageId } });
        if (draft !== null) {
          await tx.replyDraft.delete({ where: { messageId } });
          await keepTokens(tx, messageId, draft.partialContent, draft);
        }
        await tx.reply.update({ where: { messageId }, data: { lastSeq: firstSeq(reply.attempt) } });
        const message = await tx.message.update({
          where: { id: messageId },
          data: { status: 'stopped', content: draft?.partialContent ?? '' },
        });
        return { reply, message };
      });
    },

    /** Gives a claim back: whoever comes next goes on from the saved text at once. */
    async release({ messageId, attempt }: Claim, because: ReleaseReason): Promise<void> {
      await db.reply.updateMany({
        where: { messageId, owner, attempt, endedAt: null },
        data: {
          owner: null,
          ...(because !== 'bystander' && { tries: { decrement: 1 } }),
          ...(because === 'suspect' && { crashes: { increment: 1 } }),
        },
      });
    },

    /** Notes what the model sees, as soon as it is known. */
    async describe({ messageId, attempt }: Claim, receipt: Omit<Receipt, 'finishReason'>): Promise<void> {
      await db.reply.updateMany({ where: { messageId, owner, attempt, endedAt: null }, data: receipt });
    },
  };
}

/** For the prompts that follow, and for a reply that is resumed. */
async function keepTokens(
  tx: Prisma.TransactionClient,
  messageId: string,
  content: string,
  { tokenIds, model }: Ending['tokens'],
): Promise<void> {
  if (model === null || content === '') return;
  await tx.$executeRaw`
    insert into reply_tokens (message_id, model, content_md5, token_ids)
    values (${messageId}::uuid, ${model}, md5(${content})::uuid, ${tokenIds})
    on conflict (message_id) do update
    set model = excluded.model, content_md5 = excluded.content_md5, token_ids = excluded.token_ids`;
}

/** `seq` counts on within an attempt and never falls behind what an earlier attempt handed out. */
export function firstSeq(attempt: number): number {
  return attempt * 1_000_000;
}

/**
 * The numbers of a message that no engine of ours writes: a client stores it, perhaps piece by piece, so they rise with its text and
 * stay below those of an attempt. The last words are of a number of their own: a client may end with another text than it
 * had so far, and whoever followed it, also over a connection that broke, is told the whole.
 */
export function seqsOfStored(content: string, ended: boolean): { text: number; end: number } {
  const end = firstSeq(1) - 1;
  return { text: ended ? end - 1 : Math.min(content.length + 1, end - 2), end };
}
