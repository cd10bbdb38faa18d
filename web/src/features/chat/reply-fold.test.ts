import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyReply, foldReply, type ReplyEvent, type ReplyState } from './reply-fold.ts';

type TextEvent = Extract<ReplyEvent, { __typename: 'ReplyText' }>;

const fold = (events: ReplyEvent[], from: ReplyState = emptyReply) => events.reduce(foldReply, from);

/** A log of texts, with rewinds: after a crash the writer goes on from an earlier place with far higher numbers. */
const log = fc
  .array(
    fc.record({
      text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
      rewind: fc.option(fc.nat(), { freq: 6 }),
    }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((pieces) => {
    let text = '';
    let seq = 0;
    const events: TextEvent[] = [];
    for (const piece of pieces) {
      const offset = piece.rewind === null ? text.length : piece.rewind % (text.length + 1);
      seq += piece.rewind === null ? 1 : 1_000_000;
      text = text.slice(0, offset) + piece.text;
      events.push({ __typename: 'ReplyText', seq, offset, text: piece.text });
    }
    return { events, text };
  });

/** What a server may replay after a cursor: the events behind it, neighbours merged here and there. */
function replay(events: TextEvent[], after: number, mergeAt: boolean[]): TextEvent[] {
  const sent: TextEvent[] = [];
  events
    .filter(({ seq }) => seq > after)
    .forEach((event, index) => {
      const last = sent.at(-1);
      if (mergeAt[index % mergeAt.length] && last && last.offset + last.text.length === event.offset) {
        sent[sent.length - 1] = { ...last, seq: event.seq, text: last.text + event.text };
      } else sent.push(event);
    });
  return sent;
}

describe('the fold of a reply', () => {
  it('gives the text of the log over any cuts, repeats, merges and rewinds', () => {
    fc.assert(
      fc.property(
        log,
        fc.array(fc.nat({ max: 12 }), { maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        ({ events, text }, cuts, mergeAt, repeats) => {
          let state = emptyReply;
          for (const taken of cuts) {
            const sent = replay(events, state.seq, mergeAt).slice(0, taken);
            state = fold(repeats ? [...sent, ...sent] : sent, state);
          }
          expect(fold(replay(events, state.seq, mergeAt), state).text).toBe(text);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('takes the whole text at offset 0 where the log is gone', () => {
    const state = fold([
      { __typename: 'ReplyText', seq: 1, offset: 0, text: 'Half a tex' },
      { __typename: 'ReplyText', seq: 1_000_001, offset: 0, text: 'Half a sentence.' },
    ]);
    expect(state).toMatchObject({ text: 'Half a sentence.', seq: 1_000_001, phase: 'writing' });
  });

  it('knows the queue and the reading of the prompt', () => {
    const queued = fold([{ __typename: 'ReplyQueued', seq: 1, position: 3, etaMs: null }]);
    expect(queued).toMatchObject({ phase: 'queued', position: 3 });
    const reading = fold([{ __typename: 'ReplyPrefill', seq: 2, done: 50, total: 200 }], queued);
    expect(reading).toMatchObject({ phase: 'reading', position: null, read: 0.25 });
  });

  it('ends even when the end carries a number that was seen', () => {
    const state = fold([
      { __typename: 'ReplyText', seq: 5, offset: 0, text: 'Done.' },
      { __typename: 'ReplyFinished', seq: 5 },
      { __typename: 'ReplyText', seq: 6, offset: 5, text: ' No more.' },
    ]);
    expect(state).toMatchObject({ text: 'Done.', phase: 'finished' });
  });

  it('waits for what is missing instead of leaving a gap', () => {
    const state = fold([{ __typename: 'ReplyText', seq: 2, offset: 4, text: 'lost' }]);
    expect(state).toEqual(emptyReply);
    expect(fold([{ __typename: 'ReplyText', seq: 2, offset: 0, text: 'not lost' }], state).text).toBe('not lost');
  });
});
