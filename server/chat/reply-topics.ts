/** Wake-up topics of replies. */
export const replyTopics = {
  /** Something waits in the queue. */
  queue: 'replies:queue',
  /** Somebody wants a reply stopped; the note is its id. */
  stops: 'replies:stops',
  /** The log of one reply has grown (`text`), or the reply has ended (`end`). */
  of: (messageId: string) => `reply:${messageId}`,
} as const;

/** How long the log of an ended reply stays, so that readers under way see its last piece. */
export const logAfterEndMs = 30_000;
