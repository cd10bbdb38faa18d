import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryTokenLog } from '../stores/token-log-memory.ts';
import { createMemoryWakeUp } from '../stores/wake-up-memory.ts';
import type { Claim, DraftContent } from './reply-claims.ts';
import { createReplyDraft } from './reply-draft.ts';

const claim: Claim = {
  messageId: 'reply',
  userId: 'user',
  attempt: 1,
  tries: 1,
  crashes: 0,
  stopRequested: false,
  requestId: null,
  traceParent: null,
};

/** A draft whose saves are answered by the test: those under way, the oldest first. */
function createWatchedDraft() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const saves: { text: string; answer: (error?: Error) => void }[] = [];
  const draft = createReplyDraft({
    claim,
    claims: {
      saveDraft: (_claim, { partialContent }: DraftContent) =>
        new Promise((resolve, reject) => {
          saves.push({ text: partialContent, answer: (error) => (error ? reject(error) : resolve()) });
        }),
    },
    tokenLog: createMemoryTokenLog(),
    wakeUp: createMemoryWakeUp(),
    log: pino({ level: 'silent' }),
  });
  return { draft, saves };
}

describe('the text so far', () => {
  it('is saved once a silent database answers, however long it was written meanwhile', async () => {
    const { draft, saves } = createWatchedDraft();
    for (let second = 0; second < 60; second++) {
      await draft.append('word ', [second]);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(saves).toHaveLength(1);
    saves[0]?.answer(new Error('it took too long'));
    await vi.advanceTimersByTimeAsync(250);
    expect(saves.map(({ text }) => text)).toEqual(['word ', 'word '.repeat(60)]);
    saves[1]?.answer();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saves).toHaveLength(2);
    await draft.close();
  });

  it('is saved whole where it is given to whoever comes next, also while a save is under way', async () => {
    const { draft, saves } = createWatchedDraft();
    await draft.append('one ', [1]);
    await vi.advanceTimersByTimeAsync(250);
    await draft.append('two', [2]);
    const closed = draft.close();
    saves[0]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    saves[1]?.answer();
    await closed;
    expect(saves.map(({ text }) => text)).toEqual(['one ', 'one two']);
  });
});
