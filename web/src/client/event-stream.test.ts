import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEventStream, type ServerEvent } from './event-stream.ts';

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function eventsOf(chunks: Uint8Array[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEventStream(streamOf(chunks))) events.push(event);
  return events;
}

describe('an event stream', () => {
  it('gives every event, wherever its bytes are cut', async () => {
    const text = ':\n\nevent: next\ndata: {"text":"grüße 🎉"}\n\n: ping\n\nevent: complete\ndata:\n\n';
    const bytes = new TextEncoder().encode(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }), async (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((end, index) => bytes.slice(edges[index], end));
        expect(await eventsOf(chunks)).toEqual([
          { event: 'next', data: '{"text":"grüße 🎉"}' },
          { event: 'complete', data: '' },
        ]);
      }),
    );
  });

  it('leaves out an event whose end never came', async () => {
    expect(await eventsOf([new TextEncoder().encode('event: next\ndata: {"text":"ha')])).toEqual([]);
  });
});
