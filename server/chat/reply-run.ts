import { PortalError } from '../errors.ts';
import { EngineError } from '../inference/engine.ts';
import type { Logger } from '../logger.ts';
import { pause } from '../pause.ts';
import { createRequestScope, requestScope } from '../request-scope.ts';
import { inSpan, underTraceParent } from '../spans.ts';
import { isDatabaseUnavailable } from '../stores/database-errors.ts';
import type { Message } from '../stores/prisma/client.ts';
import type { TokenLog } from '../stores/token-log.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Changes } from './changes.ts';
import { engineFailure } from './models.ts';
import type { ReplyCache } from './reply-cache.ts';
import type { Claim, Ending, Receipt, ReleaseReason, ReplyClaims } from './reply-claims.ts';
import { createReplyDraft, type ReplyDraft } from './reply-draft.ts';
import { noteReplyEnd } from './reply-end.ts';
import { emptyReceipt, type GenerateParts, generateReply } from './reply-generate.ts';
import { logAfterEndMs, replyTopics } from './reply-topics.ts';
import type { SharedAnswer } from './shared-answer.ts';
import type { Turns } from './turns.ts';

/** Why a run is aborted; the reason of its signal. */
export type AbortReason = 'stopped' | 'shutdown' | 'timeout';

export interface ReplyRunParts extends GenerateParts {
  claims: ReplyClaims;
  tokenLog: TokenLog;
  wakeUp: WakeUp;
  changes: Changes;
  logger: Logger;
  /** Aborts when the portal ends and waits for nothing more. */
  closing: AbortSignal;
  cache: Pick<ReplyCache, 'take' | 'keep' | 'drop'>;
  turns: Pick<Turns, 'clear'>;
  metrics: Pick<Metrics, 'replyEnded'>;
}

/** In the first it may have been somebody else; after it, it ran alone. */
const maxCrashes = 2;
const retryEndMs = 500;

/**
 * Runs one claimed reply to its end, whatever the end is; a shutdown or a crash of the engine leaves it, saved, to whoever
 * comes next. Its lines in the log, and its steps in a trace, go on under the ids of the request that asked for it.
 */
export function runReply(parts: ReplyRunParts, claim: Claim, controller: AbortController): Promise<void> {
  const scope = createRequestScope(claim.requestId ?? crypto.randomUUID());
  const ids = { 'portal.message_id': claim.messageId, 'portal.attempt': claim.attempt };
  return underTraceParent(claim.traceParent, () =>
    requestScope.run(scope, () => inSpan('reply', ids, () => run(parts, claim, controller))),
  );
}

async function run(parts: ReplyRunParts, claim: Claim, controller: AbortController): Promise<void> {
  const { claims, tokenLog, wakeUp } = parts;
  const log = parts.logger.child({ message_id: claim.messageId, user_id: claim.userId, attempt: claim.attempt });
  const draft = createReplyDraft({ claim, claims, tokenLog, wakeUp, log });
  try {
    if (!(await claims.begin(claim))) return;
    const ending = await write(parts, claim, draft, controller, log);
    if (typeof ending === 'string') {
      await draft.close();
      await claims.release(claim, ending);
      return;
    }
    await draft.settle();
    // Kept first: whoever waits for the end to ask the same finds the answer.
    const kept = ending.status === 'complete' && ending.shared === null ? ending.cacheDigest : null;
    if (kept !== null) await keep(parts, claim, ending.content, kept, log);
    const ended = await endOnceDatabaseAnswers(claims, claim, ending, parts.closing, log);
    if (ended === null) {
      if (kept !== null) await parts.cache.drop(claim);
      return;
    }
    const { status, receipt, errorCode, shared } = ending;
    const modelName = shared?.modelName ?? receipt.modelName;
    noteReplyEnd(parts.metrics, log, ended, { status, receipt, errorCode, modelName, cached: shared !== null });
    await announce(parts, claim);
  } catch (error) {
    log.error({ err: error }, 'a reply was interrupted; it will be taken up again');
  } finally {
    await draft.settle();
    await tokenLog.expire(claim.messageId, logAfterEndMs);
    wakeUp.notify(replyTopics.of(claim.messageId), 'end');
  }
}

