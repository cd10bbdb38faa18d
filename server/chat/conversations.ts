import type { Viewer } from '../accounts/viewer.ts';
import type { SendInput } from './question.ts';
import type { Replies, Sent } from './replies.ts';
import type { Sessions } from './sessions.ts';

interface Parts {
  sessions: Pick<Sessions, 'create' | 'update' | 'delete'>;
  replies: Pick<Replies, 'send' | 'sentBefore'>;
}

/** A message and, where it names none, the session that it begins. */
export interface OpeningInput extends Omit<SendInput, 'sessionId'> {
  sessionId: string | null;
  /** Becomes the session's, also of one that is there already. */
  systemPrompt?: string | null | undefined;
}

export type Conversations = ReturnType<typeof createConversations>;

/** For clients that begin to talk without asking for a session first. */
export function createConversations({ sessions, replies }: Parts) {
  return {
    /**
     * Sends a message; without a session it begins one, which is there only if the message is. The same idempotency key
     * gives the same message in the same session, `begun` again. Throws what `send` and the session's rules throw.
     */
    async send(viewer: Viewer, input: OpeningInput): Promise<Sent & { begun: boolean }> {
      const { sessionId, systemPrompt, ...message } = input;
      if (sessionId !== null) {
        if (systemPrompt != null) await sessions.update(viewer, sessionId, { systemPrompt });
        return { ...(await replies.send(viewer, { ...message, sessionId })), begun: false };
      }
      const known = await replies.sentBefore(viewer, message);
      if (known !== null) return { ...known, begun: true };
      const session = await sessions.create(viewer, { systemPrompt });
      try {
        return { ...(await replies.send(viewer, { ...message, sessionId: session.id })), begun: true };
      } catch (error) {
        await sessions.delete(viewer, session.id);
        // The same may have begun a session of its own meanwhile.
        const twin = await replies.sentBefore(viewer, message);
        if (twin === null) throw error;
        return { ...twin, begun: true };
      }
    },
  };
}
