import { describe, expect, it } from 'vitest';
import { takeOverOne } from '../../../tests/testkit/conversations.ts';

function message(
  id: string,
  parentId: string | null,
  role: string,
  content: unknown,
  more: Record<string, unknown> = {},
) {
  return { id, parentId, childrenIds: [], role, content, timestamp: 1_720_000_000, ...more };
}

function history(messages: { id: string }[], currentId: string | null) {
  return { currentId, messages: Object.fromEntries(messages.map((each) => [each.id, each])) };
}

const talk = [
  message('a', null, 'user', 'Name a bird'),
  message('b', 'a', 'assistant', 'Wren', { model: 'llama3:8b', done: true, annotation: { rating: 1 } }),
  message('c', 'a', 'assistant', 'Rook', { model: 'qwen2:7b', annotation: { rating: -1 } }),
  message('d', 'b', 'user', 'Another'),
  message('e', 'd', 'assistant', 'Kite', { done: false }),
];

describe('an Open WebUI export', () => {
  it('keeps branches, models, ratings, dates, its pin and the system prompt', async () => {
    const taken = await takeOverOne([
      {
        id: 'chat-1',
        title: 'Birds',
        pinned: true,
        archived: true,
        created_at: 1_720_000_000,
        updated_at: 1_720_000_500,
        meta: { tags: [] },
        chat: {
          title: 'Birds',
          params: { system: 'Be brief.' },
          models: ['llama3:8b'],
          history: history(talk, 'e'),
          // The same branch once more, as it writes it; it is not read.
          messages: [talk[0]],
        },
      },
    ]);
    expect(taken).toMatchObject({ format: 'open-webui', title: 'Birds', notes: null, refused: null });
    expect(taken.shown).toEqual(['Name a bird', 'Wren', 'Another', 'Kite']);
    expect(taken.head).toMatchObject({
      sourceId: 'chat-1',
      systemPrompt: 'Be brief.',
      favorite: true,
      archivedAt: new Date(1_720_000_500_000),
      createdAt: new Date(1_720_000_000_000),
    });
    expect(
      taken.messages.map(({ content, after, rating, status, reply }) => [
        content,
        after,
        rating,
        status,
        reply?.modelName,
      ]),
    ).toEqual([
      ['Name a bird', null, null, 'complete', undefined],
      ['Wren', 'Name a bird', 'up', 'complete', 'llama3:8b'],
      ['Rook', 'Name a bird', 'down', 'complete', 'qwen2:7b'],
      ['Another', 'Wren', null, 'complete', undefined],
      ['Kite', 'Another', null, 'stopped', undefined],
    ]);
  });

  it('keeps the order of alternatives that were stored in one second', async () => {
    const { messages } = await takeOverOne([{ chat: { history: history(talk, 'e') } }]);
    const times = messages.map(({ createdAt }) => createdAt.getTime() - 1_720_000_000_000);
    expect(times).toEqual([0, 0, 1, 0, 0]);
  });

  it('is read without the wrapper of newer ones too', async () => {
    const taken = await takeOverOne([
      { id: 'old', title: 'Old', timestamp: 1_700_000_000_000, history: history(talk, 'c') },
    ]);
    expect(taken.shown).toEqual(['Name a bird', 'Rook']);
    expect(taken.head).toMatchObject({ sourceId: 'old', createdAt: new Date(1_700_000_000_000) });
  });

  it('repairs broken parents by the lists of children, else by a branch of its own, and says so', async () => {
    const taken = await takeOverOne([
      {
        chat: {
          title: 'Broken',
          history: history(
            [
              message('a', null, 'user', 'First', { childrenIds: ['b'] }),
              message('b', 'vanished', 'assistant', 'Listed', { childrenIds: ['c'] }),
              message('c', null, 'user', 'Listed too'),
              message('d', 'vanished', 'assistant', 'Lost'),
              message('e', 'e', 'user', 'Ring'),
            ],
            'c',
          ),
        },
      },
    ]);
    expect(taken.shown).toEqual(['First', 'Listed', 'Listed too']);
    expect(taken.messages.filter(({ after }) => after === null).map(({ content }) => content)).toEqual([
      'First',
      'Lost',
      'Ring',
    ]);
    expect(taken.notes).toBe(
      'Repaired 3 messages whose parent was not told or is not in the file; repaired 1 ring of messages that followed each other.',
    );
  });

  it('keeps what failed with its error, and says which files it left out', async () => {
    const taken = await takeOverOne([
      {
        chat: {
          history: history(
            [
              message('a', null, 'user', '', { files: [{ type: 'image', url: 'data:image/png;base64,AAAA' }] }),
              message('b', 'a', 'assistant', '', { error: { content: 'Ollama: 500' } }),
              message('c', 'b', 'tool', 'x'),
              message('d', 'c', 'user', [{ type: 'text', text: 'In parts' }]),
            ],
            'd',
          ),
        },
      },
    ]);
    expect(taken.messages.map(({ content, status, errorMessage }) => [content, status, errorMessage])).toEqual([
      ['[attachment]', 'complete', null],
      ['', 'failed', 'Ollama: 500'],
      ['In parts', 'complete', null],
    ]);
    expect(taken.notes).toBe('Left out 1 attachment; left out 1 message to and from tools.');
  });
});
