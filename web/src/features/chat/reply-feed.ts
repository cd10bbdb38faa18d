import type { Client } from 'urql';
import { onEnd, pipe, subscribe } from 'wonka';
import type { Restart } from '../../client/live-transport.ts';
import { createStore, type Store } from '../../lib/store.ts';
import { FinishedMessage, ReplyEvents } from './reply-events.ts';
import { emptyReply, foldReply, type ReplyState } from './reply-fold.ts';

export interface ReplyFeed extends Pick<Store<ReplyState>, 'get' | 'subscribe'> {
  messageId: string;
  close(): void;
}

/** Follows a reply from its beginning to its end. The state moves at most once a frame, however many events arrive. */
export function openReplyFeed(client: Client, messageId: string): ReplyFeed {
  const store = createStore(emptyReply);
  let state = emptyReply;
  let frame: number | null = null;
  let closed = false;
  const restart: Restart = { variablesAfter: (variables) => ({ ...variables, after: state.seq }) };

  const { unsubscribe } = pipe(
    client.subscription(ReplyEvents, { messageId, after: 0 }, { restart }),
    onEnd(() => {
      // Ended without its last event: that lay before the cursor, or the reply is gone with its session.
      if (!closed && state.phase !== 'finished') {
        void client.query(FinishedMessage, { id: messageId }, { requestPolicy: 'network-only' }).toPromise();
      }
    }),
    subscribe(({ data }) => {
      if (data === undefined) return;
      state = foldReply(state, data.replyEvents);
      frame ??= requestAnimationFrame(() => {
        frame = null;
        store.set(state);
      });
    }),
  );

  return {
    messageId,
    get: store.get,
    subscribe: store.subscribe,
    close() {
      closed = true;
      unsubscribe();
      if (frame !== null) cancelAnimationFrame(frame);
    },
  };
}
