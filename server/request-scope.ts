import { AsyncLocalStorage } from 'node:async_hooks';
import type { ErrorCode } from './errors.ts';
import { currentTraceParent } from './spans.ts';

/** What its line of the log says of a request beside its address and its end; null where it does not apply. Never a text that was said. */
export interface RequestNotes {
  userId: string | null;
  /** The conversation that it is about, once it is known to be the user's. */
  sessionId: string | null;
  /** Kind and root fields of a GraphQL operation: names of the schema, not those that a client chose. */
  operation: string | null;
  /** Whether the answer cache answered; null where it was not asked. */
  cacheHit: boolean | null;
  modelId: string | null;
  /** Drawn by the model for the answer, where the request waits for it. */
  tokens: number | null;
  /** Of the last error that its reader was told. */
  code: ErrorCode | null;
}

/** The request or operation that the code is running for. */
export interface RequestScope {
  /** Every line of the log under it carries the id. */
  readonly id: string;
  readonly notes: RequestNotes;
}

export const requestScope = new AsyncLocalStorage<RequestScope>();

export function createRequestScope(id: string): RequestScope {
  return {
    id,
    notes: {
      userId: null,
      sessionId: null,
      operation: null,
      cacheHit: null,
      modelId: null,
      tokens: null,
      code: null,
    },
  };
}

/** Adds to what the line of the request under way says; does nothing where none is. */
export function noteOnRequest(notes: Partial<RequestNotes>): void {
  const scope = requestScope.getStore();
  if (scope !== undefined) Object.assign(scope.notes, notes);
}

/** The id that an error tells its reader, to be found in the log. */
export function currentRequestId(): string {
  return requestScope.getStore()?.id ?? crypto.randomUUID();
}

/** Who asked for what is stored now, for the process that goes on with it. */
export function originOfRequest(): { requestId: string | null; traceParent: string | null } {
  return { requestId: requestScope.getStore()?.id ?? null, traceParent: currentTraceParent() };
}
