import { describe, expect, it } from 'vitest';
import { untilReturn } from './until-return.ts';

/** A source that works on until its signal aborts, and then fails, as a query does whose database is closed. */
function failsWhenLeft() {
  let begin = () => {};
  const waiting = new Promise<void>((resolve) => {
    begin = resolve;
  });
  async function* source(signal: AbortSignal): AsyncGenerator<number> {
    yield 1;
    begin();
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw new Error('the database is closed');
  }
  return { source, waiting };
}

describe('an iterator that a stranger may end', () => {
  it('ends its source at once, and keeps to itself what the source throws then', async () => {
    const { source, waiting } = failsWhenLeft();
    const items = untilReturn(source);
    expect(await items.next()).toEqual({ value: 1, done: false });
    const next = items.next();
    await waiting;
    expect(await items.return()).toMatchObject({ done: true });
    expect(await next).toMatchObject({ done: true });
  });

  it('ends a source that stands at an item, too', async () => {
    let ended = false;
    const items = untilReturn(async function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        ended = true;
      }
    });
    expect(await items.next()).toEqual({ value: 1, done: false });
    await items.return();
    await expect.poll(() => ended).toBe(true);
    expect(await items.next()).toMatchObject({ done: true });
  });

  it('throws what its source throws while somebody reads', async () => {
    const items = untilReturn(async function* () {
      yield 1;
      throw new Error('gone');
    });
    expect(await items.next()).toEqual({ value: 1, done: false });
    await expect(items.next()).rejects.toThrow('gone');
  });
});
