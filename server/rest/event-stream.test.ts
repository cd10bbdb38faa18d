import { expect, it } from 'vitest';
import { encodeEvents, type ServerEvent } from './event-stream.ts';

async function collect(blocks: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const block of blocks) all.push(block);
  return all;
}

it('an event is one block, with its id where it has one', async () => {
  async function* events(): AsyncGenerator<ServerEvent> {
    yield { id: 3, event: 'token', data: { text: 'a\nb' } };
    yield { event: 'error', data: null };
  }
  const blocks = await collect(encodeEvents(events()));
  expect(blocks).toEqual([
    'retry: 1000\n\n',
    'id: 3\nevent: token\ndata: {"text":"a\\nb"}\n\n',
    'event: error\ndata: null\n\n',
  ]);
});

it('silence is filled with comments, and nothing is lost to them', async () => {
  let speak = () => {};
  const spoken = new Promise<void>((resolve) => {
    speak = resolve;
  });
  async function* events(): AsyncGenerator<ServerEvent> {
    await spoken;
    yield { id: 1, event: 'token', data: 1 };
  }
  const blocks = encodeEvents(events(), 5);
  await blocks.next();
  expect((await blocks.next()).value).toBe(': still here\n\n');
  expect((await blocks.next()).value).toBe(': still here\n\n');
  speak();
  const rest = await collect(blocks);
  expect(rest.filter((block) => !block.startsWith(':'))).toEqual(['id: 1\nevent: token\ndata: 1\n\n']);
});

it('a reader that leaves ends the source', async () => {
  let ended = false;
  async function* events(): AsyncGenerator<ServerEvent> {
    try {
      for (;;) yield { event: 'token', data: 1 };
    } finally {
      ended = true;
    }
  }
  for await (const block of encodeEvents(events())) if (block.startsWith('event')) break;
  expect(ended).toBe(true);
});
