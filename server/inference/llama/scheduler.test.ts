import { describe, expect, it } from 'vitest';
import { createScheduler, planStep, type Stream } from './scheduler.ts';

const limits = { alone: 128, beside: 32 };

function stream(unread: number): Stream {
  return { unread, advance: async () => false };
}

describe('planStep', () => {
  it('gives every reply its token, and prompts what is left, oldest first', () => {
    const [reply, prompt, later] = [stream(0), stream(20), stream(50)];
    expect(planStep([prompt, reply, later], limits)).toEqual([
      { stream: reply, tokens: 1 },
      { stream: prompt, tokens: 20 },
      { stream: later, tokens: 12 },
    ]);
  });

  it('reads prompts in large slices where nobody waits for a token', () => {
    expect(planStep([stream(700), stream(700)], limits).map(({ tokens }) => tokens)).toEqual([128]);
  });
});

describe('createScheduler', () => {
  it('steps streams together: each decode call carries a token of all of them', async () => {
    const calls: number[] = [];
    const submitted: (() => void)[] = [];
    const decode = () =>
      new Promise<void>((resolve) => {
        submitted.push(resolve);
        if (submitted.length > 1) return;
        setImmediate(() => {
          calls.push(submitted.length);
          for (const finish of submitted.splice(0)) finish();
        });
      });
    const tokens = (count: number): Stream => {
      let left = count;
      return {
        unread: 0,
        async advance() {
          await decode();
          return --left > 0;
        },
      };
    };
    const scheduler = createScheduler(limits);
    await Promise.all([scheduler.run(tokens(10)), scheduler.run(tokens(10)), scheduler.run(tokens(4))]);
    // The first one begins at once; the others join it at the next call.
    expect(calls).toEqual([1, 3, 3, 3, 3, 2, 2, 2, 2, 2, 1]);
  });

  it('takes in streams that arrive while others run, and rests when all have ended', async () => {
    const scheduler = createScheduler(limits);
    await scheduler.run(stream(0));
    await scheduler.run(stream(5));
  });
});
