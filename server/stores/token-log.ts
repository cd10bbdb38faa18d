/**
 * The text of replies under way, piece by piece. Readers pull from a cursor, so one that does not read costs nothing;
 * `WakeUp` tells them when to look again. The log may be lost: the database then has the text to within 250 ms.
 */
export interface TokenLog {
  /** Appends in order; `seq` is above every one appended before for this reply. */
  append(replyId: string, entry: TokenLogEntry): Promise<void>;
  /**
   * Everything strictly after `cursor`, oldest first. Null where the log does not hold all of it: the caller then
   * reads the database.
   */
  read(replyId: string, cursor: number): Promise<readonly TokenLogEntry[] | null>;
  /**
   * Forgets the reply once `afterMs` have passed without another piece: long enough for readers to see its last one.
   */
  expire(replyId: string, afterMs: number): Promise<void>;
}

/** A piece of a reply's life before its end. Of `queued` and `prefill` only the latest is kept. */
export type TokenLogEntry =
  | { type: 'queued'; seq: number; position: number; etaMs: number | null }
  | { type: 'prefill'; seq: number; done: number; total: number; reused: number }
  /** `offset` counts the UTF-16 units of the reply's text that stand before this piece. */
  | { type: 'text'; seq: number; offset: number; text: string };
