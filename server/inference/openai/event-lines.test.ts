import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestEvent, readEvents } from './event-lines.ts';

async function* cut(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const length of lengths) {
    yield bytes.subarray(from, from + length);
    from += length;
  }
  yield bytes.subarray(from);
}

async function read(text: string, lengths: readonly number[] = []): Promise<string[]> {
  const events: string[] = [];
  for await (const data of readEvents('box', cut(new TextEncoder().encode(text), lengths))) events.push(data);
  return events;
}

describe('the events of a body', () => {
  it('are read whatever the line ends are, without comments and other fields', async () => {
    expect(
      await read(': hello\n\ndata: a\r\n\r\nevent: x\rid: 7\rdata: b\r\rdata: c\ndata: d\n\n<html>\ndata:[DONE]\n\n'),
    ).toEqual(['a', 'b', 'c\nd', '[DONE]']);
  });

  it('are the same wherever the bytes are cut, also inside a character', async () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => JSON.stringify(text)));
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.integer({ min: 0, max: 9 })), async (events, lengths) => {
        expect(await read(events.map((data) => `data: ${data}\n\n`).join(''), lengths)).toEqual(events);
      }),
      { numRuns: 200 },
    );
  });

  it('have an end within bounds', async () => {
    const whole = 'x'.repeat(longestEvent - 100);
    expect(await read(`data: ${whole}\n\n`)).toEqual([whole]);
    await expect(read(`data: a\n\ndata: ${'x'.repeat(longestEvent + 1)}`)).rejects.toThrow(
      'sent an event without an end',
    );
  });
});
