/** One event in the life of a reply, as `Subscription.replyEvents` sends it. */
export type ReplyEvent =
  | { __typename: 'ReplyQueued'; seq: number; position: number; etaMs?: number | null }
  | { __typename: 'ReplyPrefill'; seq: number; done: number; total: number }
  | { __typename: 'ReplyText'; seq: number; offset: number; text: string }
  | { __typename: 'ReplyFinished'; seq: number };

/** What is known of a reply after some of its events. */
export interface ReplyState {
  /** The last event seen: where a subscription goes on. */
  seq: number;
  text: string;
  phase: 'waiting' | 'queued' | 'reading' | 'writing' | 'finished';
  /** Place in the queue while `queued`, 1 is next. */
  position: number | null;
  /** When it is likely to begin while `queued`, where that can be said. */
  etaMs: number | null;
  /** Share of the prompt that is read while `reading`, 0 to 1. */
  read: number | null;
}

export const emptyReply: ReplyState = { seq: 0, text: '', phase: 'waiting', position: null, etaMs: null, read: null };

/**
 * The next state. Events that were seen already change nothing; a text whose offset lies inside what is held cuts there
 * first; the end counts whenever it comes. A text that would leave a gap is not taken: the next start of the subscription
 * asks for it again.
 */
export function foldReply(state: ReplyState, event: ReplyEvent): ReplyState {
  if (event.__typename === 'ReplyFinished') {
    return {
      ...state,
      seq: Math.max(state.seq, event.seq),
      phase: 'finished',
      position: null,
      etaMs: null,
      read: null,
    };
  }
  if (event.seq <= state.seq || state.phase === 'finished') return state;
  switch (event.__typename) {
    case 'ReplyQueued':
      return {
        ...state,
        seq: event.seq,
        phase: 'queued',
        position: event.position,
        etaMs: event.etaMs ?? null,
        read: null,
      };
    case 'ReplyPrefill':
      return {
        ...state,
        seq: event.seq,
        phase: 'reading',
        position: null,
        etaMs: null,
        read: event.done / Math.max(1, event.total),
      };
    case 'ReplyText':
      if (event.offset > state.text.length) return state;
      return {
        seq: event.seq,
        text: state.text.slice(0, event.offset) + event.text,
        phase: 'writing',
        position: null,
        etaMs: null,
        read: null,
      };
  }
}
