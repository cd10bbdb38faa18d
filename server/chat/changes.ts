import type { Viewer } from '../accounts/viewer.ts';
import type { WakeUp } from '../stores/wake-up.ts';

/** Something of a user's that is not as it was. What it is now stands in the database. */
export type Change =
  | { type: 'session'; sessionId: string }
  | { type: 'session-deleted'; sessionId: string }
  | { type: 'message'; sessionId: string; messageId: string };

export interface Changes {
  publish(userId: string, ...changes: readonly Change[]): void;
  /** Changes from this call on, of one session or all; equal ones that a slow reader has not read yet come once. */
  follow(viewer: Pick<Viewer, 'id'>, sessionId: string | null, signal: AbortSignal): AsyncGenerator<Change, void>;
}

export function createChanges({ wakeUp }: { wakeUp: WakeUp }): Changes {
  const topic = (userId: string) => `changes:${userId}`;

  return {
    publish(userId, ...changes) {
      for (const change of changes) wakeUp.notify(topic(userId), JSON.stringify(change));
    },

    follow(viewer, sessionId, signal) {
      const listener = wakeUp.listen(topic(viewer.id));
      return (async function* () {
        try {
          while (!signal.aborted) {
            for (const note of await listener.next({ signal })) {
              const change = JSON.parse(note) as Change;
              if (sessionId === null || change.sessionId === sessionId) yield change;
            }
          }
        } finally {
          listener.close();
        }
      })();
    },
  };
}
