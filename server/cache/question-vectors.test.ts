import { afterEach, describe, expect, it, vi } from 'vitest';
import { createQuestionVectors, type Embedder, vectorWithinMs } from './question-vectors.ts';

afterEach(() => void vi.useRealTimers());

/** Vectors of a model that tells questions apart: each that is not asked about here points its own way. */
function vectorsBy(embed: Embedder['embed']) {
  const asked = ['why?', 'how?'];
  let others = 0;
  const embedder = async (): Promise<Embedder> => ({
    model: 'a model',
    embed: async (text, signal) => {
      if (asked.includes(text)) return embed(text, signal);
      others++;
      return Array.from({ length: 8 }, (_, at) => (at === others % 8 ? 1 : 0));
    },
  });
  return createQuestionVectors({ embedder, threshold: 0.9, logger: { warn: vi.fn() } });
}

describe('the vector of a question', () => {
  it('is computed once, however often and by however many it is asked for', async () => {
    const embed = vi.fn(async () => [1, -0.5]);
    const vectors = vectorsBy(embed);
    const known = { model: 'a model', values: Int8Array.of(127, -63) };
    expect(await Promise.all([vectors.of('why?'), vectors.of('why?')])).toEqual([known, known]);
    expect(await vectors.of('why?')).toEqual(known);
    expect(embed).toHaveBeenCalledTimes(1);
  });

  it('is not waited for longer than the limit, and then is there for the next', async () => {
    vi.useFakeTimers();
    let finish = (_values: number[]) => {};
    const vectors = vectorsBy(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const waiting = vectors.of('why?');
    await vi.advanceTimersByTimeAsync(vectorWithinMs);
    expect(await waiting).toBeNull();
    finish([1]);
    await vi.advanceTimersByTimeAsync(0);
    expect(await vectors.of('why?')).toEqual({ model: 'a model', values: Int8Array.of(127) });
  });

  it('is not waited for at all while an earlier one is late', async () => {
    vi.useFakeTimers();
    const vectors = vectorsBy(() => new Promise(() => {}));
    vectors.prepare('why?');
    await vi.advanceTimersByTimeAsync(vectorWithinMs + 1);
    // No timer moves from here on.
    expect(await vectors.of('how?')).toBeNull();
  });

  it('is null where the embedder is broken, or there is none; whoever asks again asks it again', async () => {
    const embed = vi.fn().mockRejectedValueOnce(new Error('out of memory')).mockResolvedValue([1]);
    const vectors = vectorsBy(embed);
    expect(await vectors.of('why?')).toBeNull();
    expect(await vectors.of('why?')).not.toBeNull();
    const none = createQuestionVectors({ embedder: async () => null, threshold: 0.9, logger: { warn: vi.fn() } });
    expect(await none.of('why?')).toBeNull();
  });

  it('is null where the model finds questions alike that have nothing in common; that is said once', async () => {
    const warn = vi.fn();
    const embed = vi.fn(async (text: string) => [1, text.length / 500]);
    const vectors = createQuestionVectors({
      embedder: async () => ({ model: 'noise', embed }),
      threshold: 0.9,
      logger: { warn },
    });
    expect(await vectors.of('why?')).toBeNull();
    const computed = embed.mock.calls.length;
    expect(await vectors.of('how?')).toBeNull();
    expect(embed).toHaveBeenCalledTimes(computed);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.lastCall?.[0]).toEqual({ model_id: 'noise', cosine: expect.closeTo(1, 2), threshold: 0.9 });
  });
});