/** Lets the model write, unless there is an answer already; says how it ended, or why it did not. */
async function write(
  parts: ReplyRunParts,
  claim: Claim,
  draft: ReplyDraft,
  controller: AbortController,
  log: Logger,
): Promise<Ending | ReleaseReason> {
  const { signal } = controller;
  let timer: NodeJS.Timeout | undefined;
  let leave = () => {};
  const receipt: Receipt = { ...emptyReceipt };
  const started = performance.now();
  let shared: SharedAnswer | null = null;
  let cacheDigest: string | null = null;
  let begun = false;
  const onBegun = () => {
    begun = true;
  };
  const ending = (status: Ending['status'], failure?: Failure): Ending => {
    const { partialContent, tokenIds, model } = draft.content();
    return {
      status,
      errorMessage: failure?.message ?? null,
      errorCode: failure?.code ?? null,
      content: partialContent,
      lastSeq: draft.endSeq(),
      tokens: { tokenIds, model },
      receipt: { ...receipt, completionTokens: draft.drawn() },
      shared,
      cacheDigest,
      generationMs: performance.now() - started,
    };
  };
  try {
    await announce(parts, claim);
    ({ shared, digest: cacheDigest } = await parts.cache.take(claim, signal));
    if (shared !== null) {
      await draft.append(shared.content, []);
      receipt.finishReason = 'stop';
      return ending('complete');
    }
    // One that was in a crash has nothing beside it, the answers of clients that keep their conversations included.
    if (claim.crashes > 0) leave = await parts.turns.clear(signal);
    // What waited for its twin has not used up any of its own time.
    timer = setTimeout(() => controller.abort('timeout' satisfies AbortReason), parts.config.timeoutMs);
    const finishReason = await generateReply(parts, claim, draft, receipt, signal, onBegun);
    receipt.finishReason = finishReason;
    if (finishReason !== 'cancelled') return ending('complete');
  } catch (error) {
    // Nothing is wrong with the reply: it is taken up again once the database answers.
    if (isDatabaseUnavailable(error)) throw error;
    if (!signal.aborted) {
      if (isCrash(error) && !(begun && claim.crashes + 1 >= maxCrashes)) {
        log.warn({ err: error, begun }, 'the engine crashed; the reply waits again');
        return begun ? 'suspect' : 'bystander';
      }
      receipt.finishReason = 'error';
      return ending('failed', explain(error, log));
    }
  } finally {
    clearTimeout(timer);
    leave();
  }
  switch (signal.reason as AbortReason) {
    case 'shutdown':
      return 'shutdown';
    case 'stopped':
      receipt.finishReason = 'cancelled';
      return ending('stopped');
    case 'timeout':
      receipt.finishReason = 'error';
      return ending('failed', {
        code: 'timeout',
        message: `The answer took longer than ${parts.config.timeoutMs / 1000} seconds.`,
      });
  }
}

/** An answer that cannot be kept is generated again; that is all. */
async function keep(
  { cache }: ReplyRunParts,
  claim: Claim,
  content: string,
  digest: string,
  log: Logger,
): Promise<void> {
  try {
    await cache.keep(claim, content, digest);
  } catch (error) {
    log.warn({ err: error }, 'an answer could not be kept for questions to come');
  }
}

/** What was generated must not be lost to an outage: tries until it is stored, the claim is lost, or a shutdown. */
async function endOnceDatabaseAnswers(
  claims: ReplyClaims,
  claim: Claim,
  ending: Ending,
  signal: AbortSignal,
  log: Logger,
): Promise<Message | null> {
  for (;;) {
    try {
      return await claims.end(claim, ending);
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn({ err: error }, 'the end of a reply could not be stored; trying again');
      await pause(retryEndMs, signal);
    }
  }
}

async function announce({ db, changes }: ReplyRunParts, { messageId, userId }: Claim): Promise<void> {
  const message = await db.message.findUnique({ where: { id: messageId }, select: { sessionId: true } });
  if (message === null) return;
  const { sessionId } = message;
  changes.publish(userId, { type: 'message', sessionId, messageId }, { type: 'session', sessionId });
}

function isCrash(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'crashed';
}

type Failure = Pick<PortalError, 'code' | 'message'>;

/** What the reader is told of an answer that failed. */
function explain(error: unknown, log: Logger): Failure {
  if (error instanceof PortalError) return error;
  if (error instanceof EngineError) {
    log.warn({ err: error }, 'the engine failed a reply');
    const failure = engineFailure(error);
    if (!isCrash(error)) return failure;
    return { ...failure, message: `The model stopped unexpectedly while it wrote this answer, ${maxCrashes} times.` };
  }
  log.error({ err: error }, 'a reply failed');
  return { code: 'internal', message: 'Something went wrong inside the portal; the log has the details.' };
}
