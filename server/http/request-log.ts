import type { Logger } from '../logger.ts';
import { type RequestScope, requestScope } from '../request-scope.ts';
import { statusOf } from './errors.ts';

/** How a request or an operation ended. */
export interface RequestEnd {
  /** Method and pattern of the route, never the address that was asked for: that may hold anything. */
  endpoint: string;
  /** As HTTP says it; of an operation over a socket, what HTTP would have said. */
  status: number;
  latencyMs: number;
  /** What probes and browsers ask for all the time. */
  routine?: boolean;
}

/** Routes of clients. Who asks for anything else watches the process, or is a browser that fetches the files of the app. */
export const spokenTo = /^\/(api|v1|graphql|auth)(\/|$)/;

interface Options {
  logger: Logger;
  /** Counts an operation of the graph. */
  served: (operation: string, status: number) => void;
}

export type RequestLog = (scope: RequestScope, end: RequestEnd) => void;

/**
 * One line for each request when it has ended, a stream when its last event is sent: figures and ids, never a text that was said. Every
 * line has the same fields; `null` says that one does not apply.
 */
export function createRequestLog({ logger, served }: Options): RequestLog {
  return (scope, { endpoint, status: said, latencyMs, routine = false }) => {
    const { userId, sessionId, operation, cacheHit, modelId, tokens, code } = scope.notes;
    // GraphQL says 200 over HTTP whatever became of the operation.
    const status = said < 400 && code !== null ? statusOf[code] : said;
    const line = {
      user_id: userId,
      session_id: sessionId,
      endpoint,
      operation,
      latency_ms: Math.round(latencyMs * 100) / 100,
      cache_hit: cacheHit,
      model_id: modelId,
      tokens,
      status,
      code,
    };
    // Clients may combine fields as they like: a counter for each combination would have no end.
    if (operation !== null) served(operation.includes(',') ? 'several fields' : operation, status);
    requestScope.run(scope, () => {
      if (status >= 500) logger.warn(line, 'request');
      else if (routine) logger.debug(line, 'request');
      else logger.info(line, 'request');
    });
  };
}
