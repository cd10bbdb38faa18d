import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import { noteOnRequest } from '../request-scope.ts';
import type { Database } from '../stores/database.ts';
import type { TokenLog, TokenLogEntry } from '../stores/token-log.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import { notFound, parseInput, requireId } from './input.ts';
import { firstSeq, seqsOfStored } from './reply-claims.ts';
import { replyTopics } from './reply-topics.ts';

/** The life of a reply, as everybody sees it: server, clients and tests fold the same events. */
export type ReplyEvent = TokenLogEntry | { type: 'finished'; seq: number; messageId: string };

/** Texts that arrive within one frame of a screen travel together. */
const frameMs = 16;
/** Wake-ups may be lost: whoever waits looks for itself. */
const lookAgainMs = 2_000;
/** Where the log is gone, the text is read where it is saved, and that is four times a second. */
const lookWithoutLogMs = 500;

const unended = ['pending', 'in_progress'];

const maxCursor = 2_147_483_647;
const cursorInput = z.int().min(0, 'must not be negative').max(maxCursor);

interface Parts {
  db: Database;
  tokenLog: TokenLog;
  wakeUp: WakeUp;
}

export type ReplyStream = ReturnType<typeof createReplyStream>;

export function createReplyStream({ db, tokenLog, wakeUp }: Parts) {
  async function stored(viewer: Viewer, messageId: string) {
    const message = await db.message.findFirst({
      where: { id: messageId, ...ownedBy(viewer) },
      select: {
        sessionId: true,
        content: true,
        status: true,
        reply: { select: { attempt: true, lastSeq: true, endedAt: true, draft: true } },
      },
    });
    if (message === null) throw notFound('message');
    noteOnRequest({ sessionId: message.sessionId });
    const { reply, content } = message;
    const runs = unended.includes(message.status);
    if (reply === null) {
      const seqs = seqsOfStored(content, !runs);
      return { ended: !runs, endSeq: runs ? null : seqs.end, text: content, textSeq: seqs.text };
    }
    if (reply.endedAt !== null) {
      // A client goes on with what we had begun: what it will have said comes at once, at its end.
      if (runs) return { ended: false, endSeq: null, text: '', textSeq: 0 };
      const endSeq = reply.lastSeq ?? seqsOfStored(content, true).end;
      return { ended: true, endSeq, text: content, textSeq: endSeq - 1 };
    }
    const textSeq = reply.draft?.savedSeq ?? firstSeq(reply.attempt);
    return { ended: false, endSeq: null, text: reply.draft?.partialContent ?? '', textSeq };
  }

  /** One clock for all readers, so that those who wake together go on together; nobody who leaves meanwhile waits for long. */
  let frame: Promise<void> | null = null;
  function nextFrame(): Promise<void> {
    frame ??= sleep(frameMs).then(() => {
      frame = null;
    });
    return frame;
  }

  const stream = {
    /**
     * Whether anything comes after the cursor: false where the reply has ended and all of it was seen. Throws
     * `invalid_input`, `not_found`.
     */
    async hasMore(viewer: Viewer, id: string, after: number): Promise<boolean> {
      const cursor = parseInput(cursorInput, after, 'after');
      const { endSeq } = await stored(viewer, requireId(id, 'message'));
      return endSeq === null || cursor < endSeq;
    },

    /**
     * The events of one reply strictly after the cursor, replayed and then live, whoever writes it; `finished` is last.
     * Where `after` is at or past the end there are none. Ends silently when the signal aborts. Throws `invalid_input`,
     * `not_found` (also when the message is deleted meanwhile).
     */
    async *follow(viewer: Viewer, id: string, after: number, signal: AbortSignal): AsyncGenerator<ReplyEvent, void> {
      const messageId = requireId(id, 'message');
      let cursor = parseInput(cursorInput, after, 'after');
      const listener = wakeUp.listen(replyTopics.of(messageId));
      // Which also ends a wait: cheaper than a signal for each.
      signal.addEventListener('abort', listener.close, { once: true });
      try {
        let state = await stored(viewer, messageId);
        if (state.ended && cursor >= (state.endSeq ?? 0)) return;
        while (!signal.aborted) {
          // What was written before `state` was read is in the log by now: after the end nothing more can come.
          const entries = await tokenLog.read(messageId, cursor);
          const pieces = merged(entries ?? []);
          const texts = pieces.filter(({ type }) => type === 'text');
          const known = state.ended ? isTheEndOf(state.text, texts) : texts.length > 0;
          for (const entry of [...(known ? [] : wholeText(state, cursor)), ...pieces]) {
            if (entry.seq <= cursor) continue;
            yield entry;
            cursor = entry.seq;
          }
          if (state.endSeq !== null) {
            yield { type: 'finished', seq: state.endSeq, messageId };
            return;
          }
          if (entries?.length) await nextFrame();
          const timeoutMs = entries === null && state.text !== '' ? lookWithoutLogMs : lookAgainMs;
          const notes = await listener.next({ timeoutMs });
          // Where the log is gone, the text so far is in the database.
          if (entries === null || !notes.includes('text') || notes.includes('end'))
            state = await stored(viewer, messageId);
        }
      } finally {
        signal.removeEventListener('abort', listener.close);
        listener.close();
      }
    },

    /** Resolves once the reply has ended, or the signal aborts. Throws `not_found`. */
    async untilEnd(viewer: Viewer, id: string, signal: AbortSignal): Promise<void> {
      for await (const _ of stream.follow(viewer, id, maxCursor, signal));
    },
  };
  return stream;
}

/** What the database has and the log has not: the whole text, so that the reader's own is replaced. */
function wholeText(state: { text: string; textSeq: number }, cursor: number): TokenLogEntry[] {
  if (state.textSeq <= cursor || state.text === '') return [];
  return [{ type: 'text', seq: state.textSeq, offset: 0, text: state.text }];
}

/** Whether these, merged, are one piece that ends where the text ends: a log that was away for a while lacks some, or its end. */
function isTheEndOf(text: string, pieces: readonly TokenLogEntry[]): boolean {
  const [piece, another] = pieces;
  return another === undefined && piece?.type === 'text' && piece.offset + piece.text.length === text.length;
}

const mergedBefore = new WeakMap<readonly TokenLogEntry[], TokenLogEntry[]>();

/** Neighbouring texts as one; the very same objects for all readers of what was read once. */
function merged(entries: readonly TokenLogEntry[]): TokenLogEntry[] {
  const known = mergedBefore.get(entries);
  if (known !== undefined) return known;
  const result: TokenLogEntry[] = [];
  mergedBefore.set(entries, result);
  for (const entry of entries) {
    const last = result.at(-1);
    if (entry.type === 'text' && last?.type === 'text' && last.offset + last.text.length === entry.offset) {
      result[result.length - 1] = { ...last, seq: entry.seq, text: last.text + entry.text };
    } else result.push(entry);
  }
  return result;
}
