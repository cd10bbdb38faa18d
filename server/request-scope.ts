import { AsyncLocalStorage } from 'node:async_hooks';

/** The id of the request or operation that the code is running for; every log line under it carries the id. */
export const requestScope = new AsyncLocalStorage<string>();

/** The id that an error tells its reader, to be found in the log. */
export function currentRequestId(): string {
  return requestScope.getStore() ?? crypto.randomUUID();
}
