import type { ErrorCode } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Message } from '../stores/prisma/client.ts';
import type { Metrics, ReplyEnd } from '../telemetry/metrics.ts';
import type { Receipt } from './reply-claims.ts';

interface Ended {
  status: ReplyEnd['status'];
  receipt: Pick<
    Receipt,
    'promptTokens' | 'completionTokens' | 'timeToFirstTokenMs' | 'tokensPerSecond' | 'finishReason'
  >;
  modelName: string | null;
  /** Whether the answer is one of the cache. */
  cached: boolean;
  errorCode: ErrorCode | null;
}

/** Counts the end of a reply, and writes its line: figures, never a text. */
export function noteReplyEnd(
  metrics: Pick<Metrics, 'replyEnded'>,
  log: Logger,
  message: Pick<Message, 'createdAt' | 'sessionId'>,
  { status, receipt, modelName, cached, errorCode }: Ended,
): void {
  const latencyMs = Date.now() - message.createdAt.getTime();
  const { completionTokens, timeToFirstTokenMs, tokensPerSecond } = receipt;
  const promptTokens = receipt.promptTokens ?? 0;
  metrics.replyEnded({
    status,
    cached,
    latencyMs,
    promptTokens,
    completionTokens,
    timeToFirstTokenMs,
    tokensPerSecond,
  });
  log.info(
    {
      session_id: message.sessionId,
      operation: 'reply',
      latency_ms: latencyMs,
      cache_hit: cached,
      model_id: modelName,
      tokens: completionTokens,
      outcome: status,
      finish: receipt.finishReason,
      code: errorCode,
    },
    'reply ended',
  );
}
