import type { ExecutionResult } from 'graphql';
import { MessageType } from 'graphql-ws';
import { WebSocket } from 'ws';
import { spellingOf } from './shared-events.ts';

/** The results that graphql-ws is to send; those that are spelled already go to the socket as they are, in their turn. */
export function sentAsSpelled(
  socket: WebSocket,
  id: string,
  results: AsyncIterable<ExecutionResult>,
): AsyncIterableIterator<ExecutionResult> {
  const items = results[Symbol.asyncIterator]();
  const head = `{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":`;
  let left = false;
  return {
    async next() {
      for (;;) {
        const item = await items.next();
        if (item.done || left) return { value: undefined, done: true };
        const spelling = spellingOf(item.value);
        if (spelling === null) return item;
        await sent(socket, `${head}${spelling}}`);
      }
    },
    async return() {
      left = true;
      await items.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Resolves once it is on its way: who cannot keep up is told less often. A socket that is gone takes nothing, and its end ends the operation. */
function sent(socket: WebSocket, frame: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame, () => resolve());
    else resolve();
  });
}

export function isAsyncIterable(value: object): value is AsyncIterable<ExecutionResult> {
  return Symbol.asyncIterator in value;
}
